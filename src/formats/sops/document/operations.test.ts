import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { RingwallError } from "../../../lib/error.ts";
import { Source } from "../../../lib/place.ts";
import { Secret } from "../../../secrets/secret.ts";
import { encryptionRuleFor } from "./creation-rule.ts";
import { ruleFor } from "./encryption-rule.ts";
import { type SopsFormatName, sopsFormatOf } from "./formats.ts";
import { AgeIdentities } from "./identities.ts";
import {
  decryptSops,
  describeSops,
  editSops,
  encryptSops,
  rotateDataKey,
  type SopsFile,
  setSopsValue,
  unsetSopsValue,
  updateKeys,
} from "./operations.ts";
import { newPerson, systemContext, withoutOldBreaks } from "./testing/real-sops.ts";

// covers: S6 | files

const alice = await newPerson();
const bob = await newPerson();
const nobody = await AgeIdentities.of([]);
const hidden = "hunter2-hunter2";

async function made(
  content: string,
  format: SopsFormatName = "yaml",
  rule = ruleFor([alice.recipient]),
): Promise<SopsFile> {
  const path = `secrets.${format}`;
  return { path, format, text: await encryptSops({ path, format, content }, rule, systemContext) };
}

async function plainOf(file: SopsFile, options = {}): Promise<string> {
  return (await decryptSops(file, alice.identities, options)).exposeText();
}

/** What it failed with, as a person reads it; never with a value in it. */
async function failure(work: Promise<unknown>): Promise<{ code: string; told: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RingwallError);
  const { code } = error as RingwallError;
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("hunter2");
  return { code, told: (error as RingwallError).describe() };
}

describe("A damaged or strange file is refused with its place:", () => {
  const text = `# c\nuser: admin\npassword: ${hidden}\n`;
  const damage = async (change: (text: string) => string) => {
    const file = await made(text);
    return await failure(decryptSops({ ...file, text: change(file.text) }, alice.identities));
  };
  const replaceLine = (name: string, by: (line: string) => string) => (of: string) =>
    of
      .split("\n")
      .map((line) => (line.startsWith(name) ? by(line) : line))
      .join("\n");

  test.each<readonly [string, (text: string) => string, string, RegExp]>([
    ["an empty one", () => "", "unreadable", /^secrets\.yaml:1:1: This file is empty/],
    [
      "a half-written one",
      (of) => of.slice(0, of.indexOf("sops:")),
      "invalid",
      /^secrets\.yaml:1:1: This file is not encrypted with SOPS, or was cut off/,
    ],
    [
      "one cut off in its metadata",
      (of) => of.slice(0, of.indexOf("BEGIN AGE") + 40),
      "syntax",
      /^secrets\.yaml:4:1: What SOPS wrote into this file is damaged/,
    ],
    [
      "a value that was cut off",
      replaceLine("password", (line) => line.slice(0, 60)),
      "unreadable",
      /^secrets\.yaml:3:11: This value cannot be decrypted: it is cut off or damaged\./,
    ],
    [
      "a value of an unknown type",
      replaceLine("password", (line) => line.replace("type:str", "type:blob")),
      "unsupported",
      /^secrets\.yaml:3:11: .* a type that is not known/,
    ],
    [
      "a value whose bytes were changed",
      replaceLine("password", (line) => line.replace(/data:(.)/, (_, first) => `data:${first === "A" ? "B" : "A"}`)),
      "unreadable",
      /^secrets\.yaml:3:11: .* it was changed, moved to another place/,
    ],
    [
      "values that changed places",
      (of) => of.replace(/^user: (.*)\npassword: (.*)$/m, "user: $2\npassword: $1"),
      "unreadable",
      /^secrets\.yaml:2:7: .* moved to another place/,
    ],
    [
      "a value in clear text",
      replaceLine("password", () => `password: ${hidden}`),
      "unreadable",
      /^secrets\.yaml:3:11: A value stands in clear text/,
    ],
    [
      "a number in clear text",
      replaceLine("password", () => "password: 12"),
      "unreadable",
      /^secrets\.yaml:3:11: A value stands in clear text/,
    ],
    [
      "one of a later SOPS",
      (of) => of.replace(/version: .*/, "version: 4.0.0"),
      "unsupported",
      /^secrets\.yaml:4:1: This file was written by SOPS 4/,
    ],
    [
      "two selectors",
      (of) => of.replace("    version:", "    encrypted_regex: ^a\n    version:"),
      "invalid",
      /SOPS takes one of them only/,
    ],
    [
      "a time that is none",
      (of) => of.replace(/lastmodified: .*/, "lastmodified: yesterday"),
      "syntax",
      /`lastmodified` is no time/,
    ],
    ["broken YAML", (of) => of.replace("user:", "user: ["), "syntax", /^secrets\.yaml:\d+:\d+: /],
    ["a key twice", (of) => `user: x\n${of}`, "syntax", /secrets\.yaml:3:1: The key "user" stands twice/],
    ["a key that is no text", (of) => `1: x\n${of}`, "unsupported", /^secrets\.yaml:1:1: A key is a number/],
    ["a list", () => "- a\n", "unsupported", /^secrets\.yaml:1:1: SOPS encrypts documents that are mappings/],
  ])("%s.", async (_title, change, code, sentence) => {
    const found = await damage(change);
    expect(found.told).toMatch(sentence);
    expect(found.code).toBe(code);
  });

  test.each<readonly [string, (text: string) => string]>([
    ["a value was removed", replaceLine("user", () => "")],
    ["an open value was changed", (of) => of.replace("open_unencrypted: 1", "open_unencrypted: 2")],
    ["the time was changed", (of) => of.replace(/lastmodified: .*/, 'lastmodified: "2020-01-01T00:00:00Z"')],
    ["the code is missing", (of) => of.replace(/ {4}mac: .*\n/, "")],
  ])("its code does not match when %s; only somebody who says so reads on.", async (_title, change) => {
    const file = await made(`${text}open_unencrypted: 1\n`);
    const broken = { ...file, text: change(file.text) };
    const { code, told } = await failure(decryptSops(broken, alice.identities));
    expect(code).toBe("unreadable");
    expect(told).toMatch(/^secrets\.yaml:\d+:1: .*authentication code/);
    expect(await plainOf(broken, { ignoreMac: true })).toContain(hidden);
  });

  test("An open value may change under `mac_only_encrypted`, an encrypted one may not.", async () => {
    const rule = { ...ruleFor([alice.recipient]), macOnlyEncrypted: true };
    const file = await made("a: 1\nb: 2\nopen_unencrypted: 1\n", "yaml", rule);
    const changed = { ...file, text: file.text.replace("open_unencrypted: 1", "open_unencrypted: 2") };
    expect(await plainOf(changed)).toContain("open_unencrypted: 2");
    const removed = { ...file, text: file.text.replace(/^a: .*\n/m, "") };
    expect((await failure(decryptSops(removed, alice.identities))).told).toContain("does not match");
  });

  test.each<readonly [SopsFormatName, string, RegExp]>([
    ["json", '{"a": 1, "a": 2}', /secrets\.json:1:10: A name stands twice/],
    ["json", "[1]", /secrets\.json:1:1: SOPS encrypts JSON whose outermost value is an object/],
    ["json", `{"a": "${hidden}`, /secrets\.json:1:\d+: /],
    ["json", '{"a": 1e999}', /secrets\.json:1:7: This number is too large/],
    ["dotenv", `A=1\n${hidden}\n`, /secrets\.dotenv:2:1: A line has no `=`/],
    ["ini", `[a]\n${hidden}\n`, /secrets\.ini:2:1: A line has neither/],
    ["ini", "[a\n", /secrets\.ini:1:1: A section's `\[` is never closed/],
    ["ini", "[a]\nb = 1\nb = 2\n", /secrets\.ini:3:1: A name stands twice/],
    ["ini", "[a]\nb = 1 \\\n", /secrets\.ini:2:5: A value goes on in the next line/],
    ["ini", '[a]\nb = """x\n', /secrets\.ini:2:5: A quote that is opened here/],
    ["yaml", "a: 18446744073709551615\n", /secrets\.yaml:1:4: A whole number does not fit/],
    ["yaml", "a: !custom x\n", /secrets\.yaml:1:\d+: This file cannot be encrypted as it stands: a value has a tag/],
    ["yaml", "%YAML 1.2\n---\na: 1\n", /secrets\.yaml:1:1: SOPS reads no document that says it is YAML 1\.2/],
    ["yaml", "a: x\u0085y\n", /secrets\.yaml:1:5: A character stands here that some YAML readers/],
    ["yaml", "sops: 1\n", /secrets\.yaml:1:1: This file is encrypted already/],
  ])("A plain text that SOPS could not keep: %s %s", async (format, content, sentence) => {
    expect((await failure(made(content, format))).told).toMatch(sentence);
  });
});

test("A hostile text is refused in time that grows with it, and never with an exception of another kind.", async () => {
  const long = 40_000;
  const texts: readonly (readonly [SopsFormatName, string])[] = [
    ["yaml", `a: ${"[".repeat(long)}`],
    ["yaml", `a: ${"[".repeat(900)}1${"]".repeat(900)}\n`],
    [
      "yaml",
      `a: &x [1]\n${Array.from({ length: 40 }, (_, at) => `b${at}: &x${at} [*x${at === 0 ? "" : at - 1}, *x${at === 0 ? "" : at - 1}]\n`).join("")}`,
    ],
    ["yaml", `a: ${"!".repeat(long)} x\n`],
    ["yaml", `a: |\n  x${"\n".repeat(long)}\n  y\n`],
    ["yaml", `a: b${" ".repeat(long)}#${"#".repeat(long)}\n${"# x\n".repeat(5000)}`],
    ["json", `${"[".repeat(long)}`],
    ["json", `{"a"${" ".repeat(long)}: 1${" ".repeat(long)}}`],
    ["dotenv", `A=${" ".repeat(long)}x\n`],
    ["ini", `[a]\nb = ${" ".repeat(long)}x ; ${" ".repeat(long)}\n${"\n".repeat(long)}[c]\n`],
    ["ini", `${"; x\n".repeat(5000)}`],
  ];
  for (const [format, text] of texts) {
    // The processor's time of this thread alone: others may be busy.
    const before = process.threadCpuUsage();
    const outcome = await made(text, format).catch((error: unknown) => error);
    expect(outcome instanceof RingwallError || typeof outcome === "object", text.slice(0, 20)).toBe(true);
    if (outcome instanceof Error) expect(outcome, text.slice(0, 20)).toBeInstanceOf(RingwallError);
    const { user } = process.threadCpuUsage(before);
    expect(user / 1000, `${format} ${text.slice(0, 20)}`).toBeLessThan(3_000);
  }
});

describe("Who can open a file", () => {
  test("is told to who cannot: without an identity, with another, by a key of another kind.", async () => {
    const file = await made("a: 1\n");
    expect(await failure(decryptSops(file, nobody))).toMatchObject({
      code: "secret-missing",
      told: expect.stringContaining(`No identity was given, and this file is encrypted for ${alice.recipient}.`),
    });
    expect(await failure(decryptSops(file, bob.identities))).toMatchObject({
      code: "secret-missing",
      told: expect.stringContaining("does not open this file"),
    });
    const ssh = { ...file, text: file.text.replace(alice.recipient, "ssh-ed25519 AAAA") };
    expect(await failure(decryptSops(ssh, bob.identities))).toMatchObject({ code: "unsupported" });
  });

  test("need not be the first of several recipients, nor have its own name in the file.", async () => {
    const file = await made("a: 1\n", "yaml", ruleFor([bob.recipient, alice.recipient]));
    expect(await plainOf(file)).toBe("a: 1\n");
    const renamed = { ...file, text: file.text.replaceAll(alice.recipient, "age1somebody") };
    expect(await plainOf(renamed)).toBe("a: 1\n");
  });

  test("is refused as a recipient where nobody could: SSH keys, plugins, private keys, nonsense.", async () => {
    for (const [recipient, code] of [
      ["ssh-ed25519 AAAA", "unsupported"],
      ["age1yubikey1qwerty", "invalid"],
      ["AGE-SECRET-KEY-1HUNTER2-hunter2", "invalid"],
      ["hunter2-hunter2", "invalid"],
    ] as const) {
      expect(await failure(made("a: 1\n", "yaml", ruleFor([recipient])))).toMatchObject({ code });
    }
    expect(await failure(made("a: 1\n", "yaml", ruleFor([])))).toMatchObject({ code: "invalid" });
  });

  test("An identity that is none is told by its line, and never repeated.", async () => {
    for (const text of [
      "# c\nhunter2",
      "AGE-PLUGIN-YUBIKEY-1HUNTER2",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2",
      "AGE-SECRET-KEY-1HUNTER2",
    ]) {
      const { told } = await failure(AgeIdentities.of([{ text, shownAs: "keys.txt" }]));
      expect(told).toMatch(/^keys\.txt:[12]: /);
    }
    expect(inspect(alice.identities, { depth: 9, showHidden: true })).not.toContain("AGE-SECRET");
  });
});

describe("Keys of other kinds", () => {
  const pgp =
    '    pgp:\n        - created_at: "2026-01-01T00:00:00Z"\n          enc: |-\n            -----BEGIN PGP MESSAGE-----\n\n            x\n            -----END PGP MESSAGE-----\n          fp: ABCD\n';
  const withPgp = async () => {
    const file = await made("a: 1\nb: 2\n");
    return { ...file, text: file.text.replace("    unencrypted_suffix", `${pgp}    unencrypted_suffix`) };
  };

  test("are kept to the letter when a value is changed and when a recipient is added.", async () => {
    const file = await withPgp();
    expect(await setSopsValue(file, alice.identities, ["a"], new Secret("a", "x"), systemContext)).toContain(pgp);
    const rule = { ...ruleFor([alice.recipient, bob.recipient]), otherKinds: ["pgp"] };
    const updated = await updateKeys(file, rule, alice.identities, systemContext);
    expect(updated.text).toContain(pgp);
    expect((await decryptSops({ ...file, text: updated.text }, bob.identities)).exposeText()).toBe("a: 1\nb: 2\n");
  });

  test("forbid a new data key, and say why; taking them out of the rule takes them out of the file.", async () => {
    const file = await withPgp();
    expect(await failure(rotateDataKey(file, alice.identities, systemContext))).toMatchObject({
      code: "unsupported",
      told: expect.stringMatching(/keys of pgp too, and a new data key would have to be encrypted for them/),
    });
    const rule = { ...ruleFor([bob.recipient]), otherKinds: ["pgp"] };
    expect(await failure(updateKeys(file, rule, alice.identities, systemContext))).toMatchObject({
      code: "unsupported",
    });
    const without = await updateKeys(file, ruleFor([alice.recipient]), alice.identities, systemContext);
    expect(without).toMatchObject({ rotated: true, removed: [] });
    expect(without.text).not.toContain("PGP");
    expect(await failure(made("a: 1\n", "yaml", { ...ruleFor([alice.recipient]), otherKinds: ["kms"] }))).toMatchObject(
      { code: "unsupported" },
    );
  });
});

describe("An edit", () => {
  const text = `# The shop's secrets

database:
  user: shop   # stays
  password: "old"   # rotated
  # spare: 1

list:
- one
# between
- two
`;

  test("changes the lines that it is about, and what SOPS keeps of the whole.", async () => {
    const file = await made(text);
    const after = await setSopsValue(
      file,
      alice.identities,
      ["database", "password"],
      new Secret("p", "new"),
      systemContext,
    );
    const before = file.text.split("\n");
    const changed = after
      .split("\n")
      .filter((line) => !before.includes(line))
      .map((line) => line.trim().split(":")[0]);
    expect(changed.filter((name) => name !== "lastmodified")).toEqual(["password", "mac"]);
    expect(await plainOf({ ...file, text: after })).toBe(text.replace('"old"', "new"));
  });

  test("that changes nothing gives back the same text, and so does one of what is not there.", async () => {
    const file = await made(text);
    expect(
      await setSopsValue(file, alice.identities, ["database", "user"], new Secret("u", "shop"), systemContext),
    ).toBe(file.text);
    expect(await unsetSopsValue(file, alice.identities, ["nothing"], systemContext)).toBe(file.text);
  });

  test("keeps layout, comments and line ends through encryption and back.", async () => {
    for (const each of [
      text,
      text.replaceAll("\n", "\r\n"),
      `---\n${text}...\n---\n# second\nx: 1\n`,
      "{a: 1, b: [2, 3]}\n",
    ]) {
      expect(await plainOf(await made(each)), each).toBe(each.replace(/"(old)"/, "$1"));
    }
    const keeps = await decryptSops(await made("a:\n    b: |+\n        keeps\n\n"), alice.identities);
    expect(keeps.value(["a", "b"])?.expose()).toBe("keeps\n\n");
    const json = '{\n  "a": 1,\n\n  "b": {"c": [1, 2]}\n}\n';
    expect(await plainOf(await made(json, "json"))).toBe(json);
  });

  test("adds entries where they belong, in each format.", async () => {
    const cases: readonly (readonly [SopsFormatName, string, readonly string[], string])[] = [
      ["yaml", "a:\n    b: 1\nc: 2\n", ["a", "new", "deep"], "a:\n    b: 1\n    new:\n      deep: value\nc: 2\n"],
      ["yaml", "a: {b: 1}\n", ["a", "c"], 'a: {b: 1, "c": value}\n'],
      ["yaml", "a: 1", ["b"], "a: 1\nb: value\n"],
      ["json", '{\n  "a": {\n    "b": 1\n  }\n}\n', ["a", "c"], '{\n  "a": {\n    "b": 1,\n    "c": "value"\n  }\n}\n'],
      ["json", "{}\n", ["a"], '{\n\t"a": "value"\n}\n'],
      ["dotenv", "A=1\n", ["B"], "A=1\nB=value\n"],
      ["ini", "[a]\nb = 1\n\n[c]\nd = 2\n", ["a", "new"], "[a]\nb = 1\nnew = value\n\n[c]\nd = 2\n"],
    ];
    for (const [format, content, path, expected] of cases) {
      const file = await made(content, format);
      const after = {
        ...file,
        text: await setSopsValue(file, alice.identities, path, new Secret("x", "value"), systemContext),
      };
      expect(await plainOf(after), format).toBe(expected);
      const removed = await unsetSopsValue(after, alice.identities, path, systemContext);
      expect((await decryptSops({ ...after, text: removed }, alice.identities)).value(path), format).toBeUndefined();
    }
  });

  test("prints nothing of what it opens.", async () => {
    const plain = await decryptSops(await made(`a: ${hidden}\n`), alice.identities);
    expect(`${plain} ${JSON.stringify(plain)} ${inspect(plain, { depth: 9, showHidden: true })}`).not.toContain(
      "hunter2",
    );
    expect(plain.value(["a"])?.expose()).toBe(hidden);
    expect(plain.secrets().some((secret) => secret.occursIn(hidden))).toBe(true);
  });

  test("that throws, throws on, and changes nothing.", async () => {
    const file = await made(text);
    const broken = () => Promise.reject(new Error("closed"));
    await expect(editSops(file, alice.identities, broken, systemContext)).rejects.toThrow("closed");
    expect((await failure(editSops(file, alice.identities, () => "a: [\n", systemContext))).code).toBe("syntax");
  });
});

test("A binary file is encrypted whole, whatever its rule selects, and says so in no selector.", async () => {
  const file = await made(hidden, "binary", ruleFor([alice.recipient], { encrypted_regex: "^other$" }));
  expect(file.text).not.toContain("hunter2");
  expect(Object.keys(JSON.parse(file.text).sops)).toEqual(["age", "lastmodified", "mac", "version"]);
  expect(await plainOf(file)).toBe(hidden);
});

describe("A creation rule", () => {
  const rule = (text: string, path = "apps/db.yaml") => encryptionRuleFor(new Source(".sops.yaml", text), text, path);

  test("is the first that takes the path; groups, recipients and selectors are read in each way they are written.", () => {
    expect(
      rule(
        "creation_rules:\n  - path_regex: ^infra/\n    age: age1x\n  - age: [age1a, 'age1b,age1c', age1a]\n    encrypted_regex: ^data$\nstores:\n  yaml:\n    indent: 2\n",
      ),
    ).toEqual({
      groups: [["age1a", "age1b", "age1c"]],
      threshold: 0,
      otherKinds: [],
      selectors: { encrypted_regex: "^data$" },
      macOnlyEncrypted: false,
      yamlIndent: 2,
    });
    expect(
      rule(
        "creation_rules:\n  - shamir_threshold: 2\n    mac_only_encrypted: true\n    age: age1unused\n    key_groups:\n      - age: [age1a]\n        pgp: [AB]\n      - merge:\n          - age: [age1b]\n        age: [age1c]\n",
      ),
    ).toMatchObject({
      groups: [["age1a"], ["age1b", "age1c"]],
      threshold: 2,
      otherKinds: ["pgp"],
      macOnlyEncrypted: true,
      selectors: { unencrypted_suffix: "_unencrypted" },
    });
  });

  test.each([
    ["creation_rules:\n  - path_regex: ^infra/\n    age: age1x\n", /No creation rule takes apps\/db\.yaml/],
    ["creation_rules:\n  - path_regex: (?=x)\n    age: age1x\n", /^\.sops\.yaml:2:5: `path_regex` cannot be read/],
    ["creation_rules:\n  - age: ''\n", /^\.sops\.yaml:2:5: This creation rule has a key group without a recipient/],
    [
      "creation_rules:\n  - age: age1x\n    encrypted_regex: a\n    encrypted_suffix: b\n",
      /SOPS takes one of them only/,
    ],
    ["creation_rules: [\n", /^\.sops\.yaml:\d+:\d+: /],
  ])("that cannot be told is refused: %s", (text, sentence) => {
    expect(() => rule(text)).toThrow(RingwallError);
    try {
      rule(text);
    } catch (error) {
      expect((error as RingwallError).describe()).toMatch(sentence);
    }
  });
});

test("Every drawn tree comes back as it was, and no value stands in what is written.", async () => {
  const text = fc.string({ unit: "binary", maxLength: 20 }).filter((each) => !/\p{Surrogate}/u.test(each));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      tie("list"),
      tie("map"),
    ),
    list: fc.array(tie("value"), { maxLength: 3 }),
    map: fc.dictionary(
      text.filter((each) => each !== "__proto__"),
      tie("value"),
      { maxKeys: 3 },
    ),
  }));
  const document = fc.dictionary(
    text.filter((each) => each !== "sops" && each !== "__proto__"),
    value,
    { maxKeys: 4 },
  );
  await fc.assert(
    fc.asyncProperty(document, fc.boolean(), async (tree, asJson) => {
      const marked = { ...tree, marked: hidden };
      const format = asJson ? "json" : "yaml";
      const options = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE", lineWidth: 0 } as const;
      const content = asJson ? JSON.stringify(marked) : withoutOldBreaks(stringify(marked, options));
      const file = await made(content, format);
      expect(file.text).not.toContain("hunter2");
      const plain = await plainOf(file);
      const again = await made(plain, format);
      expect(await plainOf(again)).toBe(plain);
      if (asJson) expect(JSON.parse(plain)).toEqual(marked);
    }),
    { numRuns: 25 },
  );
});

test("Every text in a dotenv or INI file comes back, or is refused.", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom("dotenv", "ini"), async (value, format) => {
      const file = await made(format === "ini" ? "[a]\nb = 1\n" : "A=1\n", format as SopsFormatName);
      const path = format === "ini" ? ["a", "new"] : ["NEW"];
      const set = setSopsValue(file, alice.identities, path, new Secret("x", value), systemContext);
      const after = await set.catch((error: unknown) => {
        expect(error).toMatchObject({ code: "unsupported" });
        return undefined;
      });
      if (after === undefined) return;
      const found = (await decryptSops({ ...file, text: after }, alice.identities)).value(path)?.expose();
      // A dotenv file has one way to write a line break, and that is also how it is read.
      expect(found).toBe(format === "dotenv" ? value.replaceAll("\\n", "\n") : value);
    }),
    { numRuns: 60 },
  );
});

const corpus = fileURLToPath(new URL("../../../../../shared/corpus/sops", import.meta.url));

describe.skipIf(!existsSync(corpus))("Of the files that SOPS is tested with (../shared/corpus/sops)", () => {
  // covers: S6 | files | real: functional-tests of getsops/sops at 15e36f9
  const files = ["example.yaml", "example.json", "example.ini", "example.txt"].concat(
    readdirSync(join(corpus, "functional-tests/res")).map((name) => `functional-tests/res/${name}`),
  );

  test.each(files)("%s is read: its metadata where it is encrypted, and all of it where it is not.", async (path) => {
    const text = readFileSync(join(corpus, path), "utf8");
    const file = { path, format: sopsFormatOf(path), text };
    if (text.includes("lastmodified")) {
      expect(describeSops(file).groups.flatMap(({ others }) => Object.keys(others))).toContain("pgp");
      const { code, told } = await failure(decryptSops(file, alice.identities));
      expect(code).toBe("unsupported");
      expect(told).toMatch(/can be opened with keys of pgp only/);
    } else {
      // A last line without its end gets one.
      expect(await plainOf(await made(text, file.format))).toBe(text.replace(/\n?$/, "\n"));
    }
  });
});
