import type { LedgerEvidence } from "../ledger/export.ts";
import type { LineBlock } from "../ledger/log-file.ts";
import type { Hash } from "../ledger/merkle.ts";
import type { Pins } from "../ledger/verify.ts";
import { type Case, headNote, logName, logSigner, otherSigner, otherWitness, witnessSigner } from "./ledger-attacks.ts";

/** Tells roots of the tree as it was and as it is after the attack. */
export interface Roots {
  before(size: number): Hash;
  after(size: number): Hash;
  readonly sizeAfter: number;
}

/** What the attacked host hands out, and what the verifier has pinned and brought from the witness. */
export function attacked(
  one: Case,
  roots: Roots,
  leaves: () => AsyncIterable<LineBlock>,
): { readonly evidence: LedgerEvidence; readonly pins: Pins } {
  // Whoever set the clock has changed nothing that was witnessed: the witness has seen the tree with the wrong times.
  const honest = one.attacker === "clock";
  const witnessedRoot =
    honest && one.change.kept < one.witnessed ? roots.after(one.witnessed) : roots.before(one.witnessed);
  const held = headNote(logSigner, one.witnessed, witnessedRoot, witnessSigner);
  const cosigned = one.forgedWitness
    ? [headNote(one.signer ?? logSigner, one.at, roots.before(one.at), otherWitness)]
    : one.at < one.witnessed && !honest
      ? []
      : [held];
  const checkpoint =
    one.shown !== undefined
      ? headNote(logSigner, one.shown, roots.before(one.shown))
      : one.signer === undefined
        ? headNote(logSigner, sizeBefore(one, roots), roots.before(sizeBefore(one, roots)))
        : headNote(one.signer, roots.sizeAfter, roots.after(roots.sizeAfter));
  const logKey = one.signer === otherSigner ? otherSigner : logSigner;
  return {
    evidence: {
      keys: {
        version: 1,
        origin: logName,
        log: logKey.verifier.text,
        witnesses: [
          { name: "nas", kind: "https", key: (one.forgedWitness ? otherWitness : witnessSigner).verifier.text },
        ],
      },
      checkpoint,
      cosigned,
      leaves,
      close: async () => undefined,
    },
    pins: {
      log: logSigner.verifier,
      witnesses: [witnessSigner.verifier],
      seen: [{ from: "the witness nas", text: held }],
    },
  };
}

/** The size that the tree had before the attack. */
function sizeBefore(one: Case, roots: Roots): number {
  const { kept, tail } = one.change;
  const removed = one.attack === "delete" ? 1 : one.attack === "insert" ? -1 : 0;
  return one.attack === "truncate" ? roots.sizeAfter : kept + tail.length + removed;
}
