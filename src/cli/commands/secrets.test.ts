import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgeStore } from "../../secrets/age-store.ts";
import { Secret } from "../../secrets/secret.ts";
import type { Context } from "../command.ts";
import { type MemoryContext, memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";
import { readHidden } from "../secret-input.ts";

const strong = "Zk3vQ9mW7xT1bN5cR8pL2yH6";

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
    expect(before.stdout.text()).toContain("db-password     password  missing  for db, account postgres\n");
    expect(before.stdout.text()).toContain("mqtt-a          password  missing  for mqtt, account a\n");
    expect(before.stdout.text()).toContain("mqtt-passwords  derived   follows  for mqtt\n");
    await secrets(["set", "token", "--as-is"], { input: "correct-horse\n" });
    const after = await secrets(["list", "--format", "json"]);
    expect(JSON.parse(after.stdout.text()).secrets).toContainEqual({
      name: "token",
      kind: "external",
      state: "set",
      account: null,
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
    await secrets(["set", "token", "--as-is"], { input: " a b\n\n" });
    expect((await secrets(["get", "token"])).stdout.text()).toBe(" a b\n");
    writeFileSync(join(folder, "value"), `${strong}\r\n`);
    const fromFile = await secrets(["set", "token", "--file", "value"]);
    expect(fromFile.stderr.text()).toBe("The newline at the end was left out.\n");
    expect((await secrets(["get", "token"])).stdout.text()).toBe(strong);
    for (const args of [
      ["set", "token", "hunter2-hunter2"],
      ["set", "token=hunter2-hunter2"],
      ["set", "Hunter2-hunter2"],
    ]) {
      const refused = await secrets(args, { input: strong });
      expect([args, refused.code]).toEqual([args, 2]);
      expect(refused.stderr.text()).toContain("A value is not taken from the command line");
      expect(refused.stderr.text()).not.toContain("unter2");
    }
    expect((await secrets(["set", "token"], { input: "\n" })).stderr.text()).toContain("is empty; nothing was changed");
    expect((await secrets(["get", "token"])).stdout.text()).toBe(strong);
  });

  it("refuses a value that is weak or spans lines, without repeating it, unless it is taken as it is", async () => {
    for (const [value, why] of [
      ["hunter2-hunter2", "are safe against guessing"],
      ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "are safe against guessing"],
      ["Changeme-Password-2026!", "a word that is guessed first"],
      [` ${strong}`, "begins or ends with white space"],
      [`${strong}\n${strong}`, "has more than one line"],
    ] as const) {
      const refused = await secrets(["set", "token"], { input: value });
      expect([value, refused.code]).toEqual([value, 2]);
      expect(refused.stderr.text()).toContain(why);
      expect(refused.stderr.text()).not.toContain(value.trim().slice(0, 12));
    }
    expect((await secrets(["get", "token"])).code).toBe(3);
    expect((await secrets(["set", "token", "--as-is"], { input: "hunter2-hunter2" })).code).toBe(0);
  });

  it("changes no value where the schedule cannot be kept", async () => {
    await secrets(["set", "token"], { input: strong });
    const env = { DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/x" };
    for (const args of [["set", "token", "--as-is"], ["generate", "mqtt-a"], ["generate"]]) {
      const failed = await secrets(args, { input: "another-value", env });
      expect([args, failed.code]).toEqual([args, 3]);
      expect(failed.stderr.text()).toContain("nothing was changed");
      expect(failed.stdout.text() + failed.stderr.text()).not.toContain("hunter2");
    }
    expect((await secrets(["get", "token"])).stdout.text()).toBe(strong);
    expect((await secrets(["get", "mqtt-a"])).code).toBe(3);
  });

  it("takes no bytes for text that they are not", async () => {
    const context = memoryContext({ cwd: folder });
    const stdin = Object.assign(new PassThrough(), { isTTY: false });
    stdin.end(Buffer.from("Zk3vQ9mW7xT1bN5cR8pL2yH6\xff", "latin1"));
    const code = await runCli(["secrets", "set", "token"], Object.assign(context, { stdin }));
    expect(code).toBe(2);
    expect(context.stderr.text()).toContain("is no UTF-8 text; nothing was changed");
    expect((await secrets(["get", "token"])).code).toBe(3);
  });

  it("counts the age of a value from when it was edited, and says when none is missing", async () => {
    await secrets(["generate"]);
    await secrets(["set", "token"], { input: strong });
    expect((await secrets(["generate"])).stdout.text()).toBe("Every secret has a value.\n");
    const now = new Date("2031-02-03T04:05:06Z");
    const editor = join(folder, "editor.mjs");
    writeFileSync(editor, `import { writeFileSync } from "node:fs"; writeFileSync(process.argv[2], "${strong}x");`);
    const env = { EDITOR: `${process.execPath} ${editor}` };
    expect((await secrets(["edit", "token"], { env, now })).code).toBe(0);
    const listed = memoryContext({ cwd: folder });
    await runCli(["rotate", "--list", "--format", "json"], listed);
    const found = JSON.parse(listed.stdout.text()).secrets.find((row: { secret: string }) => row.secret === "token");
    expect(found.last).toBe(now.toISOString());
  });

  it("shows nothing on a screen unasked", async () => {
    await secrets(["set", "token", "--as-is"], { input: "correct-horse" });
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

describe("ringwall secrets edit", () => {
  /** An editor that puts `text` into the file, and tells what it saw in `seen`. */
  function editor(text: string): string {
    const path = join(folder, "editor.sh");
    const script = `#!/bin/sh
{ cat "$1"; echo; stat -c %a "$1" "$(dirname "$1")"; dirname "$1"; } > ${join(folder, "seen")}
printf '%s' '${text}' > "$1"
`;
    writeFileSync(path, script, { mode: 0o700 });
    return path;
  }
  const seen = () => readFileSync(join(folder, "seen"), "utf8").split("\n");

  // covers: S7
  it("edits a value in a private file that is gone afterwards", async () => {
    await secrets(["set", "token"], { input: strong });
    const edited = await secrets(["edit", "token"], { env: { EDITOR: editor(`${strong}-new`) } });
    expect([edited.code, edited.stdout.text()]).toEqual([0, "Set: token\n"]);
    const [before, fileMode, folderMode, path] = seen();
    expect([before, fileMode, folderMode]).toEqual([strong, "600", "700"]);
    expect(existsSync(path ?? "")).toBe(false);
    expect((await secrets(["get", "token"])).stdout.text()).toBe(`${strong}-new`);
    const again = await secrets(["edit", "token"], { env: { EDITOR: editor(`${strong}-new`) } });
    expect(again.stdout.text()).toBe("Nothing changed.\n");
  });

  it("keeps the value from before when the editor fails, is missing, or leaves a weak one", async () => {
    await secrets(["set", "token"], { input: strong });
    for (const [env, code] of [
      [{ EDITOR: "/bin/false" }, 130],
      [{ EDITOR: "/nowhere/editor" }, 2],
      [{ EDITOR: editor("short") }, 2],
    ] as const) {
      const failed = await secrets(["edit", "token"], { env });
      expect(failed.code).toBe(code);
      expect(failed.stderr.text()).toContain("nothing was changed");
    }
    expect((await secrets(["get", "token"])).stdout.text()).toBe(strong);
  });

  it("leaves nothing behind when it is ended, and clears what a killed one left", async () => {
    await secrets(["set", "token"], { input: strong });
    const path = join(folder, "waiting.sh");
    writeFileSync(path, `#!/bin/sh\necho "$1" > ${join(folder, "seen")}\nexec sleep 30\n`, { mode: 0o700 });
    const main = new URL("../main.ts", import.meta.url).pathname;
    const left: string[] = [];
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      rmSync(join(folder, "seen"), { force: true });
      const env = { ...process.env, VISUAL: "", EDITOR: path };
      const run = spawn(process.execPath, [main, "secrets", "edit", "token"], { cwd: folder, env, stdio: "ignore" });
      while (!existsSync(join(folder, "seen")) || seen()[0] === "") await sleep(20);
      left.push(seen()[0] ?? "");
      run.kill(signal);
      await new Promise((done) => run.on("exit", done));
    }
    expect(left.map((file) => existsSync(file))).toEqual([false, true]);
    await secrets(["edit", "token"], { env: { EDITOR: editor(strong) } });
    expect(left.map((file) => existsSync(file))).toEqual([false, false]);
  }, 30_000);

  it("edits a SOPS file, and leaves no clear text in its folder", async () => {
    await secrets(["generate"]);
    const recipient = /age1\w+/.exec(readFileSync(join(folder, ".ringwall/identity"), "utf8"))?.[0] ?? "";
    writeFileSync(join(folder, ".sops.yaml"), `creation_rules: [{ age: ${recipient} }]\n`);
    writeFileSync(join(folder, "values.yaml"), `token: ${strong}\n`);
    expect((await secrets(["encrypt", "values.yaml"])).stdout.text()).toBe("Encrypted: values.yaml\n");
    expect((await secrets(["encrypt", "values.yaml"])).code).toBe(3);
    expect(readFileSync(join(folder, "values.yaml"), "utf8")).not.toContain(strong);
    const edited = await secrets(["edit", "values.yaml"], { env: { EDITOR: editor(`token: ${strong}-new\n`) } });
    expect([edited.code, edited.stderr.text()]).toEqual([0, ""]);
    expect(seen()[0]).toBe(`token: ${strong}`);
    expect((await secrets(["decrypt", "values.yaml"])).stdout.text()).toContain(`${strong}-new`);
    expect((await secrets(["decrypt", "values.yaml"], { isTTY: true })).code).toBe(2);
    expect(readdirSync(folder).filter((name) => name.startsWith(".values"))).toEqual([]);
  });
});

describe("ringwall secrets encrypt and decrypt", () => {
  it("make an age file for the stack's recipients, and open it again at 0600", async () => {
    await secrets(["generate"]);
    writeFileSync(join(folder, "dump"), Buffer.from([0, 255, 1, 2]));
    const made = await secrets(["encrypt", "--age", "dump"]);
    expect(made.stderr.text()).toContain("dump is still there in clear text");
    expect((await secrets(["decrypt", "dump.age"])).stderr.text()).toContain("holds no text");
    expect((await secrets(["decrypt", "dump.age", "--output", "again"])).code).toBe(0);
    expect(readFileSync(join(folder, "again"))).toEqual(Buffer.from([0, 255, 1, 2]));
    expect(statSync(join(folder, "again")).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, "dump.age"), readFileSync(join(folder, "dump.age")).subarray(0, 190));
    expect((await secrets(["decrypt", "dump.age"])).stderr.text()).toContain("cannot be opened");
    expect((await secrets(["decrypt", "nowhere"])).code).toBe(2);
  });
});

describe("ringwall secrets move", () => {
  const rule = () => {
    const recipient = /age1\w+/.exec(readFileSync(join(folder, ".ringwall/identity"), "utf8"))?.[0] ?? "";
    writeFileSync(join(folder, ".sops.yaml"), `creation_rules: [{ age: ${recipient} }]\n`);
  };

  // covers: S4
  it("brings values to another store and reads them back before they are removed", async () => {
    await secrets(["generate"]);
    await secrets(["set", "token"], { input: strong });
    rule();
    const moved = await secrets(["move", "--to", "sops:secrets.sops.yaml"]);
    expect([moved.code, moved.stderr.text()]).toEqual([0, ""]);
    expect(moved.stdout.text()).toContain("Moved: db-password\nMoved: mqtt-a\nMoved: token\n");
    expect(readdirSync(join(folder, ".ringwall/secrets"))).toEqual([]);
    appendFileSync(join(folder, "stack.yaml"), "store: { sops: { file: secrets.sops.yaml } }\n");
    expect((await secrets(["get", "token"])).stdout.text()).toBe(strong);
    expect((await secrets(["move", "token", "--to", "kubernetes:manifests"])).code).toBe(0);
    writeFileSync(join(folder, "there.yaml"), "store: { kubernetes: { folder: manifests } }\n");
    const back = await secrets(["move", "token", "--from", "there.yaml", "--to", "age", "--keep"]);
    expect(back.stdout.text()).toContain("Copied: token");
    expect(existsSync(join(folder, "manifests/token.sops.yaml"))).toBe(true);
  });

  it("takes up what was cut off, and writes over no other value", async () => {
    await secrets(["generate"]);
    await secrets(["set", "token"], { input: strong });
    rule();
    await secrets(["move", "token", "--to", "sops:secrets.sops.yaml", "--keep"]);
    expect((await secrets(["move", "token", "--to", "sops:secrets.sops.yaml"])).code).toBe(0);
    expect((await secrets(["move", "token", "--to", "sops:secrets.sops.yaml"])).code).toBe(0);
    await secrets(["set", "token"], { input: `${strong}-other` });
    const refused = await secrets(["move", "token", "--to", "sops:secrets.sops.yaml"]);
    expect([refused.code, refused.stderr.text()]).toEqual([3, expect.stringContaining('"token" has another value')]);
    expect((await secrets(["get", "token"])).stdout.text()).toBe(`${strong}-other`);
  });

  it("says what is no store, what is missing, and what can only be read", async () => {
    await secrets(["generate"]);
    const told = async (...args: string[]) => (await secrets(["move", ...args])).stderr.text();
    expect(await told("token", "--to", "nowhere")).toContain("neither a store nor a file");
    expect(await told("token", "--to", "sops:s.yaml")).toContain('"token" has no value');
    writeFileSync(join(folder, "wrong.yaml"), "store: { vault: { address: 'https://v' } }\n");
    expect(await told("db-password", "--to", "wrong.yaml")).toContain("expected either `roleIdFile`");
    writeFileSync(join(folder, "env.yaml"), "store: { environment: {} }\n");
    expect(await told("db-password", "--to", "env.yaml")).toContain("is only read");
    expect(await told("db-password", "--to", "age")).toContain("Both stores are");
  });
});

describe("ringwall secrets recipients", () => {
  const other = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

  // covers: S7
  it("lets somebody in, and says what they knew when they leave, until it is replaced", async () => {
    await secrets(["generate"]);
    expect((await secrets(["recipients", "add", other, "--comment", "Ada"])).stdout.text()).toBe(
      "Encrypted anew: 2 of 2, for 2.\n",
    );
    expect((await secrets(["recipients", "list"])).stdout.text()).toContain(`${other}  Ada\n`);
    const left = await secrets(["recipients", "remove", "Ada"]);
    expect(left.stdout.text()).toContain("`ringwall rotate db-password mqtt-a`");
    await secrets(["generate", "db-password", "--replace"]);
    const list = JSON.parse((await secrets(["recipients", "list", "--format", "json"])).stdout.text());
    expect(list.departed).toMatchObject([{ key: other, comment: "Ada", names: ["mqtt-a"] }]);
    expect(list).toMatchObject({ pending: false, recipients: [{ comment: "this identity" }] });
  });

  it("names no value that a rotation keeps beside a secret, and changes nothing while one is unfinished", async () => {
    await secrets(["generate"]);
    await new AgeStore(join(folder, ".ringwall")).set(new Secret("mqtt-a--previous", strong));
    await secrets(["recipients", "add", other, "--comment", "Ada"]);
    const journals = join(folder, ".ringwall/journal");
    const journal = join(journals, "rotate-20261121T201912532-b922af.jsonl");
    const at = "2026-11-21T20:19:12.532Z";
    const begun = {
      kind: "begun",
      id: "rotate-20261121T201912532-b922af",
      operation: "rotate",
      stack: "shop",
      steps: [],
      at,
    };
    const started = { kind: "step-started", step: "db-password:stage", at };
    writeFileSync(journal, `${JSON.stringify(begun)}\n${JSON.stringify(started)}\n`);
    for (const args of [["remove", "Ada"], ["apply"]]) {
      const refused = await secrets(["recipients", ...args]);
      expect([args, refused.code]).toEqual([args, 3]);
      expect(refused.stderr.text()).toContain('The rotation of "db-password"');
    }
    rmSync(journal);
    const left = await secrets(["recipients", "remove", "Ada"]);
    expect(left.stdout.text()).toContain("`ringwall rotate db-password mqtt-a`");
  });

  it("brings SOPS files in line with .sops.yaml, with a new data key where somebody left", async () => {
    await secrets(["generate"]);
    const own = /age1\w+/.exec(readFileSync(join(folder, ".ringwall/identity"), "utf8"))?.[0] ?? "";
    const rule = (...keys: string[]) =>
      writeFileSync(join(folder, ".sops.yaml"), `creation_rules: [{ age: "${keys.join(",")}" }]\n`);
    rule(own, other);
    await secrets(["move", "--to", "sops:secrets.sops.yaml"]);
    appendFileSync(join(folder, "stack.yaml"), "store: { sops: { file: secrets.sops.yaml } }\n");
    const listed = JSON.parse((await secrets(["recipients", "list", "--format", "json"])).stdout.text());
    expect(listed.files[0].recipients).toEqual([own, other]);
    const before = readFileSync(join(folder, "secrets.sops.yaml"), "utf8");
    rule(own);
    const applied = await secrets(["recipients", "apply"]);
    expect(applied.stdout.text()).toContain(`Left: ${other}\n`);
    expect(applied.stdout.text()).toContain("`ringwall rotate db-password mqtt-a`");
    const after = readFileSync(join(folder, "secrets.sops.yaml"), "utf8");
    const passwordIn = (text: string) => /^db-password: (.*)$/m.exec(text)?.[1];
    expect(passwordIn(after)).not.toBe(passwordIn(before));
    expect(after).not.toContain(other);
    expect((await secrets(["get", "db-password"])).stdout.text()).toMatch(/^[A-Za-z0-9]{32}$/);
    expect((await secrets(["recipients", "apply"])).stdout.text()).toBe("Brought in line with .sops.yaml: 0 of 1.\n");
  });

  it("says what is no recipient, who is the last one, and which stores have none", async () => {
    await secrets(["generate"]);
    const told = async (...args: string[]) => (await secrets(["recipients", ...args])).stderr.text();
    expect(await told("add", "age1nonsense")).toContain("no public key of age");
    expect(await told("add", "ssh-ed25519")).toContain("SSH keys");
    expect(await told("remove", "this identity")).toContain("The last recipient cannot leave");
    expect(await told("remove", "nobody")).toContain("No recipient is called");
    appendFileSync(join(folder, "stack.yaml"), "store: { environment: {} }\n");
    expect(await told("list")).toContain("has no recipients");
    expect((await secrets(["set", "token"], { input: strong })).stderr.text()).toContain("is only read");
    const fromEnvironment = await secrets(["get", "token"], { env: { TF_VAR_token: strong } });
    expect(fromEnvironment.stdout.text()).toBe(strong);
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
