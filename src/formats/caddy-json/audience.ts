import { defaulted, type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Audience } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { Alternatives } from "./conditions.ts";
import type { CaddyServer, CaddyText, MatcherSet } from "./model.ts";
import type { Way } from "./walk.ts";

/** Whom a way serves: addresses that it asks for, and what barriers leave over. */
export function audienceOf(way: Way, server: CaddyServer): Fact<Audience> {
  let audience: Fact<Audience> = defaulted({ kind: "public" }, "platform", way.end.place);
  let doubt: Fact<Audience> | undefined;
  const limit = (ranges: Ranges | undefined) => {
    if (ranges === undefined) return;
    const fact = rangesFact(ranges, server);
    // What is asked for first is asked for beside what comes later; the narrower one is not worked out.
    if (fact.kind === "unknown") doubt ??= fact;
    else if (knownValue(audience)?.kind === "public") audience = fact;
  };
  for (const { handler } of way.passed) {
    if (handler !== "stop" && handler.kind === "unseen") doubt ??= unknown(handler.why, handler.place);
  }
  for (const alternatives of way.conditions) limit(rangesIn(alternatives));
  for (const { unmet, handler } of way.barriers) {
    if (!unmet.some((alternatives) => alternatives.some(speaksOfAddresses))) continue;
    // A barrier on some of its paths leaves the others open.
    if (unmet.some((alternatives) => alternatives.some((set) => set.paths !== undefined || set.hosts !== undefined)))
      continue;
    const [only, more] = unmet;
    const left = only === undefined || more !== undefined ? undefined : leftBy(only);
    if (left === "everybody") continue;
    const place = handler === "stop" ? way.end.place : handler.place;
    if (left === undefined) doubt ??= unknown("it depends on more than the client's address who is let in", place);
    else limit(left);
  }
  return knownValue(audience)?.kind === "public" ? (doubt ?? audience) : audience;
}

interface Ranges {
  readonly ranges: readonly CaddyText[];
  /** Whether the other end of the connection is compared, which may be a proxy. */
  readonly remote: boolean;
}

function speaksOfAddresses(set: MatcherSet): boolean {
  return set.clientRanges !== undefined || set.remoteRanges !== undefined || set.not.some(speaksOfAddresses);
}

/** The ranges that every one of the alternatives asks for. */
function rangesIn(alternatives: Alternatives): Ranges | undefined {
  const all: CaddyText[] = [];
  let remote = false;
  for (const set of alternatives) {
    const ranges = set.clientRanges ?? set.remoteRanges;
    if (ranges === undefined) return undefined;
    remote ||= set.clientRanges === undefined;
    all.push(...ranges);
  }
  return alternatives.length === 0 ? undefined : { ranges: all, remote };
}

/** Who is left when those who match are kept off; undefined where it hangs on more than addresses. */
function leftBy(alternatives: Alternatives): Ranges | "everybody" | undefined {
  const [set, more] = alternatives;
  if (set === undefined || more !== undefined || set.others.length > 0) return undefined;
  // These addresses are kept off, and all others are not.
  if (set.clientRanges !== undefined || set.remoteRanges !== undefined) return "everybody";
  return set.not.every(isAddressesOnly) ? rangesIn(set.not) : undefined;
}

function isAddressesOnly(set: MatcherSet): boolean {
  return set.hosts === undefined && set.paths === undefined && set.others.length === 0 && set.not.length === 0;
}

function rangesFact({ ranges, remote }: Ranges, server: CaddyServer): Fact<Audience> {
  const place: Place = ranges[0]?.place ?? server.place;
  const hidden = ranges.find(({ unresolved }) => unresolved !== undefined);
  if (hidden?.unresolved !== undefined) return unknown(hidden.unresolved, hidden.place);
  if (remote && server.trustedProxies !== undefined) {
    return unknown("`remote_ip` compares the address of the proxy in front, not the client's", place);
  }
  return stated({ kind: "networks", cidrs: ranges.map(({ text }) => text) }, place);
}
