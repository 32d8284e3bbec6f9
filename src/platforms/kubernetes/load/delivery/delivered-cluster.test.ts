import { afterEach, describe, expect, it } from "vitest";
import { describePlace } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { namesOf, plainOf, planned, removeFolders } from "../../testing/plans.ts";
import { textOf, valueAt } from "../nodes.ts";

// covers: P6 | kubernetes

afterEach(removeFolders);

const map = (name: string, data = "") => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${data}`;

/** A Flux Kustomization of this repository; `spec` is indented by two. */
const flux = (
  name: string,
  path: string,
  spec = "",
  source = "flux-system",
) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  path: ${path}
  sourceRef: {kind: GitRepository, name: ${source}}
${spec}`;

function only(kind: string, objects: readonly KubernetesObject[], name?: string): KubernetesObject | undefined {
  return objects.find((object) => object.kind === kind && (name === undefined || object.name === name));
}

describe("A cluster of Flux", () => {
  it("is all that its entry leads to, through further Kustomizations and folders without a kustomization", () => {
    const { clusters, problems } = planned({
      "clusters/prod/flux-system/gotk-sync.yaml": flux("flux-system", "./clusters/prod"),
      "clusters/prod/flux-system/kustomization.yaml": "resources: [gotk-sync.yaml]\n",
      "clusters/prod/apps.yaml": flux("apps", "apps/prod"),
      "apps/prod/kustomization.yaml": "resources: [../base]\nnamePrefix: prod-\n",
      "apps/base/kustomization.yaml": "resources: [a.yaml]\n",
      "apps/base/a.yaml": map("a"),
      "clusters/prod/more/deep/b.yaml": map("b"),
      "clusters/prod/more/values.yaml": "no: object\n",
    });
    expect(clusters.map((cluster) => [cluster.name, namesOf(cluster)])).toEqual([
      [
        "clusters/prod/flux-system",
        ["ConfigMap b", "ConfigMap prod-a", "Kustomization flux-system/apps", "Kustomization flux-system/flux-system"],
      ],
    ]);
    expect(only("ConfigMap", clusters[0]?.objects ?? [], "prod-a")?.appliedBy?.name).toBe("apps");
    expect(problems).toEqual([]);
  });

  it("is not entered by a tenant's Kustomization, whose path a patch adds and whose source is another branch", () => {
    const sync = (name: string, more: string) =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec:\n${more}`;
    const repository = (name: string, url: string, branch: string) =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {url: "${url}", ref: {branch: ${branch}}}\n`;
    const { clusters } = planned({
      "clusters/staging/flux-system/sync.yaml": `${repository("flux-system", "ssh://git@git.example.com/me/fleet", "main")}---\n${sync("flux-system", "  path: ./clusters/staging\n  sourceRef: {kind: GitRepository, name: flux-system}\n")}`,
      "clusters/staging/tenants.yaml": sync(
        "tenants",
        "  path: ./tenants/staging\n  sourceRef: {kind: GitRepository, name: flux-system}\n",
      ),
      "tenants/base/kustomization.yaml": "resources: [sync.yaml]\n",
      "tenants/base/sync.yaml": `${repository("team", "https://git.example.com/me/fleet", "team")}---\n${sync("team", "  sourceRef: {kind: GitRepository, name: team}\n")}`,
      "tenants/staging/kustomization.yaml":
        "resources: [../base]\npatches:\n  - target: {kind: Kustomization}\n    patch: '[{op: add, path: /spec/path, value: ./staging}]'\n",
    });
    expect(clusters.map(({ name }) => name)).toEqual(["clusters/staging/flux-system"]);
    expect(clusters[0]?.unseen.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      "Kustomization flux-system/team: it takes them from the GitRepository team; give what it applies with --rendered",
    ]);
  });

  it("is one of several where there are several entries; what both share is judged with each", () => {
    const { clusters } = planned({
      "clusters/dev/all.yaml": flux("apps", "./apps", "  targetNamespace: dev\n"),
      "clusters/prod/all.yaml": flux("apps", "./apps", "  targetNamespace: prod\n"),
      "apps/a.yaml": map("a"),
    });
    expect(clusters.map((cluster) => [cluster.name, namesOf(cluster)])).toEqual([
      ["clusters/dev", ["ConfigMap dev/a", "Kustomization flux-system/apps"]],
      ["clusters/prod", ["ConfigMap prod/a", "Kustomization flux-system/apps"]],
    ]);
  });

  it("has what a Kustomization lays over its path: patches, images, components, metadata", () => {
    const spec = `  namePrefix: p-
  commonMetadata: {labels: {team: blue}, annotations: {a: b}}
  components: [../component]
  images: [{name: nginx, newTag: "2"}]
  patches:
    - target: {kind: Deployment}
      patch: |-
        - op: add
          path: /spec/replicas
          value: 3
`;
    const { clusters } = planned({
      "flux/all.yaml": flux("all", "./app", spec),
      "app/kustomization.yaml": 'resources: [a.yaml]\nimages: [{name: nginx, newTag: "1"}]\n',
      "app/a.yaml":
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: {team: red}}\nspec: {template: {spec: {containers: [{name: a, image: nginx}]}}}\n",
      "component/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamespace: c\n",
    });
    const deployment = only("Deployment", clusters[0]?.objects ?? []);
    expect(plainOf(deployment)).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "p-a", namespace: "c", labels: { team: "blue" }, annotations: { a: "b" } },
      spec: { replicas: 3, template: { spec: { containers: [{ name: "a", image: "nginx:2" }] } } },
    });
    const replicas = valueAt(deployment?.node, "spec", "replicas");
    expect(replicas && describePlace(replicas.place)).toBe("flux/all.yaml:18:18");
  });

  it("has patched Kustomizations do what they are patched to", () => {
    const spec = `  patches:
    - target: {kind: Kustomization}
      patch: |-
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: _}
        spec: {targetNamespace: patched}
`;
    const { clusters } = planned({
      "flux/all.yaml": flux("all", "./apps", spec),
      "apps/ks.yaml": flux("app", "./app"),
      "app/a.yaml": map("a"),
    });
    expect(namesOf(clusters[0] ?? { name: "", objects: [], unseen: [], problems: [], sources: [] })).toContain(
      "ConfigMap patched/a",
    );
  });
});

describe("Variables of Flux", () => {
  const settings = map(
    "settings",
    'data:\n  DOMAIN: example.com\n  UID: "1000"\n  FLAG: "true"\n  JSON: "{a: 1}"\n  COLON: "a: b"\n',
  ).replace("name: settings", "name: settings\n  namespace: flux-system");
  const secret = `apiVersion: v1
kind: Secret
metadata:
  name: secrets
  namespace: flux-system
stringData:
  TOKEN: ENC[AES256_GCM,data:abc=,iv:x,tag:y,type:str]
sops:
  mac: ENC[AES256_GCM,data:x,type:str]
`;
  const post = `  postBuild:
    substitute: {INLINE: here}
    substituteFrom:
      - {kind: ConfigMap, name: settings}
      - {kind: Secret, name: secrets}
`;
  const values = (text: string) => map("a", text);

  function substituted(text: string, more: Readonly<Record<string, string>> = {}, spec = post) {
    const { clusters } = planned({
      "flux/apps.yaml": flux("apps", "./apps", spec),
      "flux/settings.yaml": settings,
      "flux/secrets.yaml": secret,
      "apps/a.yaml": values(text),
      ...more,
    });
    const [cluster] = clusters;
    const object = only("ConfigMap", cluster?.objects ?? [], "a");
    return { data: valueAt(object?.node, "data"), problems: cluster?.problems.map(({ message }) => message), object };
  }

  const data = (text: string) => {
    const node = substituted(`data:\n  k: ${text}\n`).data;
    return valueAt(node, "k");
  };

  it.each([
    ["${INLINE}.${DOMAIN}", "here.example.com"],
    ["${UID}", 1000],
    ['"${UID}"', 1000],
    ["${FLAG}", true],
    ["'x: ${UID}'", "x: 1000"],
    ["${UNSET:=8}", 8],
    ["${UNSET}", null],
    ["a${UNSET}", "a"],
    ["'yes'", "yes"],
  ])("are put into %s", (text, value) => {
    expect(data(text)).toMatchObject({ kind: "scalar", value });
  });

  it("that are YAML themselves become what they say", () => {
    expect(data("${JSON}")).toMatchObject({ kind: "mapping" });
    const { data: found } = substituted("data:\n  k: ${COLON}\n  list:\n    - ${COLON}\n");
    expect(valueAt(found, "k")).toMatchObject({ unresolved: "what Flux puts into it is no YAML" });
    const list = valueAt(found, "list");
    expect(list?.kind === "sequence" && list.items[0]).toMatchObject({ kind: "mapping" });
  });

  it("that come from an encrypted Secret are not known, and say so", () => {
    expect(data("x${TOKEN}")).toMatchObject({
      kind: "scalar",
      unresolved: "it comes from the Secret secrets, which is encrypted",
      interpolates: ["TOKEN"],
    });
  });

  it("that may come from what is not in the files are not known, unless something else states them", () => {
    const spec = post.replace("name: secrets", "name: elsewhere");
    const { data: found } = substituted("data:\n  a: ${OTHER:=1}\n  b: ${DOMAIN}\n", {}, spec);
    expect(valueAt(found, "a")).toMatchObject({
      unresolved: "it comes from the Secret elsewhere, which is not in the files",
    });
    expect(textOf(valueAt(found, "b"))).toBe("example.com");
  });

  it("leave alone what asks for it, and everything where a Kustomization substitutes nothing", () => {
    const disabled = "  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\ndata:\n  k: ${UID}\n";
    expect(textOf(valueAt(substituted(disabled).data, "k"))).toBe("${UID}");
    expect(textOf(valueAt(substituted("data:\n  k: ${UID}\n", {}, "").data, "k"))).toBe("${UID}");
  });

  it("that Flux cannot read are said, and what holds them is not known", () => {
    const { data: found, problems } = substituted("data:\n  k: ${a.b}\n");
    expect(valueAt(found, "k")).toMatchObject({ unresolved: "Flux cannot substitute in it" });
    expect(problems).toEqual([
      "Flux cannot substitute its variables in this text, and applies nothing of this Kustomization.",
    ]);
  });

  it("may come from what a later Kustomization applies, and lead to folders by their values", () => {
    const { clusters } = planned({
      "flux/apps.yaml": `${flux("apps", "./apps", "  postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}\n")}---\n${flux("config", "./config")}`,
      "config/settings.yaml": `${map("settings", "data: {CLUSTER: prod}\n").replace("metadata:", "metadata:\n  namespace: flux-system")}`,
      "apps/ks.yaml": flux("inner", "./clusters/${CLUSTER}"),
      "clusters/prod/b.yaml": map("b"),
    });
    expect(clusters.flatMap(namesOf)).toContain("ConfigMap b");
    expect(clusters).toHaveLength(1);
  });
});

describe("What Flux applies from elsewhere", () => {
  it("is said once", () => {
    const { clusters } = planned({
      "flux/a.yaml": `${flux("gone", "./gone")}---\n${flux("other", "./", "", "other")}---\n${flux("foreign", "./flux", "", "foreign")}`,
      "flux/sources.yaml": ["flux-system", "foreign"]
        .map(
          (name) =>
            `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}}\nspec: {url: "https://git.example.com/${name}"}\n`,
        )
        .join("---\n"),
    });
    expect(clusters[0]?.unseen.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      "Kustomization flux-system/gone: its path `gone` is not in this folder; give what it applies with --rendered",
      "Kustomization flux-system/other: it takes them from the GitRepository other; give what it applies with --rendered",
      "Kustomization flux-system/foreign: it takes them from the GitRepository foreign; give what it applies with --rendered",
    ]);
    expect(clusters[0]?.problems.map(({ message, severity }) => [severity, message])).toEqual([
      [
        "warning",
        "3 Kustomizations or Applications apply files that are not here, which are not judged: Kustomization flux-system/gone, Kustomization flux-system/other and Kustomization flux-system/foreign.",
      ],
    ]);
  });

  it("is found when a part of the repository is checked, or a folder around it", () => {
    const files = {
      "repo/kubernetes/flux/a.yaml": flux("a", "./kubernetes/apps"),
      "repo/kubernetes/apps/b.yaml": map("b"),
    };
    for (const below of ["", "repo", "repo/kubernetes"]) {
      expect(planned(files, below).clusters.flatMap(namesOf)).toContain("ConfigMap b");
    }
  });

  it("is one note for any number of charts, with each of them in its parts", () => {
    const release = (name: string) =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: media}\nspec: {targetNamespace: there}\n`;
    const { clusters } = planned({
      "flux/a.yaml": flux("a", "./apps"),
      "apps/all.yaml": Array.from({ length: 42 }, (_, index) => release(`r${index}`)).join("---\n"),
    });
    const [problem, ...more] = clusters[0]?.problems ?? [];
    expect(more).toEqual([]);
    expect(problem?.message).toBe(
      "42 Helm charts are not rendered here, so what they install is not judged: HelmRelease media/r0, HelmRelease media/r1, HelmRelease media/r2 and 39 more.",
    );
    expect(problem?.parts).toHaveLength(42);
    expect(clusters[0]?.unseen[0]?.namespace).toBe("there");
  });

  it("does not hide what lies below a path of Flux and is applied by nothing", () => {
    const { clusters, problems } = planned({
      "flux/a.yaml": flux("apps", "./apps"),
      "apps/kustomization.yaml": "resources: [live/ks.yaml]\n",
      "apps/live/ks.yaml": flux("live", "./apps/live/app"),
      "apps/live/app/a.yaml": map("a"),
      "apps/idle/ks.yaml": flux("idle", "./apps/idle/app"),
      "apps/idle/app/kustomization.yaml": "resources: [b.yaml]\n",
      "apps/idle/app/b.yaml": map("b"),
    });
    expect(clusters.map(namesOf)).toEqual([
      ["ConfigMap a", "Kustomization flux-system/apps", "Kustomization flux-system/live"],
    ]);
    expect(problems).toEqual([
      "2 manifests are named by no kustomization of the folders around, and not judged: apps/idle/app/b.yaml and 1 more.",
    ]);
  });
});
