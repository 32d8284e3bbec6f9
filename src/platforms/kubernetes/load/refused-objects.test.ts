import { expect, test } from "vitest";
import { loadText } from "./load.ts";

const pod = "spec: {containers: [{name: a, image: a}]}\n";

// covers: P6 | kubernetes
test.each([
  [`kind: Pod\nmetadata: {name: a}\n${pod}`, "This Pod has no `apiVersion`"],
  [`apiVersion: apps/v1\nkind: deployment\nmetadata: {name: a}\n${pod}`, "No kind is called `deployment`"],
  [`apiVersion: v1\nkind: Pod\nmetadata: {name: y}\n${pod}`, "`metadata.name` is `true` in YAML 1.1"],
  [
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\n${pod}`,
    "`metadata.namespace` is `false` in YAML 1.1",
  ],
  [`apiVersion: v1\nkind: Pod\nmetadata: {name: 1}\n${pod}`, "`metadata.name` is a number"],
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
