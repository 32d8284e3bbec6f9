import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rings } from "../contracts/verdict.ts";
import type { RepositoryFile } from "../facts/subjects.ts";
import { System } from "../facts/system.ts";
import { allControls } from "./registry.ts";
import { reservedControls } from "./reserved.ts";

const folder = dirname(fileURLToPath(import.meta.url));

function idsOnDisk(): string[] {
  return rings.flatMap((ring) => {
    try {
      return readdirSync(join(folder, ring))
        .filter((name) => name.endsWith(".ts") && name !== "index.ts" && !name.endsWith(".test.ts"))
        .map((name) => name.slice(0, -".ts".length));
    } catch {
      return [];
    }
  });
}

test("The registry and the folders hold the same controls, each in a file of its own name", () => {
  expect(allControls.map((control) => control.id).sort()).toEqual(idsOnDisk().sort());
});

test("No id is there twice", () => {
  const ids = [...allControls, ...reservedControls].map((control) => control.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("Controls are listed from the outermost ring to the innermost", () => {
  const order = allControls.map((control) => rings.indexOf(control.ring));
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test("Fixtures belong to controls that exist", () => {
  const ids = new Set(allControls.map((control) => control.id));
  const strays = rings.flatMap((ring) => {
    try {
      return readdirSync(join(folder, ring, "fixtures")).filter((name) => !ids.has(name));
    } catch {
      return [];
    }
  });
  expect(strays).toEqual([]);
});

test.each([...allControls, ...reservedControls].map((control) => [control.id, control] as const))(
  "%s says everything about itself in whole sentences",
  (_, control) => {
    for (const sentence of [control.claim, control.threat, control.remedy, control.judged]) {
      expect(sentence).toMatch(/^[A-Z0-9`"].*[.`]$/s);
    }
    expect(control.title).toMatch(/^[A-Z].*[^.]$/);
    if (control.limits !== undefined) expect(control.limits).toMatch(/\.$/);
  },
);

test.each(allControls.map((control) => [control.id, control] as const))(
  "%s answers a row or a framework",
  (_, control) => {
    expect(Object.values(control.frameworks).flat().length).toBeGreaterThan(0);
  },
);

const programs = [...new Set(allControls.flatMap(({ software }) => software ?? []))];
const place = { kind: "nowhere", why: "made for this test" } as const;

test.each(allControls.flatMap((control) => (control.software === undefined ? [] : [[control.id, control] as const])))(
  "%s has nothing to say of the configuration of any program that it does not name",
  (_, control) => {
    const elsewhere = new System({ name: "made", lens: "written", platform: "files", subjects: [] });
    for (const software of [undefined, ...programs.filter((each) => control.software?.includes(each) === false)]) {
      const ref = { kind: "repository-file", system: "made", name: "file" } as const;
      const file = { kind: "repository-file", ref, place, configuration: software && { software } };
      expect([software, control.check(file as RepositoryFile, elsewhere)]).toMatchObject([
        software,
        { verdict: "not-applicable" },
      ]);
    }
  },
);
