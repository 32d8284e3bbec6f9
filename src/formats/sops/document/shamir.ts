/**
 * Shamir's secret sharing over GF(2^8) with AES's polynomial, as SOPS splits a data key over its key groups: each share
 * is one byte for each byte of the secret, and behind them where the polynomials were evaluated.
 *
 * Source: getsops/sops v3.13.3, `shamir/shamir.go` (Vault's).
 */

function multiply(a: number, b: number): number {
  let result = 0;
  for (let bit = 7; bit >= 0; bit--) {
    result = (result << 1) ^ (result & 0x80 ? 0x11b : 0);
    if ((b >> bit) & 1) result ^= a;
  }
  return result & 0xff;
}

function inverse(a: number): number {
  // The group has 255 elements: a^254 is the inverse.
  let result = 1;
  for (let count = 0; count < 254; count++) result = multiply(result, a);
  return result;
}

/** Shares of a secret, `threshold` of which give it back. Wants 2 ≤ threshold ≤ parts ≤ 255. */
export function splitSecret(
  secret: Uint8Array,
  parts: number,
  threshold: number,
  random: (count: number) => Uint8Array,
): Uint8Array[] {
  const shares = Array.from({ length: parts }, (_, index) => {
    const share = new Uint8Array(secret.length + 1);
    share[secret.length] = index + 1;
    return share;
  });
  for (const [at, byte] of secret.entries()) {
    const coefficients = [byte, ...random(threshold - 1)];
    for (const [index, share] of shares.entries()) share[at] = evaluate(coefficients, index + 1);
  }
  return shares;
}

function evaluate(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => multiply(sum, x) ^ coefficient, 0);
}

/** The secret of shares, or undefined where they cannot belong together. Too few give a wrong secret, unnoticed. */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array | undefined {
  const length = shares[0]?.length ?? 0;
  const points = shares.map((share) => share.at(-1) ?? 0);
  if (length < 2 || shares.some((share) => share.length !== length)) return undefined;
  if (new Set(points).size !== points.length || points.includes(0)) return undefined;
  const weights = points.map((x, i) =>
    points.reduce((weight, other, j) => (i === j ? weight : multiply(weight, multiply(other, inverse(x ^ other)))), 1),
  );
  return Uint8Array.from({ length: length - 1 }, (_, at) =>
    shares.reduce((sum, share, i) => sum ^ multiply(share[at] ?? 0, weights[i] ?? 0), 0),
  );
}
