import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PathIndex } from "./path-index.ts";

const part = fc.constantFrom("a", "b", "c", "a.b", "d e");
const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => `${parts.join("/")}/f.yaml`);

describe("PathIndex", () => {
  it("finds what a look at all paths finds, each once", () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 40 }), fc.array(part, { maxLength: 3 }), (paths, parts) => {
        const index = new PathIndex(paths);
        const folder = parts.join("/");
        const prefix = folder === "" ? "" : `${folder}/`;
        const below = paths.filter((each) => each.startsWith(prefix));
        expect([...index.below(folder)].sort()).toEqual(below.sort());
        expect([...index.in(folder)].sort()).toEqual(
          below.filter((each) => !each.slice(prefix.length).includes("/")).sort(),
        );
      }),
    );
  });

  it("keeps the order of a walk: a folder's own files before those of the folders below it", () => {
    const walked = ["z.yaml", "a/z.yaml", "a/b/c/x.yaml", "a/b/c/y.yaml", "a/d/x.yaml", "b/x.yaml"];
    const index = new PathIndex(walked);
    expect(index.below("")).toEqual(walked);
    expect(index.below("a")).toEqual(walked.slice(1, 5));
    expect(index.in("a")).toEqual(["a/z.yaml"]);
    expect(index.below("a/b/c/x.yaml")).toEqual([]);
  });
});
