import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

const other = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-departures-"));
  writeFileSync(
    join(folder, "stack.yaml"),
    `name: shop
services:
  db: { use: postgres, settings: { roles: { app: { secret: app-password } } } }
secrets: { app-password: { kind: password, rotation: on-compromise } }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ringwall = (...args: readonly string[]) => ringwallWith({}, ...args);

async function ringwallWith(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const context = memoryContext({ cwd: folder, env: { DOCKER_HOST: "unix:///nowhere/docker.sock", ...env } });
  const code = await runCli(args, context);
  return { code, out: context.stdout.text(), err: context.stderr.text() };
}

async function dueNow(): Promise<readonly string[]> {
  const { out } = await ringwall("rotate", "--list", "--format", "json");
  const rows: { secret: string; isDue: boolean; remark?: string }[] = JSON.parse(out).secrets;
  return rows.flatMap(({ secret, remark }) => (remark?.includes("an identity that left") === true ? [secret] : []));
}

describe("what a recipient knew who left", () => {
  // covers: S7
  it("is due at once, on compromise or not, until it has a new value", async () => {
    await ringwall("secrets", "generate");
    await ringwall("secrets", "recipients", "add", other, "--comment", "Ada");
    expect(await dueNow()).toEqual([]);
    expect((await ringwall("secrets", "recipients", "remove", "Ada")).code).toBe(0);
    expect(await dueNow()).toEqual(["app-password", "db-password"]);
    expect((await ringwall("rotate", "--list")).out).toContain("due: it was readable by an identity that left");
    await ringwall("secrets", "generate", "app-password", "--replace");
    await ringwall("secrets", "recipients", "apply");
    expect(await dueNow()).toEqual(["db-password"]);
  });

  // covers: S7
  it("is due, and the ledger has who leaves, before the first SOPS file is changed", async () => {
    await ringwall("secrets", "generate");
    const own = /age1\w+/.exec(readFileSync(join(folder, ".ringwall/identity"), "utf8"))?.[0] ?? "";
    const rule = (...keys: string[]) =>
      writeFileSync(join(folder, ".sops.yaml"), `creation_rules: [{ age: "${keys.join(",")}" }]\n`);
    rule(own, other);
    mkdirSync(join(folder, "manifests"));
    expect((await ringwall("secrets", "move", "--to", "kubernetes:manifests")).code).toBe(0);
    appendFileSync(join(folder, "stack.yaml"), "store: { kubernetes: { folder: manifests } }\n");
    expect(await dueNow()).toEqual([]);
    rule(own);
    const path = join(folder, "manifests/app-password.sops.yaml");
    const before = readFileSync(path, "utf8");
    // What has to be kept in mind cannot be: nobody leaves.
    const away = await ringwallWith({ DATABASE_URL: "postgres://127.0.0.1:9/state" }, "secrets", "recipients", "apply");
    expect(away.code).toBe(3);
    expect(readFileSync(path, "utf8")).toBe(before);
    const ledger = await ringwall("ledger", "list", "--action", "recipients.apply", "--format", "json");
    const { entries } = JSON.parse(ledger.out);
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ outcome: "begun", detail: { leaving: other } }),
        expect.objectContaining({ outcome: "failed" }),
      ]),
    );
    expect((await ringwall("secrets", "recipients", "apply")).out).toContain(`Left: ${other}\n`);
    expect(await dueNow()).toEqual(["app-password", "db-password"]);
  });
});
