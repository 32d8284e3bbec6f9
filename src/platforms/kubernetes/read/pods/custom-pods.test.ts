import { describe, expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import { clusterOf } from "../../testing/manifests.ts";

function object(kind: string, spec: string): string {
  const [, group, name] = /^(.*)\/(.*)$/.exec(kind) ?? [];
  return `apiVersion: ${group}/v1\nkind: ${name}\nmetadata: {name: x, namespace: ci}\nspec: ${spec}\n`;
}

/** Each container as `workload container`, with a mark where it is privileged. */
function containers(text: string): readonly string[] {
  return clusterOf(text)
    .all("container")
    .map(({ ref, privileged }) => `${ref.name}${knownValue(privileged) === true ? "!" : ""}`);
}

const pod = "spec: {containers: [{name: a, image: a, securityContext: {privileged: true}}]}";
const container = "{name: a, image: a, securityContext: {privileged: true}}";

// covers: W1 | kubernetes
describe("Pods of other programs' kinds are judged:", () => {
  test.each([
    ["keda.sh/ScaledJob", `{jobTargetRef: {template: {${pod}}}}`, ["ci/ScaledJob/x/a!"]],
    ["argoproj.io/Rollout", `{template: {${pod}}}`, ["ci/Rollout/x/a!"]],
    ["serving.knative.dev/Service", `{template: {${pod}}}`, ["ci/Service/x/a!"]],
    ["actions.github.com/AutoscalingRunnerSet", `{template: {${pod}}}`, ["ci/AutoscalingRunnerSet/x/a!"]],
    ["actions.github.com/EphemeralRunnerSet", `{ephemeralRunnerSpec: {${pod}}}`, ["ci/EphemeralRunnerSet/x/a!"]],
    ["actions.github.com/EphemeralRunner", `{githubConfigUrl: u, ${pod}}`, ["ci/EphemeralRunner/x/a!"]],
    [
      "argoproj.io/Workflow",
      `{templates: [{name: m, container: ${container}}, {name: s, script: ${container}, sidecars: [{name: b, image: b}]}, {name: d, dag: {}}]}`,
      ["ci/Workflow/x/m/main!", "ci/Workflow/x/s/main!", "ci/Workflow/x/s/b"],
    ],
    [
      "argoproj.io/CronWorkflow",
      `{workflowSpec: {templates: [{name: m, container: ${container}}]}}`,
      ["ci/CronWorkflow/x/m/main!"],
    ],
    [
      "tekton.dev/Task",
      "{stepTemplate: {securityContext: {privileged: true}}, steps: [{name: a, image: a}, {name: b, image: b, securityContext: {}}]}",
      ["ci/Task/x/a!", "ci/Task/x/b"],
    ],
    ["tekton.dev/Pipeline", `{tasks: [{name: t, taskSpec: {steps: [${container}]}}]}`, ["ci/Pipeline/x/t/a!"]],
    [
      "jobset.x-k8s.io/JobSet",
      `{replicatedJobs: [{name: j, template: {spec: {template: {${pod}}}}}]}`,
      ["ci/JobSet/x/j/a!"],
    ],
    ["batch.volcano.sh/Job", `{tasks: [{name: t, template: {${pod}}}]}`, ["ci/Job/x/t/a!"]],
    [
      "serving.kserve.io/InferenceService",
      `{predictor: {containers: [${container}]}}`,
      ["ci/InferenceService/x/predictor/a!"],
    ],
    [
      "actions.summerwind.dev/RunnerDeployment",
      "{template: {spec: {dockerdWithinRunnerContainer: true}}}",
      ["ci/RunnerDeployment/x/runner!"],
    ],
    [
      "actions.summerwind.dev/RunnerDeployment",
      "{template: {spec: {repository: me/x}}}",
      ["ci/RunnerDeployment/x/runner", "ci/RunnerDeployment/x/docker!"],
    ],
    [
      "actions.summerwind.dev/RunnerDeployment",
      "{template: {spec: {dockerEnabled: false}}}",
      ["ci/RunnerDeployment/x/runner"],
    ],
  ])("%s %s.", (kind, spec, expected) => {
    expect(containers(object(kind, spec))).toEqual(expected);
    expect(clusterOf(object(kind, spec)).problems).toEqual([]);
  });

  test("a workflow's volumes and network are those of its pods, and its jobs end.", () => {
    const spec = `{hostNetwork: true, volumes: [{name: s, hostPath: {path: /var/run/docker.sock}}], templates: [{name: m, container: {name: a, image: a, volumeMounts: [{name: s, mountPath: /s}]}}]}`;
    const system = clusterOf(object("argoproj.io/WorkflowTemplate", spec));
    const [workload] = system.all("workload");
    expect(workload && knownValue(workload.networkMode)?.kind).toBe("host");
    expect(workload?.kubernetes?.runsToCompletion).toBe(true);
    expect(system.all("mount")).toHaveLength(1);
  });
});

describe("An object of a kind that nobody here knows", () => {
  test.each([
    ["with containers", "{deployment: {containers: [{image: a}]}}"],
    ["with the host's network", "{pod: [{hostNetwork: true}]}"],
  ])("%s is said not to be judged.", (_, spec) => {
    const [problem, ...others] = clusterOf(object("example.org/Thing", spec)).problems;
    expect(problem?.message).toContain("1 object is of a kind whose pods are not judged: Thing (manifests.yaml:2");
    expect(others).toEqual([]);
  });

  test.each([
    ["example.org/Thing", "{containers: 3, image: a}"],
    ["kyverno.io/ClusterPolicy", "{rules: [{validate: {pattern: {spec: {containers: [{image: a}]}}}}]}"],
    ["helm.toolkit.fluxcd.io/HelmRelease", "{values: {containers: [{image: a}]}}"],
  ])("is passed over where it holds no pod of its own: %s %s.", (kind, spec) => {
    expect(clusterOf(object(kind, spec)).problems.filter(({ message }) => message.includes("whose pods"))).toEqual([]);
  });
});
