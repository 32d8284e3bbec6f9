import { expect, test } from "vitest";
import { threadMs } from "../../../../test/support/thread-time.ts";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { Source } from "../../../lib/place.ts";
import { chartsOf } from "./charts.ts";
import { applyJsonPatch } from "./kustomize/json-patch.ts";
import { toObject } from "./objects-in.ts";

function tree(text: string): MappingNode {
  const [node] = parseYaml(new Source("a.yaml", text), text).documents;
  if (node?.kind !== "mapping") throw new Error("no mapping");
  return node;
}

function plain(node: TreeNode | undefined): unknown {
  if (node === undefined || node.kind === "scalar") return node?.value;
  if (node.kind === "sequence") return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
}

function patched(object: string, operations: string): unknown {
  const [list] = parseYaml(new Source("p.yaml", operations), operations).documents;
  const before = tree(object);
  const was = JSON.stringify(plain(before));
  const result = applyJsonPatch(before, list?.kind === "sequence" ? list.items : []);
  expect(JSON.stringify(plain(before))).toBe(was);
  return "message" in result ? result.message : plain(result);
}

test("What an operation copies is a thing of its own, and what was there before the patch stays.", () => {
  expect(
    patched(
      "{a: {b: 1, c: [1, 2]}}",
      "[{op: add, path: /a/d, value: 2}, {op: copy, from: /a, path: /e}, {op: replace, path: /a/b, value: 9}, {op: add, path: /e/c/-, value: 3}, {op: remove, path: /a/c/0}]",
    ),
  ).toEqual({ a: { b: 9, c: [2], d: 2 }, e: { b: 1, c: [1, 2, 3], d: 2 } });
  expect(patched("{a: {b: [1]}}", "[{op: add, path: /a/b/0, value: 0}, {op: move, from: /a/b, path: /c}]")).toEqual({
    a: {},
    c: [0, 1],
  });
  expect(
    patched(
      "{a: {}}",
      "[{op: add, path: /a/x, value: {y: 1}}, {op: add, path: /a/x/z, value: 2}, {op: remove, path: /a/q}]",
    ),
  ).toBe("There is nothing at `/a/q`.");
});

const many = 20_000;

test("Operations on one mapping take time that grows with their number.", () => {
  const operations = Array.from({ length: many }, (_, at) => `- {op: add, path: /data/k${at}, value: x}\n`).join("");
  const started = threadMs();
  expect(Object.keys((patched("{data: {a: b}}", operations) as { data: object }).data)).toHaveLength(many + 1);
  expect(threadMs() - started).toBeLessThan(2_500);
});

test("So do the parameters that an Application gives to a chart.", () => {
  const parameters = Array.from({ length: many }, (_, at) => `{name: configs.cm.k${at}, value: x}`).join(", ");
  const application = toObject(
    tree(
      `{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a}, spec: {source: {chart: argo-cd, helm: {parameters: [${parameters}]}}}}`,
    ),
  );
  const started = threadMs();
  const [release] = chartsOf(application === undefined ? [] : [application]);
  expect(release?.values).toHaveLength(1);
  expect(threadMs() - started).toBeLessThan(2_500);
});
