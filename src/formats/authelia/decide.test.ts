import { describe, expect, test } from "vitest";
import { type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import { placeAt, Source } from "../../lib/place.ts";
import { Fields } from "../fields.ts";
import { parseYaml } from "../yaml/parse.ts";
import { accessPolicyOf } from "./access.ts";
import { decisionOf } from "./decide.ts";

const nowhere = { kind: "nowhere", why: "a test" } as const;

/** What a configuration demands of one route, or why it cannot be told. */
function demanded(text: string, host: string | undefined, path: string | undefined = "/"): string {
  const source = new Source("configuration.yml", text);
  const root = Fields.of(parseYaml(source, text).documents[0], placeAt(source, 0), "the file");
  const fact = (value: string | undefined): Fact<string> =>
    value === undefined ? unknown("it is a variable", nowhere) : stated(value, nowhere);
  const decision = decisionOf(accessPolicyOf(root, {}), { host: fact(host), path: fact(path) });
  return "doubt" in decision ? `unknown: ${decision.doubt}` : decision.signIn;
}

const rules =
  (...written: readonly string[]) =>
  (otherwise: string) =>
    `definitions:\n  network:\n    internal: [10.0.0.0/8]\naccess_control:\n  default_policy: ${otherwise}\n  rules:\n${written
      .map((rule) => `    - {${rule}}\n`)
      .join("")}`;

// covers: A4 | compose
describe("Authelia's rules for one route:", () => {
  test.each([
    ["bypass", "none"],
    ["one_factor", "single-factor"],
    ["two_factor", "two-factor"],
    ["deny", "two-factor"],
  ])("a rule with %s for its name makes it %s.", (policy, signIn) => {
    expect(demanded(rules(`domain: app.example.org, policy: ${policy}`)("deny"), "app.example.org")).toBe(signIn);
  });

  test("a word that is no policy, whatever it is, demands nothing that is known.", () => {
    for (const word of ["open", "constructor", "toString"])
      expect(demanded(rules("domain: other.example.org, policy: bypass")(word), "app.example.org"), word).toMatch(
        /^unknown/,
      );
  });

  test("the default policy counts where no rule is for it, and is deny unless it is stated.", () => {
    const other = rules("domain: other.example.org, policy: bypass");
    expect(demanded(other("one_factor"), "app.example.org")).toBe("single-factor");
    expect(demanded(other("bypass"), "app.example.org")).toBe("none");
    expect(demanded("access_control:\n  rules: []\n", "app.example.org")).toBe("two-factor");
  });

  test("the first rule that fits counts.", () => {
    const open = "domain: app.example.org, policy: bypass";
    const all = "domain: '*.example.org', policy: two_factor";
    expect(demanded(rules(open, all)("deny"), "app.example.org")).toBe("none");
    expect(demanded(rules(all, open)("deny"), "app.example.org")).toBe("two-factor");
  });

  test("`*.` takes in every name below, and not the domain itself.", () => {
    const below = rules("domain: '*.example.org', policy: one_factor")("bypass");
    expect(demanded(below, "a.b.example.org")).toBe("single-factor");
    expect(demanded(below, "example.org")).toBe("none");
    expect(demanded(below, "*.example.org")).toBe("single-factor");
    expect(demanded(below, "APP.EXAMPLE.ORG:443")).toBe("single-factor");
  });

  test("`domain_regex` is matched as Go does.", () => {
    const pattern = rules("domain_regex: '^app-\\d+\\.example\\.org$', policy: bypass")("two_factor");
    expect(demanded(pattern, "app-7.example.org")).toBe("none");
    expect(demanded(pattern, "app-x.example.org")).toBe("two-factor");
  });

  test("a bypass for some paths leaves it open, and one for paths that tell nothing does not matter.", () => {
    const some = rules("domain: app.example.org, resources: ['^/api([/?].*)?$'], policy: bypass")("two_factor");
    expect(demanded(some, "app.example.org")).toContain("lets some requests pass");
    expect(demanded(some, "app.example.org", "/api")).toBe("none");
    expect(demanded(some, "app.example.org", "/ui")).toBe("two-factor");
    const health = rules("domain: app.example.org, resources: ['^/ping$', '^/api/health$'], policy: bypass");
    expect(demanded(health("two_factor"), "app.example.org")).toBe("two-factor");
    const every = rules("domain: app.example.org, resources: ['^/.*$'], policy: bypass")("two_factor");
    expect(demanded(every, "app.example.org")).toBe("none");
  });

  test("a sign-in for some paths before a bypass cannot be told, whatever the paths hold.", () => {
    const admin = rules("domain: app.example.org, resources: ['^/admin'], policy: two_factor")("bypass");
    expect(demanded(admin, "app.example.org")).toContain("on some requests only");
  });

  test("a bypass for one's own networks is none for those who come from outside.", () => {
    const inside = (networks: string) =>
      rules(`domain: app.example.org, networks: ${networks}, policy: bypass`)("two_factor");
    expect(demanded(inside("[internal]"), "app.example.org")).toBe("two-factor");
    expect(demanded(inside("[192.168.0.0/16]"), "app.example.org")).toBe("two-factor");
    expect(demanded(inside("[0.0.0.0/0]"), "app.example.org")).toBe("none");
    expect(demanded(inside("[nobody-knows]"), "app.example.org")).toContain("lets some requests pass");
  });

  test("methods narrow a rule, and what browsers ask before they ask does not matter.", () => {
    const by = (methods: string) => rules(`domain: app.example.org, methods: ${methods}, policy: bypass`)("two_factor");
    expect(demanded(by("[OPTIONS]"), "app.example.org")).toBe("two-factor");
    expect(demanded(by("[GET, HEAD]"), "app.example.org")).toContain("lets some requests pass");
  });

  test("a rule for some users has everybody sign in, whatever the rules behind it say.", () => {
    const admins = rules("domain: app.example.org, subject: 'group:admins', policy: two_factor");
    expect(demanded(admins("deny"), "app.example.org")).toBe("two-factor");
    expect(demanded(admins("one_factor"), "app.example.org")).toBe("single-factor");
    expect(demanded(admins("bypass"), "app.example.org")).toBe("single-factor");
  });

  test("a name that is not known is told where every rule comes to the same.", () => {
    const alike = rules("domain: a.example.org, policy: two_factor", "domain: b.example.org, policy: two_factor");
    expect(demanded(alike("deny"), undefined)).toBe("two-factor");
    expect(demanded(rules("domain: a.example.org, policy: bypass")("two_factor"), undefined)).toContain("unknown");
  });

  test.each([
    ["a policy of no known name", rules("domain: app.example.org, policy: sometimes")("deny")],
    ["a default policy of no known name", rules()("whatever")],
    ["a rule whose domain a template fills in", rules("domain: '{{ env `APP` }}', policy: bypass")("two_factor")],
    ["rules that are no list", "access_control:\n  rules:\n    - a\n    - [b]\n  default_policy: [bypass]\n"],
  ])("%s never counts as a sign-in.", (_title, text) => {
    expect(demanded(text, "app.example.org")).toMatch(/^unknown/);
  });
});

test("A variable of Authelia's goes before its file.", () => {
  const text = "access_control:\n  default_policy: deny\n";
  const source = new Source("configuration.yml", text);
  const root = Fields.of(parseYaml(source, text).documents[0], placeAt(source, 0), "the file");
  const environment = () => stated({ reveal: () => "bypass" } as never, nowhere);
  expect(knownValue(accessPolicyOf(root, { environment }).otherwise)).toBe("bypass");
});
