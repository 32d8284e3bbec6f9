import { describe, expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import type { System } from "../../../../facts/system.ts";
import { clusterOf } from "../../testing/manifests.ts";

function object(kind: string, name: string, spec: string): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ci}\nspec:\n  ${spec}\n---\n`;
}

function workflow(fields: string, template = "container: {image: a}"): System {
  return clusterOf(object("Workflow", "w", `${fields}\n  templates: [{name: m, ${template}}]`));
}

/** Of the only container: whether it is privileged, and `?` where that cannot be told. */
function privileged(system: System): unknown {
  const [container] = system.all("container");
  if (container === undefined) return "no container";
  return container.privileged.kind === "unknown" ? "?" : knownValue(container.privileged);
}

function network(system: System): unknown {
  const [workload] = system.all("workload");
  if (workload?.networkMode.kind === "unknown") return workload.networkMode.why;
  return workload && knownValue(workload.networkMode)?.kind;
}

const patch = '{"containers": [{"name": "main", "securityContext": {"privileged": true}}]}';

// covers: W1 | kubernetes
describe("A `podSpecPatch`", () => {
  test.each([
    ["of the workflow, in JSON", workflow(`podSpecPatch: '${patch}'`)],
    ["of a template, in YAML", workflow("entrypoint: m", `container: {image: a}, podSpecPatch: '${patch}'`)],
    [
      "of a template, over the workflow's",
      workflow(`podSpecPatch: '${patch.replace("true", "false")}'`, `container: {image: a}, podSpecPatch: '${patch}'`),
    ],
    ["of the template that all others begin with", workflow(`templateDefaults: {podSpecPatch: '${patch}'}`)],
  ])("%s is applied.", (_, system) => {
    expect(privileged(system)).toBe(true);
  });

  test("changes the pod as well.", () => {
    expect(network(workflow("podSpecPatch: 'hostNetwork: true'"))).toBe("host");
  });

  test("of which a value is filled in later leaves that one unknown.", () => {
    const filled = "{containers: [{name: main, securityContext: {privileged: {{inputs.parameters.p}}}}]}";
    const system = workflow(`podSpecPatch: '${filled}'`);
    expect(privileged(system)).toBe("?");
    expect(network(system)).toBe("networks");
  });

  test.each([
    ["that is filled in later", "{{workflow.parameters.patch}}"],
    ["whose member is filled in later", "containers: [{name: {{inputs.parameters.n}}}]"],
    ["whose key is filled in later", "{{inputs.parameters.n}}: true"],
    ["with an expression in it", "hostNetwork: {{= {a: {}} }}"],
    ["that is no mapping", "[]"],
    ["that is no YAML", "{"],
    ["that does not fit", "containers: 1"],
  ])("%s hides the pod.", (_, text) => {
    const system = workflow(`podSpecPatch: '${text}'`, "container: {image: a, securityContext: {privileged: false}}");
    expect(network(system)).toBe("its `podSpecPatch` cannot be told, and it may change anything of the pod");
    expect(privileged(system)).toBe("no container");
    expect(system.all("workload").map(({ kubernetes }) => kubernetes?.containerNames.complete)).toEqual([false]);
  });
});

describe("`templateDefaults`", () => {
  test("are what a template of the same type has that says nothing else.", () => {
    const defaults = "templateDefaults: {hostNetwork: true, container: {securityContext: {privileged: true}}}";
    expect(privileged(workflow(defaults))).toBe(true);
    expect(network(workflow(defaults))).toBe("host");
    expect(privileged(workflow(defaults, "script: {image: a}"))).toBe(false);
    expect(privileged(workflow(defaults, "container: {image: a, securityContext: {privileged: false}}"))).toBe(false);
    expect(privileged(workflow(defaults, "dag: {tasks: []}"))).toBe("no container");
  });
});

describe("A workflow that names a template", () => {
  const template = object("WorkflowTemplate", "t", "templates: [{name: m, container: {image: a}}]");
  const names = (text: string) =>
    clusterOf(text)
      .all("workload")
      .map(({ ref }) => ref.name);

  test("is judged with it where it says more of its pods.", () => {
    const system = clusterOf(object("Workflow", "w", "workflowTemplateRef: {name: t}\n  hostNetwork: true") + template);
    expect(network(system)).toBe("host");
    expect(system.all("workload").map(({ ref }) => ref.name)).toEqual(["ci/Workflow/w/m", "ci/WorkflowTemplate/t/m"]);
  });

  test("is not judged a second time where it adds nothing.", () => {
    expect(names(object("Workflow", "w", "workflowTemplateRef: {name: t}") + template)).toEqual([
      "ci/WorkflowTemplate/t/m",
    ]);
  });
});

test("What a workflow fills in when it runs is stated by nobody.", () => {
  const volumes = "volumes: [{name: s, hostPath: {path: '{{workflow.parameters.path}}'}}]";
  const container = "{image: 'a:{{workflow.parameters.tag}}', volumeMounts: [{name: s, mountPath: /s}]}";
  const system = workflow(volumes, `container: ${container}`);
  expect(system.all("image").map(({ reference }) => reference.kind)).toEqual(["unknown"]);
  expect(system.all("mount").map(({ source }) => source.kind)).toEqual(["unknown"]);

  const groups = workflow("securityContext: {fsGroup: '{{workflow.parameters.group}}'}").all("container");
  expect(groups.map(({ supplementaryGroups }) => supplementaryGroups.complete)).toEqual([false]);
});

test.each([
  ["templates", clusterOf(object("Workflow", "w", "templates: '{{x}}'"))],
  ["sidecars", workflow("entrypoint: m", "container: {image: a}, sidecars: '{{x}}'")],
  ["a set of containers", workflow("entrypoint: m", "containerSet: {containers: '{{x}}'}")],
])("A pod is not whole where its list is not: %s.", (_, system) => {
  expect(system.all("workload").map(({ kubernetes }) => kubernetes?.containerNames.complete)).toEqual([false]);
});

test("Volumes that are filled in later may be anything.", () => {
  const system = workflow("volumes: '{{x}}'");
  expect(system.all("workload").map(({ kubernetes }) => kubernetes?.volumes.complete)).toEqual([false]);
});
