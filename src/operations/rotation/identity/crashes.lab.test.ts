import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { AgeStore } from "../../../secrets/age-store.ts";
import { IdentityFiles } from "./identity-files.ts";
import { type IdentityOutcome, rotateIdentity, unfinishedIdentity } from "./rotate-identity.ts";
import { allTextsOf } from "./testing/all-texts.ts";
import { IdentityHost, type IdentityProcess, sopsRules } from "./testing/identity-host.ts";

const hosts: IdentityHost[] = [];
afterEach(async () => {
  for (const host of hosts) host.thaw();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  for (const host of hosts.splice(0)) await rm(host.folder, { recursive: true, force: true });
});

const template = await IdentityHost.make({
  git: false,
  sops: ["secrets.sops.yaml", "app/prod.sops.env"],
  age: ["db-password"],
});
afterAll(() => rm(template.folder, { recursive: true, force: true }));

async function make(): Promise<IdentityHost> {
  const host = template.copy();
  hosts.push(host);
  return host;
}

/** Undefined when the process died. */
async function runOrDie(
  process: IdentityProcess,
  options: { hold?: boolean } = {},
): Promise<IdentityOutcome | { readonly failed: unknown } | undefined> {
  const ended = rotateIdentity(process.engine, { ...options, confirm: async () => true }).catch((error: unknown) => ({
    failed: error,
  }));
  const first = await Promise.race([ended, process.died]);
  return first === "died" ? undefined : first;
}

async function everythingOf(host: IdentityHost): Promise<ReadonlyMap<string, string>> {
  const all = await host.opened([host.former.identity]);
  expect(all.size).toBe(3);
  return all;
}

/** What a fresh process can open with the identity that it would use, and with nothing else. */
const nowOpen = (host: IdentityHost) => host.opened(host.identitiesIn("identity"));

const isOpen = async (host: IdentityHost) => (await unfinishedIdentity(host)) !== undefined;

async function expectEnded(host: IdentityHost, all: ReadonlyMap<string, string>, where: string): Promise<void> {
  expect(await nowOpen(host), where).toEqual(all);
  expect(host.identitiesIn("identity"), where).toHaveLength(1);
  expect(host.identitiesIn("identity"), where).not.toEqual([host.former.identity]);
  expect((await host.opened([host.former.identity])).size, where).toBe(0);
  expect(host.identitiesIn("identity--next"), where).toEqual([]);
  expect(host.identitiesIn("identity--previous"), where).toEqual([host.former.identity]);
  expect(host.read(".sops.yaml"), where).not.toContain(host.former.key);
  expect(host.ledger.actions.at(-1), where).toMatchObject({ outcome: "done" });
  expect(await allTextsOf(host), where).not.toMatch(/AGE-SECRET-KEY|swordfish/);
}

async function expectUndone(host: IdentityHost, all: ReadonlyMap<string, string>, where: string): Promise<void> {
  expect(await nowOpen(host), where).toEqual(all);
  expect(host.identitiesIn("identity"), where).toEqual([host.former.identity]);
  expect(host.identitiesIn("identity--next"), where).toEqual([]);
  const rules = sopsRules.replaceAll("FORMER", host.former.key).replaceAll("OTHER", host.other.key);
  expect(host.read(".sops.yaml"), where).toBe(rules);
  expect(host.ledger.actions.at(-1), where).toMatchObject({ outcome: "failed" });
}

describe("a rotation of the identity whose process is killed", () => {
  // covers: R9 | files
  it("leaves everything open to the identity that is there, at each record and each file, and is finished by the next", async () => {
    const counted = await make();
    const whole = counted.process();
    await runOrDie(whole);
    expect(whole.points).toBeGreaterThan(30);
    const all = await everythingOf(template);
    for (let dies = 1; dies <= whole.points; dies++) {
      const host = await make();
      expect(await runOrDie(host.process({ dies })), `point ${dies}`).toBeUndefined();
      expect(await nowOpen(host), `after point ${dies}`).toEqual(all);
      if (await isOpen(host)) {
        expect(await runOrDie(host.process()), `resumed after point ${dies}`).toMatchObject({ state: "done" });
      } else expect(dies, "only the last record ends the journal").toBe(whole.points);
      await expectEnded(host, all, `resumed after point ${dies}`);
    }
  }, 60_000);

  it("is finished when those that take it up are killed as well", async () => {
    for (let first = 4; first <= 34; first += 6) {
      const host = await make();
      const all = await everythingOf(host);
      let outcome = await runOrDie(host.process({ dies: first }));
      for (let dies = 2; outcome === undefined && (await isOpen(host)); dies += 3) {
        expect(await nowOpen(host), `point ${first}, then ${dies}`).toEqual(all);
        outcome = await runOrDie(host.process({ dies }));
      }
      await expectEnded(host, all, `point ${first}`);
    }
  }, 60_000);

  it("is taken back when a file was damaged meanwhile, wherever it is killed on the way back", async () => {
    const broken = async (dies: number | undefined) => {
      const host = await make();
      const all = await everythingOf(host);
      const good = host.read("secrets.sops.yaml");
      // Somebody else's program cuts the file off right after the journal began.
      let spoilt = false;
      const process = host.process(dies === undefined ? {} : { dies });
      const { surroundings } = process.engine;
      const spoil = async (...given: Parameters<NonNullable<typeof surroundings.afterAppend>>) => {
        if (!spoilt) host.write("secrets.sops.yaml", good.slice(0, good.indexOf("sops:")));
        spoilt = true;
        await surroundings.afterAppend?.(...given);
      };
      const engine = { ...process.engine, surroundings: { ...surroundings, afterAppend: spoil } };
      const ended = rotateIdentity(engine, { confirm: async () => true }).catch((error: unknown) => error);
      const died = (await Promise.race([ended, process.died])) === "died";
      if (!died) {
        expect(await ended).toMatchObject({
          message: expect.stringContaining("does not open everything"),
          details: [expect.stringContaining("cut off")],
        });
      } else {
        const again = await runOrDie(host.process());
        expect(again === undefined || "failed" in again || again.state === "undone", `point ${dies}`).toBe(true);
      }
      host.write("secrets.sops.yaml", good);
      await expectUndone(host, all, `point ${dies}`);
      return process.points;
    };
    const points = await broken(undefined);
    for (let dies = 2; dies <= points; dies += 3) await broken(dies);
  }, 60_000);
});

describe("a rotation of the identity that is killed in the middle of a step", () => {
  it("encrypts the age files that it had not come to, when it is taken up", async () => {
    for (const step of ["stage-age", "revoke-age"]) {
      const host = await make();
      const all = await everythingOf(host);
      await runOrDie(host.process({ dies: await pointOf(`identity:${step}`) }));
      // The list is changed, and no file is encrypted for it yet.
      const store = new AgeStore(host.state.path);
      const next =
        host
          .read(".sops.yaml")
          .match(/age1[0-9a-z]+/g)
          ?.find((key) => !knownKeys(host).includes(key)) ?? "";
      const kept = (await store.recipients()).filter(({ key }) => step === "stage-age" || key !== host.former.key);
      const added = step === "stage-age" ? [{ key: next, comment: "" }] : [];
      await store.setRecipients([...kept, ...added]);
      expect(await nowOpen(host), step).toEqual(all);
      expect(await runOrDie(host.process()), step).toMatchObject({ state: "done" });
      await expectEnded(host, all, step);
    }
  });

  it("exchanges the identity's files whatever of that is done already", async () => {
    for (const done of [0, 1, 2]) {
      const host = await make();
      const files = new IdentityFiles(join(host.state.path, "identity"));
      const at = new Date(host.time);
      const { key } = await files.makeNext(host.former.key, at);
      const next = readFileSync(files.next);
      const present = readFileSync(files.present);
      if (done > 0) {
        await files.exchange(host.former.key, key, at);
        writeFileSync(files.next, next, { mode: 0o600 });
        if (done === 1) writeFileSync(files.present, present, { mode: 0o600 });
      }
      writeFileSync(join(host.state.path, ".identity--next.0123456789ab.part"), next, { mode: 0o600 });
      await files.removeParts();
      await files.exchange(host.former.key, key, at);
      expect(host.identitiesIn("identity")).toEqual([next.toString().match(/^AGE.*$/m)?.[0]]);
      expect(host.identitiesIn("identity--previous")).toEqual([host.former.identity]);
      expect(readdirSync(host.state.path).filter((name) => name.includes("--next"))).toEqual([]);
    }
  });
});

const knownKeys = (host: IdentityHost) => [host.former.key, host.other.key];

/** The point at which a step's beginning is on the disk. */
async function pointOf(step: string): Promise<number> {
  const host = await make();
  const process = host.process();
  const { surroundings } = process.engine;
  let found = 0;
  const afterAppend: typeof surroundings.afterAppend = async (record) => {
    await surroundings.afterAppend?.(record);
    if (record.kind === "step-started" && record.step === step) found = process.points;
  };
  const engine = { ...process.engine, surroundings: { ...surroundings, afterAppend } };
  await rotateIdentity(engine, { confirm: async () => true });
  return found;
}

describe("a rotation of the identity that waits for others", () => {
  it("stops where both identities open everything, and ends the former when it is run again, wherever it is killed", async () => {
    const counted = await make();
    const whole = counted.process();
    expect(await runOrDie(whole, { hold: true })).toMatchObject({ state: "overlap" });
    for (let dies = whole.points - 3; dies <= whole.points; dies++) {
      const host = await make();
      const all = await everythingOf(host);
      expect(await runOrDie(host.process({ dies }), { hold: true })).toBeUndefined();
      const again = await runOrDie(host.process(), { hold: true });
      if (again !== undefined && "state" in again && again.state === "overlap") {
        expect(await host.opened([host.former.identity]), `point ${dies}`).toEqual(all);
        expect(await nowOpen(host), `point ${dies}`).toEqual(all);
        expect(await runOrDie(host.process(), { hold: true })).toMatchObject({ state: "done" });
      }
      await expectEnded(host, all, `point ${dies}`);
    }
  }, 60_000);
});
