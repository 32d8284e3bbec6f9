/**
 * What conditions of Caddy say of one another: whether all requests that meet the one meet the other, and whether none
 * does. Both answer false where it cannot be told.
 */
import type { CaddyText, MatcherSet } from "./model.ts";

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
  if (hosts !== undefined && !some((known) => known.hosts !== undefined && every(known.hosts, hosts, hostWithin)))
    return false;
  if (
    paths !== undefined &&
    !paths.some(isAnyPath) &&
    !some((known) => known.paths !== undefined && every(known.paths, paths, pathWithin))
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
  if (known.hosts !== undefined && set.hosts !== undefined && none(known.hosts, set.hosts, hostsApart)) return true;
  if (known.paths !== undefined && set.paths !== undefined && none(known.paths, set.paths, pathsApart)) return true;
  return known.not.some((other) => implies([[set]], other));
}

type Compare = (a: string, b: string) => boolean;

function every(inner: readonly CaddyText[], outer: readonly CaddyText[], within: Compare): boolean {
  return inner.every((a) => outer.some((b) => isPlain(a) && isPlain(b) && within(a.text, b.text)));
}

function none(left: readonly CaddyText[], right: readonly CaddyText[], apart: Compare): boolean {
  return left.every((a) => right.every((b) => isPlain(a) && isPlain(b) && apart(a.text, b.text)));
}

/** Whether a text stands for itself: no variable and no placeholder that requests fill in. */
function isPlain({ text, unresolved }: CaddyText): boolean {
  return unresolved === undefined && !text.includes("{");
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
