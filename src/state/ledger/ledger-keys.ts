import { createHash, createHmac, randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { syncFolder, writeFailure } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { codeOf, isMissing } from "../../lib/system-error.ts";
import { keepOutOfGit } from "../keep-out-of-git.ts";
import {
  parseSignerKey,
  type SignatureType,
  type SignerKey,
  signatureTypes,
  signerKey,
  signerKeyText,
} from "./signed-note.ts";

/** The digest of a state that is no secret: a rendered file, an applied stack. */
export function stateDigest(state: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(state).digest("hex")}`;
}

/**
 * Digests of what holds secrets. They are keyed, so that whoever reads the ledger cannot find a value by trying; the same
 * value under the same name has the same digest, so that a change is seen. The key is no part of an export.
 */
export class KeyedDigests {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** `name` says what it is the state of, such as `secret db-password`. */
  of(name: string, state: string | Uint8Array): string {
    const mac = createHmac("sha256", this.#key)
      .update(`${Buffer.byteLength(name)} ${name}\n`)
      .update(state);
    return `sha256:${mac.digest("hex")}`;
  }
}

/** The key for digests beside a ledger; made, 0600, where there is none. */
export async function keyedDigests(folder: string): Promise<KeyedDigests> {
  const path = join(folder, "digest.key");
  const text = (await readKeyFile(path)) ?? (await createKeyFile(path, `${randomBytes(32).toString("base64")}\n`));
  const key = Buffer.from(text, "base64");
  if (key.length !== 32) throw notAKey(path);
  return new KeyedDigests(key);
}

/** The name of a new ledger, which its key and checkpoints carry: unique, and no secret. */
export function newOrigin(stack: string): string {
  const plain = (text: string) => text.replace(/[^A-Za-z0-9._-]/g, "-") || "unnamed";
  return `${plain(hostname())}/ringwall/${plain(stack)}/${randomBytes(4).toString("hex")}`;
}

/** The signing key in a file; made, 0600, with the name, where there is none. Refuses a place that Git would take. */
export async function signingKey(path: string, type: SignatureType, name: () => string): Promise<SignerKey> {
  await keepOutOfGit(path);
  const made = () => `${signerKeyText(signerKey(name(), type, randomBytes(32)))}\n`;
  const signer = parseSignerKey((await readKeyFile(path)) ?? (await createKeyFile(path, made())));
  if (signer === undefined || signer.verifier.type !== type) throw notAKey(path);
  return signer;
}

/** The signing key in a file, or undefined where there is none. */
export async function existingSigningKey(path: string): Promise<SignerKey | undefined> {
  const text = await readKeyFile(path);
  if (text === undefined) return undefined;
  const signer = parseSignerKey(text);
  if (signer === undefined) throw notAKey(path);
  return signer;
}

/** The type of the key that signs a log's checkpoints, and of one that cosigns them. */
export const logKeyType = signatureTypes.ed25519;
export const witnessKeyType = signatureTypes.cosignature;

async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, "r");
    try {
      const { mode } = await file.stat();
      if ((mode & 0o077) !== 0) throw readableByOthers(path);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof RingwallError) throw error;
    throw new RingwallError("permission", `${path} cannot be read.`, {
      hint: "It belongs to whoever made it: run this command as that user, or as root.",
      cause: error,
    });
  }
}

/** Writes a new file; when another process has made it in the same moment, hands out what that one wrote. */
async function createKeyFile(path: string, text: string): Promise<string> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(join(path, ".."));
    return text;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return await readFile(path, "utf8");
    throw writeFailure(path, error);
  }
}

function readableByOthers(path: string): RingwallError {
  return new RingwallError("permission", `Others than its owner can read the key ${path}.`, {
    hint: `Run \`chmod 600 ${path}\`, and take the key for known if anybody else uses this machine.`,
  });
}

function notAKey(path: string): RingwallError {
  return new RingwallError("invalid", `${path} holds no key of Ringwall's.`, {
    hint: "Bring it back from a backup. Without it the ledger there can be read and verified, and not continued.",
  });
}
