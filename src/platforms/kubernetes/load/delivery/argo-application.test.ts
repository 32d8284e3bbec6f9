import { afterEach, describe, expect, it } from "vitest";
import { namesOf, plainOf, planned, removeFolders } from "../../testing/plans.ts";

// covers: P6 | kubernetes

afterEach(removeFolders);

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

const application = (name: string, source: string, namespace = "there") => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}
  namespace: argocd
spec:
  destination: {namespace: ${namespace}, server: "https://kubernetes.default.svc"}
  source: {repoURL: "https://git.example.com/me/cluster.git", ${source}}
`;

describe("A cluster of Argo CD", () => {
  it("is all that its Applications lead to, those of further Applications too", () => {
    const { clusters, problems } = planned({
      "root.yaml": application("root", "path: apps"),
      "apps/a.yaml": application("a", "path: manifests/a", "alpha"),
      "apps/b.yaml": application(
        "b",
        'path: manifests/b/overlays/prod, kustomize: {namePrefix: x-, images: ["nginx=mirror.example.com/nginx:2"]}',
        "beta",
      ),
      "manifests/a/one.yaml": map("one"),
      "manifests/a/deeper/two.yaml": map("two"),
      "manifests/b/overlays/prod/kustomization.yaml": "resources: [../../base]\n",
      "manifests/b/base/kustomization.yaml": "resources: [pod.yaml]\n",
      "manifests/b/base/pod.yaml":
        "apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec: {containers: [{name: a, image: nginx}]}\n",
    });
    expect(clusters.map((cluster) => [cluster.name, namesOf(cluster)])).toEqual([
      [
        expect.stringContaining("ringwall-manifests"),
        [
          "Application argocd/a",
          "Application argocd/b",
          "Application argocd/root",
          "ConfigMap alpha/one",
          "Pod beta/x-pod",
        ],
      ],
      ["manifests/a/deeper", ["ConfigMap two"]],
    ]);
    expect(plainOf(clusters[0]?.objects.find(({ kind }) => kind === "Pod"))).toMatchObject({
      spec: { containers: [{ image: "mirror.example.com/nginx:2" }] },
    });
    expect(problems).toEqual([]);
  });

  it("takes folders as a whole where it is told to, and says which charts it cannot see", () => {
    const { clusters } = planned({
      "argocd/all.yaml": [
        application("deep", "path: deep, directory: {recurse: true}"),
        application("own", "path: chart"),
        application("theirs", "chart: app, targetRevision: 1.0.0"),
        application("gone", "path: gone"),
      ].join("---\n"),
      "deep/a.yaml": map("a"),
      "deep/er/b.yaml": map("b"),
      "chart/Chart.yaml": "apiVersion: v2\nname: chart\n",
      "chart/templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .x }}\n",
    });
    expect(clusters).toHaveLength(1);
    expect(clusters[0] && namesOf(clusters[0])).toEqual(
      expect.arrayContaining(["ConfigMap there/a", "ConfigMap there/b"]),
    );
    expect(clusters[0]?.unseen.map(({ what, kind }) => `${kind}: ${what}`).sort()).toEqual([
      "chart: Application argocd/own",
      "chart: Application argocd/theirs",
      "elsewhere: Application argocd/gone",
    ]);
  });

  it("has an Application for each folder that a set names", () => {
    const { clusters } = planned({
      "argocd/set.yaml": `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all, namespace: argocd}
spec:
  goTemplate: true
  generators:
    - git:
        directories:
          - path: apps/*
          - {path: apps/not, exclude: true}
  template:
    metadata: {name: "{{ .path.basename }}", namespace: argocd}
    spec:
      source: {repoURL: x, path: "{{.path.path}}"}
      destination: {namespace: "{{index .path.segments 1}}", name: "{{ .other }}"}
`,
      "apps/one/a.yaml": map("a"),
      "apps/two/kustomization.yaml": "resources: [b.yaml]\n",
      "apps/two/b.yaml": map("b"),
      "apps/not/c.yaml": map("c"),
    });
    expect(clusters.map(namesOf)).toEqual([
      [
        "Application argocd/one",
        "Application argocd/two",
        "ApplicationSet argocd/all",
        "ConfigMap one/a",
        "ConfigMap two/b",
      ],
      ["ConfigMap c"],
    ]);
  });
});

describe("An ApplicationSet", () => {
  const set = (generators: string, spec: string, more = "") => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all, namespace: argocd}
spec:
  generators: ${generators}
  template:
    metadata: {name: "{{ name }}"}
    spec: ${spec}
${more}`;
  const unseenOf = (...files: readonly (readonly [string, string])[]) =>
    planned(Object.fromEntries(files)).clusters.flatMap(({ unseen }) =>
      unseen.map(({ kind, what, why }) => [kind, what, why]),
    );
  const clusters = "[{clusters: {}}]";
  const source = (text: string) =>
    `{destination: {namespace: there, name: in-cluster}, source: {repoURL: "https://git.example.com/me/x.git", ${text}}}`;

  it("of another generator says that its chart is not rendered", () => {
    expect(unseenOf(["set.yaml", set(clusters, source("chart: velero, targetRevision: 1.0.0"))])).toEqual([
      ["chart", "ApplicationSet argocd/all", "its chart is not rendered here; give its output with --rendered"],
    ]);
    expect(
      unseenOf([
        "set.yaml",
        set(clusters, '{sources: [{repoURL: "https://charts.example.com", chart: "{{ chart }}"}]}'),
      ]),
    ).toEqual([
      ["chart", "ApplicationSet argocd/all", "its chart is not rendered here; give its output with --rendered"],
    ]);
  });

  it("says so of a path that leads nowhere here, and of one that its generators alone know", () => {
    expect(unseenOf(["set.yaml", set(clusters, source("path: apps/a"))])).toEqual([
      [
        "elsewhere",
        "ApplicationSet argocd/all",
        "its path `apps/a` is not in this folder; give what it applies with --rendered",
      ],
    ]);
    expect(unseenOf(["set.yaml", set(clusters, source('path: "apps/{{ name }}"'))])).toEqual([
      [
        "elsewhere",
        "ApplicationSet argocd/all",
        "no folder here fits its path `apps/{{ name }}`; give what it applies with --rendered",
      ],
    ]);
    expect(unseenOf(["set.yaml", set(clusters, source('path: "{{ path }}"'))])).toEqual([
      [
        "elsewhere",
        "ApplicationSet argocd/all",
        "its generators alone know its path; give what it applies with --rendered",
      ],
    ]);
    expect(unseenOf(["set.yaml", set(clusters, "{sources: []}", "  templatePatch: |\n    spec: {}\n")])).toEqual([
      [
        "elsewhere",
        "ApplicationSet argocd/all",
        "its `templatePatch` is not read; give what it applies with --rendered",
      ],
    ]);
  });

  it("says nothing of paths whose folders are here, and are judged by themselves", () => {
    const kustomization = ["overlays/dev/kustomization.yaml", "resources: [a.yaml]\n"] as const;
    const one = ["overlays/dev/a.yaml", map("one")] as const;
    for (const path of ["overlays/dev", '"overlays/{{ name }}"', '"overlays/{{.name}}"'])
      expect(unseenOf(["set.yaml", set(clusters, source(`path: ${path}`))], kustomization, one)).toEqual([]);
  });

  it("of folders and clusters has an Application for each folder", () => {
    const perCluster = (text: string) => text.replace('"{{ name }}"', '"{{ .path.basename | normalize }}"');
    const both = '[{matrix: {generators: [{clusters: {}}, {git: {directories: [{path: "apps/*"}]}}]}}]';
    const { clusters: found } = planned({
      "set.yaml": perCluster(set(both, source('path: "{{ path }}"'))),
      "apps/a/one.yaml": map("one"),
      "apps/b/two.yaml": map("two"),
    });
    expect(found.map(namesOf)).toEqual([expect.arrayContaining(["ConfigMap there/one", "ConfigMap there/two"])]);
  });
});
