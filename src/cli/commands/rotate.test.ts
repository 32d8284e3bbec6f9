import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../../state/database/open.ts";
import { recordsOf } from "../../state/database/records.ts";
import { StateFolder } from "../../state/state-folder.ts";
import { type MemoryContext, memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-rotate-cli-"));
  writeFileSync(
    join(folder, "stack.yaml"),
    `name: shop
services:
  db: { use: postgres, settings: { roles: { app: { secret: app-password } } } }
  api: { image: "x:1", talksTo: [db], secrets: [{ secret: app-password, template: "db:5432:app:{user}:{value}" }] }
secrets: { app-password: password, token: external }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function ringwall(...args: readonly string[]): Promise<MemoryContext & { code: number }> {
  // No engine is to be reached by what these tests show.
  const context = memoryContext({ cwd: folder, env: { DOCKER_HOST: "unix:///nowhere/docker.sock" } });
  const code = await runCli(args, context);
  return Object.assign(context, { code });
}

async function rotatedAt(secret: string, at: string): Promise<void> {
  const state = new StateFolder(folder);
  await state.prepare();
  const db = await openDatabase({ folder: state.path });
  const { secrets } = recordsOf(db);
  const version = (await secrets.get("shop", secret))?.version ?? 0;
  const base = {
    stack: "shop",
    account: "app_b",
    version,
    downtimeMs: 12,
    rotator: "postgres-role",
    orphans: [],
    exposedSince: null,
  };
  await secrets.put({ ...base, secret, rotatedAt: at });
  await db.close();
}

describe("ringwall rotate", () => {
  it("shows when each secret was rotated and is due, and what nobody knows how to rotate", async () => {
    await rotatedAt("app-password", new Date().toISOString());
    const { code, stdout } = await ringwall("rotate", "--list");
    expect(code).toBe(0);
    expect(stdout.text()).toMatch(/^app-password +postgres-role +90d +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +12 ms$/m);
    expect(stdout.text()).toMatch(/^token +nobody knows how/m);
  });

  it("plans without an engine: steps, who is told how, expected downtime; and ends with 1 when something is overdue", async () => {
    await ringwall("secrets", "generate");
    // Values are of today when they were made just now.
    expect((await ringwall("rotate", "--due", "--plan")).code).toBe(0);
    await rotatedAt("app-password", "2020-01-01T00:00:00.000Z");
    const overdue = await ringwall("rotate", "--plan");
    expect(overdue.code).toBe(1);
    expect(overdue.stdout.text()).toContain("give it to api (restart), and see that it works from there");
    expect(overdue.stdout.text()).toContain("expected downtime 0 ms: The roles app and app_b take turns");
    expect(overdue.stdout.text()).toMatch(/token: nothing in the stack issues it/);
    await rotatedAt("app-password", new Date().toISOString());
    const quiet = await ringwall("rotate", "--due", "--plan", "--format", "json");
    expect(quiet.code).toBe(0);
    expect(JSON.parse(quiet.stdout.text())).toMatchObject({ version: 1, stack: "shop", rotations: [] });
  });

  it("prints a calendar and a timer", async () => {
    expect((await ringwall("rotate", "--calendar")).stdout.text()).toMatch(
      /^BEGIN:VCALENDAR\r\n[\s\S]*END:VCALENDAR\r\n$/,
    );
    expect((await ringwall("rotate", "--timer")).stdout.text()).toContain("rotate --due --yes --stack");
  });

  it("tells what it wants where it cannot tell what is meant", async () => {
    const says = async (...args: readonly string[]) => {
      const { code, stderr } = await ringwall("rotate", ...args);
      expect(code).toBe(2);
      return stderr.text();
    };
    expect(await says()).toContain("Nothing was named to rotate, and nothing is unfinished.");
    expect(await says("app-password", "--due")).toContain("not both");
    expect(await says("--emergency", "--due")).toContain("--emergency asks for no schedule.");
    expect(await says("--list", "--calendar")).toContain("stands alone");
    expect(await says("app-pasword", "--plan")).toContain("app-password");
    expect(await says("app-password", "--value-file", "nonsense")).toContain("NAME=PATH");
  });

  it("keeps `up`, `secrets set` and `secrets generate --replace` from a secret whose rotation is unfinished", async () => {
    await ringwall("secrets", "generate");
    const state = new StateFolder(folder);
    await state.prepare();
    mkdirSync(state.journals, { recursive: true });
    const journal = join(state.journals, "rotate-20261121T000000000-aaaaaa.jsonl");
    const lines = [
      { kind: "begun", version: 1, id: "rotate-x", operation: "rotate", stack: "shop", steps: [] },
      { kind: "step-started", step: "app-password:preflight" },
    ];
    writeFileSync(
      journal,
      lines.map((line) => `${JSON.stringify({ ...line, at: "2026-11-21T00:00:00Z" })}\n`).join(""),
    );
    const before = readFileSync(join(state.path, "secrets", "app-password.age"));
    for (const args of [
      ["secrets", "set", "app-password"],
      ["secrets", "generate", "app-password", "--replace"],
    ]) {
      const { code, stderr } = await ringwall(...args);
      expect(stderr.text()).toContain(
        'The rotation of "app-password" that began at 2026-11-21T00:00:00Z is unfinished',
      );
      expect(stderr.text()).toContain("ringwall rotate --resume");
      expect(code).toBe(3);
    }
    expect(readFileSync(join(state.path, "secrets", "app-password.age"))).toEqual(before);
    expect((await ringwall("rotate", "--list")).stdout.text()).toContain("unfinished: `ringwall rotate --resume`");
  });
});
