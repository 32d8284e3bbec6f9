import { describe, expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import type { Workload } from "../../../../facts/subjects.ts";
import { clusterOf } from "../../testing/manifests.ts";

function object(kind: string, name: string, spec: string): string {
  return `apiVersion: tekton.dev/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ci}\nspec: ${spec}\n---\n`;
}

/** The node's network, the account and the sources of volumes of each workload, by its name. */
function told(text: string): Record<string, string> {
  const all = clusterOf(text).all("workload");
  return Object.fromEntries(all.map((each) => [each.ref.name, shown(each)]));
}

function shown({ networkMode, kubernetes }: Workload): string {
  const network = networkMode.kind === "unknown" ? "?" : knownValue(networkMode)?.kind;
  const account = kubernetes && knownValue(kubernetes.serviceAccount);
  return [network, account, ...(kubernetes?.volumes.items.map(({ name }) => name) ?? [])].join(" ");
}

const steps = "steps: [{name: a, image: a}]";
const host = "podTemplate: {hostNetwork: true, volumes: [{name: s, hostPath: {path: /}}]}";

// covers: W1 | kubernetes
describe("What a run of Tekton says of its pods", () => {
  test.each([
    ["is read with the task in it", object("TaskRun", "r", `{taskSpec: {${steps}}, ${host}, serviceAccountName: b}`)],
    [
      "is read with the Task that it names",
      object("Task", "t", `{${steps}}`) +
        object("TaskRun", "r", `{taskRef: {name: t}, ${host}, serviceAccountName: b}`),
    ],
  ])("%s.", (_, text) => {
    expect(told(text)["ci/TaskRun/r"]).toBe("host b s");
  });

  test("is not read a second time where it adds nothing to a Task.", () => {
    const text =
      object("Task", "t", `{${steps}}`) + object("TaskRun", "r", "{taskRef: {name: t}, serviceAccountName: default}");
    expect(Object.keys(told(text))).toEqual(["ci/Task/t"]);
  });

  test("holds for every task of a pipeline, and for one of them what is said of that one.", () => {
    const tasks = `tasks: [{name: a, taskSpec: {${steps}}}], finally: [{name: z, taskSpec: {${steps}}}]`;
    const run = `{pipelineSpec: {${tasks}}, taskRunTemplate: {${host}, serviceAccountName: b}, taskRunSpecs: [{pipelineTaskName: z, serviceAccountName: c, podTemplate: {hostNetwork: false, volumes: [{name: t, emptyDir: {}}]}}]}`;
    expect(told(object("PipelineRun", "r", run))).toEqual({
      "ci/PipelineRun/r/a": "host b s",
      "ci/PipelineRun/r/z": "host c t s",
    });
  });

  test("is read in v1beta1 with the Pipeline and the Task that it names.", () => {
    const text =
      object("Task", "t", `{${steps}}`) +
      object("Pipeline", "p", "{tasks: [{name: a, taskRef: {name: t}}]}") +
      object("PipelineRun", "r", `{pipelineRef: {name: p}, ${host}, serviceAccountName: b}`);
    expect(told(text)).toEqual({ "ci/Task/t": "networks default", "ci/PipelineRun/r/a": "host b s" });
  });

  test("hides the pod where it cannot be resolved.", () => {
    const text = object("TaskRun", "r", `{taskSpec: {${steps}}, podTemplate: "$(params.template)"}`);
    expect(told(text)["ci/TaskRun/r"]).toMatch(/^\?/);
  });

  test("wins over what the task says of its pod itself.", () => {
    const own = `{${steps}, podTemplate: {hostNetwork: true, volumes: [{name: t, emptyDir: {}}]}}`;
    expect(told(object("Task", "t", own))).toEqual({ "ci/Task/t": "host default t" });
    const run = `{taskSpec: ${own}, podTemplate: {volumes: [{name: s, hostPath: {path: /}}]}}`;
    expect(told(object("TaskRun", "r", run))).toEqual({ "ci/TaskRun/r": "host default s t" });
  });

  test("adds its environment to every step, where it wins.", () => {
    const env = "podTemplate: {env: [{name: TOKEN, value: x}]}";
    const task = "taskSpec: {steps: [{name: a, image: a, env: [{name: TOKEN, value: y}, {name: A, value: z}]}]}";
    const [container] = clusterOf(object("TaskRun", "r", `{${task}, ${env}}`)).all("container");
    const shown = container?.environment.items.map(({ name, value }) => `${name}=${knownValue(value)?.reveal()}`);
    expect(shown).toEqual(["A=z", "TOKEN=x"]);
  });
});

describe("A step that a StepAction describes", () => {
  const task = object("Task", "t", "{steps: [{name: a, ref: {name: b}, securityContext: {runAsUser: 1}}]}");

  test("has what that says, under what it says itself.", () => {
    const action = object("StepAction", "b", "{image: ghcr.io/example/a:1, securityContext: {privileged: true}}");
    const [image] = clusterOf(task + action).all("image");
    expect(image && knownValue(image.reference)?.repository).toBe("example/a");
    expect(
      clusterOf(task + action)
        .all("container")
        .map(({ privileged }) => knownValue(privileged)),
    ).toEqual([false]);
  });

  test("is unknown where it is not among the files.", () => {
    const [image] = clusterOf(task).all("image");
    expect(image?.reference).toMatchObject({ kind: "unknown", why: "the StepAction b is not among the files" });
  });
});

test("What Tekton fills in when a task runs is stated by nobody.", () => {
  const volume = "volumes: [{name: s, hostPath: {path: $(params.path)}}]";
  const step = "{name: a, image: $(params.image), args: [$(HOME)], volumeMounts: [{name: s, mountPath: /s}]}";
  const system = clusterOf(object("Task", "t", `{steps: [${step}], ${volume}}`));
  expect(system.all("image").map(({ reference }) => reference.kind)).toEqual(["unknown"]);
  expect(system.all("mount").map(({ source }) => source.kind)).toEqual(["unknown"]);
  expect(system.all("container").map(({ command }) => command.kind)).toEqual(["stated"]);
});

test.each([
  ["steps", "{steps: $(params.steps)}"],
  ["sidecars", `{${steps}, sidecars: $(params.sidecars)}`],
  ["a task's parts that are no list", `{${steps}, sidecars: {}}`],
])("A pod is not whole where its list is not: %s.", (_, spec) => {
  const [workload] = clusterOf(object("Task", "t", spec)).all("workload");
  expect(workload?.kubernetes?.containerNames.complete).toBe(false);
});

describe("What Tekton is told for all runs", () => {
  const defaults = (data: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-defaults, namespace: tekton-pipelines}\ndata: ${data}\n---\n`;
  const usual = defaults(
    '{default-service-account: builder, default-pod-template: "{hostNetwork: true, volumes: [{name: s, emptyDir: {}}]}"}',
  );

  test("is that of a Task, and of a run that says nothing else.", () => {
    const text = usual + object("Task", "t", `{${steps}}`) + object("TaskRun", "r", `{taskSpec: {${steps}}}`);
    expect(told(text)).toEqual({ "ci/Task/t": "host builder s", "ci/TaskRun/r": "host builder s" });
  });

  test("gives way to what the run says.", () => {
    const own = "podTemplate: {volumes: [{name: v, emptyDir: {}}]}, serviceAccountName: own";
    const text = defaults('{default-pod-template: "{volumes: [{name: s, emptyDir: {}}]}"}');
    expect(told(text + object("TaskRun", "r", `{taskSpec: {${steps}}, ${own}}`))).toEqual({
      "ci/TaskRun/r": "networks own v s",
    });
  });

  test("leaves the pods open where it has a mistake.", () => {
    const text = defaults('{default-pod-template: "{a: [}"}') + object("Task", "t", `{${steps}}`);
    expect(told(text)["ci/Task/t"]).toMatch(/^\?/);
  });
});

test("Docker's client listens nowhere, and its engine does.", () => {
  const ports = (step: string) =>
    clusterOf(object("Task", "t", `{steps: [{name: a, ${step}}]}`))
      .all("listener")
      .map(({ port }) => knownValue(port));
  expect(ports("image: docker:28-cli")).toEqual([]);
  expect(ports("image: docker:28, script: docker build .")).toEqual([]);
  expect(ports("image: docker:28, command: [docker, build, .]")).toEqual([]);
  expect(ports("image: docker:28-dind")).toEqual([2375, 2376]);
});
