/** What the pages that people read say, where a program can tell whether it is so. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";
import { frameworks } from "../../src/controls/frameworks/framework.ts";
import { configFormats } from "../../src/formats/config-formats.ts";
import { layers } from "../../tools/layers.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "test/lab/README.md"],
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

async function cli(...argv: readonly string[]): Promise<string> {
  const context = memoryContext({ cwd: root });
  await runCli(argv, context);
  return context.stdout.text();
}

const onOneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();

describe("The README", () => {
  it("shows of a report what check prints.", async () => {
    const excerpt = read("README.md")
      .split("```")
      .find((block) => block.startsWith("\nCRITICAL "));
    const findings = (excerpt ?? "").trim().split("\n\n").map(onOneLine);
    expect(findings.length).toBeGreaterThan(1);
    const printed = onOneLine(await cli("check", "test/conformance/mixed-repository"));
    for (const finding of findings) expect(printed).toContain(finding);
  });

  it("gives no figure of the benchmark that its result does not have.", () => {
    const results = ["bench", "bench-mixed"].map((name) => read(`docs/proofs/${name}.md`)).join("\n");
    const measured = [...results.matchAll(/\d+(?:\.\d+)?/g)].map(([number]) => Number(number));
    const [, table = ""] = read("README.md").split("\n## Figures\n");
    const rows = table.split("\n").filter((line) => line.startsWith("|") && !line.includes("whole process"));
    const seconds = rows.flatMap((row) => [...row.matchAll(/(\d+(?:\.\d+)?) s\b/g)].map(([, number = ""]) => number));
    expect(seconds.length).toBeGreaterThan(5);
    for (const number of seconds) {
      const digits = number.split(".")[1]?.length ?? 0;
      expect(
        measured.some((value) => value.toFixed(digits) === number),
        `${number} s`,
      ).toBe(true);
    }
  });
});

describe("The page on use", () => {
  it("tells of every option of check, and of no other.", async () => {
    const rows = read("docs/usage.md")
      .split("\n")
      .filter((line) => line.startsWith("| `-"));
    const help = (await cli("check", "--help")).split("\n").filter((line) => /^ {2}-/.test(line));
    const there = optionsIn(help.map((line) => line.slice(0, 27)).join("\n"));
    expect(optionsIn(rows.join("\n")).toSorted()).toEqual(there.filter((option) => option !== "--help").toSorted());
  });

  it("names every framework.", () => {
    for (const { name } of frameworks) expect(read("docs/usage.md")).toContain(`\`${name}\``);
  });
});

function optionsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/--[a-z][a-z-]+/g)].map(([option]) => option))];
}

it("The page on formats tells of each.", () => {
  const page = read("docs/formats.md").toLowerCase();
  const missing = configFormats.filter(({ name }) => !page.includes(name.toLowerCase().split(" ")[0] ?? name));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

it("The page on the architecture shows the folders of the source in their order.", () => {
  const shown = [...read("docs/architecture.md").matchAll(/^ {2}((?:[a-z]+\/ ?)+) {2,}/gm)].map(([, row = ""]) =>
    row.trim().replaceAll("/", "").split(" ").sort(),
  );
  expect(shown).toEqual(layers.map((row) => [...row].sort()));
});

it("Every dependency has a line.", () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read("package.json"));
  const needed = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const page = read("docs/dependencies.md");
  expect(needed.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe.each(pages)("%s", (page) => {
  it("links to what is there.", () => {
    const targets = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
    const broken = targets.filter(([, path = "", anchor]) => {
      const target = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it("names tests that are there.", () => {
    const named = [...read(page).matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, path = ""]) => path);
    expect(named.filter((path) => !tests.some((test) => test === path || test.endsWith(`/${path}`)))).toEqual([]);
  });
});

const tests = ["src", "test", "tools"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => basename(path).endsWith(".test.ts"))
    .map((path) => join(folder, path)),
);

/** Headings as GitHub makes anchors of them. */
function anchorsOf(page: string): readonly string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
