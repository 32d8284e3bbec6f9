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
import { describeStore, type StoreFault } from "./store-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-age-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(folder, `stack${count++}`, ".ringwall");
const places = new Map<string, string>();

/** A store with a value, to which something happens. */
async function afterwards(happens: (path: string) => void): Promise<AgeStore> {
  const path = fresh();
  mkdirSync(join(path, ".."), { recursive: true });
  await new AgeStore(path).set(new Secret("token", "from-before"));
  happens(path);
  return new AgeStore(path);
}

const faults: StoreFault[] = [
  {
    title: "has an identity that others can read",
    code: "permission",
    on: ["get", "set"],
    open: () => afterwards((path) => chmodSync(join(path, "identity"), 0o644)),
  },
  {
    title: "has lost its identity",
    code: "secret-missing",
    on: ["get"],
    open: () => afterwards((path) => rmSync(join(path, "identity"))),
  },
  {
    title: "holds a file that is only half there",
    code: "unreadable",
    on: ["get"],
    open: () =>
      afterwards((path) => {
        const file = join(path, "secrets/token.age");
        writeFileSync(file, readFileSync(file).subarray(0, 190));
      }),
  },
  {
    title: "holds a file for somebody else",
    code: "unreadable",
    on: ["get"],
    open: async () => {
      const other = await afterwards(() => undefined);
      await other.set(new Secret("token", "from-another"));
      return await afterwards((path) => {
        const from = join(other.description.slice("age files in ".length), "token.age");
        writeFileSync(join(path, "secrets/token.age"), readFileSync(from));
      });
    },
  },
  {
    title: "has a folder that others can enter",
    code: "permission",
    on: ["set"],
    open: () => afterwards((path) => chmodSync(join(path, "secrets"), 0o755)),
  },
];

describeStore(
  "age files",
  async (place) => {
    const path = places.get(place) ?? fresh();
    places.set(place, path);
    mkdirSync(join(path, ".."), { recursive: true });
    return new AgeStore(path);
  },
  { versions: "atomic", faults },
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
