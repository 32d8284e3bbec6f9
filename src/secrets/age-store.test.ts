import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { AgeStore } from "./age-store.ts";
import { Secret } from "./secret.ts";
import { describeStore } from "./store-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-age-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(folder, `stack${count++}`, ".ringwall");
const places = new Map<string, string>();

describeStore(
  "age files",
  async (place) => {
    const path = places.get(place) ?? fresh();
    places.set(place, path);
    mkdirSync(join(path, ".."), { recursive: true });
    return new AgeStore(path);
  },
  { versions: "atomic" },
);

async function withOne(): Promise<{ path: string; store: AgeStore }> {
  const path = fresh();
  mkdirSync(join(path, ".."), { recursive: true });
  const store = new AgeStore(path);
  await store.set(new Secret("token", "correct-horse-battery"));
  return { path, store };
}

describe("age files", () => {
  // covers: S5 S7 | compose
  it("are private, encrypted, and kept out of Git by the folder itself", async () => {
    const { path } = await withOne();
    for (const [name, mode] of [
      [".", 0o700],
      ["secrets", 0o700],
      ["identity", 0o600],
      ["secrets/token.age", 0o600],
    ] as const) {
      expect(statSync(join(path, name)).mode & 0o777, name).toBe(mode);
    }
    const bytes = readFileSync(join(path, "secrets/token.age"), "latin1");
    expect(bytes).toMatch(/^age-encryption\.org\/v1\n-> X25519 /);
    expect(bytes).not.toContain("correct-horse");
    execFileSync("git", ["init", "-q"], { cwd: join(path, "..") });
    expect(
      execFileSync("git", ["status", "--porcelain", "--untracked-files=all"], {
        cwd: join(path, ".."),
        encoding: "utf8",
      }),
    ).toBe("");
  });

  it("leave no half-written file behind", async () => {
    const { path } = await withOne();
    expect(readdirSync(join(path, "secrets"))).toEqual(["token.age"]);
  });

  it("refuse an identity that others can read, and a folder that others can enter", async () => {
    const one = await withOne();
    chmodSync(join(one.path, "identity"), 0o640);
    await expect(new AgeStore(one.path).get("token")).rejects.toMatchObject({ code: "permission" });
    const two = await withOne();
    chmodSync(join(two.path, "secrets"), 0o755);
    await expect(two.store.set(new Secret("b", "x"))).rejects.toMatchObject({ code: "permission" });
  });

  it("refuse a folder that is a link", async () => {
    const path = fresh();
    mkdirSync(join(path, ".."), { recursive: true });
    mkdirSync(join(path, "../elsewhere"), { mode: 0o700 });
    symlinkSync("elsewhere", path);
    await expect(new AgeStore(path).set(new Secret("a", "x"))).rejects.toMatchObject({ code: "conflict" });
  });

  it("never make a new identity over secrets of an old one", async () => {
    const { path } = await withOne();
    rmSync(join(path, "identity"));
    const store = new AgeStore(path);
    await expect(store.get("token")).rejects.toMatchObject({ code: "secret-missing" });
    await expect(store.set(new Secret("b", "x"))).rejects.toMatchObject({ code: "conflict" });
  });

  it("say that a file is damaged, and not what was in it", async () => {
    const { path, store } = await withOne();
    const file = join(path, "secrets/token.age");
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await expect(store.get("token")).rejects.toMatchObject({ code: "unreadable" });
    writeFileSync(file, "plain text");
    await expect(store.get("token")).rejects.toMatchObject({ code: "unreadable" });
  });
});
