import fc from "fast-check";
import { expect, test } from "vitest";
import { HostIndex } from "./host-index.ts";

const label = fc.constantFrom("a", "b", "");
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const entry = fc.oneof(
  host.map((name) => ({ kind: "name" as const, text: name })),
  host.map((name) => ({ kind: "ending" as const, text: `.${name}` })),
  fc.constant({ kind: "all" as const, text: "" }),
);

test("A host finds what has its name, an ending of it, or may be for all, in order, and nothing else.", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), host, (entries, asked) => {
      const index = new HostIndex();
      for (const [at, { kind, text }] of entries.entries()) {
        if (kind === "name") index.addName(text, at);
        else if (kind === "ending") index.addEnding(text, at);
        else index.addToAll(at);
      }
      const wanted = entries.flatMap(({ kind, text }, at) => {
        const isFor = kind === "all" || (kind === "name" ? asked === text : asked.endsWith(text));
        return isFor ? [at] : [];
      });
      expect(index.for(asked)).toEqual(wanted);
    }),
    { numRuns: 1_000 },
  );
});
