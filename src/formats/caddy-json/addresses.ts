import { defaulted, type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { type Alternatives, type Conditions, implies } from "./conditions.ts";
import type { CaddyText, MatcherSet } from "./model.ts";

/** Names of one site; more make no route each. */
const mostHosts = 200;

/** The host names by which a way is gone, `*` for any. */
export function hostsOf(conditions: Conditions, place: Place): readonly Fact<string>[] {
  let known: readonly CaddyText[] | undefined;
  for (const alternatives of conditions) {
    const asked = valuesOf(alternatives, (set) => set.hosts);
    if (asked === undefined) continue;
    known = known === undefined ? asked : narrowed(known, asked);
  }
  if (known === undefined) return [defaulted("*", "platform", place)];
  const facts = new Map<string, Fact<string>>();
  for (const host of known) facts.set(host.text, hostFact(host));
  return [...facts.values()].slice(0, mostHosts);
}

/** Of names that were asked for twice those that meet both; all of the later where nothing can be told. */
function narrowed(outer: readonly CaddyText[], inner: readonly CaddyText[]): readonly CaddyText[] {
  const within = (host: CaddyText, of: readonly CaddyText[]) => implies([[asSet([host])]], asSet(of));
  const both = [
    ...inner.filter((host) => within(host, outer)),
    ...outer.filter((host) => within(host, inner) && !inner.some(({ text }) => text === host.text)),
  ];
  return both.length > 0 ? both : inner;
}

function asSet(hosts: readonly CaddyText[]): MatcherSet {
  return { hosts, not: [], others: [] };
}

function hostFact({ text, unresolved, place }: CaddyText): Fact<string> {
  if (unresolved !== undefined) return unknown(unresolved, place);
  if (text.includes("{")) return unknown("a placeholder of the request decides the host name", place);
  return stated(text.toLowerCase(), place);
}

/** What every one of the alternatives asks for, all together; undefined where one does not ask. */
function valuesOf(
  alternatives: Alternatives,
  take: (set: MatcherSet) => readonly CaddyText[] | undefined,
): readonly CaddyText[] | undefined {
  const all: CaddyText[] = [];
  for (const set of alternatives) {
    const values = take(set);
    if (values === undefined) return undefined;
    all.push(...values);
  }
  return all;
}

/** The path by which a way is gone: what the innermost condition asks for, without its `*`. */
export function pathOf(conditions: Conditions, place: Place): Fact<string> {
  let path: Fact<string> = defaulted("/", "platform", place);
  for (const alternatives of conditions) {
    const asked = valuesOf(alternatives, (set) => set.paths);
    if (asked === undefined) continue;
    const facts = asked.filter(({ text }) => !text.startsWith("*")).map(pathFact);
    const [first] = facts;
    // Endings such as `*.php` tell the kind of a file, not where it lies.
    if (first === undefined) continue;
    const values = new Set(facts.map(knownValue));
    path = values.size === 1 ? first : unknown("several paths lead there", first.place);
  }
  return path;
}

function pathFact({ text, unresolved, place }: CaddyText): Fact<string> {
  if (unresolved !== undefined) return unknown(unresolved, place);
  const path = text.replace(/\/?\*$/, "");
  return stated(path === "" ? "/" : path, place);
}
