/** Checkpoints of a log (c2sp.org/tlog-checkpoint v1.0.0) and cosignatures of witnesses (c2sp.org/tlog-cosignature, v1). */
import { sign, verify } from "node:crypto";
import type { Hash } from "./merkle.ts";
import {
  base64Bytes,
  isBy,
  type NoteSignature,
  noteText,
  parseNote,
  type SignedNote,
  type SignerKey,
  signatureHolds,
  signatureTypes,
  signText,
  type VerifierKey,
} from "./signed-note.ts";

export interface TreeHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

export interface Checkpoint extends TreeHead {
  readonly note: SignedNote;
}

/** The text that is signed. */
export function checkpointText({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
}

/** A tree head signed by its log, as a whole note. */
export function signCheckpoint(signer: SignerKey, head: TreeHead): string {
  const text = checkpointText(head);
  return noteText({ text, signatures: [signText(signer, text)] });
}

/** Undefined when it is no checkpoint. Verifies no signature. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const note = parseNote(text);
  const [origin = "", sizeText = "", rootText = "", ...extensions] = note?.text.slice(0, -1).split("\n") ?? [];
  const root = base64Bytes(rootText);
  if (note === undefined || origin === "" || !/^(0|[1-9][0-9]{0,15})$/.test(sizeText) || root?.length !== 32)
    return undefined;
  const size = Number(sizeText);
  if (!Number.isSafeInteger(size) || extensions.some((line) => line === "")) return undefined;
  return { origin, size, root, note };
}

/** Whether the log's key has signed the checkpoint. */
export function isSignedBy({ note }: Checkpoint, key: VerifierKey): boolean {
  return note.signatures.some((signature) => signatureHolds(note.text, signature, key));
}

export interface Cosignature {
  readonly signature: NoteSignature;
  /** Seconds since 1970. */
  readonly at: number;
}

/** The statement of a witness at a time: this is the largest consistent tree that it has seen of the log. */
export function cosign(signer: SignerKey, text: string, seconds: number): NoteSignature {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const bytes = sign(null, cosignedMessage(text, seconds), signer.key);
  const { name, id } = signer.verifier;
  return { name, id, bytes: Buffer.concat([time, bytes]) };
}

/** The cosignature of a witness's key on a checkpoint; undefined when there is none that holds. */
export function cosignatureBy({ note }: Checkpoint, key: VerifierKey): Cosignature | undefined {
  if (key.type !== signatureTypes.cosignature) return undefined;
  for (const signature of note.signatures) {
    if (!isBy(signature, key)) continue;
    const at = cosignedAt(signature);
    if (
      at !== undefined &&
      at <= latestTime &&
      verify(null, cosignedMessage(note.text, at), key.key, signature.bytes.subarray(8))
    ) {
      return { signature, at };
    }
  }
  return undefined;
}

/** The end of the year 9999: a witness that states a later time states none that can be compared. */
const latestTime = 253_402_300_799;

/** The time in a timestamped signature; undefined where it is none. */
export function cosignedAt({ bytes }: NoteSignature): number | undefined {
  if (bytes.length !== 72) return undefined;
  const at = Buffer.from(bytes).readBigUInt64BE(0);
  return at <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(at) : undefined;
}

function cosignedMessage(text: string, seconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/** The same checkpoint with signatures added that it does not have yet. */
export function withSignatures(checkpoint: Checkpoint, added: readonly NoteSignature[]): Checkpoint {
  const known = checkpoint.note.signatures;
  const fresh = added.filter((one) => !known.some((have) => Buffer.compare(have.bytes, one.bytes) === 0));
  return { ...checkpoint, note: { text: checkpoint.note.text, signatures: [...known, ...fresh] } };
}
