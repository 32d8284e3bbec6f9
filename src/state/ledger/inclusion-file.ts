/** Proofs that one entry is in the ledger, in the format of c2sp.org/tlog-proof@v1, as one text to hand to somebody. */
import { isSignedBy, parseCheckpoint, withSignatures } from "./checkpoint.ts";
import { evidenceOf } from "./export.ts";
import type { LedgerFile } from "./ledger-file.ts";
import { type Hash, inclusionHolds, leafHash } from "./merkle.ts";
import { base64Bytes, noteText, type VerifierKey } from "./signed-note.ts";

const header = "c2sp.org/tlog-proof@v1";

/** The proof for an entry under the latest checkpoint, with the cosignatures that there are on it. */
export async function inclusionFile(ledger: LedgerFile, index: number): Promise<string> {
  const { proof } = await ledger.proveInclusion(index);
  const { checkpoint: text = "", cosigned } = await evidenceOf(ledger);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === undefined) throw new Error("a ledger with an entry has no checkpoint");
  const signatures = cosigned.flatMap((note) => {
    const other = parseCheckpoint(note);
    return other?.note.text === checkpoint.note.text ? other.note.signatures : [];
  });
  const hashes = proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("");
  return `${header}\nindex ${index}\n${hashes}\n${noteText(withSignatures(checkpoint, signatures).note)}`;
}

export interface InclusionFile {
  readonly index: number;
  readonly proof: readonly Hash[];
  readonly checkpoint: string;
}

/** Undefined when the text is no such proof. Verifies nothing. */
export function parseInclusionFile(text: string): InclusionFile | undefined {
  const gap = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(gap, 0)).split("\n");
  const rest = lines[0]?.startsWith("extra ") ? lines.slice(1) : lines;
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(rest[0] ?? "")?.[1];
  const proof = rest.slice(1).map(base64Bytes);
  if (first !== header || index === undefined || proof.length > 63) return undefined;
  if (!proof.every((hash) => hash?.length === 32)) return undefined;
  const hashes = proof.filter((hash) => hash !== undefined);
  return { index: Number(index), proof: hashes, checkpoint: text.slice(gap + 2) };
}

/** Whether a proof shows that a leaf is in the ledger with this key. */
export function inclusionFileHolds(text: string, leaf: Uint8Array, key: VerifierKey): boolean {
  const file = parseInclusionFile(text);
  const checkpoint = parseCheckpoint(file?.checkpoint ?? "");
  if (file === undefined || checkpoint === undefined || checkpoint.origin !== key.name) return false;
  if (!isSignedBy(checkpoint, key)) return false;
  return inclusionHolds(file.index, checkpoint.size, leafHash(leaf), file.proof, checkpoint.root);
}
