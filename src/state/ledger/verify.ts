import { type Checkpoint, cosignatureBy, isSignedBy, parseCheckpoint } from "./checkpoint.ts";
import type { LedgerEvidence } from "./export.ts";
import { equal } from "./merkle.ts";
import { type AskedSize, type Scan, scanLeaves } from "./scan.ts";
import { parseVerifierKey, type VerifierKey } from "./signed-note.ts";

/** What the one who verifies knows from elsewhere than the ledger's host. Only this makes a result worth something. */
export interface Pins {
  /** The ledger's own key, noted when the ledger was begun. */
  readonly log: VerifierKey | undefined;
  readonly witnesses: readonly VerifierKey[];
  /** Checkpoints that a witness holds, or a file elsewhere, brought by hand. */
  readonly seen: readonly { readonly from: string; readonly text: string }[];
}

/** What was found. Each is a sentence for a person; `kind` for programs. */
export interface LedgerProblem {
  readonly kind: "signature" | "key" | "truncated" | "history" | "time" | "form";
  readonly message: string;
  /** The entry that it is about, where it is about one. */
  readonly entry: number | null;
}

export interface WitnessedHead {
  readonly by: string;
  readonly size: number;
  /** ISO 8601, by the witness's own clock; null where it states none. */
  readonly at: string | null;
}

export interface Verification {
  readonly origin: string;
  readonly entries: number;
  /** Whether the ledger's key was one that the verifier has pinned, or merely what its host says. */
  readonly keyPinned: boolean;
  readonly problems: readonly LedgerProblem[];
  /** What a person should know, and what is no sign of tampering by itself. */
  readonly notices: readonly string[];
  /** The largest head of each pinned witness and brought checkpoint that holds. */
  readonly witnessed: readonly WitnessedHead[];
  /** Heads cosigned by keys that only the ledger's host vouches for. */
  readonly unpinned: readonly WitnessedHead[];
  /** The entries that no pinned witness has seen, first and last; null when there are none. `since` is the time of the first. */
  readonly unwitnessed: { readonly from: number; readonly to: number; readonly since: string | null } | null;
}

/** A head that the leaves must fit. */
interface Claim {
  readonly by: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly at: number | null;
  readonly kind: "log" | "pinned" | "unpinned";
}

/** Verifies a ledger from what its host hands out, against what the verifier has pinned. Reads the leaves once. */
export async function verifyLedger(
  evidence: LedgerEvidence,
  pins: Pins,
  scanOf: typeof scanLeaves = scanLeaves,
): Promise<Verification> {
  const problems: LedgerProblem[] = [];
  const notices: string[] = [];
  const logKey = keyOf(evidence, pins, problems);
  const claims = [
    ...logClaims(evidence, logKey, problems),
    ...witnessClaims(evidence, pins, logKey, problems, notices),
  ];
  const asked: AskedSize[] = claims.map(({ size, at, kind }) => ({ size, at: kind === "pinned" ? at : null }));
  const edge = Math.max(0, ...claims.flatMap(({ kind, size }) => (kind === "pinned" ? [size] : [])));
  const scan = await scanOf(evidence.leaves(), asked, (index) => index === edge);
  const held = claims.filter((claim) => holds(claim, scan, problems));
  judgeLeaves(scan, held, problems, notices);
  const witnessed = largest(held.filter(({ kind }) => kind === "pinned"));
  const seen = Math.max(0, ...witnessed.map(({ size }) => size));
  return {
    origin: evidence.keys.origin,
    entries: scan.size,
    keyPinned: pins.log !== undefined,
    problems,
    notices,
    witnessed,
    unpinned: largest(held.filter(({ kind }) => kind === "unpinned")),
    unwitnessed: seen < scan.size ? { from: seen, to: scan.size - 1, since: seen === edge ? scan.timeAt : null } : null,
  };
}

function keyOf({ keys }: LedgerEvidence, { log }: Pins, problems: LedgerProblem[]): VerifierKey | undefined {
  if (log !== undefined) {
    if (log.text !== keys.log) {
      const message = `The host says that the ledger's key is ${keys.log}; pinned is ${log.text}.`;
      problems.push({ kind: "key", message, entry: null });
    }
    return log;
  }
  try {
    return parseVerifierKey(keys.log);
  } catch {
    problems.push({ kind: "key", message: "The host states no key of the ledger that can be read.", entry: null });
    return undefined;
  }
}

/** The head that the host shows as the latest. */
function logClaims(
  { checkpoint: text }: LedgerEvidence,
  key: VerifierKey | undefined,
  problems: LedgerProblem[],
): Claim[] {
  const problem = (message: string) => problems.push({ kind: "signature", message, entry: null });
  if (text === undefined) {
    problem("There is no checkpoint: nothing is signed.");
    return [];
  }
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === undefined) {
    problem("The checkpoint is malformed.");
    return [];
  }
  if (key === undefined) return [];
  if (checkpoint.origin !== key.name)
    problem(`The checkpoint is of "${checkpoint.origin}", and the key of "${key.name}".`);
  else if (!isSignedBy(checkpoint, key)) problem("The checkpoint is not signed by the ledger's key.");
  return [{ by: "its own checkpoint", size: checkpoint.size, root: checkpoint.root, at: null, kind: "log" }];
}

function witnessClaims(
  evidence: LedgerEvidence,
  pins: Pins,
  logKey: VerifierKey | undefined,
  problems: LedgerProblem[],
  notices: string[],
): Claim[] {
  const claims: Claim[] = [];
  const stated = evidence.keys.witnesses.flatMap(({ key }) => statedKey(key) ?? []);
  judgeStatedKeys(stated, pins, problems);
  const unpinned = stated.filter(({ text }) => !pins.witnesses.some((key) => key.text === text));
  for (const text of evidence.cosigned) {
    const checkpoint = ownCheckpoint(text, logKey);
    if (checkpoint === undefined) {
      problems.push({
        kind: "signature",
        message: "A cosigned checkpoint is malformed or not signed by the ledger's key.",
        entry: null,
      });
      continue;
    }
    const found = [...cosigned(checkpoint, pins.witnesses, "pinned"), ...cosigned(checkpoint, unpinned, "unpinned")];
    if (found.length === 0) {
      notices.push(
        `A checkpoint of ${checkpoint.size} entries has no cosignature by a known witness; it was left out.`,
      );
    }
    claims.push(...found);
  }
  for (const { from, text } of pins.seen) {
    const checkpoint = ownCheckpoint(text, logKey);
    if (checkpoint === undefined) {
      problems.push({
        kind: "signature",
        message: `What ${from} holds is no checkpoint that the ledger's key has signed.`,
        entry: null,
      });
      continue;
    }
    const signed = cosigned(checkpoint, pins.witnesses, "pinned");
    const plain: Claim = { by: from, size: checkpoint.size, root: checkpoint.root, at: null, kind: "pinned" };
    claims.push(...(signed.length > 0 ? signed : [plain]));
  }
  return claims;
}

/** A witness that is pinned and for which the host states another key: somebody wants another one believed. */
function judgeStatedKeys(stated: readonly VerifierKey[], pins: Pins, problems: LedgerProblem[]): void {
  for (const pinned of pins.witnesses) {
    const other = stated.find((key) => key.name === pinned.name && key.text !== pinned.text);
    if (other === undefined || stated.some((key) => key.text === pinned.text)) continue;
    const message = `For the witness "${pinned.name}" the host states the key ${other.text}; pinned is ${pinned.text}.`;
    problems.push({ kind: "key", message, entry: null });
  }
}

function statedKey(text: string | null): VerifierKey | undefined {
  try {
    return text === null ? undefined : parseVerifierKey(text);
  } catch {
    return undefined;
  }
}

function ownCheckpoint(text: string, key: VerifierKey | undefined): Checkpoint | undefined {
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === undefined || key === undefined) return undefined;
  return checkpoint.origin === key.name && isSignedBy(checkpoint, key) ? checkpoint : undefined;
}

function cosigned(checkpoint: Checkpoint, keys: readonly VerifierKey[], kind: "pinned" | "unpinned"): Claim[] {
  return keys.flatMap((key) => {
    const cosignature = cosignatureBy(checkpoint, key);
    if (cosignature === undefined) return [];
    return [{ by: key.name, size: checkpoint.size, root: checkpoint.root, at: cosignature.at * 1000, kind }];
  });
}

function holds(claim: Claim, scan: Scan, problems: LedgerProblem[]): boolean {
  const who =
    claim.kind === "log" ? claim.by : `what ${claim.by} has seen${claim.at === null ? "" : ` on ${isoTime(claim.at)}`}`;
  if (claim.size > scan.size) {
    const message = `There are ${scan.size} entries, and ${who} has ${claim.size}: ${claim.size - scan.size} at the end were removed.`;
    problems.push({ kind: "truncated", message, entry: scan.size });
    return false;
  }
  const root = scan.roots.get(claim.size);
  if (root === undefined || !equal(root, claim.root)) {
    const message = `The first ${claim.size} entries are not those of ${who}: some were changed, removed, put in or put in another order.`;
    problems.push({ kind: "history", message, entry: null });
    return false;
  }
  if (claim.kind === "log" && claim.size < scan.size) {
    const message = `There are ${scan.size} entries, and the checkpoint is of ${claim.size}: those from ${claim.size} on are not signed.`;
    problems.push({ kind: "signature", message, entry: claim.size });
  }
  return true;
}

function judgeLeaves(scan: Scan, held: readonly Claim[], problems: LedgerProblem[], notices: string[]): void {
  for (const index of scan.foreign) {
    problems.push({ kind: "form", message: `Entry ${index} is none that Ringwall has written.`, entry: index });
  }
  for (const { index, at, kind, other } of scan.timeFaults) {
    const message =
      kind === "backwards"
        ? `Entry ${index} says ${at}, before the entry in front of it (${other}), and nothing explains it.`
        : `An entry up to ${index} says ${at}, and a witness saw it on ${other} already: one of the two clocks was wrong.`;
    problems.push({ kind: "time", message, entry: index });
  }
  for (const index of scan.clockSteps) {
    notices.push(
      `Entry ${index} says that the clock was set back: the times around it are only as good as that clock.`,
    );
  }
  if (held.every(({ kind }) => kind !== "pinned")) {
    notices.push(
      "No pinned witness has seen any of it: whoever held the signing key could have written all of it anew.",
    );
  }
}

/** The largest head of each. */
function largest(claims: readonly Claim[]): WitnessedHead[] {
  const best = new Map<string, Claim>();
  for (const claim of claims) {
    const known = best.get(claim.by);
    if (
      known === undefined ||
      known.size < claim.size ||
      (known.size === claim.size && (known.at ?? 0) < (claim.at ?? 0))
    ) {
      best.set(claim.by, claim);
    }
  }
  return [...best.values()].map(({ by, size, at }) => ({ by, size, at: at === null ? null : isoTime(at) }));
}

function isoTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds / 1000} s` : date.toISOString();
}
