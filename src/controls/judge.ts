/**
 * Ways to judge facts that make it hard to pass on nothing.
 *
 * `demand` is for protections that must be stated, `forbid` for dangers that must be absent; the lists have
 * `forbidAny` and `requireSome`. None of them answers *pass* for a fact that is unknown, or for a list that may lack
 * what it forbids.
 */
import type { FrameworkReferences } from "../contracts/control.ts";
import type { ItemVerdicts, Judgement, Severity } from "../contracts/verdict.ts";
import { type Fact, type FactList, knownValue } from "../facts/fact.ts";
import type { Place } from "../lib/place.ts";

/** What may be added to a judgement. */
export interface JudgementExtras {
  readonly place?: Place;
  readonly detail?: string;
  readonly severity?: Severity;
  readonly settled?: true;
  readonly ports?: readonly number[];
  readonly remedy?: string;
  readonly apart?: string;
  readonly items?: ItemVerdicts;
}

/** How a fact is spoken of. */
export interface Wording<T> {
  /** The fact's name as the author of the file knows it: `privileged`, `the memory limit`. */
  readonly what: string;
  /** The value in words; never a secret one. Default: its own text. */
  readonly show?: (value: T) => string;
  /** A clause that follows "is not stated": `and the image decides`. */
  readonly unstated?: string;
  readonly detail?: string;
}

export function pass(message: string, place?: Place): Judgement {
  return place === undefined ? { verdict: "pass", message } : { verdict: "pass", message, place };
}

export function fail(message: string, extras: JudgementExtras = {}): Judgement {
  return { verdict: "fail", message, ...extras };
}

/** `why` is a clause such as "`TAG` is set nowhere in this folder". */
export function cannotTell(what: string, why: string, extras: JudgementExtras = {}): Judgement {
  return { verdict: "unknown", message: `${what} cannot be told: ${why}`, because: why, ...extras };
}

/** What a judgement is told of the ports that it is about: nothing where those are not known. */
export function aboutPorts(ports: Fact<readonly number[]> | undefined): Pick<JudgementExtras, "ports"> {
  const known = ports === undefined ? undefined : knownValue(ports);
  return known === undefined ? {} : { ports: known };
}

/** `why` is a clause: `not a datastore`. */
export function notApplicable(why: string): Judgement {
  return { verdict: "not-applicable", message: why };
}

/**
 * A protection that must be stated. Right: pass. Wrong: fail. Not stated: fail, saying so, unless the platform, the
 * image or the component gives a right value. Unresolvable: unknown.
 */
export function demand<T>(fact: Fact<T>, holds: (value: T) => boolean, wording: Wording<T>): Judgement {
  switch (fact.kind) {
    case "stated":
    case "defaulted":
      return holds(fact.value)
        ? pass(describeValue(fact, wording), fact.place)
        : failing(describeValue(fact, wording), fact, wording);
    case "unstated":
      return failing(describeUnstated(wording), fact, wording);
    case "unknown":
      return unresolved(fact, wording);
  }
}

/**
 * A danger that must be absent. Bad: fail. Good: pass. Not stated, with nothing known to give a value: unknown, for
 * then nothing says that it is absent. Unresolvable: unknown.
 */
export function forbid<T>(fact: Fact<T>, bad: (value: T) => boolean, wording: Wording<T>): Judgement {
  switch (fact.kind) {
    case "stated":
    case "defaulted":
      return bad(fact.value)
        ? failing(describeValue(fact, wording), fact, wording)
        : pass(describeValue(fact, wording), fact.place);
    case "unstated":
      return withDetail({ verdict: "unknown", message: describeUnstated(wording), place: fact.place }, wording);
    case "unknown":
      return unresolved(fact, wording);
  }
}

/**
 * Nothing in a list may be bad. `judge` answers for one item: a fail or unknown judgement, or undefined when the item
 * is harmless. All harmless and the list whole: one pass. Not whole: one unknown beside what was found.
 */
export function forbidAny<T>(
  list: FactList<T>,
  judge: (item: T) => Judgement | undefined,
  wording: { readonly what: string; readonly none: string },
): readonly Judgement[] {
  const found: Judgement[] = [];
  for (const item of list.items) {
    const judgement = judge(item);
    if (judgement !== undefined) found.push(judgement);
  }
  if (!list.complete) found.push(cannotTell(`whether ${wording.what} is complete`, list.why, { place: list.place }));
  return found.length === 0 ? [pass(wording.none, list.place)] : found;
}

/** At least one item must be good. Found: pass, even when the list is not whole. Not found: fail, or unknown. */
export function requireSome<T>(
  list: FactList<T>,
  good: (item: T) => boolean,
  wording: { readonly found: string; readonly missing: string; readonly what: string },
): Judgement {
  if (list.items.some(good)) return pass(wording.found, list.place);
  if (!list.complete) return cannotTell(wording.what, list.why, { place: list.place });
  return fail(wording.missing, { place: list.place });
}

/** Judgements that are about some of the items of frameworks that their control refers to. */
export function about(items: FrameworkReferences, judged: Judgement | readonly Judgement[]): readonly Judgement[] {
  return ("verdict" in judged ? [judged] : judged).map((each) => ({ ...each, about: items }));
}

/** Several judgements of one subject as one list. */
export function all(...judgements: readonly (Judgement | readonly Judgement[])[]): readonly Judgement[] {
  return judgements.flat() as readonly Judgement[];
}

function describeValue<T>(fact: Fact<T> & { readonly value: T }, wording: Wording<T>): string {
  const shown = wording.show === undefined ? String(fact.value) : wording.show(fact.value);
  if (fact.kind !== "defaulted") return `${wording.what} is ${shown}`;
  const by =
    fact.by === "platform" || fact.by === "program"
      ? "the default is"
      : fact.by === "engine"
        ? "the engine's own default is"
        : `the ${fact.by} makes it`;
  return `${wording.what} is not stated, and ${by} ${shown}`;
}

function describeUnstated(wording: { readonly what: string; readonly unstated?: string }): string {
  return wording.unstated === undefined
    ? `${wording.what} is not stated`
    : `${wording.what} is not stated, ${wording.unstated}`;
}

function failing<T>(message: string, fact: Fact<T>, wording: Wording<T>): Judgement {
  return withDetail(fail(message, { place: fact.place }), wording);
}

function unresolved<T>(fact: Fact<T> & { readonly kind: "unknown" }, wording: Wording<T>): Judgement {
  return withDetail(cannotTell(wording.what, fact.why, { place: fact.place }), wording);
}

function withDetail<T>(judgement: Judgement, wording: Wording<T>): Judgement {
  return wording.detail === undefined ? judgement : { ...judgement, detail: wording.detail };
}
