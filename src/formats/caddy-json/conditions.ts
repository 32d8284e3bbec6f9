/**
 * What conditions of Caddy say of one another: whether all requests that meet the one meet the other, and whether none
 * does. Both answer false where it cannot be told.
 */
import type { CaddyText, MatcherSet } from "./model.ts";
import { cached, type TextList, textList } from "./text-list.ts";

/** Sets of which one must match. */
export type Alternatives = readonly MatcherSet[];

/** Conditions that must all be met, in the order in which they were asked. */
export type Conditions = readonly Alternatives[];

/** Which requests of a way something on it is for. */
export type Relation = "always" | "never" | "partly";

/** How what stands under `own` conditions relates to a way under `way` conditions. */
export function relate(own: Conditions, way: Conditions): Relation {
  const asked = own.filter((alternatives) => !way.includes(alternatives));
  if (asked.every((alternatives) => alternatives.some((set) => implies(way, set)))) return "always";
  return asked.some((alternatives) => alternatives.every((set) => excludes(way, set))) ? "never" : "partly";
}

/** The conditions of `own` that the way does not meet by itself. */
export function unmet(own: Conditions, way: Conditions): Conditions {
  return own.filter((alternatives) => !way.includes(alternatives) && !alternatives.some((set) => implies(way, set)));
}

/** Whether every request that meets all conditions matches the set. */
export function implies(way: Conditions, set: MatcherSet): boolean {
  if (set.clientRanges !== undefined || set.remoteRanges !== undefined || set.others.length > 0) return false;
  const some = (holds: (known: MatcherSet) => boolean) => way.some((alternatives) => alternatives.every(holds));
  const { hosts, paths } = set;
  if (
    hosts !== undefined &&
    !some((known) => known.hosts !== undefined && every(textList(known.hosts), textList(hosts), hostWithin))
  )
    return false;
  if (
    paths !== undefined &&
    !paths.some(isAnyPath) &&
    !some((known) => known.paths !== undefined && every(textList(known.paths), textList(paths), pathWithin))
  )
    return false;
  return set.not.every((other) => excludes(way, other));
}

/** Whether no request that meets all conditions matches the set. */
export function excludes(way: Conditions, set: MatcherSet): boolean {
  if (set.not.some((other) => implies(way, other))) return true;
  return way.some((alternatives) => alternatives.every((known) => disjoint(known, set)));
}

function disjoint(known: MatcherSet, set: MatcherSet): boolean {
  const { hosts, paths } = known;
  if (hosts !== undefined && set.hosts !== undefined && none(textList(hosts), textList(set.hosts), hostsApart))
    return true;
  if (paths !== undefined && set.paths !== undefined && none(textList(paths), textList(set.paths), pathsApart))
    return true;
  return known.not.some((other) => implies([[set]], other));
}

type Compare = (a: string, b: string) => boolean;

/** Two texts without a `*` are alike where they are equal: those need no look at each pair. */
function every(inner: TextList, outer: TextList, within: Compare): boolean {
  if (!inner.allPlain) return false;
  const hasPattern = (a: string) => outer.patterns.some((b) => within(a, b));
  return (
    all(inner.exact, (a) => outer.exact.has(a) || hasPattern(a)) &&
    inner.patterns.every((a) => outer.exact.has(a) || hasPattern(a))
  );
}

function none(left: TextList, right: TextList, apart: Compare): boolean {
  if (left.size === 0 || right.size === 0) return true;
  if (!left.allPlain || !right.allPlain) return false;
  return (
    all(left.exact, (a) => !right.exact.has(a) && right.patterns.every((b) => apart(a, b))) &&
    left.patterns.every((a) => right.patterns.every((b) => apart(a, b)) && all(right.exact, (b) => apart(a, b)))
  );
}

function all(texts: Iterable<string>, holds: (text: string) => boolean): boolean {
  for (const text of texts) if (!holds(text)) return false;
  return true;
}

/** How much there is to compare: texts, and among them patterns. */
interface Weight {
  readonly texts: number;
  readonly patterns: number;
}

const weights = new WeakMap<Conditions, Weight>();

/** About how many texts are compared when conditions are related: patterns with every other text, others once. */
export function costOf(own: Conditions, way: Conditions): number {
  const a = weightOf(own);
  const b = weightOf(way);
  return 1 + own.length + a.texts + a.patterns * b.texts + b.patterns * a.texts;
}

function weightOf(conditions: Conditions): Weight {
  return cached(weights, conditions, () => sum(conditions.flat().map(weightOfSet)));
}

function weightOfSet({ hosts, paths, not }: MatcherSet): Weight {
  const lists = [hosts, paths].flatMap((list) => (list === undefined ? [] : [textList(list)]));
  return sum([
    ...lists.map(({ size, patterns }) => ({ texts: size, patterns: patterns.length })),
    ...not.map(weightOfSet),
  ]);
}

function sum(all: readonly Weight[]): Weight {
  return all.reduce((total, each) => ({ texts: total.texts + each.texts, patterns: total.patterns + each.patterns }), {
    texts: 0,
    patterns: 0,
  });
}

function isAnyPath({ text }: CaddyText): boolean {
  return text === "*" || text === "/*";
}

/** Each `*` of a host pattern stands for one label. */
function hostWithin(host: string, pattern: string): boolean {
  return labels(host, pattern, (own, wanted) => wanted === "*" || own === wanted);
}

function hostsApart(a: string, b: string): boolean {
  return !labels(a, b, (left, right) => left === "*" || right === "*" || left === right);
}

function labels(a: string, b: string, alike: Compare): boolean {
  const left = a.toLowerCase().split(".");
  const right = b.toLowerCase().split(".");
  return left.length === right.length && left.every((label, index) => alike(label, right[index] ?? ""));
}

/** Paths are compared without regard to case; a `*` at the end stands for any rest, one at the start for any beginning. */
function pathWithin(own: string, pattern: string): boolean {
  const path = own.toLowerCase();
  const wanted = pattern.toLowerCase();
  if (path === wanted || wanted === "*" || wanted === "/*") return true;
  const star = wanted.indexOf("*");
  if (star === -1) return false;
  if (star === wanted.length - 1) return head(path).startsWith(wanted.slice(0, -1));
  return wanted.lastIndexOf("*") === 0 && path.endsWith(wanted.slice(1)) && !path.endsWith("*");
}

function pathsApart(a: string, b: string): boolean {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  const first = head(left);
  const second = head(right);
  if (!left.includes("*")) return right.includes("*") ? !first.startsWith(second) : left !== right;
  if (!right.includes("*")) return !second.startsWith(first);
  return !first.startsWith(second) && !second.startsWith(first);
}

/** What a pattern begins with, up to its first `*`. */
function head(pattern: string): string {
  const star = pattern.indexOf("*");
  return star === -1 ? pattern : pattern.slice(0, star);
}
