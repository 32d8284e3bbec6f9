import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formsOfValue } from "../../src/operations/rotation/testing/crash-checks.ts";
import { labEngine, labTitle } from "./support/engine.ts";
import { QuickstartUnderLoad } from "./support/rotate-under-load.ts";

const engine = await labEngine();
const skip = "missing" in engine || process.getuid?.() !== 0;

// covers: R8 R12 R17 M7 S3 | compose | real: Docker engine 28.5, lab images with PostgreSQL 15 and Mosquitto 2.0
describe.skipIf(skip)(labTitle("the secrets of the quickstart, rotated under load", engine), () => {
  let quickstart: QuickstartUnderLoad;
  /** Every value that a secret had, and everything that any command said. */
  const values = new Set<string>();
  const said: string[] = [];
  /** Command lines and environments of the processes that a rotation started. */
  const seen: string[] = [];
  const rotate = async (...args: string[]) => {
    const { code, text } = await quickstart.rotate(...args);
    said.push(text);
    return { code, text };
  };
  const remember = async () => {
    for (const name of ["api-db-password", "db-password", "mqtt-sensors", "mqtt-dashboard"]) {
      values.add((await quickstart.ringwall("secrets", "get", name)).text.trim());
    }
  };

  beforeAll(async () => {
    quickstart = await QuickstartUnderLoad.start();
  }, 180_000);
  afterAll(() => quickstart?.stop(), 60_000);

  it("shows what is due and how it would go, and changes nothing", async () => {
    quickstart.daysLater(91);
    const before = readFileSync(quickstart.serviceFile, "utf8");
    const { code, text } = await rotate("--due", "--plan");
    expect(code).toBe(1);
    for (const name of ["api-db-password", "db-password", "mqtt-sensors", "mqtt-dashboard"])
      expect(text).toContain(name);
    expect(readFileSync(quickstart.serviceFile, "utf8")).toBe(before);
  });

  it("replaces all that is due without one failed request, and proves each old value dead", async () => {
    await remember();
    const before = readFileSync(quickstart.serviceFile, "utf8");
    await quickstart.begin({ postgres: 20, mqtt: 20, api: 6 });
    await sleep(2_000);
    const { code, text } = await rotate("--due", "--yes");
    expect(text).not.toContain("✗");
    expect(code).toBe(0);
    // The device goes on with what it has; what brings the stack up again must leave it that.
    expect((await quickstart.ringwall("up", "--images", `${quickstart.folder}/images.json`)).text).toContain(
      "nothing had",
    );
    await quickstart.giveDevice();
    await sleep(3_000);
    expect((await rotate("--retire-now", "--yes")).code).toBe(0);
    await sleep(2_000);
    const results = await quickstart.end();
    for (const [kind, { sent, failed, reasons }] of Object.entries(results)) {
      expect([kind, failed, reasons]).toEqual([kind, 0, []]);
      expect(sent, kind).toBeGreaterThan(40);
    }
    expect(results.postgres?.changes).toBe(1);
    expect(results.mqtt?.changes).toBe(1);
    expect(readFileSync(quickstart.serviceFile, "utf8")).not.toBe(before);
    await remember();
    expect(values.size).toBe(8);
  }, 240_000);

  it("has nothing due any more, is as the stack wants it, and the ledger holds it all", async () => {
    expect((await rotate("--due", "--plan")).code).toBe(0);
    const up = await quickstart.ringwall("up", "--images", `${quickstart.folder}/images.json`);
    expect(up.text).toContain("nothing had to change");
    const verified = await quickstart.ringwall("ledger", "verify");
    said.push(verified.text);
    expect(verified.code).toBe(0);
    const listed = await quickstart.ringwall("ledger", "list", "--format", "json");
    said.push(listed.text);
    expect(listed.text.match(/"secret\.rotate"/g)?.length).toBeGreaterThanOrEqual(8);
  }, 60_000);

  it("rotates back to the first of two roles, after a compromise at once, with an incident", async () => {
    quickstart.daysLater(1);
    const watched = await quickstart.watchProcesses();
    const { code, text } = await rotate("--emergency", "api-db-password", "mqtt-dashboard", "--yes");
    seen.push(await watched());
    expect(text).not.toContain("✗");
    expect(code).toBe(0);
    expect(readFileSync(quickstart.serviceFile, "utf8")).toContain("user=authenticator\n");
    expect(text).toMatch(/incident/i);
    await remember();
  }, 120_000);

  it("keeps no value in anything that it writes or says, in no form", () => {
    const kept = quickstart.keptTexts();
    expect(kept.length).toBeGreaterThan(3);
    expect(seen.join("")).toMatch(/nsenter|docker/);
    const told = [...said, ...seen, ...quickstart.engineTexts()];
    for (const form of [...values].flatMap(formsOfValue)) {
      for (const { path, text } of kept) expect(text.includes(form), path).toBe(false);
      for (const text of told) expect(text.includes(form)).toBe(false);
    }
  });
});
