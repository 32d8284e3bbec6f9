import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { fakeStack } from "../testing/fake-stack.ts";
import { rotateIdentity } from "./rotate-identity.ts";
import { IdentityHost } from "./testing/identity-host.ts";

const template = await IdentityHost.make({ sops: ["secrets.sops.yaml"] });
const hosts: IdentityHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await rm(host.folder, { recursive: true, force: true });
});
afterAll(() => rm(template.folder, { recursive: true, force: true }));

function make(): IdentityHost {
  const host = template.copy();
  hosts.push(host);
  return host;
}

/** What is said; nothing may have changed but what the test changed. */
async function refusal(host: IdentityHost, more: Partial<Parameters<typeof rotateIdentity>[1]> = {}): Promise<string> {
  const present = host.identitiesIn("identity");
  const before = host.read("secrets.sops.yaml");
  const options = { confirm: async () => true, overUncommitted: true, ...more };
  const error = await rotateIdentity(host.process().engine, options).catch((thrown: unknown) => thrown);
  expect(host.identitiesIn("identity--next")).toEqual([]);
  expect(host.identitiesIn("identity")).toEqual(present);
  expect(host.read("secrets.sops.yaml")).toBe(before);
  expect(error).toBeInstanceOf(Error);
  const said =
    error instanceof Error && "describe" in error ? (error as { describe(): string }).describe() : `${error}`;
  expect(said).not.toMatch(/AGE-SECRET-KEY-1[0-9A-Z]{10}/);
  return said;
}

describe("the rotation of an identity is refused before anything changes", () => {
  it("when there is no identity, or it is damaged, open to others, or a link", async () => {
    const missing = make();
    rmSync(join(missing.state.path, "identity"));
    expect(await refusal(missing)).toMatch(/There is no identity at .*identity\..*copy/);
    const damaged = make();
    writeFileSync(join(damaged.state.path, "identity"), "AGE-SECRET-KEY-1NONSENSE\n");
    expect(await refusal(damaged)).toMatch(/Identity 1 of .* is damaged/);
    const open = make();
    chmodSync(join(open.state.path, "identity"), 0o644);
    expect(await refusal(open)).toMatch(/Others than its owner/);
  });

  it("when Git would take the identity", async () => {
    const host = make();
    const path = join(host.folder, "keys.txt");
    writeFileSync(path, readFileSync(join(host.state.path, "identity"), "utf8"), { mode: 0o600 });
    const { engine } = host.process();
    const error = await rotateIdentity({ ...engine, identity: path }, { confirm: async () => true }).catch((e) => e);
    expect(String(error)).toMatch(/keys\.txt would lie in the Git repository/);
  });

  it("when a SOPS file was changed by hand, cut off, or has keys of other kinds too, and names each", async () => {
    const host = make();
    const good = host.read("secrets.sops.yaml");
    await host.encrypt("b.sops.yaml", "a: sardine-1\nb: sardine-2\n");
    host.write("b.sops.yaml", host.read("b.sops.yaml").replace(/^b: .*\n/m, ""));
    host.write("c.sops.yaml", good.slice(0, good.indexOf("sops:")));
    host.write(
      "d.sops.yaml",
      good.replace(/^sops:\n/m, "sops:\n    pgp:\n        - fp: ABC\n          enc: x\n          created_at: y\n"),
    );
    const said = await refusal(host);
    expect(said).toMatch(/b\.sops\.yaml/);
    expect(said).toMatch(/c\.sops\.yaml .*cut off/);
    expect(said).toMatch(/d\.sops\.yaml has keys of pgp too/);
    expect(said).not.toMatch(/swordfish|sardine/);
  });

  it("when an age file is damaged", async () => {
    const host = make();
    writeFileSync(join(host.state.path, "secrets/db-password.age"), "age-encryption.org/v1\n-> X");
    expect(await refusal(host)).toMatch(/db-password\.age is damaged or only half there/);
  });

  it("when a next identity is left from who knows what, or the stack has a secret of that name", async () => {
    const left = make();
    const path = join(left.state.path, "identity--next");
    writeFileSync(path, `${left.other.identity}\n`, { mode: 0o600 });
    const error = await rotateIdentity(left.process().engine, { confirm: async () => true }).catch((e) => e);
    expect(String(error)).toMatch(/identity--next is there, and no unfinished rotation knows of it/);
    expect(left.identitiesIn("identity--next")).toEqual([left.other.identity]);
    const host = make();
    const { engine } = host.process();
    const stack = fakeStack([{ name: "identity", consumers: ["api"] }]);
    const named = await rotateIdentity({ ...engine, stack }, { confirm: async () => true }).catch((e) => e);
    expect(String(named)).toMatch(/has a secret called "identity"/);
  });

  it("when a key is named that the file does not hold", async () => {
    expect(await refusal(make(), { key: "age1unknown" })).toMatch(/holds no identity of age1unknown/);
  });

  it("while the rotation of a secret is unfinished, but for an emergency", async () => {
    const host = make();
    const records = [
      { kind: "begun", id: "rotate-1", operation: "rotate", stack: "shop", steps: [], request: { emergency: false } },
      { kind: "step-started", step: "db-password:generate" },
    ];
    const lines = records.map((one) => `${JSON.stringify({ ...one, at: "2026-11-20T00:00:00.000Z" })}\n`);
    mkdirSync(host.state.journals, { recursive: true });
    writeFileSync(join(host.state.journals, "rotate-20261120T000000000-aaaaaa.jsonl"), lines.join(""));
    expect(await refusal(host)).toMatch(/The rotation of db-password that began at .* is unfinished/);
    const options = { confirm: async () => true, emergency: true };
    expect((await rotateIdentity(host.process().engine, options)).state).toBe("done");
  });

  it("while another operation holds the stack", async () => {
    const host = make();
    const waiting = host.process();
    let free = () => {};
    let asked = () => {};
    const reached = new Promise<void>((done) => {
      asked = done;
    });
    const confirm = async () => {
      asked();
      await new Promise<void>((done) => {
        free = done;
      });
      return false;
    };
    const first = rotateIdentity(waiting.engine, { confirm });
    await reached;
    expect(await refusal(host)).toMatch(/Another operation runs on this stack: `rotate identity`/);
    free();
    expect((await first).state).toBe("declined");
  });
});

describe("the files of an identity", () => {
  it.skipIf(process.getuid?.() !== 0)("stay their owner's when root rotates it (needs root)", async () => {
    const host = make();
    chownSync(join(host.state.path, "identity"), 4321, 4321);
    chownSync(join(host.folder, "secrets.sops.yaml"), 4321, 4321);
    expect((await rotateIdentity(host.process().engine, { confirm: async () => true })).state).toBe("done");
    const paths = [".ringwall/identity", ".ringwall/identity--previous", "secrets.sops.yaml"];
    expect(paths.map((path) => statSync(join(host.folder, path)).uid)).toEqual([4321, 4321, 4321]);
  });
});

describe("a SOPS file of others", () => {
  it("is passed over when it has keys of other kinds only, and so is what only looks like one", async () => {
    const host = make();
    const good = host.read("secrets.sops.yaml");
    const pgp = "    pgp:\n        - fp: ABC\n          enc: x\n          created_at: y\n";
    const theirs = good.replace(/ {4}age:\n( {8}.*\n)+/m, pgp);
    host.write("theirs.sops.yaml", theirs);
    host.write("docs/manual.md", "```yaml\nx: ENC[AES256_GCM,data:aa,iv:bb,tag:cc,type:str]\nsops:\n```\n");
    const options = { confirm: async () => true, overUncommitted: true };
    expect((await rotateIdentity(host.process().engine, options)).state).toBe("done");
    expect(host.read("theirs.sops.yaml")).toBe(theirs);
  });

  it("outside the stack's folder is told, and its rules above are changed", async () => {
    const host = make();
    const above = host.folder;
    mkdirSync(join(above, "stacks/shop"), { recursive: true });
    execFileSync("mv", [".ringwall", "stacks/shop/"], { cwd: above });
    execFileSync("cp", ["secrets.sops.yaml", "stacks/shop/"], { cwd: above });
    const { StateFolder } = await import("../../../state/state-folder.ts");
    const folder = join(above, "stacks/shop");
    const { engine } = host.process();
    const outcome = await rotateIdentity(
      { ...engine, stackFolder: folder, state: new StateFolder(folder) },
      { confirm: async () => true, overUncommitted: true },
    );
    expect(outcome).toMatchObject({
      state: "done",
      plan: { outside: ["../../secrets.sops.yaml"], sopsFiles: ["secrets.sops.yaml"], rules: ["../../.sops.yaml"] },
    });
    expect(host.read("secrets.sops.yaml")).toContain(host.former.key);
    expect(host.read("stacks/shop/secrets.sops.yaml")).not.toContain(host.former.key);
  });
});
