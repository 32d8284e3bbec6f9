/** Which of many rules may be for a host. */
import type { AccessRule } from "../../facts/configuration/access-policy.ts";
import { type Fact, type FactList, knownValue } from "../../facts/fact.ts";
import { HostIndex } from "../../lib/host-index.ts";

/** A host as rules are compared with it. */
export function hostOf(host: Fact<string>): string | undefined {
  return knownValue(host)?.toLowerCase().replace(/:\d+$/, "");
}

/** Of `*.example.org` and `{user}.example.org` what every name below ends with. */
export function endingOf(domain: string): string | undefined {
  return /^(?:\*|\{user\}|\{group\})(\..*)$/.exec(domain)?.[1];
}

/** So many rules are all compared. */
const few = 10;
const indexes = new WeakMap<FactList<AccessRule>, HostIndex>();

/** The rules that may be for a host, in their order: many routes ask, each for its own. */
export function rulesFor(rules: FactList<AccessRule>, host: Fact<string>): readonly AccessRule[] {
  const known = hostOf(host);
  if (known === undefined || known.startsWith("*") || rules.items.length <= few) return rules.items;
  const index = indexes.get(rules) ?? indexOf(rules.items);
  indexes.set(rules, index);
  return index.for(known).flatMap((at) => rules.items[at] ?? []);
}

function indexOf(rules: readonly AccessRule[]): HostIndex {
  const index = new HostIndex();
  for (const [at, { domains, domainPatterns }] of rules.entries()) {
    const named = domains.complete && domains.items.length > 0;
    if (!named || !domainPatterns.complete || domainPatterns.items.length > 0) index.addToAll(at);
    else
      for (const domain of domains.items) {
        const below = endingOf(domain.toLowerCase());
        if (below === undefined) index.addName(domain.toLowerCase(), at);
        else index.addEnding(below, at);
      }
  }
  return index;
}
