import { describe, expect, test } from "vitest";
import { allControls } from "../registry.ts";
import { cisDockerItems } from "./cis-docker.ts";
import { owaspDockerItems } from "./owasp-docker.ts";

describe.each([
  ["CIS Docker Benchmark", cisDockerItems, (control: (typeof allControls)[number]) => control.frameworks.cisDocker],
  ["OWASP Docker Top 10", owaspDockerItems, (control: (typeof allControls)[number]) => control.frameworks.owaspDocker],
] as const)("%s", (_, items, referencesOf) => {
  const answered = new Set(allControls.flatMap((control) => referencesOf(control) ?? []));

  test.each(items.map((item) => [item.id, item] as const))(
    "%s is answered by a control, or says why not",
    (id, item) => {
      expect(answered.has(id) || (item.open ?? "").endsWith(".")).toBe(true);
    },
  );

  test("has every number that a control refers to, once", () => {
    const ids = items.map((item) => item.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...answered].filter((id) => !ids.includes(id))).toEqual([]);
  });
});

test("Section 4 has 12 items and section 5 has 32, as in v1.6.0", () => {
  expect(cisDockerItems.filter((item) => item.id.startsWith("4."))).toHaveLength(12);
  expect(cisDockerItems.filter((item) => item.id.startsWith("5."))).toHaveLength(32);
});
