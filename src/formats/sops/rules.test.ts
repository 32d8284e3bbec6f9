import { expect, test } from "vitest";
import { describePlace, Source } from "../../lib/place.ts";
import { isRulesFile, readRules } from "./rules.ts";

// covers: S6 S7 | files

const read = (text: string) => readRules(new Source(".sops.yaml", text), text);

test("Rules are read in their order, with keys in every way in which they may be written.", () => {
  const { rules, problems } = read(`creation_rules:
  - path_regex: kubernetes/.*\\.sops\\.ya?ml
    encrypted_regex: ^(data|stringData)$
    age: >-
      age1abc,
      age1def
  - path_regex: talos/.*
    mac_only_encrypted: true
    key_groups:
      - age: [age1abc]
        kms: [{arn: 'arn:aws:kms:eu:1:key/x'}]
      - merge:
          - pgp: [ab cd]
    age: age1unused
  - hc_vault_transit_uri: https://vault.example.org/v1/sops/keys/first
    kms: [arn:aws:kms:eu:1:key/y+arn:aws:iam::1:role/z]
`);
  expect(problems).toEqual([]);
  expect(rules.map(({ number, path }) => [number, path])).toEqual([
    [1, "kubernetes/.*\\.sops\\.ya?ml"],
    [2, "talos/.*"],
    [3, undefined],
  ]);
  expect(rules.map(({ recipients }) => recipients.map(({ kind, id }) => `${kind} ${id}`))).toEqual([
    ["age age1abc", "age age1def"],
    ["age age1abc", "kms arn:aws:kms:eu:1:key/x", "pgp ABCD"],
    ["kms arn:aws:kms:eu:1:key/y", "hc_vault https://vault.example.org/sops/first"],
  ]);
  expect(rules[0]?.pattern?.test("kubernetes/apps/db.sops.yaml")).toBe(true);
  expect(describePlace(rules[1]?.place ?? { kind: "nowhere", why: "" })).toBe(".sops.yaml:7:5");
});

test("An expression that Go does not know is said to be unreadable; it never matches everything.", () => {
  const { rules } = read("creation_rules:\n  - path_regex: (?=x)\n    age: age1abc\n");
  expect(rules[0]).toMatchObject({ unreadable: true, pattern: undefined, path: "(?=x)" });
});

test("A text without rules has none, and a broken one a problem.", () => {
  expect(read("").rules).toEqual([]);
  expect(read("creation_rules: nothing\n").rules).toEqual([]);
  expect(read("creation_rules: [\n").problems).not.toEqual([]);
});

test("The one name that SOPS looks for is `.sops.yaml`.", () => {
  expect(["a/.sops.yaml", ".sops.yaml"].every(isRulesFile)).toBe(true);
  expect([".sops.yml", "x.sops.yaml", "sops.yaml"].some(isRulesFile)).toBe(false);
});
