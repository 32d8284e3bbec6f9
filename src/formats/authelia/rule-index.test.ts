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
  fc.constant(rule(list([]), ["^a\\.example\\.org$"])),
  name.map((each) => rule(incomplete([each], "an anchor", nowhere))),
);

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

  test("every one that is not compared fits nothing of the host", () => {
    fc.assert(
      fc.property(fc.array(anyRule, { minLength: 11, maxLength: 30 }), name, (items, host) => {
        const asked = { host: stated(host, nowhere), path: stated("/", nowhere) };
        const taken = new Set(rulesFor(complete(items, nowhere), asked.host));
        for (const left of items.filter((each) => !taken.has(each))) {
          const alone = { rules: complete([left], nowhere), otherwise: stated("deny" as const, nowhere) };
          expect(decisionOf(alone, asked)).toMatchObject({ signIn: "two-factor" });
        }
      }),
    );
  });
});
