import { RingwallError } from "../lib/error.ts";
import { Secret } from "./secret.ts";
import { selfSignedCertificate } from "./self-signed.ts";

/** Gives as many bytes as asked for, from a source that nobody can predict (`node:crypto` `randomBytes`). */
export type RandomBytes = (count: number) => Uint8Array;

/** Kinds whose value is drawn from an alphabet, character by character. */
export type DrawnKind = "password" | "hex" | "token";

const alphabets: Readonly<Record<DrawnKind, string>> = {
  // No character that a shell, a URL, a YAML file or a connection string reads as something else.
  password: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  hex: "0123456789abcdef",
  token: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

/** Below this, a value that is guessed offline is not safe for long. */
export const leastEntropyBits = 128;

/** Bits of entropy of a drawn value: its length times what each character has. */
export function entropyBits(kind: DrawnKind, length: number): number {
  return length * Math.log2(alphabets[kind].length);
}

/** What is to be made. `kind` is any of the declaration's that Ringwall makes itself. */
export interface GenerateRequest {
  readonly name: string;
  readonly kind: DrawnKind | "tls-self-signed";
  /** Characters of a drawn value. */
  readonly length: number;
  /** Host names and addresses of a certificate. */
  readonly names: readonly string[];
}

/**
 * Makes a value. Each character of a drawn one is equally likely; throws a `RingwallError` for one under 128 bits.
 * A certificate is a PEM text with its key after it.
 */
export function generateSecret(request: GenerateRequest, random: RandomBytes, now: Date): Secret {
  const { name, kind, length } = request;
  if (kind === "tls-self-signed") return new Secret(name, selfSignedCertificate(request.names, random, now));
  const bits = entropyBits(kind, length);
  if (bits < leastEntropyBits) {
    throw new RingwallError(
      "invalid",
      `A ${kind} of ${length} characters has ${Math.floor(bits)} bits; "${name}" needs ${leastEntropyBits}.`,
    );
  }
  return new Secret(name, draw(alphabets[kind], length, random));
}

/** Bytes at and above the largest multiple of the alphabet's size are thrown away: a remainder would favour its first letters. */
function draw(alphabet: string, length: number, random: RandomBytes): string {
  const fair = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    for (const byte of random(length - text.length + 16)) {
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
