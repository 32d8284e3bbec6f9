import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, describe, expect, test } from "vitest";
import { ruleFor } from "../../formats/sops/document/encryption-rule.ts";
import { Secret } from "../../secrets/secret.ts";
import { SopsEditor } from "./sops-editor.ts";
import { SopsStore } from "./sops-store.ts";

// covers: S5 S6 | files

const folder = mkdtempSync(join(tmpdir(), "ringwall-sops-processes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
writeFileSync(join(folder, "identity"), `${identity}\n`, { mode: 0o600 });
const script = fileURLToPath(new URL("testing/set-many.ts", import.meta.url));

function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  copyFileSync(join(folder, "identity"), join(path, "identity"));
  return path;
}

function storeIn(path: string): SopsStore {
  const lock = join(path, ".ringwall", "sops.lock");
  return new SopsStore(join(path, "secrets.sops.yaml"), {
    identities: [join(path, "identity")],
    lock,
    rule: ruleFor([recipient]),
  });
}

/** A process that sets names, and those that it said were done when it ended. */
function setter(
  path: string,
  prefix: string,
  count: number,
): { process: ChildProcess; done: Promise<readonly string[]> } {
  const child = spawn(process.execPath, [script, path, recipient, prefix, String(count)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString("utf8");
  });
  const done = new Promise<readonly string[]>((resolve) => {
    child.on("close", () => resolve(out.split("\n").slice(0, -1)));
  });
  return { process: child, done };
}

describe("Several processes at one SOPS file", () => {
  test("lose none of what each of them set.", async () => {
    const path = place("both");
    const [one, two] = [setter(path, "a", 8), setter(path, "b", 8)];
    const done = [...(await one.done), ...(await two.done)];
    expect(done).toHaveLength(16);
    const store = storeIn(path);
    expect(await store.list()).toEqual([...done].sort());
    for (const name of done) expect((await store.get(name))?.expose()).toBe(`value-of-${name}`);
  });

  test("may be killed at any time: what was done is there, and the next one goes on.", async () => {
    const path = place("killed");
    const said: string[] = [];
    for (const [round, wait] of [40, 7, 19].entries()) {
      const one = setter(path, `r${round}n`, 200);
      await new Promise<void>((resolve) => {
        one.process.stdout?.once("data", () => setTimeout(resolve, wait));
        one.process.once("close", () => resolve());
      });
      one.process.kill("SIGKILL");
      said.push(...(await one.done));
      const store = storeIn(path);
      for (const name of said) expect((await store.get(name))?.expose(), name).toBe(`value-of-${name}`);
      await store.set(new Secret("last", `round ${round}`));
    }
    expect(said.length).toBeGreaterThanOrEqual(3);
    // What a killed process left beside the file is encrypted, and never taken for it.
    expect(readdirSync(path)).toContain("secrets.sops.yaml");
  });
});

describe("A whole SOPS file", () => {
  test("is encrypted in place, edited, given other recipients by .sops.yaml and a new data key, and opened.", async () => {
    const path = place("whole");
    const other = await generateX25519Identity();
    const config = (...people: readonly string[]) =>
      writeFileSync(join(path, ".sops.yaml"), `creation_rules:\n  - age: [${people.join(", ")}]\n`);
    config(recipient);
    const editor = new SopsEditor({ identities: [join(path, "identity")], lock: join(path, "lock") });
    for (const [name, content] of [
      ["app.env", "TOKEN=hunter2-hunter2\n"],
      ["app.ini", "[app]\ntoken = hunter2-hunter2\n"],
      ["app.bin", Buffer.from([0, 255, 10])],
    ] as const) {
      const file = join(path, name);
      writeFileSync(file, content);
      await editor.encrypt(file);
      expect([...(await editor.decrypt(file)).exposeBytes()]).toEqual([...Buffer.from(content)]);
      await expect(editor.encrypt(file)).rejects.toMatchObject({ code: "conflict" });
    }
    const file = join(path, "app.env");
    expect(await editor.edit(file, (plain) => plain.exposeText())).toBe(false);
    expect(await editor.edit(file, (plain) => `${plain.exposeText()}MORE=1\n`)).toBe(true);
    const meanwhile = editor.edit(file, async (plain) => {
      await editor.rotate(file);
      return `${plain.exposeText()}LOST=1\n`;
    });
    await expect(meanwhile).rejects.toMatchObject({ code: "conflict" });
    const second = await identityToRecipient(other);
    config(recipient, second);
    expect(await editor.updateKeys(file)).toEqual({ added: [second], removed: [], rotated: false });
    config(recipient);
    expect(await editor.updateKeys(file)).toEqual({ added: [], removed: [second], rotated: true });
    const outcomes = await editor.updateKeysOf([file, join(path, "app.ini"), join(path, "none.env")]);
    expect(outcomes).toMatchObject([
      { path: file, changed: { added: [], removed: [], rotated: false } },
      { changed: { rotated: false } },
      { failure: { code: "not-found" } },
    ]);
    expect((await editor.decrypt(file)).exposeText()).toBe("TOKEN=hunter2-hunter2\nMORE=1\n");
    await expect(editor.decrypt(join(path, "none.yaml"))).rejects.toMatchObject({ code: "not-found" });
  });
});
