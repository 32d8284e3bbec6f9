import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { RotationRequest } from "./plan.ts";
import { failureOf, rotate } from "./rotate.ts";
import { FakeHost, type FakeProcess } from "./testing/fake-process.ts";
import { fakeStack } from "./testing/fake-stack.ts";

const folders: string[] = [];
const hosts: FakeHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) host.thaw();
  await new Promise((resolve) => setImmediate(resolve));
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function hostOf(
  mode: "pair" | "single" = "pair",
  consumers: readonly string[] = ["api", "worker"],
  more?: string,
) {
  const folder = await mkdtemp(join(tmpdir(), "ringwall-rotate-"));
  folders.push(folder);
  const stack = fakeStack([{ name: "db-password", consumers, ...(more === undefined ? {} : { more }) }]);
  const host = new FakeHost(folder, stack, mode);
  hosts.push(host);
  return host;
}

const one: RotationRequest = { names: ["db-password"] };
const go = (process: FakeProcess, request: RotationRequest = one, resumeOnly = false) =>
  rotate(process.engine, request, { confirm: async () => true, resumeOnly });

async function journalTexts(host: FakeHost): Promise<string> {
  const names = await readdir(host.state.journals);
  return (await Promise.all(names.map((name) => readFile(join(host.state.journals, name), "utf8")))).join("");
}

describe("rotate", () => {
  it("gives every consumer a new value, ends the old one, proves it, and records it", async () => {
    const host = await hostOf();
    const old = host.store.values.get("db-password");
    const { results } = await go(host.process());
    expect(failureOf(results)).toBeUndefined();
    expect(results).toMatchObject([{ secret: "db-password", outcome: "done" }]);
    const value = host.store.values.get("db-password");
    expect(value).not.toBe(old);
    expect([...host.store.values.keys()]).toEqual(["db-password"]);
    expect([...host.world.accounts]).toEqual([["db-password_b", value]]);
    expect(host.world.works("api", "db-password") && host.world.works("worker", "db-password")).toBe(true);
    expect(host.records.kept.get("db-password")).toMatchObject({
      account: "db-password_b",
      rotator: "fake-pair",
      rotatedAt: expect.any(String),
    });
    expect(host.ledger.actions.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "secret.rotate begun",
      "secret.rotate done",
    ]);
    expect(await journalTexts(host)).toContain('"kind":"ended","outcome":"done"');
  });
});
