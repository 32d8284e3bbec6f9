import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { RingwallError } from "../../lib/error.ts";
import { Secret } from "../../secrets/secret.ts";
import { emptySecretRecord } from "../../state/database/records.ts";
import { findOrphans, removeOrphans } from "./orphans.ts";
import { planRotation, type RotationRequest } from "./plan.ts";
import { putRecord } from "./put-record.ts";
import { readRetiring } from "./retiring.ts";
import { failureOf, rotate } from "./rotate.ts";
import { scheduleOf } from "./schedule/schedule.ts";
import { watchCredentials } from "./services/watch-credentials.ts";
import { allTexts, valuesIn, wrongAtEnd } from "./testing/crash-checks.ts";
import { FakeHost, type FakeProcess } from "./testing/fake-process.ts";
import type { FakeMode } from "./testing/fake-rotation.ts";
import { type FakeSecret, fakeStack } from "./testing/fake-stack.ts";
import { fastFolder } from "./testing/fast-folder.ts";
import { refuseWhileRotating } from "./unfinished.ts";

const folders: string[] = [];
const hosts: FakeHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) host.thaw();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const database: FakeSecret = { name: "db-password", consumers: ["api", "worker"] };

async function hostOf(mode: FakeMode = "pair", secrets: readonly FakeSecret[] = [database], more = "") {
  const folder = await fastFolder("rotate");
  folders.push(folder);
  const host = new FakeHost(folder, fakeStack(secrets, more), mode);
  hosts.push(host);
  return host;
}

const one: RotationRequest = { names: ["db-password"] };
const go = (process: FakeProcess, request: RotationRequest = one, resumeOnly = false) =>
  rotate(process.engine, request, { confirm: async () => true, resumeOnly });
const storedIn = (host: FakeHost, name = "db-password") => host.store.values.get(name) ?? "";
const day = 86_400_000;

async function journalTexts(host: FakeHost): Promise<string> {
  const names = await readdir(host.state.journals);
  return (await Promise.all(names.map((name) => readFile(join(host.state.journals, name), "utf8")))).join("");
}

/** The steps that a journal tells of, as they began. */
async function stepsOf(host: FakeHost): Promise<readonly string[]> {
  const lines = (await journalTexts(host)).trim().split("\n");
  return lines.flatMap((line) => {
    const record = JSON.parse(line);
    return record.kind === "step-started" ? [record.step] : [];
  });
}

describe("a rotation", () => {
  // covers: S7
  it("takes from who left what they knew, and not with a rotation of before", async () => {
    const host = await hostOf();
    const since = { ...emptySecretRecord(host.stack.name, "db-password"), exposedSince: "2020-01-01T00:00:00.000Z" };
    await host.records.secrets.put({ ...since, rotatedAt: "2019-01-01T00:00:00.000Z" });
    const { results } = await go(host.process());
    expect(failureOf(results)).toBeUndefined();
    expect(host.records.kept.get("db-password")).toMatchObject({
      exposedSince: null,
      rotatedAt: expect.stringMatching(/^20[2-9]/),
    });
    const run = { engine: host.process().engine, secret: { name: "db-password" } } as Parameters<typeof putRecord>[0];
    const record = host.records.kept.get("db-password");
    if (record === undefined) throw new Error("no record");
    await host.records.secrets.put({ ...record, exposedSince: "2099-01-01T00:00:00.000Z" });
    await putRecord(run, { rotatedAt: "2098-01-01T00:00:00.000Z" });
    expect(host.records.kept.get("db-password")?.exposedSince).toBe("2099-01-01T00:00:00.000Z");
  });

  // covers: R12 | compose
  it("gives every consumer a new value, ends the old one, proves it, and records it", async () => {
    const host = await hostOf();
    const before = new Map(host.store.values);
    const { results } = await go(host.process());
    expect(failureOf(results)).toBeUndefined();
    expect(results).toMatchObject([{ secret: "db-password", outcome: "done", expectedMs: 0 }]);
    expect(await wrongAtEnd(host, before)).toEqual([]);
    expect(storedIn(host)).not.toBe(before.get("db-password"));
    expect([...host.world.accounts]).toEqual([["db-password_b", storedIn(host)]]);
    expect(host.records.kept.get("db-password")).toMatchObject({
      account: "db-password_b",
      rotator: "fake-pair",
      rotatedAt: expect.any(String),
    });
    expect(host.ledger.actions.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "secret.rotate begun",
      "secret.rotate done",
    ]);
    expect(host.ledger.actions.at(-1)).toMatchObject({
      before: expect.stringMatching(/^sha256:/),
      after: expect.stringMatching(/^sha256:/),
      operation: results[0]?.operation,
    });
  });

  it("goes through its phases in the one order in which no step leaves anybody without", async () => {
    const host = await hostOf();
    await go(host.process());
    expect(await stepsOf(host)).toEqual(
      [
        "preflight",
        "generate",
        "stage",
        "switch:api",
        "switch:worker",
        "verify",
        "commit",
        "revoke",
        "prove",
        "record",
      ].map((phase) => `db-password:${phase}`),
    );
  });

  it("leaves everything as it was when the person says no", async () => {
    const host = await hostOf();
    const outcome = await rotate(host.process().engine, one, { confirm: async () => false });
    expect(outcome.declined).toBe(true);
    expect(await readdir(host.state.journals)).toEqual([]);
  });

  it.each([
    ["the issuer is too busy", "allow", "429"],
    ["the issuer fails", "allow", "500"],
    ["the issuer is not reached", "allow", "unreachable"],
    ["the issuer did it, and its answer was lost", "allow", "timeout-after"],
    ["a service could not be told", "tell", "before"],
    ["a service was told, and no answer came", "tell", "after"],
    ["a file could not be delivered", "deliver", "before"],
  ] as const)("takes everything back when %s", async (_why, call, fault) => {
    for (const mode of ["pair", "single"] as const) {
      const host = await hostOf(mode);
      const before = new Map(host.store.values);
      host.world.faults.set(call, [fault]);
      const { results } = await go(host.process());
      expect(results).toMatchObject([{ outcome: "failed" }]);
      expect(failureOf(results)?.message).toContain("The issuer failed");
      expect(await wrongAtEnd(host, before)).toEqual([]);
      expect(new Map(host.store.values)).toEqual(before);
      expect(await journalTexts(host)).toContain('"kind":"ended","outcome":"failed"');
      expect(host.ledger.actions.at(-1)).toMatchObject({ outcome: "failed" });
    }
  });

  it("stays unfinished when it cannot be taken back, and goes on taking back when it is taken up", async () => {
    const host = await hostOf();
    const before = new Map(host.store.values);
    host.world.faults.set("tell", [undefined, "before", "before", "before"]);
    const { results } = await go(host.process());
    expect(failureOf(results)?.message).toContain("could not be taken back");
    await expect(refuseWhileRotating(host.state.journals, "up", "shop")).rejects.toMatchObject({ code: "conflict" });
    host.world.faults.clear();
    const resumed = await go(host.process(), { names: [] }, true);
    expect(resumed.results).toMatchObject([{ outcome: "undone" }]);
    expect(await wrongAtEnd(host, before)).toEqual([]);
    await refuseWhileRotating(host.state.journals, "up", "shop");
  });

  it("refuses to begin while a service that it needs does not run, or the present value does not work", async () => {
    const stopped = await hostOf();
    const worker = stopped.world.consumers.get("worker");
    if (worker !== undefined) worker.running = false;
    expect(failureOf((await go(stopped.process())).results)?.message).toContain("worker does not run");
    const other = await hostOf();
    other.world.accounts.set("db-password", "set by somebody else");
    const failure = failureOf((await go(other.process())).results);
    expect(failure?.message).toContain("does not work from api (refused)");
    expect(other.world.calls).not.toContain("allow");
  });

  it("changes nothing outside when the store's disk is full, and says so", async () => {
    const host = await hostOf();
    const before = new Map(host.store.values);
    host.store.full = true;
    const { results } = await go(host.process());
    expect(failureOf(results)).toMatchObject({ code: "disk" });
    expect(host.world.calls).not.toContain("allow");
    host.store.full = false;
    expect(await wrongAtEnd(host, before)).toEqual([]);
  });

  it("goes forward only once the store may have the new value, even when its disk is full then", async () => {
    const host = await hostOf();
    const process = host.process();
    const before = new Map(host.store.values);
    const { set } = process.engine.store;
    Object.assign(process.engine.store, {
      set: (secret: Secret) => {
        host.store.full = secret.name === "db-password--previous";
        return set(secret);
      },
    });
    expect(failureOf((await go(process)).results)).toMatchObject({ code: "disk" });
    expect(host.world.works("api", "db-password")).toBe(true);
    host.store.full = false;
    expect((await go(host.process(), one, true)).results).toMatchObject([{ outcome: "done" }]);
    expect(await wrongAtEnd(host, before)).toEqual([]);
  });

  it("is said to be under way to a second one, and does not wait for it", async () => {
    const host = await hostOf();
    let second: unknown;
    await rotate(host.process().engine, one, {
      confirm: async () => {
        second = await go(host.process()).catch((error: unknown) => error);
        return true;
      },
    });
    expect(second).toMatchObject({ code: "conflict", message: expect.stringContaining("`rotate`, process") });
  });

  it("holds a lock for the secret, and tells when another rotation of it holds that", async () => {
    const host = await hostOf();
    const names: string[] = [];
    const locks = {
      withLock: <T>(name: string, work: () => Promise<T>) => {
        names.push(name);
        return work();
      },
    };
    await go(host.process({ engine: { locks } }));
    expect(names).toEqual(["secret/shop/db-password"]);
    const held = { withLock: () => Promise.reject(new RingwallError("conflict", "it is being worked on.")) };
    const { results } = await go(host.process({ engine: { locks: held } }));
    expect(failureOf(results)).toMatchObject({ code: "conflict" });
  });

  it("is taken back when the person interrupts it before the store has the new value", async () => {
    const host = await hostOf();
    const before = new Map(host.store.values);
    const process = host.process();
    const abort = new AbortController();
    const surroundings = { ...process.engine.surroundings, signal: abort.signal };
    const { deliver } = process.engine.services;
    Object.assign(process.engine.services, {
      deliver: (...given: Parameters<typeof deliver>) => {
        abort.abort();
        return deliver(...given);
      },
    });
    const { results } = await rotate({ ...process.engine, surroundings }, one, { confirm: async () => true });
    expect(failureOf(results)).toMatchObject({ code: "interrupted" });
    expect(await wrongAtEnd(host, before)).toEqual([]);
  });
});

describe("the downtime", () => {
  const watched = (host: FakeHost, given: { dies?: number } = {}) => {
    const process = host.process(given);
    const surroundings = {
      clock: () => host.time,
      sleep: async (milliseconds: number) => {
        host.time += milliseconds;
        // Lets the rotation go on, as time that passes does.
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
    const watch: NonNullable<typeof process.engine.watch> = (checks) => watchCredentials(checks, surroundings);
    return { process, run: () => rotate({ ...process.engine, watch }, one, { confirm: async () => true }) };
  };

  it("is measured at every consumer from the staging to the end: none with two accounts, some with one", async () => {
    const pair = await hostOf("pair");
    expect((await watched(pair).run()).results).toMatchObject([{ outcome: "done", downtimeMs: 0, expectedMs: 0 }]);
    expect(pair.records.kept.get("db-password")).toMatchObject({ downtimeMs: 0 });
    const single = await hostOf("single");
    const { results } = await watched(single).run();
    expect(results).toMatchObject([{ outcome: "done", expectedMs: 1000 }]);
    expect(results[0]?.downtimeMs).toBeGreaterThan(0);
    expect(single.ledger.actions.at(-1)?.detail).toMatchObject({ downtimeMs: results[0]?.downtimeMs });
  });

  it("counts a service that had to be restarted with its restart", async () => {
    const host = await hostOf("pair", [{ name: "db-password", consumers: ["api"] }]);
    const { process, run } = watched(host);
    const { tell } = process.engine.services;
    Object.assign(process.engine.services, {
      tell: async (service: string) => {
        await tell(service);
        host.time += 3_000;
        return { how: "restart" as const };
      },
    });
    expect((await run()).results[0]?.downtimeMs).toBeGreaterThanOrEqual(3_000);
  });

  it("is not claimed where a part of it went by while no process ran", async () => {
    const host = await hostOf("pair");
    const first = host.process({ dies: 45 });
    await Promise.race([go(first), first.died]);
    expect((await watched(host).run()).results).toMatchObject([
      { outcome: "done", downtimeMs: null },
      { outcome: "done" },
    ]);
  });
});

describe("the proof that the old value is dead", () => {
  it("fails the rotation loudly while the old value works, keeps it unfinished and overdue, and is tried again", async () => {
    const host = await hostOf();
    host.world.ignoresDeny = true;
    const { results } = await go(host.process());
    expect(failureOf(results)?.message).toContain('The OLD value of "db-password" STILL WORKS from api');
    expect(host.records.kept.get("db-password")?.rotatedAt ?? null).toBeNull();
    expect(host.ledger.actions.at(-1)).toMatchObject({ action: "secret.rotate", outcome: "failed" });
    const now = new Date(host.time);
    expect(await scheduleOf({ ...host.process().engine, now })).toMatchObject([{ isOverdue: true, unfinished: true }]);
    // The new value is in use by now: bringing the stack up delivers that one.
    await refuseWhileRotating(host.state.journals, "up", "shop");
    await expect(refuseWhileRotating(host.state.journals, "set-secret", "shop")).rejects.toThrow(/unfinished/);
    expect((await go(host.process(), one, true)).results).toMatchObject([{ outcome: "failed", inUse: true }]);
    // Not looked at alone: the next try ends it once more.
    host.world.ignoresDeny = false;
    expect((await go(host.process(), one, true)).results).toMatchObject([{ outcome: "done" }]);
    expect([...host.world.accounts]).toEqual([["db-password_b", storedIn(host)]]);
  });

  it("does not take silence for a refusal", async () => {
    const host = await hostOf();
    const process = host.process();
    const { answer } = host.world;
    host.world.answer = (call) => {
      const dead = call.call === "login" && call.account === "db-password" && !host.world.accounts.has("db-password");
      return dead ? { fault: "unreachable" } : answer.call(host.world, call);
    };
    expect(failureOf((await go(process)).results)?.message).toContain(
      "is not proven from api: the issuer does not answer",
    );
    host.world.answer = answer;
    expect((await go(host.process(), one, true)).results).toMatchObject([{ outcome: "done" }]);
  });
});

describe("a former value that goes on working for users outside the stack", () => {
  const overlapping: FakeSecret = { ...database, more: "overlap: 7d" };

  it("works until its time, is ended by the next `--due`, and is not called rotated before", async () => {
    const host = await hostOf("pair", [overlapping]);
    const old = storedIn(host);
    const { results } = await go(host.process());
    expect(results).toMatchObject([{ outcome: "retiring", retireAfter: new Date(host.time + 7 * day).toISOString() }]);
    expect(host.world.accounts.get("db-password")).toBe(old);
    expect(host.ledger.actions.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "secret.rotate begun",
      "secret.replace done",
    ]);
    expect((await go(host.process(), { names: [], due: true })).results).toEqual([]);
    host.time += 7 * day;
    const due = await go(host.process(), { names: [], due: true });
    expect(due.results).toMatchObject([{ outcome: "done" }]);
    expect([...host.world.accounts]).toEqual([["db-password_b", storedIn(host)]]);
    expect([...host.store.values.keys()]).toEqual(["db-password"]);
    expect(await readRetiring(host.state)).toEqual([]);
    expect(host.ledger.actions.at(-1)).toMatchObject({ action: "secret.rotate", outcome: "done" });
  });

  it("is ended at once by `--retire-now`, and in an emergency before the next value begins", async () => {
    const host = await hostOf("pair", [overlapping]);
    await go(host.process());
    await expect(go(host.process())).rejects.toThrow(/works until .* --retire-now/);
    expect((await go(host.process(), { names: [], retireNow: true })).results).toMatchObject([{ outcome: "done" }]);
    expect(host.world.accounts.size).toBe(1);
    await go(host.process());
    const emergency = await go(host.process(), { names: ["db-password"], emergency: true });
    expect(emergency.results.map(({ outcome }) => outcome)).toEqual(["done", "done"]);
    expect([...host.world.accounts.values()]).toEqual([storedIn(host)]);
  });

  it("is brought to its end wherever the process that ends it dies", async () => {
    const points = await (async () => {
      const host = await hostOf("pair", [overlapping]);
      await go(host.process());
      const process = host.process();
      await go(process, { names: [], retireNow: true });
      return process.points;
    })();
    for (let dies = 1; dies <= points; dies++) {
      const host = await hostOf("pair", [overlapping]);
      await go(host.process());
      const process = host.process({ dies });
      await Promise.race([go(process, { names: [], retireNow: true }), process.died]);
      await go(host.process(), { names: [], retireNow: true });
      expect([...host.world.accounts], `point ${dies}`).toEqual([["db-password_b", storedIn(host)]]);
      expect([...host.store.values.keys()]).toEqual(["db-password"]);
      expect(await readRetiring(host.state)).toEqual([]);
    }
  });
});

describe("secrets that are coupled", () => {
  const pair: readonly FakeSecret[] = [
    { name: "db-password", consumers: ["api"] },
    { name: "mail-password", consumers: ["api"] },
  ];

  it("are rotated one after another, each proven before the next begins", async () => {
    const host = await hostOf("pair", pair);
    const { plan } = await go(host.process(), { names: [], all: true });
    expect(plan?.rotations.map(({ group }) => group)).toEqual([0, 0]);
    const steps = await stepsOf(host);
    expect(steps.indexOf("db-password:record")).toBeLessThan(steps.indexOf("mail-password:preflight"));
  });

  it("stop together when one fails, and the others are as they were", async () => {
    const host = await hostOf("pair", pair);
    const mail = storedIn(host, "mail-password");
    host.world.ignoresDeny = true;
    const { results } = await go(host.process(), { names: [], all: true });
    expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "stopped"]);
    expect(storedIn(host, "mail-password")).toBe(mail);
    // Nor do they begin while the first is unfinished.
    const again = await go(host.process(), { names: ["mail-password"] });
    expect(again.results.map(({ secret, outcome }) => `${secret} ${outcome}`)).toEqual([
      "db-password failed",
      "mail-password stopped",
    ]);
  });

  it("leave those alone that share nothing with them", async () => {
    const stack = fakeStack([...pair, { name: "other-password", consumers: ["other"] }]);
    const host = await hostOf("pair", [...pair, { name: "other-password", consumers: ["other"] }]);
    const engine = host.process().engine;
    const rotators = engine.rotators.map((rotator) => ({
      ...rotator,
      outline: (secret: (typeof stack.secrets)[number], of: typeof stack) => {
        const found = rotator.outline(secret, of);
        return found === undefined ? undefined : { ...found, issuer: undefined };
      },
    }));
    const planned = await planRotation({ ...engine, rotators }, { names: [], all: true });
    expect(planned.rotations.map(({ secret, group }) => `${secret} ${group}`)).toEqual([
      "db-password 0",
      "mail-password 0",
      "other-password 1",
    ]);
  });
});

describe("an emergency", () => {
  it("ends the old value at once, keeps what services wrote of logins without values, and opens an incident", async () => {
    const host = await hostOf("pair", [{ ...database, more: "overlap: 7d" }]);
    const old = storedIn(host);
    const logs = async (service: string) => [
      `${service}: connection authorized: user=db-password password=${old}`,
      `${service}: nothing of interest`,
    ];
    const { results } = await go(host.process({ engine: { logs } }), { names: ["db-password"], emergency: true });
    expect(results).toMatchObject([{ outcome: "done", incident: expect.stringContaining("incidents") }]);
    expect(host.world.accounts.size).toBe(1);
    const folder = results[0]?.incident ?? "";
    const record = JSON.parse(await readFile(join(folder, "incident.json"), "utf8"));
    expect(record).toMatchObject({ state: "open", secret: "db-password", missing: [] });
    expect(record.files.map(({ service, lines }: { service: string; lines: number }) => [service, lines])).toEqual([
      ["issuer", 1],
      ["api", 1],
      ["worker", 1],
    ]);
    const text = await readFile(join(folder, "api.log"), "utf8");
    expect(text).toBe("api: connection authorized: user=db-password password=‹secret db-password--previous›\n");
    expect((await stat(join(folder, "api.log"))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(host.ledger.actions.map(({ action }) => action)).toContain("incident.open");
    expect(valuesIn(await allTexts(host), [old, storedIn(host)])).toEqual([]);
  });

  it("replaces a value that the issuer refuses already, and says which logs it could not read", async () => {
    const host = await hostOf();
    host.world.accounts.set("db-password", "changed by whoever broke in");
    const logs = () => Promise.reject(new Error("no engine"));
    const { results } = await go(host.process({ engine: { logs } }), { names: ["db-password"], emergency: true });
    expect(failureOf(results)).toBeUndefined();
    expect([...host.world.accounts]).toEqual([["db-password_b", storedIn(host)]]);
    const record = JSON.parse(await readFile(join(results[0]?.incident ?? "", "incident.json"), "utf8"));
    expect(record.missing).toContain("The logs of api could not be read.");
  });
});

describe("a value that a person fetches", () => {
  const assisted = (
    host: FakeHost,
    ask: (name: string, question: string) => Promise<Secret>,
    process?: FakeProcess,
  ) => {
    const { engine } = process ?? host.process({ engine: { ask } });
    const rotators = engine.rotators.map((rotator) => ({
      ...rotator,
      begin: (...given: Parameters<typeof rotator.begin>) =>
        Object.assign(rotator.begin(...given), { obtain: () => given[2].ask("New value: ") }),
    }));
    return rotate({ ...engine, rotators }, one, {
      confirm: async () => true,
      resumeOnly: host.store.values.has("db-password--next"),
    });
  };

  it("is asked for once and is then rotated like any other", async () => {
    const host = await hostOf();
    const before = new Map(host.store.values);
    const { results } = await assisted(host, async (name) => new Secret(name, "fetched-by-a-person-0123"));
    expect(failureOf(results)).toBeUndefined();
    expect(storedIn(host)).toBe("fetched-by-a-person-0123");
    expect(await wrongAtEnd(host, before)).toEqual([]);
  });

  it("is asked for only once, wherever the process dies once the store has it", async () => {
    for (let dies = 8; dies <= 24; dies++) {
      const host = await hostOf();
      let asked = 0;
      const ask = async (name: string) => new Secret(name, `fetched-by-a-person-${asked++}`);
      const dying = host.process({ dies, engine: { ask } });
      await Promise.race([assisted(host, ask, dying), dying.died]);
      const kept = host.store.values.get("db-password--next");
      await assisted(host, ask);
      if (kept !== undefined) expect(storedIn(host), `point ${dies}`).toBe(kept);
    }
  });

  it("is refused when it is empty, too short or the present one, and nothing changes outside", async () => {
    for (const [value, why] of [
      ["", "is empty"],
      ["short", "has fewer than 8 characters"],
      [undefined, "is the present one"],
    ] as const) {
      const host = await hostOf();
      const old = storedIn(host);
      const { results } = await assisted(host, async (name) => new Secret(name, value ?? old));
      expect(failureOf(results)?.message).toContain(why);
      expect(host.world.accounts.get("db-password")).toBe(old);
      expect([...host.store.values.keys()]).toEqual(["db-password"]);
    }
  });

  it("is not waited for where nobody can be asked", async () => {
    const host = await hostOf();
    const nobody = () => Promise.reject(new RingwallError("interrupted", "Nobody can be asked."));
    expect(failureOf((await assisted(host, nobody)).results)).toMatchObject({ code: "interrupted" });
    expect([...host.store.values.keys()]).toEqual(["db-password"]);
  });
});

describe("bad input", () => {
  it("is a journal of a newer version: a sentence, and nothing is done", async () => {
    const host = await hostOf();
    await mkdir(host.state.journals, { recursive: true, mode: 0o700 });
    const path = join(host.state.journals, "rotate-20271121T000000000-aaaaaa.jsonl");
    await writeFile(path, '{"kind":"begun","version":2,"at":"2027-11-21T00:00:00Z","what":"nobody knows"}\n');
    await expect(go(host.process())).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("written by a newer version of Ringwall"),
    });
    expect(host.world.calls).not.toContain("allow");
  });

  it("is a journal whose last line a crash cut short: it is taken off, and the rest taken up", async () => {
    const host = await hostOf();
    const before = new Map(host.store.values);
    const process = host.process({ dies: 30 });
    await Promise.race([go(process), process.died]);
    const [name = ""] = await readdir(host.state.journals);
    await appendFile(join(host.state.journals, name), '{"kind":"step-do');
    expect((await go(host.process(), one, true)).results).toMatchObject([{ outcome: "done" }]);
    expect(await wrongAtEnd(host, before)).toEqual([]);
    for (const line of (await journalTexts(host)).trim().split("\n")) JSON.parse(line);
  });

  it("is a clock that has gone back: it is said, and no schedule or duration is less than nothing", async () => {
    const host = await hostOf();
    const process = host.process({ dies: 40 });
    await Promise.race([go(process), process.died]);
    host.time -= 400 * day;
    const { results } = await go(host.process(), one, true);
    expect(results).toMatchObject([{ outcome: "done" }]);
    expect(host.told.join("\n")).toContain("clock has gone back");
    expect(host.told.join("\n")).not.toMatch(/"milliseconds":-/);
    host.time -= 400 * day;
    const [row] = await scheduleOf({ ...host.process().engine, now: new Date(host.time) });
    expect(row?.remark).toContain("clock has gone back");
    expect(row?.isOverdue).toBe(false);
    expect((row?.due?.getTime() ?? 0) - host.time).toBeGreaterThan(0);
  });

  it("is a name that the stack has not, or that nothing can rotate", async () => {
    const host = await hostOf("pair", [database]);
    await expect(go(host.process(), { names: ["db-pasword"] })).rejects.toThrow(
      /has no secret "db-pasword".*db-password/,
    );
    const { engine } = host.process({ engine: { rotators: [] } });
    await expect(rotate(engine, one, { confirm: async () => true })).rejects.toThrow(/nothing in the stack issues it/);
  });

  it("is a declaration that changed while a rotation was unfinished", async () => {
    const host = await hostOf();
    const process = host.process({ dies: 40 });
    await Promise.race([go(process), process.died]);
    const { engine } = host.process({ engine: { rotators: [] } });
    const { results } = await rotate(engine, one, { confirm: async () => true, resumeOnly: true });
    expect(failureOf(results)?.describe()).toMatch(/began with the rotator fake-pair.*Put the declaration back/);
  });
});

describe("what earlier rotations left behind", () => {
  it("is listed and removed, and what belongs to an unfinished rotation is not", async () => {
    const host = await hostOf();
    host.store.values.set("db-password--next", "a value whose journal was moved away");
    expect(failureOf((await go(host.process())).results)?.describe()).toContain("rotate --orphans");
    const { removed } = await removeOrphans(host.process().engine, async () => true);
    expect(removed.map(({ name }) => name)).toEqual(["db-password--next in the store"]);
    expect(host.ledger.actions.at(-1)).toMatchObject({ action: "secret.remove-orphan" });
    const process = host.process({ dies: 40 });
    await Promise.race([go(process), process.died]);
    expect([...host.store.values.keys()]).toContain("db-password--next");
    expect((await findOrphans(host.process().engine)).found).toEqual([]);
  });
});
