import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MemoryContext, memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-ledger-cli-"));
  mkdirSync(join(folder, "shop"));
  writeFileSync(
    join(folder, "shop", "stack.yaml"),
    'name: shop\nservices:\n  api: { image: "x:1", secrets: [token] }\nsecrets: { token: external }\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Given = Parameters<typeof memoryContext>[0];

async function run(args: readonly string[], given: Given = {}): Promise<MemoryContext & { readonly code: number }> {
  const context = memoryContext({ cwd: join(folder, "shop"), env: { HOME: folder }, columns: 1_000, ...given });
  return Object.assign(context, { code: await runCli(args, context) });
}

/** What a command prints; fails when it does not end well. */
async function out(args: readonly string[], given: Given = {}): Promise<string> {
  const done = await run(["ledger", ...args], given);
  expect(done.stderr.text()).toBe("");
  expect(done.code).toBe(0);
  return done.stdout.text();
}

const at = (text: string): Given => ({ now: new Date(text) });

describe("ringwall ledger", () => {
  // covers: G7 M7 | any
  it("keeps decisions and reviews with their date and who made them", async () => {
    const missing = await run(["ledger", "list"]);
    expect([missing.code, missing.stderr.text()]).toEqual([2, expect.stringContaining("has no ledger yet")]);
    await out(["note", "Caddy rather than nginx"], at("2026-01-10T10:00:00Z"));
    await out(["note", "--kind", "review", "All fine \u001b[31m"], at("2026-02-10T10:00:00Z"));
    const list = await out(["list"]);
    expect(list.split("\n")).toHaveLength(3);
    expect(list).toMatch(
      /^ {5}0 {2}2026-01-10T10:00:00\.000Z {2}done {4}note\.decision {2}.* by .+@.+text: Caddy rather than nginx/,
    );
    expect(list).not.toContain("\u001b");
    expect(await out(["list", "--action", "note.review"])).toContain("All fine \\u{1b}[31m");
    expect(await out(["list", "--action", "note", "--limit", "1"])).toMatch(/^ {5}1 /);
    expect(await out(["list", "--since", "2026-02-01"])).toMatch(/^ {5}1 /);
    expect(await out(["list", "--by", "nobody-at-all"])).toBe("");
    const json = JSON.parse(await out(["list", "--format", "json", "--outcome", "done"]));
    expect(json.entries[1]).toMatchObject({ index: 1, action: "note.review", detail: { text: "All fine \u001b[31m" } });
    expect((await run(["ledger", "note", " "])).code).toBe(2);
  });

  it("is verified elsewhere by what a machine without a network has cosigned", async () => {
    const key = (await out(["key"])).trim();
    const witness = (await out(["witness-key", "--state", join(folder, "w")])).trim();
    await out(["note", "first"]);
    await out(["witness", "trust", "laptop", "--key", witness]);
    const request = await out(["checkpoint", "--for", "laptop"]);
    const stranger = await run(["ledger", "cosign", "--state", join(folder, "w")], { input: request });
    expect([stranger.code, stranger.stderr.text()]).toEqual([2, expect.stringContaining("does not know the log")]);
    const cosigned = await out(["cosign", "--state", join(folder, "w"), "--log", key], { input: request });
    expect(await out(["witness", "add"], { input: cosigned })).toBe("laptop has seen 2 entries.\n");
    await out(["note", "later"]);
    await out(["export", "../export"]);
    rmSync(join(folder, "shop"), { recursive: true });
    const verify = ["verify", "export", "--key", key, "--witness", witness];
    const found = await out(verify, { cwd: folder });
    expect(found).toContain("✓ Nothing was found that does not fit.");
    expect(found).toContain("has seen the first 2 entries, on 2026-01-02T03:04:05.000Z.");
    expect(found).toContain("No pinned witness has seen entry 2, since 2026-01-02T03:04:05.000Z");
    const path = join(folder, "export", "leaves.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace("first", "never"));
    const changed = await run(["ledger", ...verify, "--format", "json"], { cwd: folder });
    expect(changed.code).toBe(1);
    expect(JSON.parse(changed.stdout.text()).problems[0].kind).toBe("history");
    // The host hands out less than the witness has seen, and leaves out what the witness has cosigned.
    writeFileSync(join(folder, "held"), await out(["held", "--state", join(folder, "w")]));
    writeFileSync(join(folder, "export", "cosigned.jsonl"), "");
    writeFileSync(path, `${readFileSync(path, "utf8").split("\n")[0]}\n`);
    const cut = await run(["ledger", ...verify, "--seen", "held"], { cwd: folder });
    expect([cut.code, cut.stdout.text()]).toEqual([
      1,
      expect.stringMatching(/has seen on .* has 2: 1 at the end were removed/),
    ]);
  });

  it("is shown to a file elsewhere, and held against it when verified here", async () => {
    await out(["note", "first"]);
    mkdirSync(join(folder, "stick"));
    await out(["witness", "trust", "usb", "--file", "../stick/ledger.txt"]);
    expect(await out(["witness", "ask"])).toBe("usb has seen 2 entries.\n");
    expect(await out(["witness", "list"])).toContain("has seen 2 of 2 entries");
    expect(await out(["verify"])).toContain("A pinned witness has seen every entry.");
    for (const name of ["log", "hashes"]) rmSync(join(folder, "shop/.ringwall/ledger", name));
    await out(["note", "history as it should have been"]);
    const found = await run(["ledger", "verify"]);
    expect([found.code, found.stdout.text()]).toEqual([1, expect.stringContaining("1 at the end were removed")]);
    const asked = await run(["ledger", "witness", "ask"]);
    expect([asked.code, asked.stderr.text()]).toEqual([
      3,
      expect.stringContaining("has seen 2 entries, and the ledger here has 1"),
    ]);
    expect(await out(["list", "--action", "ledger.witness"])).toContain("failed");
    await out(["witness", "remove", "usb"]);
    expect(await out(["witness", "list"])).toContain("The ledger has no witness");
  });

  it("is shown to another host, which listens here without a certificate only for itself", async () => {
    const key = (await out(["key"])).trim();
    await out(["note", "first"]);
    const state = ["--state", join(folder, "w")];
    const open = await run(["ledger", "listen", "0.0.0.0:0", ...state]);
    expect([open.code, open.stderr.text()]).toEqual([2, expect.stringContaining("on this machine only")]);
    const context = memoryContext({ cwd: folder });
    const listening = runCli(["ledger", "listen", "127.0.0.1:0", ...state, "--log", key], context);
    while (!context.stderr.text().includes("\n")) await sleep(5);
    const [, port, witness] = /:(\d+)\. This witness's key: (\S+)/.exec(context.stderr.text())!;
    await out(["witness", "trust", "nas", "--url", `http://127.0.0.1:${port}`, "--key", witness!]);
    expect(await out(["witness", "ask", "nas"])).toBe("nas has seen 2 entries.\n");
    context.interrupt();
    expect(await listening).toBe(0);
    const gone = await run(["ledger", "witness", "ask"]);
    expect([gone.code, gone.stderr.text()]).toEqual([3, expect.stringContaining("cannot be reached: ECONNREFUSED")]);
    expect((await run(["ledger", "witness", "ask", "other"])).code).toBe(2);
  });

  it("proves one entry, and says what is wrong with what it is given", async () => {
    await out(["note", "first"]);
    expect(await out(["prove", "0"])).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 0\n\n/);
    for (const args of [
      ["prove", "7"],
      ["prove", "x"],
      ["verify", "nowhere"],
      ["verify", "--key", "a+00000000+AAAA"],
      ["stream", "http://host"],
      ["list", "--since", "yesterday"],
      ["list", "--limit", "0"],
      ["witness", "trust", "x"],
      ["witness", "trust", "x", "--url", "https://h"],
      ["witness", "add"],
      ["export", "."],
    ]) {
      const failed = await run(["ledger", ...args], { input: "" });
      expect([2, 3], args.join(" ")).toContain(failed.code);
      expect(failed.stderr.text(), args.join(" ")).toMatch(/^ringwall: [A-Z"/].*[.]\n/);
    }
  });
});
