import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parseRecipients, renderRecipients, withoutRecipient, withRecipient } from "./age-recipients.ts";
import { AgeStore } from "./age-store.ts";
import { Secret } from "./secret.ts";
import { expectSafe, failureOf } from "./store-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-recipients-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const now = new Date("2026-11-21T00:00:00Z");

let count = 0;
let path: string;
let store: AgeStore;
let ada: string;
let adaKey: string;
beforeEach(async () => {
  path = join(folder, `stack${count++}`, ".ringwall");
  mkdirSync(join(path, ".."), { recursive: true });
  store = new AgeStore(path);
  ada = await generateX25519Identity();
  adaKey = await identityToRecipient(ada);
  for (const name of ["a", "b", "c"]) await store.set(new Secret(name, `value-of-${name}`));
});

/** Whether an identity opens a secret's file, without Ringwall. */
async function opens(identity: string, name: string): Promise<boolean> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return await decrypter.decrypt(readFileSync(join(path, `secrets/${name}.age`)), "text").then(
    (text) => text === `value-of-${name}`,
    () => false,
  );
}

async function letIn(): Promise<void> {
  await store.setRecipients(withRecipient(await store.recipients(), { key: adaKey, comment: "Ada" }, "list"));
  await store.reencrypt(now);
}

describe("recipients of age files", () => {
  // covers: S7 R18
  it("read everything once they were added, and nothing new after they left", async () => {
    expect(await opens(ada, "a")).toBe(false);
    await letIn();
    for (const name of ["a", "b", "c"]) expect(await opens(ada, name)).toBe(true);
    const before = readFileSync(join(path, "secrets/a.age"));
    await store.setRecipients(withoutRecipient(await store.recipients(), adaKey));
    expect(await store.reencryptionPending()).toBe(true);
    await store.reencrypt(now);
    expect(await store.reencryptionPending()).toBe(false);
    for (const name of ["a", "b", "c"]) expect(await opens(ada, name)).toBe(false);
    expect(readFileSync(join(path, "secrets/a.age")).equals(before)).toBe(false);
    expect((await store.get("a"))?.expose()).toBe("value-of-a");
  });

  it("are remembered with what they know until that has another value", async () => {
    await letIn();
    await store.setRecipients(withoutRecipient(await store.recipients(), "Ada"));
    await store.reencrypt(now);
    expect(await store.departures()).toEqual([
      { key: adaKey, comment: "Ada", at: now.toISOString(), names: ["a", "b", "c"] },
    ]);
    await store.set(new Secret("a", "value-of-a"));
    expect((await store.departures())[0]?.names).toEqual(["a", "b", "c"]);
    await store.set(new Secret("a", "another"));
    await store.set(new Secret("b", "another"));
    expect((await store.departures())[0]?.names).toEqual(["c"]);
    await store.set(new Secret("c", "another"));
    expect(await store.departures()).toEqual([]);
  });

  it("never leave the identity here outside", async () => {
    expectSafe(await failureOf(store.setRecipients([{ key: adaKey, comment: "" }])), "conflict", "value-of-a");
    await letIn();
    writeFileSync(join(path, "recipients"), `${adaKey}\n`, { mode: 0o600 });
    expectSafe(await failureOf(store.set(new Secret("a", "hunter2-hunter2"))), "conflict", "hunter2-hunter2");
    expectSafe(await failureOf(store.reencrypt(now)), "conflict");
  });

  it("are told which files could not be opened; the others are done, and it stays pending", async () => {
    await letIn();
    writeFileSync(join(path, "secrets/b.age"), readFileSync(join(path, "secrets/b.age")).subarray(0, 250));
    await store.setRecipients(withoutRecipient(await store.recipients(), "Ada"));
    const failure = await failureOf(store.reencrypt(now));
    expectSafe(failure, "unreadable", "value-of-b");
    expect(String(failure)).toContain("b.");
    expect([await opens(ada, "a"), await opens(ada, "c")]).toEqual([false, false]);
    expect(await store.reencryptionPending()).toBe(true);
    await store.set(new Secret("b", "value-of-b"));
    await store.reencrypt(now);
    expect(await store.reencryptionPending()).toBe(false);
  });

  it("may be writers without an identity of their own, who can then read nothing", async () => {
    await letIn();
    const writer = new AgeStore(path, { identity: join(path, "nowhere") });
    await writer.set(new Secret("d", "value-of-d"));
    expectSafe(await failureOf(writer.get("d")), "secret-missing", "value-of-d");
    expect((await store.get("d"))?.expose()).toBe("value-of-d");
    expect(await opens(ada, "d")).toBe(true);
  });

  it("may have post-quantum keys, all of them or none", async () => {
    const hybrid = await identityToRecipient(await generateHybridIdentity());
    expect(parseRecipients(`${hybrid}\n`, "list")).toHaveLength(1);
    expect(() => parseRecipients(`${hybrid}\n${adaKey}\n`, "list")).toThrow("post-quantum keys and ordinary ones");
  });

  it("stand in a file that people write, with whose each key is", () => {
    const text = `# Ada\n${adaKey}\n\n${adaKey} again\n`;
    expect(parseRecipients(text, "list")).toEqual([{ key: adaKey, comment: "Ada" }]);
    expect(parseRecipients(renderRecipients([{ key: adaKey, comment: "Ada, at home" }]), "list")).toEqual([
      { key: adaKey, comment: "Ada, at home" },
    ]);
    expect(() => parseRecipients(`${adaKey}\n${adaKey.slice(0, -1)}q\n`, "list")).toThrow(
      "list:2: this is no public key",
    );
    expect(() => parseRecipients(ada, "list")).toThrow("a private key stands where a public one belongs");
    expect(() => parseRecipients(ada, "list")).not.toThrow(ada);
    expect(() => parseRecipients("ssh-ed25519 AAAA me\n", "list")).toThrow("SSH keys are not taken");
  });
});

describe("encrypting anew, killed at any moment", () => {
  const child = new URL("./testing/reencrypt-child.ts", import.meta.url);

  it("leaves every value readable, knows that it was cut off, and is completed by the next run", async () => {
    for (let number = 0; number < 9; number++) await store.set(new Secret(`s${number}`, `value-of-s${number}`));
    await letIn();
    await store.setRecipients(withoutRecipient(await store.recipients(), "Ada"));
    const names = await store.list();
    let cut = 0;
    // From the first file to the last: each run is killed a little later than the one before.
    for (const after of [0, 4, 10]) {
      const run = fork(child, [path, String(after)], { stdio: "ignore", serialization: "json" });
      const signal = await new Promise((done) => run.on("exit", (_, by) => done(by)));
      if (signal === "SIGKILL") cut += 1;
      expect(await store.reencryptionPending()).toBe(true);
      const fresh = new AgeStore(path);
      for (const name of names) expect((await fresh.get(name))?.expose()).toBe(`value-of-${name}`);
      expect((await fresh.departures())[0]?.names).toEqual(names);
    }
    expect(cut).toBe(3);
    await store.reencrypt(now);
    expect(await store.reencryptionPending()).toBe(false);
    for (const name of names) expect(await opens(ada, name)).toBe(false);
  }, 30_000);
});

describe("two processes that write at once", () => {
  const child = new URL("./testing/set-child.ts", import.meta.url);

  it("lose nothing, and never both get through with one version", async () => {
    const runs = ["x", "y"].map((who) => fork(child, [path, who, "8"], { stdio: "inherit", serialization: "json" }));
    const won = await Promise.all(
      runs.map((run) => new Promise<number>((done) => run.on("message", (number) => done(Number(number))))),
    );
    expect((await store.get("counter"))?.expose()).toBe(String((won[0] ?? 0) + (won[1] ?? 0)));
    expect(won[0]).toBeGreaterThan(0);
    for (const who of ["x", "y"]) {
      for (let number = 0; number < 8; number++)
        expect((await store.get(`${who}${number}`))?.expose()).toBe(`${number}`);
    }
  }, 30_000);
});
