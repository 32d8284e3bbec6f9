import { checkpointText, type TreeHead } from "./checkpoint.ts";
import {
  base64Bytes,
  type NoteSignature,
  noteText,
  parseSignatureLine,
  type SignerKey,
  signatureHolds,
  signatureLine,
  signText,
  type VerifierKey,
} from "./signed-note.ts";

/**
 * A signed tree head as one line of the log, behind the leaves that it seals: `=SIZE ROOT SIGNATURE`. Leaves and seal are
 * written at once, so that no leaf is ever taken for sealed that the key has not signed.
 */
export interface Seal {
  readonly head: TreeHead;
  readonly signature: NoteSignature;
}

/** The first byte of a seal; a leaf begins with `{`. */
export const sealMark = 0x3d;

export function sealLine(signer: SignerKey, head: TreeHead): string {
  const line = signatureLine(signText(signer, checkpointText(head)));
  const signature = line.slice(line.lastIndexOf(" ") + 1);
  return `=${head.size} ${Buffer.from(head.root).toString("base64")} ${signature}`;
}

/** Undefined when the line is no seal. Verifies nothing. */
export function parseSeal(line: string, origin: string): Seal | undefined {
  const match = /^=(0|[1-9][0-9]{0,15}) ([A-Za-z0-9+/]{43}=) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
  const root = match?.[2] === undefined ? undefined : base64Bytes(match[2]);
  const signature = parseSignatureLine(`— ${origin} ${match?.[3] ?? ""}`);
  if (root === undefined || signature === undefined) return undefined;
  return { head: { origin, size: Number(match?.[1]), root }, signature };
}

export function sealHolds({ head, signature }: Seal, key: VerifierKey): boolean {
  return signatureHolds(checkpointText(head), signature, key);
}

/** The seal as a checkpoint that others verify. */
export function sealedCheckpoint({ head, signature }: Seal): string {
  return noteText({ text: checkpointText(head), signatures: [signature] });
}
