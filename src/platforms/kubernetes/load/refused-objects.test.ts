import { afterAll, expect, test } from "vitest";
import { planned, removeFolders } from "../testing/plans.ts";
import { loadText } from "./load.ts";

afterAll(removeFolders);

const pod = "spec: {containers: [{name: a, image: a}]}\n";

// covers: P6 | kubernetes
test.each([
  [`kind: Pod\nmetadata: {name: a}\n${pod}`, "This Pod has no `apiVersion`"],
  [`kind: Pod\nmetadata: {generateName: a-}\n${pod}`, "This Pod has no `apiVersion`"],
  [`apiVersion: apps/v1\nkind: deployment\nmetadata: {name: a}\n${pod}`, "No kind is called `deployment`"],
  [`apiVersion: v1\nkind: Pod\nmetadata: {name: y}\n${pod}`, "`metadata.name` is `true` in YAML 1.1"],
  [
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\n${pod}`,
    "`metadata.namespace` is `false` in YAML 1.1",
  ],
  [`apiVersion: v1\nkind: Pod\nmetadata: {name: 1}\n${pod}`, "`metadata.name` is a number"],
  ["apiVersion: v1\nkind: List\nitems: [{kind: Pod, metadata: {name: a}}]\n", "This Pod has no `apiVersion`"],
  [
    "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: pod, metadata: {name: a}}]\n",
    "No kind is called `pod`",
  ],
  [
    "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, metadata: {name: a}}]\n",
    "This member of a List has no `kind`",
  ],
  ["apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: 1}}]\n", "`metadata.name` is a number"],
])("What kubectl refuses is said to be refused: %j.", (text, message) => {
  expect(loadText("a.yaml", text).problems.map((problem) => problem.message)).toEqual([
    expect.stringContaining(message),
  ]);
});

test.each([
  `apiVersion: v1\nkind: Pod\nmetadata: {name: "y", namespace: "n"}\n${pod}`,
  "apiVersion: v1\nkind: Config\nclusters: []\n",
  "kind: pipeline\nname: a\n",
])("Nothing is said of what kubectl takes, or is not meant for it: %j.", (text) => {
  expect(loadText("a.yaml", text).problems).toEqual([]);
});

test("The members of a list of one kind need not say which.", () => {
  const { objects, problems } = loadText(
    "a.yaml",
    `apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}, ${pod.trim()}}]\n`,
  );
  expect(objects.map(({ apiVersion, kind, name }) => [apiVersion, kind, name])).toEqual([["v1", "Pod", "a"]]);
  expect(problems).toEqual([]);
});

test.each([
  [
    "a patch turns a kind into one that there is not",
    "patches: [{target: {kind: Pod}, patch: '[{op: replace, path: /kind, value: pod}]', options: {allowKindChange: true}}]",
    "No kind is called `pod`",
  ],
  [
    "a patch gives it a number for a name",
    "patches: [{target: {kind: Pod}, patch: '[{op: replace, path: /metadata/namespace, value: 7}]'}]",
    "`metadata.namespace` is a number",
  ],
  ["it is a member of a List", "", "No kind is called `service`"],
])("What a kustomization makes is said to be refused where %s.", (_, more, message) => {
  const member = "{apiVersion: v1, kind: service, metadata: {name: s}}";
  const files = {
    "kustomization.yaml": `resources: [all.yaml]\n${more}\n`,
    "all.yaml": `apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x}, ${pod.trim()}}, ${more === "" ? member : "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}"}]\n`,
  };
  const { clusters } = planned(files);
  const said = clusters.flatMap(({ problems }) => problems.map((problem) => problem.message));
  expect(said).toEqual([expect.stringContaining(message)]);
});

test("A file with nothing but pods of which the version was forgotten is not passed over.", () => {
  const forgotten = `kind: Pod\nmetadata: {name: a}\n${pod}`;
  const said = (files: Record<string, string>) =>
    planned(files).clusters.flatMap(({ problems }) => problems.map(({ message }) => message));
  expect(said({ "a.yaml": forgotten })).toEqual([expect.stringContaining("This Pod has no `apiVersion`")]);
  // Values of charts and patches that name their target have kinds of their own.
  expect(said({ "values.yaml": `kind: Pod\n${pod}` })).toEqual([]);
  expect(
    said({
      "kustomization.yaml": "resources: [b.yaml]\npatches: [{path: a.yaml, target: {kind: Pod}}]\n",
      "a.yaml": forgotten,
      "b.yaml": `apiVersion: v1\n${forgotten}`,
    }),
  ).toEqual([]);
});
