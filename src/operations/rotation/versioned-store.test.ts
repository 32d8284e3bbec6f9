import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { AgeStore } from "../../secrets/age-store.ts";
import { Secret } from "../../secrets/secret.ts";
import type { Store } from "../../secrets/store.ts";
import { failureOf, rotate } from "./rotate.ts";
import { FakeHost } from "./testing/fake-process.ts";
import { fakeStack } from "./testing/fake-stack.ts";
import { fastFolder } from "./testing/fast-folder.ts";

const name = "db-password";
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A host whose values lie in age files, which have versions; `meanwhile` happens once the new value is kept. */
async function hostWithAge(meanwhile: (age: AgeStore, before: Secret) => Promise<unknown>) {
  const folder = await fastFolder("versioned");
  folders.push(folder);
  const host = new FakeHost(folder, fakeStack([{ name, consumers: ["api"] }]), "pair");
  const age = new AgeStore(join(folder, "age"));
  for (const [each, value] of host.store.values) await age.set(new Secret(each, value));
  const before = await age.get(name);
  if (before === undefined) throw new Error("the host has no value");
  const store: Store = {
    description: age.description,
    list: () => age.list(),
    get: (each) => age.get(each),
    remove: (each) => age.remove(each),
    versionOf: (each) => age.versionOf(each),
    set: async (secret, options) => {
      await age.set(secret, options);
      if (secret.name === `${name}--next`) await meanwhile(age, before);
    },
  };
  const run = (resumeOnly = false) =>
    rotate(host.process({ engine: { store } }).engine, { names: [name] }, { confirm: async () => true, resumeOnly });
  return { host, age, before, run };
}

describe("a rotation over a store with versions", () => {
  it("goes on when every file was encrypted anew for other recipients meanwhile", async () => {
    const { host, age, run } = await hostWithAge((store) => store.reencrypt(new Date()));
    const { results } = await run();
    expect(failureOf(results)).toBeUndefined();
    expect(results).toMatchObject([{ secret: name, outcome: "done" }]);
    expect([...host.world.accounts.values()]).toEqual([(await age.get(name))?.expose()]);
    expect(await age.list()).toEqual([name]);
  });

  it("writes over no value that somebody else set, and goes on once the former one was put back", async () => {
    const { host, age, before, run } = await hostWithAge((store) =>
      store.set(new Secret(name, "somebody-elses-value")),
    );
    const failed = await run();
    expect(failureOf(failed.results)?.describe()).toMatch(/Somebody changed "db-password".*Put the former value back/);
    expect((await age.get(name))?.expose()).toBe("somebody-elses-value");
    await age.set(before);
    const { results } = await run(true);
    expect(failureOf(results)).toBeUndefined();
    expect(results).toMatchObject([{ secret: name, outcome: "done" }]);
    expect([...host.world.accounts.values()]).toEqual([(await age.get(name))?.expose()]);
  });
});
