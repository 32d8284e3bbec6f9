/** What others that rotate secrets are blamed for, one by one. Each is held beside its opposite. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { RingwallError } from "../../src/lib/error.ts";
import type { RotationRequest } from "../../src/operations/rotation/plan.ts";
import { failureOf, rotate } from "../../src/operations/rotation/rotate.ts";
import { allTexts, valuesIn } from "../../src/operations/rotation/testing/crash-checks.ts";
import { FakeHost, type FakeProcess } from "../../src/operations/rotation/testing/fake-process.ts";
import { fakeServices } from "../../src/operations/rotation/testing/fake-rotation.ts";
import { type FakeSecret, fakeStack } from "../../src/operations/rotation/testing/fake-stack.ts";
import { fastFolder } from "../../src/operations/rotation/testing/fast-folder.ts";

const folders: string[] = [];
const hosts: FakeHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) host.thaw();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function hostOf(secrets: readonly FakeSecret[]): Promise<FakeHost> {
  const folder = await fastFolder("blamed");
  folders.push(folder);
  const host = new FakeHost(folder, fakeStack(secrets));
  hosts.push(host);
  return host;
}

const one: FakeSecret = { name: "db-password", consumers: ["api", "worker"] };
const go = (process: FakeProcess, request: RotationRequest = { names: [], all: true }) =>
  rotate(process.engine, request, { confirm: async () => true });

describe("a rotation of Ringwall does not", () => {
  // covers: R12
  it("change a password outside before it has recorded it", async () => {
    const host = await hostOf([one]);
    const kept: boolean[] = [];
    const { answer } = host.world;
    host.world.answer = (call) => {
      if (call.call === "allow") kept.push(host.store.values.get("db-password--next") === call.value);
      return answer.call(host.world, call);
    };
    const { results } = await go(host.process());
    expect(failureOf(results)).toBeUndefined();
    expect(kept).toEqual([true]);
  });

  it("rotate two coupled accounts seconds apart: the second waits until the first is proven everywhere", async () => {
    const host = await hostOf([
      { name: "app-password", consumers: ["api", "worker"] },
      { name: "report-password", consumers: ["worker"] },
    ]);
    const events: string[] = [];
    const { answer } = host.world;
    host.world.answer = (call) => {
      if (call.call === "allow" || call.call === "deny") events.push(`${call.call} ${call.account}`);
      return answer.call(host.world, call);
    };
    await go(host.process());
    expect(events).toEqual([
      "allow app-password_b",
      "deny app-password",
      "allow report-password_b",
      "deny report-password",
    ]);
    // The other way round: when the first cannot be ended, the second is not touched.
    const stuck = await hostOf([one, { name: "report-password", consumers: ["worker"] }]);
    stuck.world.ignoresDeny = true;
    const { results } = await go(stuck.process());
    expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "stopped"]);
    expect([...stuck.world.accounts.keys()].filter((name) => name.startsWith("report"))).toEqual(["report-password"]);
  });

  it("leave a consumer to find out: each is told, and must sign in with the new value before the next is touched", async () => {
    const host = await hostOf([one]);
    const order: string[] = [];
    const { answer } = host.world;
    host.world.answer = (call) => {
      const answered = answer.call(host.world, call);
      if (call.call === "tell") order.push(`tell ${call.service}`);
      if (call.call === "login" && call.account === "db-password_b") order.push("try the new value");
      return answered;
    };
    await go(host.process());
    const [first, second] = [order.indexOf("tell api"), order.indexOf("tell worker")];
    expect(order.slice(first, second)).toContain("try the new value");
    expect(first).toBeLessThan(second);
    // A consumer that takes the new value and cannot use it: nobody else gets it, and it has the former one again.
    const broken = await hostOf([one]);
    const before = new Map(broken.store.values);
    broken.world.faults.set("tell", ["before"]);
    const { results } = await go(broken.process());
    expect(results).toMatchObject([{ outcome: "failed" }]);
    expect(broken.world.consumers.get("worker")?.delivered["db-password"]?.value).toBe(before.get("db-password"));
    expect(broken.world.works("api", "db-password")).toBe(true);
  });

  it("tell a service between two halves of a pair: user and password are delivered in one, and told once", async () => {
    const host = await hostOf([one]);
    const delivered: string[] = [];
    const calls: string[] = [];
    const process = host.process();
    const services = fakeServices(async (call) => host.world.answer(call));
    const watched = {
      ...services,
      deliver: (...[service, credentials]: Parameters<typeof services.deliver>) => {
        calls.push(`deliver ${service}`);
        for (const [, { account, value }] of credentials)
          delivered.push(`${account !== undefined} ${value.name !== ""}`);
        return services.deliver(service, credentials);
      },
      tell: (service: string) => {
        calls.push(`tell ${service}`);
        return services.tell(service);
      },
    };
    await rotate({ ...process.engine, services: watched }, { names: [], all: true }, { confirm: async () => true });
    expect(calls).toEqual(["deliver api", "tell api", "deliver worker", "tell worker"]);
    expect(delivered).toEqual(["true true", "true true"]);
  });

  it("print the secret in the error that says it failed, nor write it anywhere", async () => {
    const host = await hostOf([one]);
    const process = host.process();
    const seen: string[] = [...host.store.values.values()];
    const rotators = process.engine.rotators.map((rotator) => ({
      ...rotator,
      begin: (...given: Parameters<typeof rotator.begin>) =>
        Object.assign(rotator.begin(...given), {
          // As a program does that repeats what it was given.
          stage: async ({ value }: { value: { expose(): string } }) => {
            seen.push(value.expose());
            const encoded = Buffer.from(value.expose()).toString("base64");
            throw new RingwallError("engine-failed", `ALTER ROLE x PASSWORD '${value.expose()}' failed (${encoded})`, {
              hint: `Try psql -c "${value.expose()}"`,
            });
          },
        }),
    }));
    const { results } = await rotate(
      { ...process.engine, rotators },
      { names: [], all: true },
      { confirm: async () => true },
    );
    const failure = failureOf(results);
    expect(failure?.message).toContain("‹secret db-password--next›");
    expect(seen).toHaveLength(2);
    expect(valuesIn(`${failure?.describe()}\n${String(failure?.cause)}\n${await allTexts(host)}`, seen)).toEqual([]);
  });

  it("call a rotation done while the old credential still works", async () => {
    const host = await hostOf([one]);
    const old = host.store.values.get("db-password") ?? "";
    host.world.ignoresDeny = true;
    const { results } = await go(host.process());
    expect(results).toMatchObject([{ outcome: "failed" }]);
    expect(failureOf(results)?.message).toContain("STILL WORKS");
    expect(host.world.accounts.get("db-password")).toBe(old);
    expect(host.ledger.actions.some(({ action, outcome }) => action === "secret.rotate" && outcome === "done")).toBe(
      false,
    );
    const [journal = ""] = await readdir(host.state.journals);
    expect(await readFile(join(host.state.journals, journal), "utf8")).not.toContain('"kind":"ended"');
  });

  // That a log cannot be rewritten from the start unseen: src/state/ledger/attacks.test.ts.
});
