import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RingwallError } from "../lib/error.ts";
import type { LedgerEntry } from "../state/ledger/entry.ts";
import { withLedgerIn } from "./ledger/open-ledger.ts";
import { memoryContext } from "./memory-context.ts";
import { digestOfFile, type RecordedAction, recorded } from "./recorded.ts";
import { runCli } from "./run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-recorded-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const context = memoryContext({ env: { CI: "true" } });
const place = () => ({ folder, stack: "shop" });

function entries(): Promise<LedgerEntry[]> {
  return withLedgerIn(folder, "shop", false, context, async (ledger) => {
    const found: LedgerEntry[] = [];
    for await (const entry of ledger.entries()) found.push(entry);
    return found;
  });
}

describe("something that is done to a stack", () => {
  // covers: M7 | any
  it("is in the ledger before it begins and after it has ended, with what it changed", async () => {
    const lock = join(folder, "stack.lock");
    const what: RecordedAction = {
      action: "stack.pin",
      target: { kind: "stack", name: "shop" },
      digest: digestOfFile(lock),
      detail: { images: 2 },
    };
    const result = await recorded(context, place(), what, async (add) => {
      expect((await entriesWhileRunning()).match(/"outcome":"begun"/g)).toHaveLength(1);
      writeFileSync(lock, "digests");
      writeFileSync(join(folder, ".ringwall", "journal", "up-20260101T000000000-aabbcc.jsonl"), "");
      add({ changed: true });
      return 7;
    });
    expect(result).toBe(7);
    const [begun, done] = await entries();
    expect(begun).toMatchObject({
      outcome: "begun",
      before: null,
      after: null,
      operation: null,
      principal: { kind: "ci" },
    });
    expect(done).toMatchObject({
      action: "stack.pin",
      outcome: "done",
      before: null,
      after: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      operation: "up-20260101T000000000-aabbcc",
      detail: { images: 2, changed: true },
    });
  });

  it("and fails is in the ledger as that, and fails as it did", async () => {
    const what = { action: "stack.up", target: { kind: "stack", name: "shop" } };
    const failing = recorded(context, place(), what, () =>
      Promise.reject(new RingwallError("engine-failed", "The engine said: hunter2.")),
    );
    await expect(failing).rejects.toMatchObject({ code: "engine-failed" });
    expect((await entries())[1]).toMatchObject({ outcome: "failed", detail: { error: "engine-failed" } });
    expect(await entriesWhileRunning()).not.toContain("hunter2");
  });

  it("is not done when it cannot be recorded", async () => {
    writeFileSync(join(folder, ".ringwall"), "in the way");
    let ran = false;
    const what = { action: "stack.up", target: { kind: "stack", name: "shop" } };
    const refused = recorded(context, place(), what, async () => {
      ran = true;
    });
    await expect(refused).rejects.toMatchObject({ code: "conflict" });
    expect(ran).toBe(false);
  });
});

describe("a secret that is set, read and made", () => {
  // covers: M7 S3 | any
  it("is in the ledger by digests that change with the value, and by nothing that a guess could be tested against", async () => {
    writeFileSync(
      join(folder, "stack.yaml"),
      'name: shop\nservices:\n  api: { image: "x:1", secrets: [token] }\nsecrets: { token: external }\n',
    );
    const values = ["correct-horse-battery-staple-1", "correct-horse-battery-staple-2"];
    for (const input of values)
      expect(await runCli(["secrets", "set", "token"], memoryContext({ cwd: folder, input }))).toBe(0);
    expect(await runCli(["secrets", "get", "token"], memoryContext({ cwd: folder }))).toBe(0);
    const found = await entries();
    expect(found.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "secret.set begun",
      "secret.set done",
      "secret.set begun",
      "secret.set done",
      "secret.get begun",
      "secret.get done",
    ]);
    expect(found[1]?.before).toBeNull();
    expect(found[3]?.before).toBe(found[1]?.after);
    expect(found[3]?.after).not.toBe(found[1]?.after);
    expect(found[5]).toMatchObject({
      stack: "shop",
      target: { kind: "secret", name: "token" },
      before: found[3]?.after,
    });
    const ledger = join(folder, ".ringwall", "ledger");
    for (const name of readdirSync(ledger)) {
      const text = readFileSync(join(ledger, name), "latin1");
      for (const value of values) {
        expect(text, name).not.toContain(value);
        expect(text, name).not.toContain(Buffer.from(value).toString("base64").slice(0, 30));
        expect(text, name).not.toContain(createHash("sha256").update(value).digest("hex"));
      }
    }
  });
});

async function entriesWhileRunning(): Promise<string> {
  return readFileSync(join(folder, ".ringwall", "ledger", "log"), "utf8");
}
