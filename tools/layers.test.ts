import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { layers, layerViolations } from "./layers.ts";

let root: string | undefined;
afterEach(() => {
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
  root = undefined;
});

/** The violations of a made-up tree of sources. */
function violationsOf(files: Readonly<Record<string, string>>): string[] {
  root = mkdtempSync(join(tmpdir(), "ringwall-layers-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return layerViolations(root);
}

describe("the order of the folders", () => {
  it("holds in this repository", () => {
    expect(layerViolations(join(import.meta.dirname, "../src"))).toEqual([]);
  });

  it("allows imports downward, within a folder and from packages", () => {
    const text = 'import { a } from "../lib/a.ts";\nimport { b } from "./b.ts";\nimport { z } from "zod";\n';
    expect(violationsOf({ "controls/c.ts": text, "controls/b.ts": "", "lib/a.ts": "" })).toEqual([]);
  });

  it.each([
    ["an import", 'import { x } from "../platforms/x.ts";'],
    ["an import of types", 'import type { X } from "../platforms/x.ts";'],
    ["an import over several lines", 'import {\n  x,\n  y,\n} from "../platforms/x.ts";'],
    ["an import for its effect", 'import "../platforms/x.ts";'],
    ["an import while it runs", 'const x = await import("../platforms/x.ts");'],
    ["a re-export", 'export { x } from "../platforms/x.ts";'],
    ["a re-export of everything", 'export * from "../platforms/x.ts";'],
  ])("catches %s that goes up", (_what, text) => {
    expect(violationsOf({ "lib/deep/down.ts": text.replace("../", "../../"), "platforms/x.ts": "" })).toEqual([
      'lib/deep/down.ts: "lib" may not import from "platforms"; imports only run downward.',
    ]);
  });

  it("catches an import sideways, between folders of one row", () => {
    expect(violationsOf({ "controls/a.ts": 'import "../platforms/b.ts";', "platforms/b.ts": "" })).toEqual([
      'controls/a.ts: "controls" may not import from "platforms"; imports only run downward.',
    ]);
  });

  it("lets tests import anything, but not what helps them", () => {
    const text = 'import { x } from "../platforms/x.ts";\n';
    expect(violationsOf({ "controls/a.test.ts": text, "controls/helper.ts": text })).toEqual([
      'controls/helper.ts: "controls" may not import from "platforms"; imports only run downward.',
    ]);
  });

  it("catches a file and a folder that have no place in it", () => {
    expect(violationsOf({ "loose.ts": "", "misc/a.ts": "" }).sort()).toEqual([
      "loose.ts: lies in no folder of the layout.",
      'misc/a.ts: the folder "misc" is not in the layout; add it to tools/layers.ts and docs/architecture.md.',
    ]);
  });

  it("names each folder once", () => {
    const names = layers.flat();
    expect(new Set(names).size).toBe(names.length);
  });
});
