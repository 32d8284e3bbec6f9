/**
 * What an attacker can do to a ledger, what each attacker holds for it, and what must be found. Used by the tests, on
 * small ledgers, and by `npm run prove -- ledger-attacks`, over a million entries.
 */
import type { LedgerAction } from "../ledger/action.ts";
import { cosign, parseCheckpoint, signCheckpoint, withSignatures } from "../ledger/checkpoint.ts";
import { leafText } from "../ledger/entry.ts";
import { noteText, type SignerKey, signatureTypes, signerKey } from "../ledger/signed-note.ts";
import { testAction } from "./ledger-actions.ts";
import type { Random } from "./random.ts";

/** `database`: all files of the host but the signing key. `key`: those and the signing key. `clock`: the host's clock alone. */
export const attackers = ["database", "key", "clock", "all"] as const;
export type Attacker = (typeof attackers)[number];

export const attacks = [
  "edit",
  "delete",
  "reorder",
  "truncate",
  "fork",
  "back-date",
  "replay old checkpoint",
  "swap witness key",
  "insert",
  "sign the whole tree anew",
] as const;
export type Attack = (typeof attacks)[number];

/** `found`: told as a problem. `window`: cannot be found, and the entry is among those that are told to be unwitnessed. */
export type Expected = "found" | "window" | "not possible";

export const logName = "log.example/ringwall/shop/1";
export const logSigner = signerKey(logName, signatureTypes.ed25519, Buffer.alloc(32, 1));
export const witnessSigner = signerKey("nas.example/witness", signatureTypes.cosignature, Buffer.alloc(32, 2));
export const otherSigner = signerKey(logName, signatureTypes.ed25519, Buffer.alloc(32, 3));
export const otherWitness = signerKey("nas.example/witness", signatureTypes.cosignature, Buffer.alloc(32, 4));

const begin = Date.UTC(2026, 0, 1);
/** Entries are a minute apart. */
export const timeOf = (index: number) => begin + index * 60_000;

export function leafOf(index: number, changes: Partial<LedgerAction> = {}): Buffer {
  return Buffer.from(leafText({ at: new Date(timeOf(index)).toISOString(), ...testAction(`s${index}`), ...changes }));
}

/** A tree that was attacked: the leaves up to `kept` as they were, less some, and what stands behind them. */
export interface Change {
  /** Leaves replaced where they stood. */
  readonly replaced: ReadonlyMap<number, Buffer>;
  /** So many leaves from the beginning stay where they were. */
  readonly kept: number;
  /** What stands behind those. */
  readonly tail: readonly Buffer[];
}

export interface Case {
  readonly attack: Attack;
  readonly attacker: Attacker;
  /** The size that the witness has seen. */
  readonly witnessed: number;
  readonly expected: Expected;
  /** The first entry that is not what it was. */
  readonly at: number;
  readonly change: Change;
  /** Whether the attacker signs the tree as it is now, and with which key. */
  readonly signer: SignerKey | undefined;
  /** The size of a checkpoint of before that is shown instead. */
  readonly shown: number | undefined;
  /** Whether the host states another key for the witness, and cosigns with it. */
  readonly forgedWitness: boolean;
}

/** One case by its seed: an attack by an attacker on a tree of `size` leaves, at a place at most `reach` before its end. */
export function caseOf(random: Random, attack: Attack, attacker: Attacker, size: number, reach: number): Case {
  const witnessed = size - random.below(Math.min(reach, size));
  const at = size - 2 - random.below(Math.min(reach, size - 2));
  const holdsKey = attacker === "key" || attacker === "all";
  const base = {
    attack,
    attacker,
    witnessed,
    at,
    signer: holdsKey ? logSigner : undefined,
    shown: undefined,
    forgedWitness: false,
  };
  if (attacker === "clock") return clockCase(base, attack, size);
  /** Whoever has the key is found by what a witness has seen; whoever has not, by the signature. */
  const expected: Expected = !holdsKey || at < witnessed ? "found" : "window";
  const leaves = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => leafOf(from + index));
  const spliced = (tail: readonly Buffer[]): Change => ({ replaced: new Map(), kept: at, tail });
  switch (attack) {
    case "edit":
      return { ...base, expected, change: replacing(size, at, leafOf(at, { action: "secret.get" })) };
    case "back-date": {
      // Half of them back to between two entries, which is what would fool a reader; the others before the one in front.
      const back = random.below(2) === 0 ? 30_000 : 120_000;
      const leaf = leafOf(at, { at: new Date(timeOf(at) - back).toISOString() });
      const backwards = back > 60_000 && at > 0;
      return { ...base, expected: backwards ? "found" : expected, change: replacing(size, at, leaf) };
    }
    case "delete":
      return { ...base, expected, change: spliced(leaves(at + 1, size)) };
    case "reorder": {
      // The times stay with their places, so that only the tree tells.
      const swapped = [leafOf(at, testAction(`s${at + 1}`)), leafOf(at + 1, testAction(`s${at}`))];
      return { ...base, expected, change: spliced([...swapped, ...leaves(at + 2, size)]) };
    }
    case "insert": {
      const forged = leafOf(at, testAction("forged"));
      return { ...base, expected, change: spliced([forged, ...leaves(at, size)]) };
    }
    case "fork":
      return {
        ...base,
        expected,
        change: spliced(leaves(at, size).map((_, n) => leafOf(at + n, testAction(`fork${n}`)))),
      };
    case "truncate":
      // The files hold a signed head of every earlier size: no key is needed to go back to one.
      return { ...base, expected: at < witnessed ? "found" : "window", change: spliced([]), shown: at };
    case "replay old checkpoint":
      // The checkpoint of before beside all the leaves of now: those behind it are unsigned.
      return { ...base, signer: undefined, expected: "found", change: spliced(leaves(at, size)), shown: at };
    case "swap witness key": {
      const change = spliced(leaves(at, size).map((_, n) => leafOf(at + n, testAction(`fork${n}`))));
      return { ...base, expected: "found", change, forgedWitness: true };
    }
    case "sign the whole tree anew": {
      const signer = holdsKey ? logSigner : otherSigner;
      return { ...base, at: 0, signer, expected: "found", change: replacing(size, 0, leafOf(0, testAction("anew"))) };
    }
  }
}

function replacing(size: number, at: number, leaf: Buffer): Change {
  return { replaced: new Map([[at, leaf]]), kept: size, tail: [] };
}

/** Whoever has only the clock can have Ringwall write wrong times, and change nothing that is written. */
function clockCase(base: Omit<Case, "expected" | "change">, attack: Attack, size: number): Case {
  const change: Change = { replaced: new Map(), kept: size, tail: [] };
  if (attack !== "back-date") return { ...base, expected: "not possible", change };
  // Dated a day ahead, and seen by a witness: nobody can have seen it so early.
  const seen = base.at < base.witnessed;
  const ahead = Array.from({ length: size - base.at }, (_, n) =>
    leafOf(base.at + n, { at: new Date(timeOf(base.at + n) + 86_400_000).toISOString() }),
  );
  return {
    ...base,
    // Ringwall itself has signed what it wrote, and the witness has cosigned it.
    signer: logSigner,
    expected: seen ? "found" : "window",
    change: { replaced: new Map(), kept: base.at, tail: ahead },
  };
}

/** A head with the log's signature and, where they are given, a witness's cosignature. */
export function headNote(
  signer: SignerKey,
  size: number,
  root: Uint8Array,
  witness?: SignerKey,
  at = timeOf(size),
): string {
  const plain = signCheckpoint(signer, { origin: logName, size, root });
  if (witness === undefined) return plain;
  const checkpoint = parseCheckpoint(plain);
  if (checkpoint === undefined) throw new Error("a checkpoint that was just written cannot be read");
  const signature = cosign(witness, checkpoint.note.text, Math.floor(at / 1000));
  return noteText(withSignatures(checkpoint, [signature]).note);
}
