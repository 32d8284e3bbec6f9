import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-exceptions-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

interface Told {
  readonly control: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly waiver: unknown;
}

async function findings(...argv: readonly string[]): Promise<readonly Told[]> {
  const context = memoryContext({ cwd: folder });
  await runCli(["check", ...argv, "--format", "json"], context);
  return JSON.parse(context.stdout.text()).findings;
}

async function waivedFiles(...argv: readonly string[]): Promise<readonly string[]> {
  return (await findings(...argv)).filter(({ waiver }) => waiver !== null).map(({ file }) => file);
}

const privileged = "services:\n  backup:\n    image: restic/restic:0.16\n    privileged: true\n";
const accepted =
  "- control: workload.privileged-off\n  subject: backup\n  reason: reads devices\n  owner: ops\n  until: 2099-01-31\n";

describe("Exceptions of a folder", () => {
  // covers: G2
  test("hold in that folder alone where several are checked, in whatever order.", async () => {
    put("a/compose.yaml", privileged);
    put("b/compose.yaml", privileged);
    put("a/ringwall.exceptions.yaml", accepted);
    expect(await waivedFiles("a", "b")).toEqual(["a/compose.yaml"]);
    expect(await waivedFiles("b", "./a/")).toEqual(["a/compose.yaml"]);
    expect(await waivedFiles("b/compose.yaml", join(folder, "a"))).toEqual([join(folder, "a/compose.yaml")]);
  });

  test("of the current folder hold in no folder beside it.", async () => {
    put("a/compose.yaml", privileged);
    put("b/compose.yaml", privileged);
    put("a/ringwall.exceptions.yaml", accepted);
    const context = memoryContext({ cwd: join(folder, "a") });
    await runCli(["check", ".", "../b", "--format", "json"], context);
    const told: readonly Told[] = JSON.parse(context.stdout.text()).findings;
    expect(told.filter(({ waiver }) => waiver !== null).map(({ file }) => file)).toEqual(["compose.yaml"]);
  });

  test("of a file that is named with an option hold everywhere.", async () => {
    put("a/compose.yaml", privileged);
    put("b/compose.yaml", privileged);
    put("accepted.yaml", accepted);
    const files = await waivedFiles("a", "b", "--exceptions", "accepted.yaml");
    expect(files.toSorted()).toEqual(["a/compose.yaml", "b/compose.yaml"]);
  });
});

describe("An entry that waives nothing", () => {
  const entry = (subject: string, control = "workload.privileged-off") =>
    `- control: ${control}\n  subject: "${subject}"\n  reason: reads devices\n  owner: ops\n`;
  const two = `${privileged}  web:\n    image: nginx:1.27\n`;

  async function idle(...argv: readonly string[]): Promise<readonly string[]> {
    return (await findings(...argv))
      .filter(({ control, severity }) => control === "governance.exception-valid" && severity === "low")
      .map(({ file, line, message }) => `${file}:${line} ${message}`);
  }

  const waives = "The exception from workload.privileged-off waives nothing:";

  // covers: G2
  test("is told: its subject is not there, is a pattern, or has no such finding.", async () => {
    put("compose.yaml", two);
    put("ringwall.exceptions.yaml", [entry("backup"), entry("bakcup"), entry("back*"), entry("web")].join(""));
    expect(await idle(".")).toEqual([
      `ringwall.exceptions.yaml:5 ${waives} nothing here is called bakcup`,
      `ringwall.exceptions.yaml:9 ${waives} nothing here is called back*; a subject is a name to the letter, and no pattern`,
      `ringwall.exceptions.yaml:13 ${waives} web has no finding of it`,
    ]);
  });

  test("is not told where what it is for may lie outside of what is checked.", async () => {
    put("compose.yaml", two);
    put("ringwall.exceptions.yaml", entry("bakcup"));
    expect(await idle("compose.yaml")).toEqual([]);
    put("ringwall.exceptions.yaml", entry("backup"));
    put("shared.yaml", entry("elsewhere"));
    expect(await idle(".", "--exceptions", "shared.yaml")).toEqual([]);
  });

  test("is not told of a control that the profile leaves out, or that had nothing to judge.", async () => {
    put("compose.yaml", two);
    put("ringwall.exceptions.yaml", entry("bakcup") + entry("history", "secrets.history-free"));
    expect(await idle(".")).toEqual([`ringwall.exceptions.yaml:1 ${waives} nothing here is called bakcup`]);
    put("ours.yaml", "name: ours\ncontrols:\n  workload.privileged-off: off\n");
    expect(await idle(".", "--profile", "ours.yaml")).toEqual([]);
  });

  test("is none where a comment waives the same, or another entry does.", async () => {
    put("compose.yaml", two.replace("true", "true # ringwall-ignore workload.privileged-off: reads devices"));
    put("ringwall.exceptions.yaml", entry("backup") + entry("workload backup"));
    expect(await idle(".")).toEqual([]);
  });
});
