import { crc32 } from "node:zlib";

/** Tokens whose last six characters are a checksum of the thirty before them. */
const withChecksum = /^(?:gh[pousr]|npm)_([A-Za-z0-9]{30})([A-Za-z0-9]{6})$/;
const prefixOfChecksummed = /^(?:gh[pousr]|npm)_/;

/**
 * Words and runs by which a person shows that a token is none. Whole words of a placeholder only: a random text has
 * `test` in it once in a while, and `fake` somewhere in its middle once in 14,000 times.
 */
const showsIt =
  /example|placeholder|changeme|redacted|x{5}|0{6}|1{6}|\*{4}|\.{4}|012345|123456|234567|abcdef|abcdefg|qwerty|deadbeef|foobar|insert|replace|sample|(?:^|[^a-z0-9])(?:dummy|fake|your)|(?:fake){2}/i;

/** No issuer's token is shorter. */
const shortest = 16;
/** Of a text that was drawn at random, so few different characters are seen less than once in a million times. */
const fewestDifferent = 9;

/**
 * Whether a text of a token's shape cannot be one: it says so itself (`ghp_xxxxxxxx…`, `…EXAMPLE`), repeats itself, or its
 * checksum is wrong (GitHub's and npm's tokens end in one: github.blog, "Behind GitHub's new authentication token
 * formats", 2021-04-05). A PEM text is never judged by its words.
 */
export function isCertainlyFake(token: string): boolean {
  if (token.startsWith("-----BEGIN")) return false;
  return token.length < shortest || isStandIn(token);
}

/** Whether a text shows that it stands for a secret, repeats itself as no secret does, or has a wrong checksum. */
export function isStandIn(text: string): boolean {
  if (prefixOfChecksummed.test(text)) {
    const match = withChecksum.exec(text);
    return match === null || checksumOf(match[1] ?? "") !== match[2];
  }
  return showsIt.test(text) || (text.length >= 20 && new Set(text).size < fewestDifferent);
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** CRC-32 in base 62, six digits with leading zeros. */
export function checksumOf(entropy: string): string {
  let rest = crc32(entropy);
  let text = "";
  while (rest > 0) {
    text = digits.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text.padStart(6, "0");
}
