import { actionOutcomes, type LedgerAction } from "./action.ts";

/** An entry of the ledger and where it stands. */
export interface LedgerEntry extends LedgerAction {
  /** Counts from 0. */
  readonly index: number;
}

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

/** Where the 24 characters of the time stand in a leaf: behind `{"v":1,"at":"`. */
export const timePlace = { start: 13, end: 37 } as const;

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
