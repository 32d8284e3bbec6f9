import { afterEach, describe, expect, it } from "vitest";
import { namesOf, planned, removeFolders } from "../testing/plans.ts";

// covers: P6 | kubernetes

afterEach(removeFolders);

const named = (kind: string, name: string, more = "") =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${more}`;
const map = (name: string) => named("ConfigMap", name);

describe("The manifests of a repository", () => {
  it("that nothing names are one cluster, named by the folder that holds them all", () => {
    const { clusters } = planned({
      "k8s/apps/a.yaml": map("a"),
      "k8s/policies/b.yml": map("b"),
      "README.md": "apiVersion",
    });
    expect(clusters.map((cluster) => [cluster.name, namesOf(cluster)])).toEqual([
      ["k8s", ["ConfigMap a", "ConfigMap b"]],
    ]);
  });

  it("are several clusters where folders hold objects of the same name", () => {
    const { clusters } = planned({
      "dev/app.yaml": map("app"),
      "dev/extra.yaml": map("extra"),
      "prod/app.yaml": map("app"),
      "prod/deep/er.yaml": map("deeper"),
    });
    expect(clusters.map((cluster) => [cluster.name, namesOf(cluster)])).toEqual([
      ["dev", ["ConfigMap app", "ConfigMap extra"]],
      ["prod", ["ConfigMap app", "ConfigMap deeper"]],
    ]);
  });

  it("of one name in one folder are judged as they are applied: the last counts, and that is said", () => {
    const { clusters } = planned({
      "a.yaml": `${map("x")}data: {from: a}\n`,
      "b.yaml": `${map("x")}data: {from: b}\n`,
    });
    expect(clusters[0]?.objects.map(({ place }) => place.kind === "file" && place.source.path)).toEqual(["b.yaml"]);
    expect(clusters[0]?.problems.map(({ message, severity }) => [severity, message])).toEqual([
      ["warning", "ConfigMap x stands here and again in b.yaml:2:7, which takes its place; this one is not judged."],
    ]);
  });

  it("of several names that stand twice are told of once, with each as a part", () => {
    const both = `${map("x")}---\n${map("z")}`;
    const { clusters } = planned({ "a.yaml": both, "b.yaml": both });
    expect(clusters[0]?.problems.map(({ message, parts }) => [message, parts?.length])).toEqual([
      ["2 objects stand twice among these files, and of each only the last is judged.", 2],
    ]);
  });

  it("may be JSON, lists and many documents", () => {
    const { clusters } = planned({
      "a.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json"}}',
      "b.yaml": `${map("one")}---\n# nothing\n---\n${map("two")}`,
      "c.yaml": `apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Secret, metadata: {name: three, namespace: nn}}\n`,
    });
    expect(clusters.flatMap(namesOf)).toEqual(["ConfigMap json", "ConfigMap one", "ConfigMap two", "Secret nn/three"]);
  });

  it.each([
    ["a Compose file", "compose.yaml", "services:\n  web:\n    image: nginx\n"],
    [
      "a Compose file that speaks of objects",
      "compose.yaml",
      "services:\n  web:\n    labels:\n      kind: x\n      apiVersion: v1\n",
    ],
    ["keys in capitals", "a.yaml", "ApiVersion: v1\nKind: Pod\nMetadata:\n  name: a\n"],
    ["a kubeconfig", "config.yaml", "apiVersion: v1\nkind: Config\nclusters: []\n"],
    ["Talos configuration", "patch.yaml", "apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: a\n"],
    ["a cluster of kind", "kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"],
    ["what kubeadm reads", "kubeadm.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"],
    [
      "the schema of a kind",
      "schema.json",
      '{"properties": {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}}',
    ],
    ["values of a chart", "values.yaml", "extraObjects:\n  - apiVersion: v1\n    kind: ConfigMap\n"],
    ["a package", "package.json", '{"apiVersion": "v1", "kind": "ConfigMap"}'],
    [
      "a catalogue of software",
      "catalog-info.yaml",
      "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a\n",
    ],
  ])("are not %s", (_title, path, text) => {
    expect(planned({ [path]: text }).clusters).toEqual([]);
  });

  it("of a definition of kinds are an object, and no pods within it", () => {
    const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: pods.example.com
spec:
  example:
    apiVersion: v1
    kind: Pod
`;
    expect(planned({ "crd.yaml": crd }).clusters.flatMap(namesOf)).toEqual([
      "CustomResourceDefinition pods.example.com",
    ]);
  });

  it("take kubectl's words for true and false, which kustomize does not know", () => {
    const pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  hostNetwork: yes\n";
    const { clusters } = planned({
      "loose/a.yaml": pod,
      "built/kustomization.yaml": "resources: [a.yaml]\n",
      "built/a.yaml": pod,
    });
    const values = clusters.map(({ objects }) => objects[0]?.node.entries.get("spec")?.value);
    expect(values.map((node) => node?.kind === "mapping" && node.entries.get("hostNetwork")?.value)).toEqual([
      expect.objectContaining({ value: "yes" }),
      expect.objectContaining({ value: true }),
    ]);
  });
});

describe("Kustomizations", () => {
  const base = { "base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": map("a") };

  it("that others lead to are judged with those alone: two overlays of a base are two clusters", () => {
    const { clusters, problems } = planned({
      ...base,
      "overlays/dev/kustomization.yaml": "namePrefix: dev-\nresources: [../../base]\n",
      "overlays/prod/kustomization.yaml": "namespace: prod\nresources: [../../base]\ncomponents: [../../extra]\n",
      "extra/kustomization.yaml":
        "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [b.yaml]\n",
      "extra/b.yaml": map("b"),
    });
    expect(clusters.map((cluster) => [cluster.name, namesOf(cluster)])).toEqual([
      ["overlays/dev", ["ConfigMap dev-a"]],
      ["overlays/prod", ["ConfigMap prod/a", "ConfigMap prod/b"]],
    ]);
    expect(problems).toEqual([]);
  });

  it("that lead to one another in a circle are one cluster, and the circle is said", () => {
    const { clusters } = planned({
      "a/kustomization.yaml": "resources: [../b]\n",
      "b/kustomization.yaml": "resources: [../a]\n",
    });
    expect(clusters.map(({ name, problems }) => [name, problems.map(({ message }) => message)])).toEqual([
      ["a", ["`../a` leads back to a folder that this kustomization is in; kustomize refuses that circle."]],
    ]);
  });

  it("leave no patch and no data behind that looks like a manifest of its own", () => {
    const { clusters, problems } = planned({
      "kustomization.yaml":
        "resources: [a.yaml]\npatches: [{path: patch.yaml}]\nconfigMapGenerator: [{name: g, files: [object.yaml, k=sub/other.yaml]}]\n",
      "a.yaml": map("a"),
      "patch.yaml": `${map("a")}data: {b: "1"}\n`,
      "object.yaml": map("inside"),
      "sub/other.yaml": map("other"),
    });
    expect(clusters.map(namesOf)).toEqual([[expect.stringMatching(/^ConfigMap g-\w{10}$/), "ConfigMap a"].sort()]);
    expect(problems).toEqual([]);
  });

  it("say which manifests of their folders they do not name, once", () => {
    const { clusters, problems } = planned({
      "apps/kustomization.yaml": "resources: [a.yaml]\n",
      "apps/a.yaml": map("a"),
      "apps/old/b.yaml": map("b"),
      "apps/old/c.yaml": map("c"),
    });
    expect(clusters.map(namesOf)).toEqual([["ConfigMap a"]]);
    expect(problems).toEqual([
      "2 manifests are named by no kustomization of the folders around, and not judged: apps/old/b.yaml and 1 more.",
    ]);
  });
});

describe("Charts and templates", () => {
  it("are said once for each chart, and none of their files is read", () => {
    const { clusters, owned } = planned({
      "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
      "charts/app/templates/deployment.yaml":
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .Values.x }}\n",
      "charts/app/crds/crd.yaml": map("crd"),
      "charts/app/charts/dependency/Chart.yaml": "apiVersion: v2\nname: dependency\n",
      "charts/app/charts/dependency/templates/a.yaml": map("{{ .x }}"),
      "charts/app/values.yaml": "a: 1\n",
      "node_modules/x/deployment.yaml": map("theirs"),
    });
    expect(
      clusters.map(({ objects, unseen, problems }) => [
        objects,
        unseen.map(({ what }) => what),
        problems.map(({ message }) => message),
      ]),
    ).toEqual([
      [
        [],
        ["the chart charts/app"],
        ["1 Helm chart is not rendered here, so what it installs is not judged: the chart charts/app."],
      ],
    ]);
    expect(owned).toContain("charts/app/templates/deployment.yaml");
  });

  it("of Jinja and Go in YAML are said once for all, and are no wall of mistakes", () => {
    const { clusters } = planned({
      "a.yaml": map("a"),
      "b.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ name }}\n{% if x %}\n  labels: [\n{% endif %}\n",
      "c.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n{{- with .labels }}\n  labels: {{ . }}\n{{- end }}\n",
      "d.yaml.j2": map("{{ d }}"),
      "e.yaml": `${map("e")}data:\n  text: "{{ .quoted }}"\n`,
      "talos.yaml.j2": "apiVersion: v1alpha1\nkind: HostnameConfig\n",
    });
    expect(clusters.map(({ problems }) => problems.map(({ message, severity }) => [severity, message]))).toEqual([
      [
        [
          "warning",
          "3 files are templates of manifests, and what they become is not judged: d.yaml.j2, b.yaml and c.yaml.",
        ],
      ],
    ]);
    expect(clusters.map(namesOf)).toEqual([["ConfigMap a", "ConfigMap e"]]);
  });
});

describe("Bad manifests", () => {
  it("are one problem each with their place, and the others are judged", () => {
    const { clusters } = planned({
      "a.yaml": map("a"),
      "bad.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: [a\n",
      "c.yaml": map("c"),
    });
    expect(clusters.map(namesOf)).toEqual([["ConfigMap a", "ConfigMap c"]]);
    const [problem] = clusters[0]?.problems ?? [];
    expect([problem?.severity, problem?.place.kind === "file" && problem.place.source.path]).toEqual([
      "error",
      "bad.yaml",
    ]);
    expect(clusters[0]?.problems).toHaveLength(1);
  });

  it("that cannot be read for their size are said", () => {
    const { problems } = planned({ "a.yaml": map("a"), "big.yaml": `${map("b")}#${"x".repeat(4 * 1024 * 1024)}` });
    expect(problems).toEqual(["big.yaml is larger than 4 MiB; it is not read."]);
  });
});
