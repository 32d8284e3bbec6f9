import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testAction } from "../testing/ledger-actions.ts";
import { Random } from "../testing/random.ts";
import { isSignedBy, parseCheckpoint } from "./checkpoint.ts";
import { type LedgerEntry, leafText } from "./entry.ts";
import { LedgerFile } from "./ledger-file.ts";
import { KeyedDigests, keyedDigests } from "./ledger-keys.ts";
import { consistencyHolds, inclusionHolds, leafHash } from "./merkle.ts";

const worker = fileURLToPath(new URL("../testing/ledger-worker.ts", import.meta.url));
let state: string;
const ledgers: LedgerFile[] = [];
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "ringwall-ledger-"));
});
afterEach(async () => {
  for (const ledger of ledgers.splice(0)) await ledger.close();
  rmSync(state, { recursive: true, force: true });
});

async function open(now?: () => Date): Promise<LedgerFile> {
  const ledger = await LedgerFile.open(state, now === undefined ? { stack: "shop" } : { stack: "shop", now });
  ledgers.push(ledger);
  return ledger;
}

async function all(ledger: LedgerFile): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = [];
  for await (const entry of ledger.entries()) found.push(entry);
  return found;
}

const log = () => join(state, "ledger", "log");
const names = async (ledger: LedgerFile) => {
  const found: string[] = [];
  for await (const entry of ledger.entries())
    found.push(entry.action === "secret.set" ? entry.target.name : entry.action);
  return found;
};
/** The log without the zeros behind it. */
const logText = () => readFileSync(log(), "utf8").replace(/\0+$/, "");
const start = (name: string, times: number) =>
  spawn(process.execPath, ["--no-warnings", worker, state, name, `${times}`], { stdio: ["ignore", "pipe", "inherit"] });
const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("exit", resolve));

describe("the ledger", () => {
  // covers: M7 | any
  it("keeps who did what to what, in order, under a checkpoint that its key has signed", async () => {
    const ledger = await open(() => new Date("2026-02-03T04:05:06.789Z"));
    expect(await ledger.checkpoint()).toBeUndefined();
    expect(await ledger.append(testAction("a"))).toEqual({ index: 0 });
    expect(await ledger.appendMany([testAction("b"), testAction("c")])).toEqual({ index: 1 });
    expect(await names(ledger)).toEqual(["a", "b", "c"]);
    const [first] = await all(ledger);
    expect(first).toEqual({ index: 0, at: "2026-02-03T04:05:06.789Z", ...testAction("a") });
    const checkpoint = parseCheckpoint((await ledger.checkpoint())!)!;
    expect(checkpoint).toMatchObject({ size: 3, origin: ledger.verifier.name });
    expect(checkpoint.origin).toMatch(/\/ringwall\/shop\/[0-9a-f]{8}$/);
    expect(isSignedBy(checkpoint, ledger.verifier)).toBe(true);
    for (const name of ["log", "hashes", "signing.key", "lock"]) {
      expect(statSync(join(state, "ledger", name)).mode & 0o777, name).toBe(0o600);
    }
  });

  it("goes on where another process, or an earlier one, has ended", async () => {
    const first = await open();
    await first.append(testAction("a"));
    const second = await open();
    expect(await second.append(testAction("b"))).toEqual({ index: 1 });
    expect(await first.append(testAction("c"))).toEqual({ index: 2 });
    expect(await first.size()).toBe(3);
    expect(second.verifier.text).toBe(first.verifier.text);
    expect(await names(second)).toEqual(["a", "b", "c"]);
  });

  it("proves its entries and its earlier sizes", async () => {
    const ledger = await open();
    const roots = [];
    for (let size = 0; size < 20; size++) {
      roots.push(size === 0 ? Buffer.alloc(0) : await ledger.rootAt(size));
      await ledger.append(testAction(`${size}`));
    }
    const entries = await all(ledger);
    const head = parseCheckpoint((await ledger.checkpoint())!)!;
    for (const { index, ...action } of entries) {
      const { size, proof } = await ledger.proveInclusion(index);
      expect(inclusionHolds(index, size, leafHash(Buffer.from(leafText(action))), proof, head.root)).toBe(true);
    }
    for (let size = 1; size < 20; size++) {
      const { proof } = await ledger.proveConsistency(size, roots[size]!);
      expect(consistencyHolds(size, 20, proof, roots[size]!, head.root)).toBe(true);
    }
    await expect(ledger.proveConsistency(7, roots[8]!)).rejects.toMatchObject({ code: "conflict" });
    await expect(ledger.proveInclusion(20)).rejects.toMatchObject({ code: "usage" });
  });

  // covers: M7 | any
  it("loses and doubles nothing when several processes append at once", async () => {
    const children = ["x", "y", "z"].map((name) => start(name, 60));
    expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0]);
    const ledger = await open();
    const found = await names(ledger);
    expect(new Set(found).size).toBe(180);
    for (const name of ["x", "y", "z"]) {
      expect(found.filter((one) => one.startsWith(name))).toEqual(Array.from({ length: 60 }, (_, n) => `${name}-${n}`));
    }
  });

  it("writes what waits at once", async () => {
    const ledger = await open();
    const results = await Promise.all(Array.from({ length: 500 }, (_, n) => ledger.append(testAction(`${n}`))));
    expect(results.map(({ index }) => index)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(logText().match(/^=/gm)!.length).toBeLessThan(10);
  });

  it("explains a clock that was set back, and takes a small step for none", async () => {
    let now = new Date("2026-02-03T04:05:06.000Z");
    const ledger = await open(() => now);
    await ledger.append(testAction("a"));
    now = new Date("2026-02-03T04:05:05.000Z");
    await ledger.append(testAction("b"));
    now = new Date("2026-02-01T00:00:00.000Z");
    expect(await ledger.append(testAction("c"))).toEqual({ index: 3 });
    const entries = await all(ledger);
    expect(entries.map(({ at }) => at.slice(0, 19))).toEqual([
      "2026-02-03T04:05:06",
      "2026-02-03T04:05:06",
      "2026-02-01T00:00:00",
      "2026-02-01T00:00:00",
    ]);
    expect(entries[2]).toMatchObject({ action: "ledger.clock-set-back", detail: { from: "2026-02-03T04:05:06.000Z" } });
  });

  it("refuses an entry that is a document", async () => {
    const ledger = await open();
    const long = testAction("a", { detail: { text: "x".repeat(70_000) } });
    await expect(ledger.append(long)).rejects.toMatchObject({ code: "too-large" });
    expect(await ledger.append(testAction("b"))).toEqual({ index: 0 });
  });
});

describe("a crash", () => {
  // covers: M7 | any
  it("at any byte of a write loses nothing that was told to be durable, and is told in the ledger", async () => {
    const ledger = await open();
    await ledger.append(testAction("a"));
    const sealed = logText().length;
    await ledger.append(testAction("b"));
    await ledger.close();
    const whole = logText();
    const random = new Random(7);
    for (let round = 0; round < 25; round++) {
      const cut = sealed + 1 + random.below(whole.length - sealed - 2);
      // The first part of the write is on the disk, or a hole is in it where a block was not written.
      const torn = round % 2 === 0 ? whole.slice(0, cut) : `${whole.slice(0, cut)}\0\0\0${whole.slice(cut + 3)}`;
      writeFileSync(log(), `${torn}${"\0".repeat(1_000)}`);
      const again = await LedgerFile.open(state, { stack: "shop" });
      expect(await names(again), `cut at ${cut}`).toEqual(["a"]);
      await again.append(testAction("c"));
      expect(await names(again), `cut at ${cut}`).toEqual(["a", "ledger.recovered", "c"]);
      await again.close();
    }
  });

  it("of the whole process at any moment keeps every entry that it printed", async () => {
    const printed: number[] = [];
    for (let round = 0; round < 3; round++) {
      const child = start(`round${round}`, 10_000);
      const text: Buffer[] = [];
      child.stdout?.on("data", (data: Buffer) => text.push(data));
      await new Promise((resolve) => child.stdout?.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, 20 + round * 17));
      child.kill("SIGKILL");
      await ended(child);
      const lines = Buffer.concat(text).toString().split("\n").slice(0, -1);
      printed.push(...lines.map(Number));
    }
    const ledger = await open();
    const entries = await all(ledger);
    expect(printed.length).toBeGreaterThan(3);
    expect(entries.length).toBeGreaterThan(Math.max(...printed));
    expect(new Set(printed).size).toBe(printed.length);
  });

  it("that loses the hashes, or some of them, loses no proof", async () => {
    const ledger = await open();
    for (let n = 0; n < 9; n++) await ledger.append(testAction(`${n}`));
    const root = await ledger.rootAt(9);
    await ledger.close();
    const hashes = join(state, "ledger", "hashes");
    truncateSync(hashes, 32 * 4);
    const second = await open();
    expect(await second.append(testAction("9"))).toEqual({ index: 9 });
    const bytes = readFileSync(hashes);
    bytes.fill(0, 0, 64);
    writeFileSync(hashes, bytes);
    expect((await second.proveConsistency(9, root)).proof.length).toBeGreaterThan(0);
    expect((await second.proveInclusion(1)).size).toBe(10);
  });
});

/** A file system of so many kB that only the script sees, where this user may have one. */
function onSmallDisk(kilobytes: number, script: string): string | undefined {
  const mounted = `mount -t tmpfs -o size=${kilobytes}k none "$1" && ${script}`;
  try {
    const args = ["-m", "sh", "-c", mounted, "sh", state];
    return execFileSync("unshare", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}
const mayMount = process.platform === "linux" && process.getuid?.() === 0;

describe("a full disk", () => {
  // covers: M7 | any | real: a full tmpfs
  it.skipIf(!mayMount)("is told in a sentence, loses nothing, and the ledger goes on when there is room", (context) => {
    const node = `"${process.execPath}" --no-warnings "${worker}" "$1"`;
    const text = onSmallDisk(
      400,
      `head -c 90000 /dev/zero > "$1/other"; ${node} full 3000; ${node} x 0; rm "$1/other"; ${node} again 1; ${node} x 0`,
    );
    if (text === undefined) return context.skip("no file system can be mounted here");
    const lines = text.trim().split("\n");
    const failed = lines.findIndex((line) => !/^\d+$/.test(line));
    expect(lines[failed]).toMatch(/cannot be written: the disk is full\.$/);
    expect(failed).toBeGreaterThan(100);
    expect(lines.slice(0, failed)).toEqual(Array.from({ length: failed }, (_, n) => `${n}`));
    expect(lines.slice(failed + 1)).toEqual([`${failed}`, `${failed}`, `${failed + 1}`]);
  });
});

describe("a ledger that was changed by something else", () => {
  const changed = async (change: (text: string) => string) => {
    const ledger = await open();
    for (const name of ["a", "b", "c"]) await ledger.append(testAction(name));
    await ledger.close();
    writeFileSync(log(), change(logText()));
    rmSync(join(state, "ledger", "hashes"));
    return (await open()).append(testAction("d"));
  };

  it.each([
    ["an edited entry", (text: string) => text.replace('"name":"a"', '"name":"z"')],
    ["a deleted entry", (text: string) => text.replace(/^\{.*\n/m, "")],
    ["an edited seal", (text: string) => text.replace(/=3 ./, "=3 A")],
    ["a seal of another size", (text: string) => text.replace("=3 ", "=4 ")],
  ])("is not signed: %s", async (_, change) => {
    await expect(changed(change)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("does not match its own seal"),
    });
  });

  it("is not signed when an entry without a seal was put behind: it is taken away", async () => {
    await changed((text) => `${text}${leafText({ at: "2026-01-01T00:00:00.000Z", ...testAction("forged") })}\n`);
    expect(await names(await open())).toEqual(["a", "b", "c", "ledger.recovered", "d"]);
  });

  it("and has lost its key, is not begun anew over the old one", async () => {
    const ledger = await open();
    await ledger.append(testAction("a"));
    rmSync(join(state, "ledger", "signing.key"));
    await expect(open()).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("lost its signing key"),
    });
  });
});

describe("the keys", () => {
  it("are refused where Git would take them, and where others can read them", async () => {
    mkdirSync(join(state, ".git"));
    await expect(open()).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("taken into Git"),
    });
    writeFileSync(join(state, ".gitignore"), "*\n");
    await (await open()).append(testAction("a"));
    writeFileSync(join(state, ".git", "index"), "DIRC...ledger/signing.key\0...");
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining("is tracked by Git") });
    rmSync(join(state, ".git"), { recursive: true });
    const { chmodSync } = await import("node:fs");
    chmodSync(join(state, "ledger", "signing.key"), 0o644);
    await expect(open()).rejects.toMatchObject({ code: "permission" });
  });

  it("make digests of secrets that nobody without them can test a guess against", async () => {
    const digests = await keyedDigests(state);
    expect((await keyedDigests(state)).of("secret a", "hunter2")).toBe(digests.of("secret a", "hunter2"));
    expect(digests.of("secret b", "hunter2")).not.toBe(digests.of("secret a", "hunter2"));
    expect(digests.of("secret a", "hunter3")).not.toBe(digests.of("secret a", "hunter2"));
    expect(new KeyedDigests(Buffer.alloc(32)).of("secret a", "hunter2")).not.toBe(digests.of("secret a", "hunter2"));
  });
});
