import { describe, expect, test } from "vitest";
import { allControls } from "../registry.ts";
import { threats } from "../threats.ts";
import { frameworks } from "./framework.ts";

// covers: G4 | all
describe.each(frameworks.map((framework) => [framework.title, framework] as const))("%s", (_, framework) => {
  const { items, references } = framework;
  const answered = new Set(allControls.flatMap((control) => control.frameworks[references] ?? []));

  test("has for every item a control that answers it, or says why not", () => {
    const silent = items.filter((item) => !answered.has(item.id) && !(item.open ?? "").endsWith("."));
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  test("has every number that a control refers to, once", () => {
    const ids = items.map((item) => item.id);
    expect(new Set(ids).size).toBe(ids.length);
    const strays = allControls.flatMap(({ id, frameworks: named }) =>
      (named[references] ?? []).filter((item) => !ids.includes(item)).map((item) => `${id} names ${item}`),
    );
    expect(strays).toEqual([]);
  });
});

const itemsOf = (name: string) => frameworks.find((framework) => framework.name === name)?.items ?? [];

test("CIS Docker has 18 items in section 2, 12 in section 4 and 32 in section 5, as in v1.6.0", () => {
  expect(itemsOf("cis-docker").filter((item) => item.id.startsWith("2."))).toHaveLength(18);
  expect(itemsOf("cis-docker").filter((item) => item.id.startsWith("4."))).toHaveLength(12);
  expect(itemsOf("cis-docker").filter((item) => item.id.startsWith("5."))).toHaveLength(32);
});

test("CIS Kubernetes has every item of v1.10, as kube-bench has them, and NIST CSF 2.0 all 106 subcategories", () => {
  const counts = Map.groupBy(itemsOf("cis-kubernetes"), ({ id }) => id.slice(0, id.lastIndexOf(".")));
  expect([...counts].map(([section, items]) => `${section}: ${items.length}`).join(" ")).toBe(
    "1.1: 21 1.2: 29 1.3: 7 1.4: 2 2: 7 3.1: 3 3.2: 2 4.1: 10 4.2: 13 4.3: 1 5.1: 13 5.2: 13 5.3: 2 5.4: 2 5.5: 1 5.7: 4",
  );
  expect(itemsOf("nist-csf")).toHaveLength(106);
});

// covers: G1 | all
test("Every control stands against a threat, and every threat names controls that are there", () => {
  const ids = allControls.map(({ id }) => id);
  const named = threats.flatMap(({ controls }) => controls);
  expect(ids.filter((id) => !named.includes(id))).toEqual([]);
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  for (const { threat, answer, open } of threats)
    for (const sentence of [threat, answer, open ?? "None."]) expect(sentence).toMatch(/^[A-Z].*\.$/);
});
