/** What every store of secrets keeps, as tests: a new store runs `describeStore` in a test of its own. */
import { describe, expect, it } from "vitest";
import { Secret } from "./secret.ts";
import type { Store } from "./store.ts";

/** `open` gives an empty store, and with the same `place` the same one again, as another process would see it. */
export function describeStore(name: string, open: (place: string) => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    it("knows nothing at first, and says undefined rather than an empty value", async () => {
      const store = await open("a");
      expect(await store.list()).toEqual([]);
      expect(await store.get("db-password")).toBeUndefined();
    });

    it("gives back exactly what was set, whatever it holds, to whoever opens it next", async () => {
      const values = [
        "simple",
        " spaces \n and newline\n",
        "quote\"'`$HOME\\",
        "ünïcødé 🔑",
        "x".repeat(100_000),
        "-----BEGIN X-----\r\n",
      ];
      const store = await open("b");
      for (const [index, value] of values.entries()) await store.set(new Secret(`s${index}`, value));
      const again = await open("b");
      for (const [index, value] of values.entries()) expect((await again.get(`s${index}`))?.expose()).toBe(value);
      expect(await again.list()).toEqual(values.map((_, index) => `s${index}`));
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
    });

    it("keeps both of two values that are set at once", async () => {
      const store = await open("d");
      await store.set(new Secret("first", "0"));
      await Promise.all([store.set(new Secret("a", "one")), store.set(new Secret("b", "two"))]);
      expect(await store.list()).toEqual(["a", "b", "first"]);
    });

    it("takes no name that leads elsewhere, and no value shows in its errors", async () => {
      const store = await open("e");
      for (const bad of ["../a", "a/b", "", ".", "A", "a.b", "a\u0000"]) {
        const failure = await store.set(new Secret(bad, "hunter2-hunter2")).then(
          () => undefined,
          (error: unknown) => String(error),
        );
        expect(failure, bad).toBeDefined();
        expect(failure).not.toContain("hunter2");
        await expect(store.get(bad), bad).rejects.toThrow();
      }
    });
  });
}
