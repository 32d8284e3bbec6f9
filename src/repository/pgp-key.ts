/**
 * Secret keys of OpenPGP in ASCII armor, and whether a passphrase protects them.
 *
 * Source: RFC 9580, sections 4.2 (packets), 5.5.2 and 5.5.3 (public and secret keys), 6.2 (armor).
 */

/** As much as reaches the octet that says whether the longest usual key is protected. */
const armored = /-----BEGIN PGP PRIVATE KEY BLOCK-----(?:[ \t\r]|\\r){0,9}(?:\n|\\n)([\s\S]{40,6000})/;

/** Undefined for a text without such a key, for an example with dots in its place, and for one that breaks off. */
export function pgpKeyIn(text: string): "plain" | "protected" | undefined {
  const rest = armored.exec(text)?.[1];
  if (rest === undefined) return undefined;
  const bytes = Buffer.from(bodyOf(rest), "base64");
  try {
    const usage = bytes[protectionAt(bytes)];
    return usage === undefined ? undefined : usage === 0 ? "plain" : "protected";
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The base64 of an armor, behind its headers; in JSON its lines may be joined by `\n`. */
function bodyOf(rest: string): string {
  let body = "";
  for (const line of rest.split(/\n|\\n/)) {
    const own = line.replace(/\\r|[\s"',|]/g, "");
    if (own.startsWith("-----") || own.startsWith("=")) break;
    if (own === "" || own.includes(":")) continue;
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(own)) break;
    body += own;
  }
  return body;
}

/** Where the octet stands that is zero where nothing protects the key. Throws a RangeError where the text ends before. */
function protectionAt(bytes: Buffer): number {
  const at = bodyOfPacket(bytes);
  const version = bytes.readUInt8(at);
  const algorithm = bytes.readUInt8(at + 5);
  if (version === 4) return publicPartEnd(bytes, at + 6, algorithm);
  if (version === 5 || version === 6) return at + 10 + bytes.readUInt32BE(at + 6);
  throw new RangeError("not a version of a key that is known");
}

function bodyOfPacket(bytes: Buffer): number {
  const tag = bytes.readUInt8(0);
  if ((tag & 0xfc) === 0x94) return 1 + ([1, 2, 4, 0][tag & 3] ?? 0);
  if (tag !== 0xc5) throw new RangeError("not a secret key");
  const first = bytes.readUInt8(1);
  return first < 192 ? 2 : first < 224 ? 3 : 6;
}

/** How many numbers of any length a public key has; elliptic curves begin with the name of the curve. */
const numbers: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 2, 16: 3, 17: 4, 18: 1, 19: 1, 22: 1 };
const onCurves = new Set([18, 19, 22]);
const ecdh = 18;
/** The keys of RFC 9580 have a fixed length: X25519, X448, Ed25519, Ed448. */
const fixed: Readonly<Record<number, number>> = { 25: 32, 26: 56, 27: 32, 28: 57 };

function publicPartEnd(bytes: Buffer, start: number, algorithm: number): number {
  const length = fixed[algorithm];
  if (length !== undefined) return start + length;
  const count = numbers[algorithm];
  if (count === undefined) throw new RangeError("not an algorithm that is known");
  let at = onCurves.has(algorithm) ? start + 1 + bytes.readUInt8(start) : start;
  for (let index = 0; index < count; index += 1) at += 2 + Math.ceil(bytes.readUInt16BE(at) / 8);
  return algorithm === ecdh ? at + 1 + bytes.readUInt8(at) : at;
}
