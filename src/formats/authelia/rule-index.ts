/** Which of many rules may be for a host. */
import type { AccessRule } from "../../facts/configuration/access-policy.ts";
import { type Fact, type FactList, knownValue } from "../../facts/fact.ts";
import { append } from "../../lib/append.ts";

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
const indexes = new WeakMap<FactList<AccessRule>, RuleIndex>();

/** The rules that may be for a host, in their order: many routes ask, each for its own. */
export function rulesFor(rules: FactList<AccessRule>, host: Fact<string>): readonly AccessRule[] {
  const known = hostOf(host);
  if (known === undefined || known.startsWith("*") || rules.items.length <= few) return rules.items;
  const index = indexes.get(rules) ?? new RuleIndex(rules.items);
  indexes.set(rules, index);
  return index.for(known);
}

class RuleIndex {
  readonly #rules: readonly AccessRule[];
  readonly #byName = new Map<string, number[]>();
  /** Of `*.example.org` what stands behind the `*`. */
  readonly #byEnding = new Map<string, number[]>();
  /** Those that may be for every host. */
  readonly #others: number[] = [];

  constructor(rules: readonly AccessRule[]) {
    this.#rules = rules;
    for (const [at, { domains, domainPatterns }] of rules.entries()) {
      const named = domains.complete && domains.items.length > 0;
      if (!named || !domainPatterns.complete || domainPatterns.items.length > 0) this.#others.push(at);
      else
        for (const domain of domains.items) {
          const below = endingOf(domain.toLowerCase());
          if (below === undefined) append(this.#byName, domain.toLowerCase(), at);
          else append(this.#byEnding, below, at);
        }
    }
  }

  for(host: string): readonly AccessRule[] {
    const found = new Set([...this.#others, ...(this.#byName.get(host) ?? [])]);
    for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1))
      for (const at of this.#byEnding.get(host.slice(dot)) ?? []) found.add(at);
    return [...found].sort((a, b) => a - b).flatMap((at) => this.#rules[at] ?? []);
  }
}
