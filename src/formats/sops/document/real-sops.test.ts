import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { Source } from "../../../lib/place.ts";
import { Secret } from "../../../secrets/secret.ts";
import { encryptionRuleFor } from "./creation-rule.ts";
import { type EncryptionRule, ruleFor } from "./encryption-rule.ts";
import type { SopsFormatName } from "./formats.ts";
import {
  decryptSops,
  describeSops,
  editSops,
  encryptSops,
  rotateDataKey,
  setSopsValue,
  unsetSopsValue,
  updateKeys,
} from "./operations.ts";
import type { Selectors } from "./selectors.ts";
import { extensions, newPerson, realSops, SopsFolder, systemContext, withoutOldBreaks } from "./testing/real-sops.ts";

// covers: S6 | files | real: sops 3.13.3

const program = realSops(process.env);
const alice = await newPerson();
const bob = await newPerson();
const carol = await newPerson();
const folder = program === undefined ? undefined : new SopsFolder(program, alice);
afterAll(() => folder?.remove());

function real(): SopsFolder {
  if (folder === undefined) throw new Error("the test is skipped without the program");
  return folder;
}

async function ours(format: SopsFormatName, text: string): Promise<string> {
  return (await decryptSops({ path: `a.${extensions[format]}`, format, text }, alice.identities)).exposeText();
}

async function encrypted(format: SopsFormatName, content: string, rule: EncryptionRule = ruleFor([alice.recipient])) {
  return await encryptSops({ path: `a.${extensions[format]}`, format, content }, rule, systemContext);
}

function theirs(format: SopsFormatName, text: string): string {
  return real().run("decrypt", real().write(`a.${extensions[format]}`, text));
}

/** What a plain text means, whatever its layout. */
function meaning(format: SopsFormatName, text: string): unknown {
  // How numbers are written is no matter, and told by tests of its own.
  if (format === "yaml") return parseAllDocuments(text).map((document) => numbers(document.toJS()));
  if (format === "json") return numbers(JSON.parse(text));
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // SOPS writes every comment of an INI file with a semicolon.
  if (format === "ini") return lines.map((line) => line.replace(/\s*[=:]\s*/, "=").replace(/^#/, ";"));
  return format === "dotenv" ? lines : text;
}

const samples: Readonly<Record<SopsFormatName, string>> = {
  yaml: `# The head of all
# on two lines

# of a
a: hello # behind a
b:
    c: 1
    d: -2.50
    e: true
    big: 9223372036854775807
    # at the end of b

f:
- x
- - nested
  - [deep, {er: 1.0}]
- "y: z"
# behind the list
g: |
  line one
    line two
h: >-
  folded
  text
time: 2026-01-02T03:04:05.12Z
null_value: null
tilde: ~
empty: ""
map: {}
list: []
open_unencrypted: 5
"quoted key": 'it''s'
unicode: "ünïcødé \\U0001F511 \\t"
hex: 0x1F
octal: 0o17
exponent: 1e21
tiny: 1.5e-7
yes: "yes"
`,
  json: `{
  "a": 1,
  "b": {"c": [1.5, 12345678901234567890, 9007199254740993, null, true, "x\\ny"], "d": {}},
  "open_unencrypted": 1e3,
  "f": [],
  "g": "ünïcødé \\ud83d\\udd11 <&>",
  "h": "",
  "i": -0.0,
  "j": [[{"k": [false]}]]
}
`,
  dotenv: '# A comment\nA=1\nB =two words # no comment\nC="quoted"\n\nD=a\\nb\nE_unencrypted=x\nF=\nG==\n#\n',
  ini: "; of global\n# and more\nglobal = 1\n[one]\n# of a\na = x y\nc = `back # tick`\ne =\n; of two\n[two]\ng = 5\n",
  binary: "any text\nwith lines\n",
};

describe.skipIf(program === undefined)("The real sops", () => {
  test.each(Object.keys(samples) as SopsFormatName[])(
    "opens what we encrypt in %s, and finds the same.",
    async (format) => {
      const text = await encrypted(format, samples[format]);
      expect(meaning(format, theirs(format, text))).toEqual(meaning(format, await ours(format, text)));
      const plain = await ours(format, text);
      expect(meaning(format, plain)).toEqual(meaning(format, samples[format]));
      // Not one of our comments stayed encrypted to it: each is under the path where it looks for it.
      expect(theirs(format, text)).not.toContain("ENC[");
    },
  );

  test.each(Object.keys(samples) as SopsFormatName[])(
    "encrypts in %s what we open, edit, and give back to it.",
    async (format) => {
      const name = real().write(`plain.${extensions[format]}`, samples[format]);
      const text = real().run("encrypt", "--age", alice.recipient, name);
      const plain = await ours(format, text);
      expect(meaning(format, plain)).toEqual(meaning(format, theirs(format, text)));
      expect(plain).not.toContain("ENC[");
      const file = { path: name, format, text };
      expect(await editSops(file, alice.identities, (same) => same.exposeText(), systemContext)).toBe(text);
      const edited = await editSops(
        file,
        alice.identities,
        (before) => before.exposeText().replace(/hello|two words|x y|any text|"x\\ny"/, '"changed"'),
        systemContext,
      );
      expect(theirs(format, edited)).toContain("changed");
      expect(meaning(format, theirs(format, edited))).toEqual(meaning(format, await ours(format, edited)));
      // Few lines differ: the value, the time and the code.
      const lines = text.split("\n");
      const changed = edited.split("\n").filter((line) => !lines.includes(line));
      expect(changed.length).toBeLessThanOrEqual(3);
    },
  );

  test("writes metadata as we do, to the letter.", async () => {
    const text = await encrypted("yaml", "a: 1\nb:\n    c: 2\n");
    real().run("set", real().write("meta.yaml", text), '["a"]', "1");
    const shape = (of: string) => of.replace(/ENC\[[^\]]*\]|\d{4}-[^"]*Z/g, "…");
    expect(shape(real().read("meta.yaml"))).toBe(shape(text));
  });

  const selectors: readonly Selectors[] = [
    {},
    { unencrypted_suffix: "_open" },
    { encrypted_suffix: "_secret" },
    { encrypted_regex: "^(data|string.*)$" },
    { unencrypted_regex: "^(meta|kind)" },
    { encrypted_comment_regex: "sops:enc" },
    { unencrypted_comment_regex: "sops:clear" },
  ];
  const selected = `kind: Secret
meta:
    name: x # plain
    # sops:enc
    token: t0ken
    # sops:clear
    note: seen
    list:
        # sops:enc
        - one
        - two
stringData:
    a_secret: 1
    b_open: 2.5
    # another comment
    c: true
# sops:enc
# and this
last: end
`;

  function encryptedByRule(configuration: string): string {
    real().write(".sops.yaml", configuration);
    const text = real().run("encrypt", real().write("selected.yaml", selected));
    real().write(".sops.yaml", "");
    return text;
  }

  test.each(selectors.flatMap((each) => [false, true].map((only) => [each, only] as const)))(
    "agrees on what %o encrypts and authenticates (only encrypted values: %s).",
    async (each, macOnlyEncrypted) => {
      const stated = Object.entries({ ...each, mac_only_encrypted: macOnlyEncrypted, age: alice.recipient });
      const configuration = stringify({ creation_rules: [Object.fromEntries(stated)] });
      const rule = encryptionRuleFor(new Source(".sops.yaml", configuration), configuration, "selected.yaml");
      const text = await encrypted("yaml", selected, rule);
      expect(meaning("yaml", theirs("yaml", text))).toEqual(meaning("yaml", selected));
      const from = encryptedByRule(configuration);
      // SOPS writes an encrypted comment of a list as an item, and reads it as either.
      const item = /- (?=ENC\[[^\]]*type:comment)/g;
      const shape = (of: string) =>
        of
          .replace(item, "#")
          .replace(/ENC\[[^\]]*\]/g, "…")
          .split("\nsops:")[0];
      expect(shape(text)).toBe(shape(from));
      expect(meaning("yaml", await ours("yaml", from))).toEqual(meaning("yaml", selected));
    },
    20_000,
  );

  test("follows the same .sops.yaml: updatekeys and rotate of either are read by the other.", async () => {
    const config = (...people: { recipient: string }[]) =>
      `creation_rules:\n  - path_regex: \\.yaml$\n    age: ${people.map(({ recipient }) => recipient).join(",")}\n`;
    real().write(".sops.yaml", config(alice, bob));
    const name = real().write("keys.yaml", await encrypted("yaml", samples.yaml));
    real().run("updatekeys", "-y", name);
    const file = { path: name, format: "yaml", text: real().read(name) } as const;
    expect(describeSops(file).groups[0]?.age.map(({ recipient }) => recipient)).toEqual([
      alice.recipient,
      bob.recipient,
    ]);
    expect((await decryptSops(file, bob.identities)).exposeText()).toBe(await ours("yaml", file.text));

    const added = await updateKeys(
      file,
      ruleFor([alice.recipient, bob.recipient, carol.recipient]),
      bob.identities,
      systemContext,
    );
    expect(added).toMatchObject({ added: [carol.recipient], removed: [], rotated: false });
    expect(meaning("yaml", theirs("yaml", added.text))).toEqual(meaning("yaml", samples.yaml));
    const removed = await updateKeys(
      { ...file, text: added.text },
      ruleFor([alice.recipient, carol.recipient]),
      carol.identities,
      systemContext,
    );
    expect(removed).toMatchObject({ added: [], removed: [bob.recipient], rotated: true });
    expect(meaning("yaml", theirs("yaml", removed.text))).toEqual(meaning("yaml", samples.yaml));
    await expect(decryptSops({ ...file, text: removed.text }, bob.identities)).rejects.toMatchObject({
      code: "secret-missing",
    });

    real().write(name, removed.text);
    real().run("rotate", "-i", name);
    expect(meaning("yaml", await ours("yaml", real().read(name)))).toEqual(meaning("yaml", samples.yaml));
    const rotated = await rotateDataKey({ ...file, text: real().read(name) }, alice.identities, systemContext);
    expect(meaning("yaml", theirs("yaml", rotated))).toEqual(meaning("yaml", samples.yaml));
    // Nothing of the old data key is left: every ciphertext is another.
    const ciphers = new Set(
      real()
        .read(name)
        .match(/data:[^,]+/g),
    );
    expect((rotated.match(/data:[^,]+/g) ?? []).filter((each) => each.length > 20 && ciphers.has(each))).toEqual([]);
  }, 20_000);

  test("shares a data key between groups as we do.", async () => {
    const rule: EncryptionRule = {
      ...ruleFor([]),
      groups: [[alice.recipient], [bob.recipient], [alice.recipient, carol.recipient]],
      threshold: 2,
    };
    const text = await encrypted("yaml", "a: shared\n", rule);
    expect(theirs("yaml", text)).toBe("a: shared\n");
    const file = { path: "a.yaml", format: "yaml", text } as const;
    await expect(decryptSops(file, bob.identities)).rejects.toThrow(
      /2 of its 3 key groups are wanted, and 1 can be opened/,
    );
    real().write(
      ".sops.yaml",
      `creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n      - age: [${alice.recipient}]\n      - age: [${bob.recipient}]\n      - age: ['${carol.recipient},${alice.recipient}']\n`,
    );
    const name = real().write("shared.yaml", "a: theirs\n");
    real().run("encrypt", "-i", name);
    expect(await ours("yaml", real().read(name))).toBe("a: theirs\n");
    real().write(".sops.yaml", "");
  });

  test("sets and unsets what we then read, and reads what we set and unset.", async () => {
    const name = real().write("set.yaml", await encrypted("yaml", samples.yaml));
    real().run("set", name, '["b"]["new"]', '"by sops"');
    let file = { path: name, format: "yaml", text: real().read(name) } as const;
    expect((await decryptSops(file, alice.identities)).value(["b", "new"])?.expose()).toBe("by sops");
    const value = 'with "quotes"\nand lines\n';
    const text = await setSopsValue(
      file,
      alice.identities,
      ["b", "deeper", "one"],
      new Secret("one", value),
      systemContext,
    );
    expect(parse(theirs("yaml", text)).b.deeper.one).toBe(value);
    file = { ...file, text: await unsetSopsValue({ ...file, text }, alice.identities, ["b"], systemContext) };
    expect(parse(theirs("yaml", file.text)).b).toBeUndefined();
    expect(parse(theirs("yaml", file.text)).g).toBe("line one\n  line two\n");
  });

  test("encrypts bytes that are no text, and opens ours.", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    const text = await encryptSops(
      { path: "a", format: "binary", content: bytes },
      ruleFor([alice.recipient]),
      systemContext,
    );
    expect([...real().runBytes("decrypt", real().write("bytes.bin", text))]).toEqual([...bytes]);
    const from = real().run("encrypt", "--age", alice.recipient, real().write("raw.bin", bytes));
    const plain = await decryptSops({ path: "raw.bin", format: "binary", text: from }, alice.identities);
    expect([...plain.exposeBytes()]).toEqual([...bytes]);
  });

  test("gives comments to the same mapping as we do, wherever they stand.", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(59)), async (stream) => {
        const next = (below: number) => (stream.next().value ?? 0) % below;
        const plain = drawnWithComments(next);
        const text = await encrypted("yaml", plain);
        expect(await ours("yaml", text)).toBe(plain);
        // A comment under another path than it looks under stays encrypted to it.
        expect(theirs("yaml", text), plain).not.toContain("ENC[");
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  test("agrees on drawn documents of any shape.", async () => {
    const key = fc.oneof(fc.stringMatching(/^[a-z][a-z_-]{0,6}$/), fc.string({ minLength: 1, maxLength: 5 }));
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 }).map((lines) => lines.join("\n")),
      fc.constantFrom(
        "yes",
        "null",
        "1",
        "1.0",
        "0x10",
        "2026-01-01",
        "~",
        "- x",
        "a: b",
        "# c",
        " lead",
        "trail ",
        "\ttab",
        "|",
        "'",
        '"',
        "!x",
        "&x",
        "*x",
        "é\u0085",
        "\u2028",
        "ENC[AES256_GCM,data:x]",
      ),
    );
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, text, number, fc.boolean(), fc.constant(null), tie("list"), tie("map")),
      list: fc.array(tie("value"), { maxLength: 3 }),
      map: fc.dictionary(key, tie("value"), { maxKeys: 3 }),
    }));
    const document = fc.dictionary(
      key.filter((each) => each !== "sops" && each !== "__proto__"),
      value,
      { minKeys: 1, maxKeys: 5 },
    );
    await fc.assert(
      fc.asyncProperty(document, fc.boolean(), async (first, asJson) => {
        const format = asJson ? "json" : "yaml";
        const options = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE", lineWidth: 0 } as const;
        const plain = asJson ? JSON.stringify(first, null, 2) : withoutOldBreaks(stringify(first, options));
        const made = await encrypted(format, plain);
        // As JSON: what its YAML printer writes of texts with leading breaks, no YAML reader reads back.
        const printed = real().run("decrypt", "--output-type", "json", real().write(`made.${format}`, made));
        expect(numbers(JSON.parse(printed))).toEqual(numbers(first));
        expect(meaning(format, await ours(format, made))).toEqual(meaning(format, plain));
        const from = real().run("encrypt", "--age", alice.recipient, real().write(`drawn.${format}`, plain));
        expect(meaning(format, await ours(format, from))).toEqual(meaning(format, plain));
      }),
      { numRuns: 10 },
    );
  }, 60_000);
});

/** Numbers compared as numbers: how they are written is told by other tests. */
function numbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(numbers);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, numbers(inner)]));
}

/** A document with comments at any column, empty lines, and lists with and without indentation. */
function drawnWithComments(next: (below: number) => number): string {
  const lines: string[] = [];
  let count = 0;
  const name = () => `k${count++}`;
  const between = (column: number) => {
    while (next(3) === 0) {
      const at = [column, column, column, 0, 2, 4, 6][next(7)] ?? 0;
      lines.push(next(4) === 0 ? "" : `${" ".repeat(at)}# c${count++}`);
    }
  };
  const behind = () => (next(5) === 0 ? ` # b${count++}` : "");
  const mapping = (column: number, depth: number, dash?: string) => {
    const entries = 1 + next(3);
    for (let at = 0; at < entries; at++) {
      if (dash === undefined || at > 0) between(column);
      const begin = dash !== undefined && at === 0 ? dash : " ".repeat(column);
      const kind = depth > 3 ? 0 : next(6);
      if (kind < 3) lines.push(`${begin}${name()}: v${behind()}`);
      else if (kind === 5)
        lines.push(`${begin}${name()}: |`, `${" ".repeat(column + 2)}text`, `${" ".repeat(column + 2)}more`);
      else {
        lines.push(`${begin}${name()}:${behind()}`);
        if (kind === 3) mapping(column + 2, depth + 1);
        else list(column + 2 * next(2), depth + 1);
      }
    }
  };
  const list = (column: number, depth: number) => {
    const items = 1 + next(3);
    for (let at = 0; at < items; at++) {
      between(column);
      if (depth > 3 || next(4) < 3) lines.push(`${" ".repeat(column)}- ${name()}${behind()}`);
      else mapping(column + 2, depth + 1, `${" ".repeat(column)}- `);
    }
  };
  mapping(0, 0);
  between(0);
  return `${lines.join("\n")}\n`;
}
