/** What every store of secrets keeps, as tests: a new store runs `describeStore` in a test of its own. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type ErrorCode, RingwallError } from "../lib/error.ts";
import { Secret } from "./secret.ts";
import { absentVersion, type Store } from "./store.ts";
import { formsOf } from "./value-forms.ts";

/** How a store fails when its surroundings do: with a sentence, a hint, this code, and nothing lost. */
export interface StoreFault {
  /** `is sealed`, `cannot be reached`: ends the test's title. */
  readonly title: string;
  readonly code: ErrorCode;
  /** The operations that fail; all four when left out. */
  readonly on?: readonly ("list" | "get" | "set" | "remove")[];
  /** A store in that state, with a value under `token` where that can be. */
  readonly open: () => Promise<Store>;
}

export interface StoreTraits {
  /** False for a value that this store cannot hold as it is: then it must refuse it with `invalid`, and change nothing. */
  readonly keeps?: (value: string) => boolean;
  /**
   * `atomic`: of several who expect one version exactly one gets through. `checked`: who comes later is refused, but two
   * in the same moment may not be told apart. `none`: the store has no versions.
   */
  readonly versions: "atomic" | "checked" | "none";
  readonly faults?: readonly StoreFault[];
}

/** Values that stores are known to break: outer white space, newlines, quotes, other scripts, length. */
const awkwardValues = [
  "simple",
  " spaces \n and newline\n",
  "quote\"'`$HOME\\",
  "ünïcødé 🔑",
  "x".repeat(100_000),
  "-----BEGIN X-----\r\n",
  "line one\nline two\n\nline four",
  "${not.a.reference} #{nor} %this% {{this}}",
  "#comment: [like] {yaml}",
  "\uFEFFbegins with a byte order mark",
];

/** `open` gives an empty store, and with the same `place` the same one again, as another process would see it. */
export function describeStore(
  name: string,
  open: (place: string) => Promise<Store>,
  traits: StoreTraits = { versions: "none" },
): void {
  describe(`${name} as a store`, () => {
    describeValues(open, traits);
    describeNames(open);
    if (traits.versions !== "none") describeVersions(open, traits.versions);
    for (const fault of traits.faults ?? []) describeFault(fault);
  });
}

function describeValues(open: (place: string) => Promise<Store>, { keeps = () => true }: StoreTraits): void {
  it("knows nothing at first, and says undefined rather than an empty value", async () => {
    const store = await open("a");
    expect(await store.list()).toEqual([]);
    expect(await store.get("db-password")).toBeUndefined();
  });

  it("gives back exactly what was set, whatever it holds, to whoever opens it next", async () => {
    const values = awkwardValues.filter(keeps);
    const store = await open("b");
    for (const [index, value] of values.entries()) await store.set(new Secret(`s${index}`, value));
    const again = await open("b");
    for (const [index, value] of values.entries()) expect((await again.get(`s${index}`))?.expose()).toBe(value);
    expect(await again.list()).toEqual(values.map((_, index) => `s${index}`));
  });

  it("refuses what it cannot hold as it is, and keeps the value from before", async () => {
    const store = await open("refused");
    await store.set(new Secret("a", "before"));
    for (const value of awkwardValues.filter((text) => !keeps(text))) {
      expectSafe(await failureOf(store.set(new Secret("a", value))), "invalid", value);
    }
    expect((await store.get("a"))?.expose()).toBe("before");
  });

  it("replaces a value, and removes one without a trace", async () => {
    const store = await open("c");
    await store.set(new Secret("a", "one"));
    await store.set(new Secret("a", "two"));
    expect((await store.get("a"))?.expose()).toBe("two");
    await store.remove("a");
    expect(await store.get("a")).toBeUndefined();
    expect(await store.list()).toEqual([]);
    await expect(store.remove("a")).resolves.toBeUndefined();
    await store.set(new Secret("a", "again"));
    expect((await store.get("a"))?.expose()).toBe("again");
  });

  it("keeps both of two values that are set at once, by one process or by two", async () => {
    const store = await open("d");
    await store.set(new Secret("first", "0"));
    await Promise.all([store.set(new Secret("a", "one")), store.set(new Secret("b", "two"))]);
    const other = await open("d");
    await Promise.all([store.set(new Secret("c", "three")), other.set(new Secret("e", "four"))]);
    expect(await store.list()).toEqual(["a", "b", "c", "e", "first"]);
    expect((await store.get("e"))?.expose()).toBe("four");
  });

  it("holds a whole value when two write one name at once", async () => {
    const [one, two] = [await open("race"), await open("race")];
    const values = ["1".repeat(5000), "2".repeat(5000)];
    for (let round = 0; round < 5; round++) {
      const [left = "", right = ""] = values;
      await Promise.all([one.set(new Secret("a", left)), two.set(new Secret("a", right))]);
      expect(values).toContain((await one.get("a"))?.expose());
    }
  });
}

function describeNames(open: (place: string) => Promise<Store>): void {
  it("takes no name that leads elsewhere, and no value shows in its errors", async () => {
    const store = await open("e");
    for (const bad of ["../a", "a/b", "", ".", "A", "a.b", "a\u0000", "a%2fb", "-a", "a b", `a${"b".repeat(200)}`]) {
      expectSafe(await failureOf(store.set(new Secret(bad, "hunter2-hunter2"))), "usage", "hunter2-hunter2");
      expectSafe(await failureOf(store.get(bad)), "usage");
      expectSafe(await failureOf(store.remove(bad)), "usage");
    }
  });
}

function describeVersions(open: (place: string) => Promise<Store>, kind: "atomic" | "checked"): void {
  const versionOf = async (store: Store, name: string): Promise<string> => {
    if (store.versionOf === undefined) throw new Error("a store with versions tells them");
    return await store.versionOf(name);
  };

  it("does not write over someone else's version", async () => {
    const mine = await open("versions");
    expect(await versionOf(mine, "a")).toBe(absentVersion);
    await mine.set(new Secret("a", "value-one"), { expectVersion: absentVersion });
    const first = await versionOf(mine, "a");
    const theirs = await open("versions");
    await theirs.set(new Secret("a", "value-two"), { expectVersion: first });
    const failure = await failureOf(mine.set(new Secret("a", "value-three"), { expectVersion: first }));
    expectSafe(failure, "conflict", "value-three");
    expectSafe(
      await failureOf(mine.set(new Secret("a", "value-four"), { expectVersion: absentVersion })),
      "conflict",
      "value-four",
    );
    expect((await mine.get("a"))?.expose()).toBe("value-two");
    expect(await versionOf(mine, "a")).not.toBe(first);
  });

  it("takes a value that is gone for absent, and for no version that it had", async () => {
    const store = await open("gone");
    await store.set(new Secret("a", "value-one"));
    const before = await versionOf(store, "a");
    await store.remove("a");
    expect(await versionOf(store, "a")).toBe(absentVersion);
    expectSafe(
      await failureOf(store.set(new Secret("a", "value-two"), { expectVersion: before })),
      "conflict",
      "value-two",
    );
    await store.set(new Secret("a", "value-three"), { expectVersion: absentVersion });
    expect((await store.get("a"))?.expose()).toBe("value-three");
  });

  if (kind !== "atomic") return;
  it("lets exactly one of several through who expect the same version", async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => open("crowd")));
    for (let round = 0; round < 3; round++) {
      const expected = await versionOf(stores[0] as Store, "a");
      const outcomes = await Promise.allSettled(
        stores.map((store, at) => store.set(new Secret("a", `value-${round}-${at}`), { expectVersion: expected })),
      );
      const winners = outcomes.flatMap((outcome, at) => (outcome.status === "fulfilled" ? [at] : []));
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) if (outcome.status === "rejected") expectSafe(outcome.reason, "conflict");
      expect((await stores[0]?.get("a"))?.expose()).toBe(`value-${round}-${winners[0]}`);
    }
  });
}

function describeFault({ title, code, on = ["list", "get", "set", "remove"], open }: StoreFault): void {
  it(`says so in a sentence when it ${title}`, async () => {
    const store = await open();
    const value = "hunter2/hunter2+hunter2=";
    for (const operation of on) {
      const failure = await failureOf(
        operation === "list"
          ? store.list()
          : operation === "set"
            ? store.set(new Secret("token", value))
            : store[operation]("token"),
      );
      expectSafe(failure, code, value);
      expect((failure as RingwallError).hint, operation).toMatch(/\S.*\.$/s);
    }
  });
}

/** What a promise failed with; fails the test when it did not. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => {
      throw new Error("expected a failure, and there was none");
    },
    (error: unknown) => error,
  );
}

/** An operational failure of this code whose every part, causes included, holds no value in any encoding. */
export function expectSafe(failure: unknown, code: ErrorCode, value = "hunter2"): void {
  expect(failure).toBeInstanceOf(RingwallError);
  expect((failure as RingwallError).code, String(failure)).toBe(code);
  expect((failure as RingwallError).message).toMatch(/^\S.*\.$/s);
  const told = inspect(failure, { depth: 12, showHidden: true, maxStringLength: null });
  for (const form of formsOf(value)) expect(told).not.toContain(form);
}
