import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { threadMs } from "../../../test/support/thread-time.ts";
import { addFirst, addLines, changeValue } from "./edit.ts";

// covers: G2 | compose kubernetes files | real: configuration files of the fixtures

function changed(text: string, at: string, pattern: RegExp, value: string, path = "x.conf"): string {
  const result = changeValue(path, text, text.indexOf(at), { pattern, value });
  return "why" in result ? `refused: ${result.why}` : result.text;
}

function added(
  text: string,
  at: string,
  where: "before" | "after" | "within",
  lines: readonly string[],
  path = "x.conf",
): string {
  const result = addLines(path, text, text.indexOf(at), { where, lines });
  return "why" in result ? `refused: ${result.why}` : result.text;
}

const root = /PermitRootLogin[ \t]+"?([^\s"#]+)/;

describe("a value that is changed where it stands", () => {
  test.each([
    ["keeps the comment behind it", "PermitRootLogin yes # for now\n", "PermitRootLogin no # for now\n"],
    [
      "keeps quotes, tabs and Windows line ends",
      'A 1\r\nPermitRootLogin\t"yes"\r\n',
      'A 1\r\nPermitRootLogin\t"no"\r\n',
    ],
    ["keeps a last line without an end", "PermitRootLogin yes", "PermitRootLogin no"],
    ["is left as it is where it says so already", "PermitRootLogin no\n", "PermitRootLogin no\n"],
  ])("%s", (_, before, after) => {
    expect(changed(before, "PermitRootLogin", root, "no")).toBe(after);
  });

  test.each([
    ["a line that a template makes", "PermitRootLogin yes {{ suffix }}\n"],
    ["a line that another template makes", "PermitRootLogin yes {% if a %}\n"],
    ["a value on the next line", "PermitRootLogin\n yes\n"],
  ])("is refused on %s", (_, text) => {
    expect(changed(text, "PermitRootLogin", root, "no")).toMatch(/^refused: /);
  });

  test("is no expression of a template where GitHub fills it in", () => {
    const text = "run: echo a\nif: ${{ true }} # false\n";
    expect(changed(text, "# false", /# (false)/, "true")).toBe(text.replace("# false", "# true"));
  });

  test("changes one thing of YAML, or nothing", () => {
    const anchored = "a: &on true\nb: *on\n";
    expect(changed(anchored, "true", /(true)/, "false", "x.yaml")).toMatch(/^refused: it cannot be changed there/);
    const block = "data:\n  mosquitto.conf: |\n    listener 1883\n    allow_anonymous true\n";
    const pattern = /allow_anonymous (true)/;
    expect(changed(block, "allow_anonymous", pattern, "false", "x.yaml")).toBe(block.replace("true", "false"));
    expect(changed("a: [true\n", "true", /(true)/, "false", "x.yml")).toMatch(/^refused: there is a mistake/);
  });

  test("finishes at once on a long line", () => {
    const text = `RUN dnf install ${"-y ".repeat(200_000)}--nogpgcheck\n`;
    const started = threadMs();
    changed(text, "dnf", /[^#"'`]{0,400}?([ \t]--(?:nogpgcheck))(?![\w=-])/, "");
    expect(threadMs() - started).toBeLessThan(500);
  });
});

describe("lines that are added", () => {
  test.each<readonly [string, string, string, "before" | "after" | "within", readonly string[], string]>([
    [
      "stand as far in as what is in the block",
      "http {\n    # sites\n    server { }\n}\n",
      "http",
      "within",
      ["server_tokens off;"],
      "http {\n    server_tokens off;\n    # sites\n    server { }\n}\n",
    ],
    [
      "follow tabs and Windows line ends",
      "http {\r\n\tserver { }\r\n}\r\n",
      "http",
      "within",
      ["a;"],
      "http {\r\n\ta;\r\n\tserver { }\r\n}\r\n",
    ],
    ["open an empty block by one step", "http {\n}\n", "http", "within", ["a;"], "http {\n  a;\n}\n"],
    [
      "come before a key with all that is above it left alone",
      "on: push\n\n# the jobs\njobs:\n  a: 1\n",
      "jobs:",
      "before",
      ["permissions:", "  contents: read", ""],
      "on: push\n\n# the jobs\npermissions:\n  contents: read\n\njobs:\n  a: 1\n",
    ],
    ["come after a last line without an end", "  a = 1", "a", "after", ["b = 2"], "  a = 1\n  b = 2"],
  ])("%s", (_, text, at, where, lines, after) => {
    expect(added(text, at, where, lines)).toBe(after);
  });

  test.each<readonly [string, string, string, "before" | "after" | "within"]>([
    ["a block on one line", "http { server { } }\n", "http", "within"],
    ["a line that goes on", "command \\\n  more\n", "command", "after"],
    ["a line that begins on the one before", "command \\\n  more\n", "more", "before"],
    ["a line with something before it", "a: {jobs: 1}\n", "jobs", "before"],
    ["what a template makes", "{{ if a }} {\n}\n", "{{", "within"],
  ])("are refused at %s", (_, text, at, where) => {
    expect(added(text, at, where, ["x"])).toMatch(/^refused: /);
  });

  test("are a block of their own where it is not there, and stand below the others' equals signs", () => {
    const wish = {
      where: "within",
      lines: ['"a" = "1"'],
      unless: { line: /\bconfig =/, lines: ["config = {", '  "a" = "1"', "}"] },
    } as const;
    const made = (text: string, at: string) => {
      const result = addLines("main.tf", text, text.indexOf(at), wish);
      return "why" in result ? result.why : result.text;
    };
    expect(made('resource "x" "y" {\n  name = "z"\n}\n', "resource")).toBe(
      'resource "x" "y" {\n  config = {\n    "a" = "1"\n  }\n  name = "z"\n}\n',
    );
    expect(made('  config = {\n    "longer" = "2"\n  }\n', "config")).toBe(
      '  config = {\n    "a"      = "1"\n    "longer" = "2"\n  }\n',
    );
  });

  test("come first in a file, after the comments at its head", () => {
    const first = (text: string) => {
      const result = addFirst("sshd_config", text, "PasswordAuthentication no");
      return "why" in result ? result.why : result.text;
    };
    expect(first("# head\n\nPort 22\n")).toBe("# head\n\nPasswordAuthentication no\nPort 22\n");
    expect(first("# head")).toBe("# head\nPasswordAuthentication no");
    expect(first("")).toBe("PasswordAuthentication no\n");
  });
});

describe("any change of any text", () => {
  const line = fc.constantFrom(
    "a: true",
    "b: &x true",
    "c: *x",
    "- true",
    "  d: [true, {e: true}]",
    "f: |",
    "  true true",
    "# true",
    "---",
    '{"g": true}',
    "block {",
    "\ttrue;",
    "}",
    "x \\",
    "{{ true }}",
    "",
    "\u2028true",
    "<<: *x",
  );
  const texts = fc
    .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"))
    .map(([lines, eol]) => lines.join(eol));
  const paths = fc.constantFrom("x.conf", "x.yaml", "x.json");

  test("keeps every other character, and every other value of YAML", () => {
    fc.assert(
      fc.property(texts, fc.nat(120), paths, (text, at, path) => {
        const offset = Math.min(at, text.length);
        const result = changeValue(path, text, offset, { pattern: /.{0,3}?(true)/, value: "false" });
        if ("why" in result || result.splice === undefined) return;
        const { splice } = result;
        expect(result.text).toBe(`${text.slice(0, splice.at)}false${text.slice(splice.at + 4)}`);
        expect(splice.at).toBeGreaterThanOrEqual(offset);
        expect(text.slice(offset, splice.at)).not.toMatch(/\n/);
        if (path === "x.yaml") expect(leaves(text).length).toBe(leaves(result.text).length);
      }),
      { numRuns: 3000 },
    );
  });

  test("adds whole lines and takes none away, with the ends that the others have", () => {
    const where = fc.constantFrom("before" as const, "after" as const, "within" as const);
    fc.assert(
      fc.property(texts, fc.nat(120), where, paths, (text, at, side, path) => {
        const result = addLines(path, text, Math.min(at, text.length), { where: side, lines: ["new: 1", "more: 2"] });
        if ("why" in result) return;
        const rest = result.text.split(/\r?\n/).filter((each) => !/^[ \t]*(?:new: 1|more: 2)$/.test(each));
        expect(rest.filter((each) => each !== "")).toEqual(text.split(/\r?\n/).filter((each) => each !== ""));
        if (text.includes("\r\n")) expect(result.text.replaceAll("\r\n", "")).not.toContain("\n");
      }),
      { numRuns: 3000 },
    );
  });
});

function leaves(text: string): readonly unknown[] {
  const all: unknown[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === "object" && value !== null) for (const each of Object.values(value)) visit(each);
    else all.push(value);
  };
  for (const document of parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: "silent" })) {
    visit(document.errors.length > 0 ? null : document.toJS());
  }
  return all;
}

test("a real sshd_config of Debian differs in one line", () => {
  const fixture = "../../controls/identity/fixtures/identity.ssh-sessions-confined/fail.as-debian-ships-it.sshd_config";
  const text = readFileSync(join(import.meta.dirname, fixture), "utf8");
  const after = changed(text, "X11Forwarding yes", /X11Forwarding (yes)/, "no").split("\n");
  const before = text.split("\n");
  expect(before.filter((each, index) => !isDeepStrictEqual(each, after[index]))).toEqual(["X11Forwarding yes"]);
});
