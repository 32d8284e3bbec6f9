import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import { clusterOf } from "../../testing/manifests.ts";
import { customPodKinds } from "./custom-pods.ts";

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
    ["argoproj.io/Experiment", `{templates: [{name: t, template: {${pod}}}]}`, ["ci/Experiment/x/t/a!"]],
    [
      "argoproj.io/AnalysisTemplate",
      `{metrics: [{name: p, provider: {prometheus: {}}}, {name: j, provider: {job: {spec: {template: {${pod}}}}}}]}`,
      ["ci/AnalysisTemplate/x/j/a!"],
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

  test.each([
    ["argoproj.io/AnalysisTemplate", "{metrics: 3}"],
    ["jobset.x-k8s.io/JobSet", "{replicatedJobs: 3}"],
    ["batch.volcano.sh/Job", `{tasks: {a: {template: {${pod}}}}}`],
    ["tekton.dev/Pipeline", "{tasks: $(params.tasks)}"],
    ["tekton.dev/Pipeline", `{tasks: [{name: t, taskSpec: {steps: [${container}]}}], finally: 3}`],
  ])("%s %s: a list that is none hides pods.", (kind, spec) => {
    const lists = clusterOf(object(kind, spec)).all("workload");
    expect(lists.map(({ kubernetes }) => kubernetes?.containerNames.complete)).toContain(false);
  });

  test("a volume whose name cannot be told stays beside others.", () => {
    const template = object(
      "argoproj.io/WorkflowTemplate",
      `{volumes: [{emptyDir: {}}], templates: [{name: m, container: ${container}}]}`,
    );
    const named = template.replace("{name: x,", "{name: t,");
    const workflow = object(
      "argoproj.io/Workflow",
      "{workflowTemplateRef: {name: t}, volumes: [{hostPath: {path: /}}]}",
    );
    const [first] = clusterOf(`${workflow}---\n${named}`).all("workload");
    expect(first?.kubernetes?.volumes.items).toHaveLength(2);
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
    ["with templates", "{source: {resource: {spec: {templates: [{container: {image: a}}]}}}}"],
    ["with steps", "{resourcetemplates: [{kind: TaskRun, spec: {taskSpec: {steps: [{image: a}]}}}]}"],
  ])("%s is said not to be judged.", (_, spec) => {
    const [problem, ...others] = clusterOf(object("example.org/Thing", spec)).problems;
    expect(problem?.message).toBe("1 object is of a kind whose pods are not judged: Thing x.");
    expect(others).toEqual([]);
  });

  test.each([
    ["kafka.strimzi.io/Kafka", "{kafka: {listeners: [{name: external, port: 9094, type: loadbalancer, tls: false}]}}"],
    ["postgresql.cnpg.io/Cluster", "{instances: 3, managed: {services: {}}}"],
    ["kubevirt.io/VirtualMachine", "{template: {spec: {volumes: [{cloudInitNoCloud: {userData: a}}]}}}"],
  ])("is said not to be judged where an operator makes pods of it: %s.", (kind, spec) => {
    const name = kind.replace(/^.*\//, "");
    expect(clusterOf(object(kind, spec)).problems.map(({ message }) => message)).toEqual([
      `1 object is of a kind whose pods are not judged: ${name} x.`,
    ]);
  });

  test.each([
    ["example.org/Thing", "{containers: 3, image: a}"],
    ["gateway.envoyproxy.io/EnvoyProxy", "{provider: {kubernetes: {envoyDeployment: {container: {image: a}}}}}"],
    ["kyverno.io/ClusterPolicy", "{rules: [{validate: {pattern: {spec: {containers: [{image: a}]}}}}]}"],
    ["helm.toolkit.fluxcd.io/HelmRelease", "{values: {containers: [{image: a}]}}"],
  ])("is passed over where it holds no pod of its own: %s %s.", (kind, spec) => {
    expect(clusterOf(object(kind, spec)).problems.filter(({ message }) => message.includes("whose pods"))).toEqual([]);
  });
});

describe("An object of a known kind is said not to be judged", () => {
  const told = (...texts: readonly string[]) => clusterOf(texts.join("---\n")).problems.map(({ message }) => message);

  test.each([
    [
      "InferenceService of an older version",
      "serving.kserve.io/InferenceService",
      "{default: {predictor: {tensorflow: {}}}}",
    ],
    ["Workflow whose templates stand elsewhere", "argoproj.io/Workflow", "{steps: [{containers: [{image: a}]}]}"],
  ])("where no pod of it was found: %s.", (_, kind, spec) => {
    const name = kind.replace(/^.*\//, "");
    expect(told(object(kind, spec))).toEqual([`1 object is of a kind whose pods are not judged: ${name} x.`]);
  });

  test.each([
    ["argoproj.io/Rollout", "{workloadRef: {apiVersion: apps/v1, kind: Deployment, name: d}}", "the Deployment d"],
    ["argoproj.io/Workflow", "{workflowTemplateRef: {name: t}}", "the WorkflowTemplate t"],
    [
      "argoproj.io/Workflow",
      "{templates: [{dag: {tasks: [{templateRef: {name: t, template: m}}]}}]}",
      "the WorkflowTemplate t",
    ],
    [
      "argoproj.io/CronWorkflow",
      "{workflowSpec: {workflowTemplateRef: {name: c, clusterScope: true}}}",
      "the WorkflowTemplate c",
    ],
    ["tekton.dev/TaskRun", "{taskRef: {name: t}}", "the Task t"],
    ["tekton.dev/TaskRun", "{taskRef: {resolver: git, params: []}}", "the Task that it names"],
    ["tekton.dev/PipelineRun", "{pipelineRef: {name: p}}", "the Pipeline p"],
    ["tekton.dev/Pipeline", "{tasks: [{taskRef: {name: t}}, {taskRef: {name: t}}]}", "the Task t"],
    ["tekton.dev/Task", "{steps: [{ref: {name: a}}]}", "the StepAction a"],
  ])("where what it runs is not among the files: %s %s.", (kind, spec, what) => {
    const name = kind.replace(/^.*\//, "");
    expect(told(object(kind, spec))).toEqual([
      `1 object runs pods that are described elsewhere and not judged: ${name} x runs ${what}.`,
    ]);
  });

  test("and not where that is among them, or where another object made it.", () => {
    const deployment = object("apps/Deployment", `{template: {${pod}}}`);
    expect(
      told(
        object("argoproj.io/Rollout", "{workloadRef: {apiVersion: apps/v1, kind: Deployment, name: x}}"),
        deployment,
      ),
    ).toEqual([]);
    const owned = object("tekton.dev/TaskRun", "{taskRef: {name: t}}").replace(
      "namespace: ci",
      "namespace: ci, ownerReferences: [{kind: PipelineRun, name: r}]",
    );
    expect(told(owned)).toEqual([]);
    expect(
      told(object("tekton.dev/Pipeline", "{tasks: [{taskRef: {apiVersion: example.org/v1, kind: Wait}}]}")),
    ).toEqual([]);
  });

  test("in one note for all of them.", () => {
    const [note, ...others] = clusterOf(
      [1, 2, 3, 4].map((each) => object("tekton.dev/TaskRun", `{taskRef: {name: t${each}}}`)).join("---\n"),
    ).problems;
    expect(note?.message).toMatch(/^4 objects run pods .*the Task t3 and 1 more\.$/);
    expect(note?.parts?.map(({ message }) => message)).toContain(
      "The TaskRun x runs the Task t4, which is not among the files.",
    );
    expect(others).toEqual([]);
  });
});

describe("Of what a dump of a cluster holds", () => {
  const named = (kind: string, name: string, spec: string, owner: string) =>
    object(kind, spec).replace("{name: x,", `{name: ${name}, ownerReferences: [{kind: ${owner}, name: x}],`);
  const names = (...texts: readonly string[]) => containers(texts.join("---\n")).map((each) => each.replace("!", ""));
  const own = `{template: {${pod}}}`;
  const alone = pod.replace(/^spec: /, "");

  test.each([
    ["argoproj.io/Workflow", `{templates: [{name: m, container: ${container}}]}`, ["ci/Workflow/x/m/main"]],
    [
      "tekton.dev/PipelineRun",
      `{pipelineSpec: {tasks: [{name: t, taskSpec: {steps: [${container}]}}]}}`,
      ["ci/PipelineRun/x/t/a"],
    ],
    ["apps/Deployment", own, ["ci/Deployment/x/a"]],
  ])("what a %s made is judged with that.", (kind, spec, expected) => {
    const made = named("/Pod", "x-1", alone, kind.replace(/^.*\//, "")).replace("apiVersion: /v1", "apiVersion: v1");
    expect(names(object(kind, spec), made)).toEqual(expected);
  });

  test.each([
    ["example.org/Thing", "{replicas: 1}"],
    ["argoproj.io/Rollout", "{workloadRef: {apiVersion: apps/v1, kind: Deployment, name: x}}"],
    ["argoproj.io/Workflow", "{workflowTemplateRef: {name: t}}"],
  ])("what a %s made is judged by itself where no pod of that one is.", (kind, spec) => {
    const made = named("apps/StatefulSet", "x-1", own, kind.replace(/^.*\//, ""));
    expect(names(object(kind, spec), made)).toEqual(["ci/StatefulSet/x-1/a"]);
  });
});

test("No shape of an object makes its reading throw.", () => {
  const keys = fc.constantFrom(
    ..."templates workflowSpec templateDefaults podSpecPatch container containerSet containers script sidecars volumes".split(
      " ",
    ),
    ..."workflowTemplateRef templateRef securityContext name image steps tasks finally taskSpec taskRef ref env".split(
      " ",
    ),
    ..."pipelineSpec pipelineRef taskRunTemplate taskRunSpecs podTemplate serviceAccountName stepTemplate".split(" "),
    ..."predictor model workerSpec runtime template spec metrics provider job __proto__ constructor".split(" "),
  );
  const leaf = fc.constantFrom<unknown>(
    null,
    true,
    3,
    "x",
    "{{x}}",
    "$(params.x)",
    "containers: [{name: main}]",
    "{",
    "__proto__",
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, depthSize: "medium" },
      leaf,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.array(fc.tuple(keys, tie("tree")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  fc.assert(
    fc.property(fc.constantFrom(...customPodKinds, "argoproj.io/Rollout"), tree, (kind, spec) => {
      const text = object(kind, JSON.stringify(spec));
      return clusterOf(`${text}---\n${text}`).subjects.length >= 0;
    }),
    { numRuns: 400 },
  );
});

test("An image that ko builds when it is deployed is not known, and no mistake.", () => {
  const pod =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: ko://knative.dev/serving/cmd/controller}]}\n";
  const [image] = clusterOf(pod).all("image");
  expect(image?.reference).toMatchObject({ kind: "unknown", why: expect.stringContaining("ko builds it") });
});
