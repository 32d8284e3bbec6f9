/** Objects with a field of the wrong kind, emptied or not resolved: nothing throws, and what was open is not closed by it. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { MappingNode, ScalarNode, TreeNode } from "../formats/tree.ts";
import type { Place } from "../lib/place.ts";
import { objectsIn } from "../platforms/kubernetes/load/objects-in.ts";
import { readKubernetes } from "../platforms/kubernetes/read/index.ts";
import { manifestsOf } from "../platforms/kubernetes/testing/manifests.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

const controls = dirname(fileURLToPath(import.meta.url));
const place: Place = { kind: "nowhere", why: "test" };
const scalar = (value: ScalarNode["value"], unresolved?: string): ScalarNode => ({
  kind: "scalar",
  value,
  place,
  ...(unresolved === undefined ? {} : { unresolved }),
});

const strange: readonly TreeNode[] = [
  scalar(null),
  scalar(-1),
  scalar("x"),
  scalar("", "`X` is set nowhere"),
  { kind: "mapping", entries: new Map(), place },
  { kind: "sequence", items: [], place },
  { kind: "sequence", items: [scalar(null), scalar("y"), { kind: "mapping", entries: new Map(), place }], place },
  { kind: "mapping", entries: new Map(), place, incomplete: "`X` is set nowhere" },
];

/** The tree with its node number `at`, in the order of a walk, put in place of another. Undefined when there is none. */
function replaced(tree: TreeNode, at: number, by: TreeNode): TreeNode | undefined {
  let count = -1;
  let hit = false;
  const walk = (node: TreeNode): TreeNode => {
    count += 1;
    if (count === at) {
      hit = true;
      return by;
    }
    if (node.kind === "sequence") return { ...node, items: node.items.map(walk) };
    if (node.kind === "scalar") return node;
    const entries = [...node.entries].map(([key, entry]) => [key, { ...entry, value: walk(entry.value) }] as const);
    return { ...node, entries: new Map(entries) } satisfies MappingNode;
  };
  const result = walk(tree);
  return hit ? result : undefined;
}

/** Manifests of the fixtures of the controls about what surrounds pods. */
function fixtures(): readonly string[] {
  const wanted =
    /^(?:network\.(?:default-deny|dns|policy|only-proxy)|identity\.(?:exposed|cluster-admin|escalation|foreign)|edge\.(?:route-enc|http-red|rate|certificate-(?:ren|tru)|management)|supply-chain\.(?:delivery|source))/;
  return ["network", "identity", "edge", "supply-chain"].flatMap((ring) => {
    const folder = join(controls, ring, "fixtures");
    return readdirSync(folder)
      .filter((id) => wanted.test(id))
      .flatMap((id) => readdirSync(join(folder, id)).map((file) => join(folder, id, file)))
      .filter((path) => path.endsWith(".yaml") && /^apiVersion:/m.test(readFileSync(path, "utf8")))
      .map((path) => readFileSync(path, "utf8"));
  });
}

test("A field of the wrong kind throws nowhere, whatever it is a field of.", () => {
  const options = { today: new Date("2026-11-21"), profile: "homelab", ownStack: false } as const;
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const failures: string[] = [];
  for (const text of fixtures()) {
    const manifests = manifestsOf(text);
    for (let round = 0; round < 8; round++) {
      const objects = manifests.objects.flatMap((object) => {
        const changed = replaced(object.node, random(40), strange[random(strange.length)] ?? scalar(null));
        return changed === undefined ? [object] : objectsIn(changed);
      });
      const system = readKubernetes({ ...manifests, objects }, { systemName: "cluster" });
      const { internalErrors } = evaluate([system], allControls, options);
      failures.push(...internalErrors.map(({ control, error }) => `${control}: ${String(error)}`));
    }
  }
  expect([...new Set(failures)]).toEqual([]);
});
