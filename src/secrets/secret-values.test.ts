import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { AgeStore } from "./age-store.ts";
import { Secret } from "./secret.ts";
import { fillTemplate, readSecretValues } from "./secret-values.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-values-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the values that a stack needs", () => {
  const store = new AgeStore(join(folder, ".ringwall"));
  const needed = [
    { name: "sensors" },
    { name: "board" },
    {
      name: "passwords",
      derived: {
        format: "mosquitto-passwd" as const,
        entries: [
          { user: "board", secret: "board" },
          { user: "sensors", secret: "sensors" },
        ],
      },
    },
  ];
  const usersOf = (text: string | undefined) => text?.split("\n").flatMap((line) => line.split(":")[0] || []);

  it("lack what has no value, and what is made of it", async () => {
    await store.set(new Secret("sensors", "one"));
    const { values, missing } = await readSecretValues(needed, store);
    expect([[...values.keys()], missing]).toEqual([["sensors"], ["board"]]);
  });

  it("name the account in turn in what is made of others, and the former one while its overlap lasts", async () => {
    await store.set(new Secret("board", "two"));
    await store.set(new Secret("sensors--previous", "old"));
    const accountOf = (name: string) => (name === "sensors" ? "sensors_b" : undefined);
    const after = await readSecretValues(needed, store, accountOf);
    expect(usersOf(after.values.get("passwords")?.expose())).toEqual(["board", "sensors_b"]);
    const during = await readSecretValues(needed, store, accountOf, (name) =>
      name === "sensors" ? { account: "sensors", keptAs: "sensors--previous" } : undefined,
    );
    expect(usersOf(during.values.get("passwords")?.expose())).toEqual(["board", "sensors", "sensors_b"]);
  });

  it("stand in a template as they are, whatever they hold", () => {
    const value = new Secret("x", "{user}$&{value}");
    expect(fillTemplate("u={user} p={value}", value, "$1{value}")).toBe("u=$1{value} p={user}$&{value}");
    expect(() => fillTemplate("{user}:{value}", value)).toThrow(/belongs to no account/);
  });
});
