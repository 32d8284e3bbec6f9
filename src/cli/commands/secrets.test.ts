import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Context } from "../command.ts";
import { type MemoryContext, memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";
import { readHidden } from "../secret-input.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-secrets-"));
  writeFileSync(
    join(folder, "stack.yaml"),
    `name: shop
services:
  db: { use: postgres }
  api: { image: "x:1", secrets: [token] }
  mqtt: { use: mosquitto, settings: { users: { a: { secret: mqtt-a, read: [x] } } } }
secrets: { token: external, mqtt-a: password }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function secrets(
  args: readonly string[],
  given: Parameters<typeof memoryContext>[0] = {},
): Promise<MemoryContext & { code: number }> {
  const context = memoryContext({ cwd: folder, ...given });
  const code = await runCli(["secrets", ...args], context);
  return Object.assign(context, { code });
}

describe("ringwall secrets", () => {
  it("lists who gets what and what has no value, and never a value", async () => {
    const before = await secrets(["list"]);
    expect(before.code).toBe(0);
    expect(before.stdout.text()).toContain("db-password     password  missing  for db\n");
    expect(before.stdout.text()).toContain("mqtt-a          password  missing  for mqtt\n");
    expect(before.stdout.text()).toContain("mqtt-passwords  derived   follows  for mqtt\n");
    await secrets(["set", "token"], { input: "correct-horse\n" });
    const after = await secrets(["list", "--format", "json"]);
    expect(JSON.parse(after.stdout.text()).secrets).toContainEqual({
      name: "token",
      kind: "external",
      state: "set",
      services: ["api"],
    });
    expect(after.stdout.text()).not.toContain("correct");
  });

  it("makes what can be made and names what a person must bring", async () => {
    const made = await secrets(["generate"]);
    expect(made.code).toBe(0);
    expect(made.stdout.text()).toBe(
      "Made: db-password (password)\nMade: mqtt-a (password)\nTo bring: token, by `ringwall secrets set token`\n",
    );
    expect((await secrets(["get", "db-password"])).stdout.text()).toMatch(/^[A-Za-z0-9]{32}$/);
  });

  it("replaces a value only when told to", async () => {
    await secrets(["generate", "db-password"]);
    const first = (await secrets(["get", "db-password"])).stdout.text();
    const again = await secrets(["generate", "db-password"]);
    expect(again.code).toBe(3);
    expect(again.stderr.text()).toContain('"db-password" has a value already.');
    await secrets(["generate", "db-password", "--replace"]);
    expect((await secrets(["get", "db-password"])).stdout.text()).not.toBe(first);
  });

  it("takes a value from standard input or a file, less one newline, and none from an argument", async () => {
    await secrets(["set", "token"], { input: " a b\n\n" });
    expect((await secrets(["get", "token"])).stdout.text()).toBe(" a b\n");
    writeFileSync(join(folder, "value"), "from-file\r\n");
    await secrets(["set", "token", "--file", "value"]);
    expect((await secrets(["get", "token"])).stdout.text()).toBe("from-file");
    expect((await secrets(["set", "token", "in-argument"])).code).toBe(2);
    expect((await secrets(["set", "token"], { input: "\n" })).stderr.text()).toContain("is empty; nothing was changed");
    expect((await secrets(["get", "token"])).stdout.text()).toBe("from-file");
  });

  it("shows nothing on a screen unasked", async () => {
    await secrets(["set", "token"], { input: "correct-horse" });
    const hidden = await secrets(["get", "token"], { isTTY: true });
    expect([hidden.code, hidden.stdout.text()]).toEqual([2, ""]);
    expect((await secrets(["get", "token", "--reveal"], { isTTY: true })).stdout.text()).toBe("correct-horse\n");
  });

  it("suggests the name that was meant, and refuses to set what follows from others", async () => {
    const unknown = await secrets(["set", "tokn"], { input: "x" });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr.text()).toContain('The stack has no secret "tokn". Did you mean "token"?');
    expect((await secrets(["set", "mqtt-passwords"], { input: "x" })).code).toBe(2);
    expect((await secrets(["get", "token"])).code).toBe(3);
  });
});

describe("a value that is typed", () => {
  function terminal() {
    const modes: boolean[] = [];
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => modes.push(on) });
    const context: Context = { ...memoryContext(), stdin };
    return { context, stdin, modes };
  }

  it("is not shown, takes corrections, and leaves the terminal as it was", async () => {
    const { context, stdin, modes } = terminal();
    const typed = readHidden(context, "Value: ");
    stdin.write("pä");
    stdin.write(Buffer.from([0xc3]));
    stdin.write(Buffer.from([0xb6, 0x7f]));
    stdin.write("ssx\bword\r");
    expect(await typed).toBe("pässword");
    expect(modes).toEqual([true, false]);
  });

  it("can be left with Ctrl-C", async () => {
    const { context, stdin, modes } = terminal();
    const typed = readHidden(context, "Value: ");
    stdin.write("abc\u0003");
    await expect(typed).rejects.toMatchObject({ code: "interrupted" });
    expect(modes).toEqual([true, false]);
  });
});
