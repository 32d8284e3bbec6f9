import { RingwallError } from "../../lib/error.ts";
import { actionOutcomes, type LedgerAction } from "./action.ts";

/** An entry of the ledger and where it stands. */
export interface LedgerEntry extends LedgerAction {
  /** Counts from 0. */
  readonly index: number;
}

/** One more than this many bytes in a leaf is refused: a ledger is no place for documents. */
const longestLeaf = 64 * 1024;
/** The bytes of a leaf: one line of JSON without its newline. The time stands first, at a fixed place. */
export function leafText(action: LedgerAction): string {
  const { at, principal, action: name, target, stack, operation, outcome, before, after, detail } = action;
  return JSON.stringify({
    v: 1,
    at,
    principal: { kind: principal.kind, name: principal.name, uid: principal.uid, host: principal.host },
    action: name,
    target: { kind: target.kind, name: target.name },
    stack,
    operation,
    outcome,
    before,
    after,
    detail,
  });
}

/** The same as bytes. Throws `too-large`. */
export function leafBytes(action: LedgerAction): Buffer {
  const bytes = Buffer.from(leafText(action));
  if (bytes.length <= longestLeaf) return bytes;
  throw new RingwallError("too-large", `The entry for "${action.action}" would have ${bytes.length} bytes.`, {
    hint: `An entry has at most ${longestLeaf}; keep the text elsewhere and its digest here.`,
  });
}

/** Where the 24 characters of the time stand in a leaf: behind `{"v":1,"at":"`. */
export const timePlace = { start: 13, end: 37 } as const;

/** The time of a leaf that Ringwall has written. */
export function timeOf(leaf: Buffer): string {
  return leaf.toString("latin1", timePlace.start, timePlace.end);
}

const principalKinds: readonly unknown[] = ["user", "daemon", "ci"];
const outcomes: readonly unknown[] = actionOutcomes;

/** The action of a leaf; undefined when it is none that Ringwall has written. */
export function parseLeaf(text: string): LedgerAction | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isAction(value) && text.slice(timePlace.start, timePlace.end) === value.at ? value : undefined;
}

/** The same of the leaf of an entry, without its version. Throws `invalid`. */
export function actionOf(text: string, index: number): LedgerAction {
  const action = parseLeaf(text);
  if (action !== undefined) return withoutVersion(action);
  throw new RingwallError("invalid", `Entry ${index} of the ledger is none that Ringwall has written.`, {
    hint: "`ringwall ledger verify` tells whether the ledger was tampered with.",
  });
}

function withoutVersion(action: LedgerAction & { readonly v?: unknown }): LedgerAction {
  const { v: _, ...rest } = action;
  return rest;
}

function isAction(value: unknown): value is LedgerAction {
  if (!isObject(value) || !("v" in value) || value.v !== 1) return false;
  const { at, principal, action, target, outcome, detail, stack, operation, before, after } =
    value as Partial<LedgerAction>;
  return (
    typeof at === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at) &&
    isObject(principal) &&
    principalKinds.includes(principal.kind) &&
    typeof principal.name === "string" &&
    typeof principal.host === "string" &&
    (principal.uid === null || typeof principal.uid === "number") &&
    typeof action === "string" &&
    isObject(target) &&
    typeof target.kind === "string" &&
    typeof target.name === "string" &&
    outcomes.includes(outcome) &&
    [stack, operation, before, after].every((one) => one === null || typeof one === "string") &&
    isObject(detail)
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Written by the ledger itself when the clock of its machine was set back, so that an earlier time is explained. */
export const clockSetBack = "ledger.clock-set-back";
/** Written when a crash left an unfinished write behind, which nobody was told had succeeded. */
export const recovered = "ledger.recovered";
