import { describe, expect, test } from "vitest";
import { oncePerKey, oncePerSystem } from "./once.ts";
import { System } from "./system.ts";

const system = (name: string) => new System({ name, lens: "written", platform: "compose", subjects: [] });

describe("What is worked out of a system", () => {
  test("is worked out once for it, and anew for another.", () => {
    const asked: string[] = [];
    const nameOf = oncePerSystem(({ name }) => {
      asked.push(name);
      return { name };
    });
    const one = system("one");
    expect(nameOf(one)).toBe(nameOf(one));
    expect(nameOf(system("two"))).toEqual({ name: "two" });
    expect(asked).toEqual(["one", "two"]);
  });

  test("is worked out once too where it comes to nothing.", () => {
    let count = 0;
    const nothing = oncePerSystem(() => {
      count++;
      return undefined;
    });
    const one = system("one");
    expect([nothing(one), nothing(one)]).toEqual([undefined, undefined]);
    expect(count).toBe(1);
  });

  test("is kept apart by key, by system, and by who works it out.", () => {
    const asked: string[] = [];
    const named = (mark: string) =>
      oncePerKey((key: string, { name }: System) => {
        asked.push(`${mark} ${name} ${key}`);
        return `${mark} ${name} ${key}`;
      });
    const [a, b] = [named("a"), named("b")];
    const [one, two] = [system("one"), system("two")];
    for (const answer of [a, b, a, b]) for (const where of [one, two]) for (const key of ["x", "y"]) answer(key, where);
    expect(asked).toHaveLength(8);
    expect([a("x", one), b("x", one), a("y", one), a("x", two)]).toEqual(["a one x", "b one x", "a one y", "a two x"]);
  });
});
