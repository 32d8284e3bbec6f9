import { createCipheriv, createDecipheriv } from "node:crypto";
import { knownTypes, plainBytes, scalarOf } from "./scalar.ts";
import type { SopsScalar } from "./tree.ts";

/** Random bytes, as many as asked for. */
export type Random = (count: number) => Uint8Array;

/** Why a value cannot be decrypted, a clause; never any part of it. */
export class CipherProblem extends Error {
  readonly kind: "form" | "type" | "key";
  constructor(kind: "form" | "type" | "key", why: string) {
    super(why);
    this.kind = kind;
  }
}

const form = /^ENC\[AES256_GCM,data:([^,]*),iv:([^,]*),tag:([^,]*),type:([^\],]*)\]/;
const ivLength = 32;
const tagLength = 16;

/** Whether a text begins like one that SOPS encrypted. */
export function looksEncrypted(text: string): boolean {
  return text.startsWith("ENC[AES256_GCM,");
}

/** The bytes of base64, strictly: anything else means a damaged file. */
function base64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, "base64");
}

/**
 * One data key, and the nonces under which values stood before, so that a value that stays is written as it was.
 *
 * Source: getsops/sops v3.13.3, `aes/cipher.go`: AES-256-GCM with a nonce of 32 bytes, the path as additional data.
 */
export class ValueCipher {
  readonly #key: Uint8Array;
  readonly #random: Random;
  readonly #known = new Map<string, Uint8Array[]>();

  constructor(key: Uint8Array, random: Random) {
    this.#key = key;
    this.#random = random;
  }

  /** The value of `ENC[…]`; throws `CipherProblem`. */
  decrypt(text: string, additional: string): SopsScalar {
    const [whole, data, iv, tag, type] = form.exec(text) ?? [];
    if (whole === undefined || data === undefined || iv === undefined || tag === undefined || type === undefined) {
      throw new CipherProblem("form", looksEncrypted(text) ? "it is cut off or damaged" : "it is not encrypted");
    }
    const parts = { data: base64(data), iv: base64(iv), tag: base64(tag) };
    if (
      parts.data === undefined ||
      parts.iv === undefined ||
      parts.tag?.length !== tagLength ||
      parts.iv.length === 0
    ) {
      throw new CipherProblem("form", "it is cut off or damaged");
    }
    if (!knownTypes.has(type)) throw new CipherProblem("type", "it has a type that is not known");
    const value = scalarOf(type, this.#open({ data: parts.data, iv: parts.iv, tag: parts.tag }, additional));
    if (value === undefined) throw new CipherProblem("type", `what was encrypted is no ${type}`);
    if (parts.iv.length === ivLength) this.#remember(value, additional, parts.iv);
    return value;
  }

  #open(parts: { data: Buffer; iv: Buffer; tag: Buffer }, additional: string): Uint8Array {
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key, parts.iv, { authTagLength: tagLength });
      decipher.setAAD(Buffer.from(additional, "utf8"));
      decipher.setAuthTag(parts.tag);
      return Buffer.concat([decipher.update(parts.data), decipher.final()]);
    } catch {
      throw new CipherProblem("key", "it was changed, moved to another place, or belongs to another file");
    }
  }

  /** `ENC[…]` of a value; under its former nonce where the same value stood at the same path. */
  encrypt(value: SopsScalar, additional: string): string {
    const iv = this.#known.get(keyOf(value, additional))?.shift() ?? this.#random(ivLength);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv, { authTagLength: tagLength });
    cipher.setAAD(Buffer.from(additional, "utf8"));
    const data = Buffer.concat([cipher.update(plainBytes(value)), cipher.final()]);
    const type = value.type === "bytes" ? "str" : value.type;
    const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    return `ENC[AES256_GCM,data:${encoded(data)},iv:${encoded(iv)},tag:${encoded(cipher.getAuthTag())},type:${type}]`;
  }

  #remember(value: SopsScalar, additional: string, iv: Uint8Array): void {
    const key = keyOf(value, additional);
    const before = this.#known.get(key);
    if (before === undefined) this.#known.set(key, [iv]);
    else before.push(iv);
  }
}

function keyOf(value: SopsScalar, additional: string): string {
  return `${value.type === "bytes" ? "str" : value.type}\u0000${additional}\u0000${Buffer.from(plainBytes(value)).toString("latin1")}`;
}

/** The path of a value as additional data. */
export function additionalData(path: readonly string[]): string {
  return `${path.join(":")}:`;
}
