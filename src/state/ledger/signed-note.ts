/**
 * Signed notes (c2sp.org/signed-note v1.0.0): a text, an empty line, and signature lines. Verifier keys and signer keys are
 * written as Go's `golang.org/x/mod/sumdb/note` does.
 */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";
import { RingwallError } from "../../lib/error.ts";

/** Signature types of c2sp.org/signed-note that Ringwall knows. */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

/** A key that verifies signatures in its name: `name+hash+base64`. */
export interface VerifierKey {
  readonly name: string;
  /** Four bytes as a number. */
  readonly id: number;
  readonly type: SignatureType;
  /** The 32 bytes of the public key. */
  readonly raw: Uint8Array;
  readonly text: string;
  readonly key: KeyObject;
}

/** A key that signs: `PRIVATE+KEY+name+hash+base64`. */
export interface SignerKey {
  readonly verifier: VerifierKey;
  readonly key: KeyObject;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: number;
  /** Without the four bytes of the id. */
  readonly bytes: Uint8Array;
}

export interface SignedNote {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** DER before the 32 bytes of an Ed25519 public key (SPKI) and private seed (PKCS #8); RFC 8410. */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** A whole note may have this many characters, which holds far more than 16 signatures. */
const longestNote = 1_000_000;
const mostSignatures = 100;

export function isKeyName(name: string): boolean {
  return name !== "" && !/[\s+\p{Z}\p{Cc}]/u.test(name);
}

function keyId(name: string, type: number, raw: Uint8Array): number {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), raw]);
  return hash("sha256", bytes, "buffer").readUInt32BE(0);
}

/** A verifier key for an Ed25519 public key. */
export function verifierKey(name: string, type: SignatureType, raw: Uint8Array): VerifierKey {
  const id = keyId(name, type, raw);
  const material = Buffer.concat([Buffer.of(type), raw]).toString("base64");
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: "der", type: "spki" });
  return { name, id, type, raw, text: `${name}+${hex(id)}+${material}`, key };
}

/** Reads `name+hash+base64`; throws `invalid` on anything else, a hash that is not the key's among it. */
export function parseVerifierKey(text: string): VerifierKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim());
  const material = match?.[3] === undefined ? undefined : base64Bytes(match[3]);
  const type = material?.[0];
  if (match?.[1] === undefined || !isKeyName(match[1]) || material?.length !== 33 || !isSignatureType(type)) {
    throw notAKey(text);
  }
  const key = verifierKey(match[1], type, material.subarray(1));
  if (hex(key.id) !== match[2]) throw notAKey(text);
  return key;
}

function notAKey(text: string): RingwallError {
  return new RingwallError("invalid", `"${text.slice(0, 120)}" is no verifier key.`, {
    hint: "It looks like name+0123abcd+AX…= and is printed by `ringwall ledger key`; copy it whole.",
  });
}

function isSignatureType(type: number | undefined): type is SignatureType {
  return type === signatureTypes.ed25519 || type === signatureTypes.cosignature;
}

/** A signer key from its 32 bytes of seed. */
export function signerKey(name: string, type: SignatureType, seed: Uint8Array): SignerKey {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
  const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  return { verifier: verifierKey(name, type, raw), key };
}

/** Reads `PRIVATE+KEY+name+hash+base64`; undefined on anything else. The text is a secret and is in no message. */
export function parseSignerKey(text: string): SignerKey | undefined {
  const match = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})\n?$/.exec(text);
  const material = match?.[3] === undefined ? undefined : base64Bytes(match[3]);
  const type = material?.[0];
  if (match?.[1] === undefined || material?.length !== 33 || !isSignatureType(type)) return undefined;
  const signer = signerKey(match[1], type, material.subarray(1));
  return hex(signer.verifier.id) === match[2] ? signer : undefined;
}

export function signerKeyText({ verifier, key }: SignerKey): string {
  const seed = key.export({ format: "der", type: "pkcs8" }).subarray(-32);
  const material = Buffer.concat([Buffer.of(verifier.type), seed]).toString("base64");
  return `PRIVATE+KEY+${verifier.name}+${hex(verifier.id)}+${material}`;
}

/** A text and its signatures; undefined when it is no signed note. Verifies nothing. */
export function parseNote(note: string): SignedNote | undefined {
  if (note.length > longestNote || hasControl(note)) return undefined;
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) return undefined;
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > mostSignatures) return undefined;
  const signatures = lines.map(parseSignatureLine);
  return signatures.every((one) => one !== undefined) ? { text: note.slice(0, split + 1), signatures } : undefined;
}

function hasControl(text: string): boolean {
  return /[\0-\x09\x0b-\x1f]|\p{Cs}/u.test(text);
}

/** One line as it stands in a note, without its newline. */
export function parseSignatureLine(line: string): NoteSignature | undefined {
  const match = /^— ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
  const bytes = match?.[2] === undefined ? undefined : base64Bytes(match[2]);
  if (match?.[1] === undefined || !isKeyName(match[1]) || bytes === undefined || bytes.length < 5) return undefined;
  return { name: match[1], id: bytes.readUInt32BE(0), bytes: bytes.subarray(4) };
}

export function signatureLine({ name, id, bytes }: NoteSignature): string {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(id);
  return `— ${name} ${Buffer.concat([head, bytes]).toString("base64")}`;
}

export function noteText({ text, signatures }: SignedNote): string {
  return `${text}\n${signatures.map((one) => `${signatureLine(one)}\n`).join("")}`;
}

/** Signs a text, which ends with a newline, as a note of type Ed25519. */
export function signText(signer: SignerKey, text: string): NoteSignature {
  const { name, id } = signer.verifier;
  return { name, id, bytes: sign(null, Buffer.from(text), signer.key) };
}

/** Whether a plain Ed25519 signature of a note is by this key. */
export function signatureHolds(text: string, signature: NoteSignature, key: VerifierKey): boolean {
  if (key.type !== signatureTypes.ed25519 || !isBy(signature, key) || signature.bytes.length !== 64) return false;
  return verify(null, Buffer.from(text), key.key, signature.bytes);
}

/** Whether a signature says that it is by this key; it may still be wrong. */
export function isBy(signature: NoteSignature, key: VerifierKey): boolean {
  return signature.name === key.name && signature.id === key.id;
}

/** The bytes of canonical base64 with padding; undefined for anything else. */
export function base64Bytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

function hex(id: number): string {
  return id.toString(16).padStart(8, "0");
}
