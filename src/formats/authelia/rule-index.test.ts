import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccessRule } from "../../facts/configuration/access-policy.ts";
import { complete, type FactList, incomplete, stated } from "../../facts/fact.ts";
import { decisionOf } from "./decide.ts";
import { rulesFor } from "./rule-index.ts";

const nowhere = { kind: "nowhere", why: "a test" } as const;
const list = (items: readonly string[]): FactList<string> => complete(items, nowhere);

function rule(domains: FactList<string>, patterns: readonly string[] = []): AccessRule {
  return {
    domains,
    domainPatterns: list(patterns),
    paths: list([]),
    networks: list([]),
    methods: list([]),
    byQuery: false,
    bySubject: false,
    level: stated("bypass", nowhere),
    place: nowhere,
  };
}

const labels = fc.constantFrom("a", "B", "*", "{user}", "example", "org", "");
const name = fc.array(labels, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
const anyRule = fc.oneof(
  { weight: 6, arbitrary: fc.array(name, { maxLength: 3 }).map((names) => rule(list(names))) },
  fc.constant(["^a\\.example\\.org$"]).map((patterns) => rule(list([]), patterns)),
  name.map((each) => rule(list([each]), ["^a\\."])),
  name.map((each) => rule(incomplete([each], "an anchor", nowhere))),
);
/** Rules, and a host that one of them is for more often than not. */
const rulesAndHost = fc
  .array(anyRule, { minLength: 11, maxLength: 30 })
  .chain((items) =>
    fc.tuple(
      fc.constant(items),
      fc.oneof(name, fc.constantFrom(...items.flatMap(({ domains }) => domains.items), "a.example.org")),
      fc.constantFrom("x.y", "A", "user"),
      fc.constantFrom("", ":443"),
    ),
  )
  .map(([items, domain, below, port]) => ({ items, host: `${domain.replace(/^(?:\*|\{user\})/, below)}${port}` }));

// covers: A4 | compose
describe("Of many rules of Authelia's", () => {
  test("a host is compared with those alone that name it, an ending of it, or nothing plain", () => {
    const own = Array.from({ length: 1_000 }, (_, at) => rule(list([`h${at}.example.org`])));
    const [below, pattern, open] = [rule(list(["*.example.org"])), rule(list([]), ["^h7"]), rule(list([]))];
    const rules = complete([pattern, ...own, below, open], nowhere);
    expect(rulesFor(rules, stated("H7.example.org:443", nowhere))).toEqual([pattern, own[7], below, open]);
    expect(rulesFor(rules, stated("h7.example.net", nowhere))).toEqual([pattern, open]);
    expect(rulesFor(rules, stated("*", nowhere))).toHaveLength(rules.items.length);
  });

  test("those that are compared are all that say something of the host, in their order", () => {
    let fitting = 0;
    fc.assert(
      fc.property(rulesAndHost, ({ items, host }) => {
        const asked = { host: stated(host, nowhere), path: stated("/", nowhere) };
        const taken = rulesFor(complete(items, nowhere), asked.host);
        expect(taken).toEqual(items.filter((each) => taken.includes(each)));
        for (const each of items) {
          const alone = { rules: complete([each], nowhere), otherwise: stated("deny" as const, nowhere) };
          const decision = decisionOf(alone, asked);
          const saysNothing = "signIn" in decision && decision.signIn === "two-factor";
          if (!saysNothing) fitting += 1;
          expect(saysNothing || taken.includes(each), JSON.stringify({ host, domains: each.domains.items })).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
    expect(fitting).toBeGreaterThan(300);
  });
});
