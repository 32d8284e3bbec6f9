import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";
import {
  aFolder,
  aLinkTo,
  aPipe,
  contentOf,
  fillUp,
  folderOf,
  growingAliases,
  type Hostile,
  putInto,
  smallDisk,
  unreadable,
} from "../support/hostile-files.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, Hostile>>): string {
  const folder = folderOf(files);
  folders.push(folder);
  return folder;
}

/** One command in a folder, and everything that it said. */
async function ringwall(cwd: string, argv: readonly string[], input?: string) {
  const context = memoryContext({ cwd, ...(input === undefined ? {} : { input }) });
  const code = await runCli(argv, context);
  return { code, out: context.stdout.text(), err: context.stderr.text() };
}

const reportSchema = z.object({
  findings: z.array(
    z.object({
      control: z.string(),
      severity: z.string(),
      message: z.string(),
      file: z.string().nullable(),
      line: z.number().nullable(),
      column: z.number().nullable(),
      includes: z.array(z.object({ control: z.string() })),
    }),
  ),
});

/** The controls that found something, those that are told with another's finding too. */
function controlsIn(findings: z.infer<typeof reportSchema>["findings"]): readonly string[] {
  return findings.flatMap(({ control, includes }) => [control, ...includes.map((part) => part.control)]);
}

/** What `check` finds in a folder, as the JSON report has it. */
async function check(cwd: string, ...more: string[]) {
  const { code, out, err } = await ringwall(cwd, ["check", "--format", "json", ...more]);
  const { findings } = out === "" ? { findings: [] } : reportSchema.parse(JSON.parse(out));
  return { code, err, findings };
}

const good = "services:\n  good:\n    image: nginx:1.29.1\n";
const deep = 10_000;

describe("a file of which nothing can be read ends `check` with 2 and a sentence", () => {
  const cases: readonly [title: string, content: Hostile, said: string][] = [
    ["not YAML", "{{{ this is: not yaml ][", "compose.yaml:1:23: A `{` is never closed."],
    ["prose", "Dear reader, this is a letter.\n", "compose.yaml:1:1: A Compose file is a mapping with `services:`"],
    ["a list", "- a\n- b\n", "compose.yaml:1:1: A Compose file is a mapping with `services:`; this is a list."],
    ["services that are a number", "services: 3\n", "compose.yaml:1:11: `services` is a number"],
    ["binary", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]), "compose.yaml is a binary file"],
    ["empty", "", "compose.yaml is empty"],
    ["only comments", "# nothing\n", "compose.yaml is empty"],
    ["a folder of that name", aFolder, "compose.yaml is a folder, not a regular file."],
    ["a pipe that nobody writes to", aPipe, "compose.yaml is a pipe, not a regular file."],
    ["invalid UTF-8", new Uint8Array([0x61, 0x3a, 0xff, 0xfe]), "compose.yaml is not valid UTF-8"],
    ["tabs", "services:\n\tapp:\n\t\timage: x:1\n", "compose.yaml:2:1: A tab stands where the line is indented"],
    ["a file over the cap", `${good}${"# x\n".repeat(1_100_000)}`, "compose.yaml is larger than 4 MiB"],
    ["brackets 10,000 deep", `services: ${"[".repeat(deep)}${"]".repeat(deep)}\n`, "compose.yaml:1:210: Mappings and"],
    [
      "braces 10,000 deep",
      `services: ${"{a: ".repeat(deep)}1${"}".repeat(deep)}\n`,
      "compose.yaml:1:807: Mappings and",
    ],
    ["lists 10,000 deep in one line", `services:\n ${"- ".repeat(deep)}x\n`, "nest more than 200 deep"],
    ["indented 2,500 deep", Array.from({ length: 2500 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"), "200 deep"],
    ["a link that leads outside", aLinkTo("/etc/passwd"), "compose.yaml is a link; links are not followed."],
    ["an include of itself", "include: [compose.yaml]\n", "compose.yaml:1:11: These files include one another"],
    ["a control character", "services:\n  a: [\u001b[31m]\n", "compose.yaml:2:7: The control character U+001B"],
  ];
  it.each(cases)("%s", async (_title, content, said) => {
    const folder = folderWith({ "compose.yaml": content });
    const before = contentOf(folder);
    const { code, out, err } = await ringwall(folder, ["check"]);
    expect(err).toContain(`ringwall: ${said.startsWith("compose.yaml") ? said : ""}`);
    expect(err).toContain(said);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).not.toMatch(/\u001b|internal error|^\s+at /m);
    expect(contentOf(folder)).toEqual(before);
  });

  it("nothing there, and nothing to check", async () => {
    const folder = folderWith({ "readme.txt": "x" });
    expect((await ringwall(folder, ["check", "nope"])).err).toContain("ringwall: nope is not there.");
    const { code, err } = await ringwall(folder, ["check"]);
    expect(code).toBe(2);
    expect(err).toContain("There is nothing to check in .: no file of a kind that Ringwall reads.");
    const large = folderWith({ "install.yaml": `kind: Namespace\n#${"x".repeat(4 * 1024 * 1024)}` });
    expect((await ringwall(large, ["check"])).err).toContain("install.yaml is larger than 4 MiB; it is not read.");
  });
});

describe("a file of which a part can be read ends `check` with 1, a finding of `input` at its place, and the rest judged", () => {
  const app = (lines: string) => `services:\n  app:\n    image: x:1\n${lines}`;
  const cases: readonly [title: string, files: Readonly<Record<string, Hostile>>, place: string, said: string][] = [
    ["an open bracket", { "compose.yaml": app("  b: [\n") }, "compose.yaml:5:1", "A `[` is never closed."],
    [
      "a duplicate key",
      { "compose.yaml": app("    image: y:2\n") },
      "compose.yaml:4:5",
      'The key "image" stands twice',
    ],
    ["aliases that explode", { "compose.yaml": growingAliases() }, "compose.yaml:6:14", "stand for more than 200000"],
    ["an unknown alias", { "compose.yaml": app("    command: *no\n") }, "compose.yaml:4:14", "The alias *no stands"],
    [
      "variables nested 10,000 deep",
      { "compose.yaml": app(`    user: "${"${A:-".repeat(deep)}${"}".repeat(deep)}"\n`) },
      "compose.yaml:4:11",
      "is not a variable that Compose can replace",
    ],
    ["a service that is a text", { "compose.yaml": app("  b: nginx\n") }, "compose.yaml:4:6", "`b` is a text, where a"],
    [
      "a port of 99999",
      { "compose.yaml": app('    ports: ["99999:80"]\n') },
      "compose.yaml:4:13",
      '"99999" is not a port',
    ],
    [
      "a port of 99999 in the long form",
      { "compose.yaml": app("    ports: [{ target: 99999 }]\n") },
      "compose.yaml:4:23",
      "99999 is no port; ports end at 65535.",
    ],
    [
      "an include cycle",
      { "compose.yaml": `include: [b.yaml]\n${app("")}`, "b.yaml": "include: [compose.yaml]\n" },
      "compose.yaml:1:11",
      "These files include one another in a circle",
    ],
    [
      "an extends cycle",
      { "compose.yaml": `${good}  a: { extends: { service: b } }\n  b: { extends: { service: a } }\n` },
      "compose.yaml:4:8",
      "These services extend one another in a circle: a extends b extends a.",
    ],
    [
      "an extends cycle through two files",
      {
        "compose.yaml": `${good}  a: { extends: { service: b, file: o.yaml } }\n`,
        "o.yaml": "services:\n  b: { extends: { service: a, file: compose.yaml } }\n",
      },
      "compose.yaml:4:8",
      "extend one another in a circle",
    ],
    [
      "an include that leads outside",
      { "compose.yaml": `include: [../../../../etc/passwd]\n${app("")}` },
      "compose.yaml:1:11",
      "../../../../etc/passwd lies outside the folder that is checked",
    ],
    [
      "an include of an absolute path",
      { "compose.yaml": `include: [/etc/hostname]\n${app("")}` },
      "compose.yaml:1:11",
      "/etc/hostname lies outside",
    ],
    [
      "an extends that leads outside through a link",
      {
        "compose.yaml": `${good}  a: { extends: { service: b, file: o.yaml } }\n`,
        "o.yaml": aLinkTo("/etc/passwd"),
      },
      "compose.yaml:4:37",
      "o.yaml is a link; links are not followed.",
    ],
    [".env that leads outside", { "compose.yaml": app(""), ".env": aLinkTo("/etc/passwd") }, "?", ".env is a link"],
    [".env that is a pipe", { "compose.yaml": app(""), ".env": aPipe }, "?", ".env is a pipe, not a regular file."],
    [
      "a name with terminal escapes and HTML",
      { "compose.yaml": 'services:\n  "a\\e[31m<u>":\n    image: x:1\n' },
      "compose.yaml:2:3",
      "is no name that Compose accepts in `services`",
    ],
  ];
  it.each(cases)("%s", async (_title, files, place, said) => {
    const folder = folderWith(files);
    const before = contentOf(folder);
    const { code, findings } = await check(folder);
    const input = findings.filter(({ control }) => control === "input");
    const at = input.map(({ file, line, column }) => (file === null ? "?" : `${file}:${line}:${column}`));
    expect(input.map(({ message }) => message)).toContainEqual(expect.stringContaining(said));
    const index = input.findIndex(({ message }) => message.includes(said));
    expect(at[index]).toBe(place);
    expect(input[index]?.severity).toBe("high");
    expect(controlsIn(findings)).toContain("workload.capabilities-dropped");
    expect(code).toBe(1);
    expect(contentOf(folder)).toEqual(before);
  });

  it.each([
    ["outside", { "compose.yaml": app("    env_file: ../../../etc/passwd\n") }, "../../../etc/passwd lies outside"],
    ["through a link", { "compose.yaml": app("    env_file: e\n"), e: aLinkTo("/etc/passwd") }, "e is a link"],
    ["to a pipe", { "compose.yaml": app("    env_file: e\n"), e: aPipe }, "e is a pipe"],
  ])(
    "an env_file that leads %s is not read, and said, with what it would have set unknown",
    async (_to, files, said) => {
      const { findings } = await check(folderWith(files));
      const found = findings.find(({ control }) => control === "input");
      expect(found).toMatchObject({ file: "compose.yaml", line: 4, column: 15 });
      expect(found?.message).toContain(said);
      const unresolved = findings.find(({ control }) => control === "governance.service-resolved");
      expect(unresolved?.message).toContain(`checks cannot be told: ${said}`);
      expect(controlsIn([unresolved].filter((each) => each !== undefined))).toContain("secrets.literal-absent");
    },
  );
});

describe("one bad file among good ones", () => {
  const bad: readonly [title: string, content: Hostile, said: string][] = [
    ["not YAML", "{{{", "A `{` is never closed"],
    ["binary", new Uint8Array([0, 1, 2]), "b/compose.yaml is a binary file"],
    ["empty", "", "b/compose.yaml is empty"],
    ["a folder", aFolder, "b/compose.yaml is a folder"],
    ["a pipe", aPipe, "b/compose.yaml is a pipe"],
    ["a link outside", aLinkTo("/etc/passwd"), "b/compose.yaml is a link"],
    ["invalid UTF-8", new Uint8Array([0xff, 0xfe]), "b/compose.yaml is not valid UTF-8"],
  ];
  it.each(bad)("%s is a finding of `input`; the others are judged", async (_title, content, said) => {
    const folder = folderWith({ "a/compose.yaml": good, "b/compose.yaml": content, "c/compose.yaml": good });
    const { code, findings } = await check(folder);
    expect(code).toBe(1);
    const input = findings.filter(({ control }) => control === "input").map(({ message }) => message);
    expect(input).toContainEqual(expect.stringContaining(said));
    const judged = findings.filter(({ control }) => control === "workload.capabilities-dropped");
    expect(judged.map(({ file }) => file).sort()).toEqual(["a/compose.yaml", "c/compose.yaml"]);
  });

  it("a bad one that is named among good ones is as bad", async () => {
    const folder = folderWith({ "a.yaml": good, "b.yaml": "{{{" });
    const { code, findings } = await check(folder, "a.yaml", "b.yaml", "nope.yaml");
    expect(code).toBe(1);
    const input = findings.filter(({ control }) => control === "input").map(({ message }) => message);
    expect(input).toContainEqual("nope.yaml is not there.");
    expect(input).toContainEqual(expect.stringContaining("A `{` is never closed"));
    expect(findings.some(({ file }) => file === "a.yaml")).toBe(true);
  });
});

describe("subnets", () => {
  const two = (first: string, second: string) => ({
    "compose.yaml": `${good}networks:\n  p: { ipam: { config: [{ subnet: "${first}" }] } }\n  q: { ipam: { config: [{ subnet: "${second}" }] } }\n`,
  });
  it("that overlap are findings at their places", async () => {
    const { findings } = await check(folderWith(two("10.1.0.0/16", "10.1.2.0/24")));
    const found = findings.filter(({ control }) => control === "network.subnets-distinct");
    expect(found.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "5 10.1.0.0/16 overlaps 10.1.2.0/24 of the network q",
      "6 10.1.2.0/24 overlaps 10.1.0.0/16 of the network p",
    ]);
  });

  it("that are none are findings at their places", async () => {
    const { findings } = await check(folderWith(two("10.1.0.0/99", "10.2.0.0/24")));
    const found = findings.filter(({ control }) => control === "network.subnets-distinct");
    expect(found.map(({ line, message }) => `${line} ${message}`)).toEqual(["5 10.1.0.0/99 is no address range"]);
  });
});

describe("names with terminal escapes and HTML come out harmless in every format", () => {
  const escapeCode = String.fromCharCode(27);
  const bell = String.fromCharCode(7);
  const hostile = {
    "compose.yaml":
      'services:\n  "a\\e[31m<script>alert(1)</script>":\n    image: "x\\e]0;t\\a<img src=x onerror=alert(1)>"\n    privileged: true\n    ports: ["80:80"]\n    "\\e[2J](javascript:x) `<u>` ::error::|": 1\n',
    [`${escapeCode}[31m<u>/compose.yaml`]: "services:\n  ok: { image: x, privileged: true }\n",
    "x\n::error::forged/compose.yaml": "services:\n  ok: { image: x, privileged: true }\n",
  };

  it.each(["text", "json", "sarif", "junit", "html", "markdown"])("%s", async (format) => {
    const folder = folderWith(hostile);
    const { out, err, code } = await ringwall(folder, ["check", "--format", format, "--all"]);
    expect(code).toBe(1);
    expect(err).toBe("");
    expect(out).toContain("31m");
    expect(out.includes(escapeCode) || out.includes(bell)).toBe(false);
    expect(out).not.toMatch(/^::error::/m);
    // Within code spans Markdown takes no HTML.
    const text = format === "markdown" ? out.replace(/`[^`\n]*`/g, "") : out;
    if (["html", "junit", "markdown"].includes(format)) expect(text).not.toMatch(/<script>alert|<img src=x|<u>/);
    if (format === "markdown") expect(text).not.toContain("](javascript:");
    if (format === "json" || format === "sarif") expect(() => JSON.parse(out)).not.toThrow();
  });

  it("in sentences on the terminal, from files, arguments and declarations", async () => {
    const folder = folderWith({ "stack.yaml": 'name: "a\\e[31m"\n"\\e[2J": 1\nservices: { w: { image: "x:1" } }\n' });
    for (const argv of [
      ["render"],
      ["check"],
      ["check", `${escapeCode}[31m`],
      [`${escapeCode}[31m`],
      ["render", `${escapeCode}[2J`],
    ]) {
      const { code, err } = await ringwall(folder, argv);
      expect(code, err).toBe(2);
      expect(err).not.toContain(escapeCode);
      expect(err).toContain("\\u{1b}[");
    }
  });
});

const stack = 'name: shop\nservices:\n  web: { image: "nginx:1.29.1" }\n';

describe("a declaration that is none ends with 2, says each mistake at its place, and writes nothing", () => {
  const cases: readonly [title: string, files: Readonly<Record<string, Hostile>>, said: string, argv?: string[]][] = [
    ["not YAML", { "stack.yaml": "{{{" }, "stack.yaml:1:4: This is not YAML"],
    ["binary", { "stack.yaml": new Uint8Array([1, 0, 2]) }, "stack.yaml is a binary file"],
    ["empty", { "stack.yaml": "" }, "stack.yaml:1:1: The declaration is empty."],
    ["a folder of that name", { "stack.yaml": aFolder }, "stack.yaml is a folder, not a regular file."],
    ["a pipe", { "stack.yaml": aPipe }, "stack.yaml is a pipe, not a regular file."],
    ["invalid UTF-8", { "stack.yaml": new Uint8Array([0x61, 0xff]) }, "stack.yaml is not valid UTF-8"],
    ["a duplicate key", { "stack.yaml": `${stack}name: other\n` }, "stack.yaml:4:1: This key stands here twice"],
    ["tabs", { "stack.yaml": "name: a\nservices:\n\tweb: {}\n" }, "stack.yaml:3:1: A tab indents this line"],
    ["aliases", { "stack.yaml": `${stack}x: &a 1\ny: *a\n` }, "stack.yaml:5:4: A declaration has no aliases"],
    ["nested 10,000 deep", { "stack.yaml": `name: ${"[".repeat(deep)}` }, "stack.yaml:1:107: This is nested more than"],
    ["over the cap", { "stack.yaml": `${stack}${"# x\n".repeat(1_100_000)}` }, "stack.yaml is larger than 4 MiB"],
    [
      "a port of 99999",
      { "stack.yaml": 'name: a\nservices:\n  web: { image: "x:1", ports: { http: 99999 } }\n' },
      "stack.yaml:3:39: `services.web.ports.http` is not right: expected a port number from 1 to 65535.",
    ],
    [
      "subnets that overlap",
      {
        "stack.yaml":
          'name: a\nzones:\n  p: { purpose: x, cidr: 10.1.0.0/16 }\n  q: { purpose: y, cidr: 10.1.2.0/24 }\nservices:\n  v: { image: "x:1", zone: p }\n  w: { image: "x:1", zone: q }\n',
      },
      'stack.yaml:4:26: The addresses of "q" (10.1.2.0/24) overlap those of "p" (10.1.0.0/16).',
    ],
    [
      "a configuration file that lies outside",
      { "stack.yaml": `${stack}  v: { image: "x:1", config: [{ file: ../../etc/passwd, target: /x }] }\n` },
      "stack.yaml:4:39: ../../etc/passwd lies outside",
    ],
    [
      "a configuration file that is a link",
      { "stack.yaml": `${stack}  v: { image: "x:1", config: [{ file: f, target: /x }] }\n`, f: aLinkTo("/etc/passwd") },
      "stack.yaml:4:39: f is a link; links are not followed.",
    ],
    [
      "a configuration file that is a pipe",
      { "stack.yaml": `${stack}  v: { image: "x:1", config: [{ file: f, target: /x }] }\n`, f: aPipe },
      "stack.yaml:4:39: f is a pipe",
    ],
    [
      "a lock that is cut off",
      { "stack.yaml": stack, "stack.lock": '{"version"' },
      "stack.lock:1:11: This is not JSON.",
    ],
    ["a lock of another kind", { "stack.yaml": stack, "stack.lock": "[]" }, "stack.lock is no lock of this version: "],
    ["a lock that is a pipe", { "stack.yaml": stack, "stack.lock": aPipe }, "stack.lock is a pipe"],
    ["a lock that is a folder", { "stack.yaml": stack, "stack.lock": aFolder }, "stack.lock is a folder"],
    ["images from a pipe", { "stack.yaml": stack, i: aPipe }, "i is a pipe", ["--images", "i"]],
    ["images that are none", { "stack.yaml": stack, i: "images: 3\n" }, "i is no file of images.", ["--images", "i"]],
    ["images that are not there", { "stack.yaml": stack }, "The file of images i is not there.", ["--images", "i"]],
    [
      "a Compose file in its place",
      { "compose.yaml": good },
      "compose.yaml is a Compose file by its name",
      ["compose.yaml"],
    ],
    ["nothing", { x: "" }, "No stack.yaml is here or in any folder above."],
  ];
  it.each(cases)("%s", async (_title, files, said, argv = []) => {
    const folder = folderWith(files);
    const before = contentOf(folder);
    for (const command of ["render", "plan"]) {
      const { code, err, out } = await ringwall(folder, [command, ...argv]);
      expect(err).toContain(`ringwall: ${said}`);
      expect({ code, out }).toEqual({ code: 2, out: "" });
    }
    expect(contentOf(folder)).toEqual(before);
  });

  it("says only that it is not YAML where it is not: what follows from that would mislead", async () => {
    const { err } = await ringwall(folderWith({ "stack.yaml": "name: [a\nservices: {}\n" }), ["render"]);
    expect(err.match(/^ringwall: /gm)?.length).toBeGreaterThan(0);
    for (const line of err.split("\n")) if (line.startsWith("ringwall: ")) expect(line).toContain("This is not YAML");
  });
});

describe("what stands where Ringwall would write is left as it is", () => {
  const cases: readonly [title: string, files: Readonly<Record<string, Hostile>>, argv: string[], said: string][] = [
    ["a file called rendered", { rendered: "x" }, ["render"], "a file stands where a folder is needed"],
    ["a link called rendered", { rendered: aLinkTo("/tmp") }, ["render"], "rendered is a link, and what is rendered"],
    ["a link below it", { "rendered/compose": aLinkTo("/tmp") }, ["render"], "rendered/compose is a link"],
    [
      "somebody else's compose.yaml",
      { "rendered/compose/compose.yaml": "mine\n" },
      ["render"],
      "compose.yaml is not replaced: it was not written by Ringwall.",
    ],
    [
      "a folder called compose.yaml",
      { "rendered/compose/compose.yaml": aFolder },
      ["render"],
      "it is not a regular file",
    ],
    ["a manifest that is none", { "rendered/compose/ringwall-manifest.json": "{" }, ["render"], "is not a manifest"],
    ["a file as the output folder", { f: "x" }, ["render", "-o", "f"], "a file stands where a folder is needed"],
    ["a link called .ringwall", { ".ringwall": aLinkTo("/tmp") }, ["secrets", "set", "t"], ".ringwall is not a folder"],
    [
      "a file called .ringwall",
      { ".ringwall": "x" },
      ["secrets", "set", "t"],
      "a file stands where a folder is needed",
    ],
    [
      "a folder as the report",
      { "r.html": aFolder },
      ["check", "--report", "r.html"],
      "r.html cannot be written: it is a folder",
    ],
    ["no folder for the report", {}, ["check", "--report", "no/r.html"], "its folder does not exist"],
  ];
  it.each(cases)("%s", async (_title, files, argv, said) => {
    const folder = folderWith({ "stack.yaml": `${stack}secrets: { t: external }\n`, ...files });
    const before = contentOf(folder);
    const { code, err } = await ringwall(folder, argv, "Value-of-forty-characters-0123456789-abcd\n");
    expect(err).toContain(said);
    expect(code).toBe(3);
    expect(contentOf(folder)).toEqual(before);
  });
});

/** The program itself, as a person starts it. */
function program(
  cwd: string,
  argv: readonly string[],
  options: { uid?: number; stdout?: number; input?: string } = {},
) {
  const { uid, stdout, input } = options;
  const result = spawnSync(process.execPath, [join(import.meta.dirname, "../../src/cli/main.ts"), ...argv], {
    cwd,
    encoding: "utf8",
    timeout: 20_000,
    env: { PATH: process.env.PATH, HOME: "/nonexistent", NODE_DISABLE_COMPILE_CACHE: "1" },
    stdio: [input === undefined ? "ignore" : "pipe", stdout ?? "pipe", "pipe"],
    ...(input === undefined ? {} : { input }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { code: result.status, signal: result.signal, out: result.stdout ?? "", err: result.stderr };
}

describe("as a process", () => {
  it("does not wait for a pipe, alone or among others, whatever it is called", { timeout: 30_000 }, () => {
    const names = ["compose.yaml", ".env", "stack.yaml", "stack.lock", "ringwall.exceptions.yaml", "secrets/key.pem"];
    const folder = folderWith({ "a/compose.yaml": good, ...Object.fromEntries(names.map((name) => [name, aPipe])) });
    const found = program(folder, ["check"]);
    expect(found.signal).toBeNull();
    expect(found.err).toBe("");
    expect(found.code).toBe(1);
    for (const name of ["compose.yaml", "ringwall.exceptions.yaml"]) expect(found.out).toContain(`${name} is a pipe`);
    expect(program(folder, ["render"])).toMatchObject({ code: 2, signal: null });
  });

  it("says that the output cannot be written, and ends with 3", () => {
    const folder = folderWith({ "compose.yaml": good });
    const full = openSync("/dev/full", "w");
    try {
      const { code, err } = program(folder, ["check"], { stdout: full });
      expect(err).toBe("ringwall: the output cannot be written: the disk is full.\n");
      expect(code).toBe(3);
    } finally {
      closeSync(full);
    }
  });
});

const isRoot = process.getuid?.() === 0;

describe(`without permission${isRoot ? "" : " (run as the user who runs the tests)"}`, () => {
  /** Root may read everything, so the command runs as nobody. */
  async function unprivileged(folder: string, argv: readonly string[]) {
    chmodSync(folder, 0o755);
    if (!isRoot) return ringwall(folder, argv);
    const script = join(import.meta.dirname, "../support/run-as-nobody.ts");
    const warm = folderWith({ "compose.yaml": good, "stack.yaml": stack });
    const result = spawnSync(process.execPath, [script, warm, folder, ...argv], { encoding: "utf8", timeout: 20_000 });
    const outcome = z.object({ code: z.number(), out: z.string(), err: z.string() });
    return outcome.parse(JSON.parse(result.stdout));
  }

  it("an unreadable file alone ends with 2 and a sentence", async () => {
    const { code, err } = await unprivileged(folderWith({ "compose.yaml": unreadable(good) }), ["check"]);
    expect(err).toBe("ringwall: compose.yaml cannot be read: this user has no permission.\n");
    expect(code).toBe(2);
  });

  it("an unreadable file and an unreadable folder among good ones are findings, and the rest is judged", async () => {
    const folder = folderWith({ "a/compose.yaml": good, "b/compose.yaml": unreadable(good), "c/compose.yaml": good });
    chmodSync(join(folder, "c"), 0);
    const { code, out } = await unprivileged(folder, ["check", "--format", "json"]);
    chmodSync(join(folder, "c"), 0o755);
    expect(code).toBe(1);
    const { findings } = reportSchema.parse(JSON.parse(out));
    const input = findings.filter(({ control }) => control === "input").map(({ message }) => message);
    expect(input).toContainEqual("b/compose.yaml cannot be read: this user has no permission.");
    expect(input).toContainEqual(expect.stringMatching(/^The folder c cannot be listed/));
    expect(findings.some(({ file }) => file === "a/compose.yaml")).toBe(true);
  });

  it("a folder that cannot be written to is left as it is", async () => {
    const folder = folderWith({ "stack.yaml": stack });
    const { code, err } = await unprivileged(folder, ["render"]);
    if (isRoot) expect(err).toMatch(/cannot be written: permission denied/);
    if (isRoot) expect(code).toBe(3);
    expect(contentOf(folder)["stack.yaml"]).toBeDefined();
  });
});

/** The ledger has room set aside, and tells of what was tried; SQLite leaves two files of its own, empty of content. */
function apartFromLedger(content: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(content).filter(([path]) => !/^\.ringwall\/(?:ledger\/|state\.db-)/.test(path)),
  );
}

const diskParent = mkdtempSync(join(tmpdir(), "ringwall-small-disk-"));
const diskFolder = join(diskParent, "disk");
const disk = smallDisk(diskFolder);

afterAll(() => {
  if ("remove" in disk) disk.remove();
  rmSync(diskParent, { recursive: true, force: true });
});

describe.skipIf("missing" in disk)(
  `a full disk leaves everything as it was${"missing" in disk ? ` (skipped: ${disk.missing})` : ""}`,
  () => {
    beforeAll(async () => {
      // With a digest, so that `pin` has no registry to ask.
      const pinned = `${stack.replace("1.29.1", `1.29.1@sha256:${"a".repeat(64)}`)}secrets: { t: external }\n`;
      putInto(diskFolder, { "stack.yaml": pinned });
      expect((await ringwall(diskFolder, ["render"])).code).toBe(0);
      expect(
        (await ringwall(diskFolder, ["secrets", "set", "t"], "the-first-value-of-forty-characters-01234")).code,
      ).toBe(0);
      expect((await ringwall(diskFolder, ["check", "-f", "markdown", "-o", "report.md"])).code).toBeLessThan(2);
      writeFileSync(join(diskFolder, "stack.lock"), '{"version":1,"images":{},"zones":{},"networks":{}}\n');
      // The change that is to be rendered takes no further block.
      writeFileSync(join(diskFolder, "stack.yaml"), pinned.replace("1.29.1", "1.29.2"));
      fillUp(diskFolder);
    });

    it.each([
      ["rendered files", ["render"], "rendered/compose/"],
      ["a secret", ["secrets", "set", "t"], ".ringwall/"],
      ["a report", ["check", "-f", "markdown", "-o", "report.md"], "report.md"],
      ["a further report", ["check", "--report", "further.html"], "further.html"],
      ["stack.lock", ["pin"], "stack.lock"],
    ])("%s", async (_what, argv, path) => {
      const before = apartFromLedger(contentOf(diskFolder));
      const { code, err } = await ringwall(diskFolder, argv, "the-second-value-is-longer-than-forty-characters-012345");
      expect(err).toContain(`${join(diskFolder, path)}`);
      expect(err).toMatch(/written: the disk is full[\s\S]*what was there before is untouched/i);
      expect(code).toBe(3);
      expect(apartFromLedger(contentOf(diskFolder))).toEqual(before);
    });

    it("the secret is still the first one", async () => {
      expect((await ringwall(diskFolder, ["secrets", "get", "t"])).out).toBe(
        "the-first-value-of-forty-characters-01234",
      );
    });
  },
);
