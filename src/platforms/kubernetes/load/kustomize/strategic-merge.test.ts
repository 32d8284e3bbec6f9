import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { threadMs } from "../../../../../test/support/thread-time.ts";
import { type MappingNode, toPlain } from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { Source } from "../../../../lib/place.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { strategicMerge } from "./strategic-merge.ts";

// covers: P6 | kubernetes

function nodeOf(value: unknown): MappingNode {
  const text = JSON.stringify(value);
  const [node] = parseYaml(new Source("a.json", text), text).documents;
  if (node?.kind !== "mapping") throw new Error("the value is no mapping");
  return node;
}

const name = fc.constantFrom("a", "b", "c", "d");
const scalar = fc.oneof(fc.constantFrom("x", "y"), fc.boolean(), fc.nat(3));
const unique = { maxLength: 4, selector: ({ name: key }: { name: string }) => key };
const container = fc.record(
  {
    name,
    image: fc.constantFrom("i", "j"),
    command: fc.array(fc.constantFrom("p", "q"), { maxLength: 3 }),
    env: fc.uniqueArray(fc.record({ name, value: fc.constantFrom("1", "2") }), unique),
    securityContext: fc.dictionary(fc.constantFrom("privileged", "runAsUser"), scalar),
  },
  { requiredKeys: ["name"] },
);
const pod = fc
  .record(
    {
      containers: fc.uniqueArray(container, unique),
      hostNetwork: fc.boolean(),
      tolerations: fc.array(fc.record({ key: name }), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  .map((spec) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec }));

const never = (message: string): never => {
  throw new Error(message);
};
const merged = (object: unknown, patch: unknown): unknown => {
  const result = strategicMerge(nodeOf(object), nodeOf(patch), never);
  return result === undefined ? undefined : toPlain(result);
};

/** Lists of named members without their order. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(unordered);
    const named = items.every((item) => typeof item === "object" && item !== null && "name" in item);
    return named ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, unordered(each)]),
  );
}

describe("A strategic merge patch", () => {
  it("that says what the object says changes nothing", () => {
    fc.assert(
      fc.property(pod, (object) => {
        expect(merged(object, object)).toEqual(object);
      }),
    );
  });

  it("applied twice is as if it were applied once", () => {
    fc.assert(
      fc.property(pod, pod, (object, patch) => {
        const once = merged(object, patch);
        expect(merged(once, patch)).toEqual(once);
      }),
    );
  });

  it("has the last word of two on all that it states, in whatever order others came", () => {
    fc.assert(
      fc.property(pod, pod, pod, (object, first, last) => {
        const direct = merged(merged(object, first), last);
        const joined = merged(object, merged(first, last));
        expect(unordered(direct)).toEqual(unordered(joined));
      }),
    );
  });

  it("costs no time that grows with the square of a list", () => {
    const containers = Array.from({ length: 20_000 }, (_, index) => ({ name: `c${index}` }));
    const object = { apiVersion: "v1", kind: "Pod", spec: { containers } };
    const started = threadMs();
    merged(object, object);
    expect(threadMs() - started).toBeLessThan(3000);
  });
});

describe("A JSON patch", () => {
  const operation = fc.record(
    {
      op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "none"),
      path: fc.constantFrom(
        "",
        "/spec",
        "/spec/containers/0",
        "/spec/containers/-",
        "/spec/x/y",
        "x",
        "/metadata/name/a",
      ),
      from: fc.constantFrom("/spec", "/metadata/name", "/none"),
      value: fc.constantFrom<unknown>("v", 1, null, {}, []),
    },
    { requiredKeys: [] },
  );

  it("gives an object or a sentence, whatever it says", () => {
    fc.assert(
      fc.property(pod, fc.array(operation, { maxLength: 4 }), (object, operations) => {
        const before = nodeOf(object);
        const result = applyJsonPatch(before, operations.map(nodeOf));
        expect("message" in result ? result.message : result.kind).toMatch(/\.$|^mapping$/);
        expect(toPlain(before)).toEqual(object);
      }),
      { numRuns: 500 },
    );
  });
});
