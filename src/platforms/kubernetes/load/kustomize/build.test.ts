import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { threadMs } from "../../../../../test/support/thread-time.ts";
import { describePlace } from "../../../../lib/place.ts";
import { ConfinedFiles } from "../../../../repository/files.ts";
import { type Files, folderOf, planned, removeFolders } from "../../testing/plans.ts";
import { textOf, valueAt } from "../nodes.ts";
import { LoadSession } from "../session.ts";
import { buildKustomization } from "./build.ts";

// covers: P6 | kubernetes

afterEach(removeFolders);

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: nginx:1
          securityContext:
            privileged: false
`;

function build(files: Files, folder = "") {
  const session = new LoadSession(new ConfinedFiles(folderOf(files)));
  const resources = buildKustomization(session, folder);
  return {
    resources,
    said: session.problems.map(({ message, place }) => `${describePlace(place)}: ${message}`),
    unseen: session.unseen.map(({ what, place }) => `${what} (${describePlace(place)})`),
  };
}

describe("Entries for images", () => {
  const imagesOf = (entries: string, ...images: readonly string[]) => {
    const containers = images.map((image, at) => `{name: c${at}, image: "${image}"}`).join(", ");
    const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [${containers}]}\n`;
    const { resources } = build({ "p.yaml": pod, "kustomization.yaml": `resources: [p.yaml]\nimages:\n${entries}` });
    const list = valueAt(resources[0]?.node, "spec", "containers");
    return list?.kind === "sequence" ? list.items.map((each) => textOf(valueAt(each, "image"))) : [];
  };

  it("are asked one after the other, of what those before made of an image", () => {
    const entries =
      '  - {name: b, newTag: "9"}\n  - {name: a, newName: x/b, newTag: "2"}\n  - {name: x/b, newName: "host:5000/c"}\n  - {name: "host:5000/c", newTag: "3"}\n  - {name: a, newTag: "4"}\n';
    expect(imagesOf(entries, "a:1", "b:1", "a")).toEqual(["host:5000/c:3", "b:9", "host:5000/c:3"]);
  });

  it("that are about none of an object's images leave it as it is", () => {
    expect(imagesOf('  - {name: zzz, newTag: "9"}\n  - {name: "a.*b", newTag: "9"}\n', "a:1", "b")).toEqual([
      "a:1",
      "b",
    ]);
  });
});

describe("Patches", () => {
  const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: b}\n`;
  const entry = (target: string, patch: string) => `  - {${target}patch: ${JSON.stringify(patch)}}\n`;
  const namesAfter = (patches: string, names: readonly string[]) => {
    const kustomization = `resources: [all.yaml]\n${patches}`;
    const { resources, said } = build({
      "all.yaml": names.map(map).join("---\n"),
      "kustomization.yaml": kustomization,
    });
    return { names: resources.map(({ id }) => id.name), said: said.length };
  };

  it("find an object by its old name and by its new one, and none that one before deleted", () => {
    const renamed = entry(
      "target: {kind: ConfigMap, name: a}, ",
      '[{"op": "replace", "path": "/metadata/name", "value": "b"}]',
    );
    const deleted = (name: string) => entry("", `$patch: delete\n${map(name)}`);
    expect(namesAfter(`patches:\n${entry("", map("c"))}${renamed}${deleted("b")}`, ["a", "c"])).toEqual({
      names: ["c"],
      said: 0,
    });
    expect(namesAfter(`patches:\n${entry("", map("c"))}${renamed}${deleted("a")}`, ["a", "c"])).toEqual({
      names: ["c"],
      said: 0,
    });
    expect(namesAfter(`patches:\n${deleted("a")}${deleted("a")}`, ["a", "c"])).toEqual({ names: ["c"], said: 1 });
  });

  it("that delete, and those by operations, take time that grows with their number", () => {
    const took = (count: number, kind: "patches" | "patchesJson6902") => {
      const names = Array.from({ length: count }, (_, at) => `c${at}`);
      const all = names.map((name) =>
        kind === "patches"
          ? entry("", `$patch: delete\n${map(name)}`)
          : entry(
              `target: {version: v1, kind: ConfigMap, name: ${name}}, `,
              '[{"op": "add", "path": "/data/x", "value": "y"}]',
            ),
      );
      const started = threadMs();
      expect(namesAfter(`${kind}:\n${all.join("")}`, names).said).toBe(0);
      return threadMs() - started;
    };
    for (const kind of ["patches", "patchesJson6902"] as const) {
      took(100, kind);
      expect(took(1_600, kind)).toBeLessThan(8 * took(400, kind) + 100);
    }
  });
});

describe("A file of variables that is not among the files", () => {
  const generated = (generator: string) => {
    const session = new LoadSession(
      new ConfinedFiles(
        folderOf({ "kustomization.yaml": `${generator}: [{name: s, envs: [./env/a.env], literals: [B=2]}]\n` }),
      ),
    );
    const [resource] = buildKustomization(session, "");
    const data = valueAt(resource?.node, "data");
    return {
      why: data?.kind === "mapping" ? data.incomplete : undefined,
      name: resource?.id.name,
      said: session.problems.map(({ severity, message }) => `${severity}: ${message}`),
    };
  };

  it("leaves open what is generated of it, and its hash; of a Secret it is rightly kept out, and that is told as such", () => {
    expect(generated("secretGenerator")).toEqual({
      why: "./env/a.env cannot be read",
      name: "s",
      said: ["warning: `./env/a.env`, which a Secret is made of, is not there; what it would hold is not judged."],
    });
    expect(generated("configMapGenerator")).toEqual({
      why: "./env/a.env cannot be read",
      name: "s",
      said: ["error: `./env/a.env` cannot be read: env/a.env is not there."],
    });
  });
});

describe("A list of paths under `patches`, as kustomize 1 had it", () => {
  const privileged =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {hostNetwork: true}}}\n";

  it("is merged like `patchesStrategicMerge`", () => {
    const { resources, said } = build({
      "a.yaml": deployment,
      "patch.yaml": privileged,
      "kustomization.yaml": "resources: [a.yaml]\npatches: [patch.yaml]\n",
    });
    expect(said).toEqual([]);
    expect(textOf(valueAt(resources[0]?.node, "spec", "template", "spec", "hostNetwork"))).toBe("true");
  });

  it("names its files, so that none of them is left over", () => {
    const plan = planned({
      "a.yaml": deployment,
      "patch.yaml": privileged,
      "kustomization.yaml": "resources: [a.yaml]\npatches: [patch.yaml]\n",
    });
    expect(JSON.stringify(plan)).not.toContain("named by no kustomization");
  });

  it("cannot stand beside entries of today", () => {
    const { said } = build({
      "a.yaml": deployment,
      "patch.yaml": privileged,
      "kustomization.yaml": "resources: [a.yaml]\npatches: [patch.yaml, {path: patch.yaml}]\n",
    });
    expect(said).toEqual([
      "kustomization.yaml:2:23: `patches` of a kustomization is a list of paths alone, or of mappings alone; this is something else, which kustomize refuses.",
    ]);
  });
});

describe("What a kustomization changes has the place of what changed it", () => {
  it("for each field of it, and for patches inline and in files", () => {
    const { resources, said } = build({
      "a.yaml": deployment,
      "patch.yaml":
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      hostNetwork: true\n",
      "kustomization.yaml": `resources: [a.yaml]
namespace: prod
labels:
  - pairs: {team: blue}
images:
  - name: nginx
    newTag: "2"
replicas:
  - name: web
    count: 3
patches:
  - path: patch.yaml
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        template:
          spec:
            containers:
              - name: web
                securityContext:
                  privileged: true
  - target: {kind: Deployment}
    patch: '[{"op": "add", "path": "/spec/paused", "value": true}]'
`,
    });
    expect(said).toEqual([]);
    const at = (...keys: string[]) => {
      const node = valueAt(resources[0]?.node, ...keys);
      return node && describePlace(node.place);
    };
    const list = valueAt(resources[0]?.node, "spec", "template", "spec", "containers");
    const container = list?.kind === "sequence" ? list.items[0] : undefined;
    const image = valueAt(container, "image");
    const privileged = valueAt(container, "securityContext", "privileged");
    expect({
      name: at("metadata", "name"),
      namespace: at("metadata", "namespace"),
      label: at("metadata", "labels", "team"),
      replicas: at("spec", "replicas"),
      hostNetwork: at("spec", "template", "spec", "hostNetwork"),
      paused: at("spec", "paused"),
      image: image && describePlace(image.place),
      privileged: privileged && describePlace(privileged.place),
    }).toEqual({
      name: "a.yaml:4:9",
      namespace: "kustomization.yaml:2:12",
      label: "kustomization.yaml:4:19",
      replicas: "kustomization.yaml:10:12",
      hostNetwork: "patch.yaml:8:20",
      paused: "kustomization.yaml:26:12",
      image: "kustomization.yaml:7:13",
      privileged: "kustomization.yaml:24:31",
    });
    expect(textOf(image)).toBe("nginx:2");
  });

  it("and what is generated that of its literal, line or file", () => {
    const { resources } = build({
      "one.env": "# settings\nA=1\n",
      "file.txt": "text",
      "kustomization.yaml":
        "secretGenerator:\n  - name: s\n    envs: [one.env]\n    literals:\n      - B=2\n    files: [file.txt]\n",
    });
    const data = valueAt(resources[0]?.node, "data");
    const places =
      data?.kind === "mapping"
        ? [...data.entries.values()].map(({ key, value }) => `${key} ${describePlace(value.place)}`)
        : [];
    expect(places).toEqual(["A one.env:2:1", "B kustomization.yaml:5:9", "file.txt file.txt"]);
  });
});

describe("What a kustomization cannot see here", () => {
  it("is noted where it is named, and nothing is fetched or run", () => {
    const { resources, said, unseen } = build({
      "a.yaml": deployment,
      "kustomization.yaml": `resources:
  - a.yaml
  - https://example.com/x.yaml
  - github.com/org/repo/deploy?ref=v1
  - git@example.com:org/repo.git
components: [https://example.com/component]
helmCharts:
  - {name: app, namespace: there}
generators: [secrets.yaml]
transformers: [change.yaml]
`,
    });
    expect(resources).toHaveLength(1);
    expect(said).toEqual([]);
    expect(unseen).toEqual([
      "the remote base https://example.com/x.yaml (kustomization.yaml:3:5)",
      "the remote base github.com/org/repo/deploy?ref=v1 (kustomization.yaml:4:5)",
      "the remote base git@example.com:org/repo.git (kustomization.yaml:5:5)",
      "the Helm chart app (kustomization.yaml:8:5)",
      "the plug-in secrets.yaml (kustomization.yaml:9:14)",
      "the plug-in change.yaml (kustomization.yaml:10:16)",
      "the remote component https://example.com/component (kustomization.yaml:6:14)",
    ]);
  });
});

describe("What a kustomization changes of objects that are fetched from elsewhere", () => {
  const patch = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: argocd-cm\ndata:\n  admin.enabled: "false"\n';
  const changes = `patches:
  - path: patch.yaml
  - target: {kind: ConfigMap, name: argocd-rbac-cm}
    patch: '[{"op": "add", "path": "/data/policy.default", "value": "role:readonly"}]'
configMapGenerator:
  - name: argocd-cmd-params-cm
    behavior: merge
    literals: [server.insecure=true]
`;
  const built = (resources: string) => {
    const session = new LoadSession(
      new ConfinedFiles(
        folderOf({
          "a.yaml": deployment,
          "patch.yaml": patch,
          "kustomization.yaml": `namespace: argocd\nresources: [${resources}]\n${changes}`,
        }),
      ),
    );
    buildKustomization(session, "");
    return session;
  };

  it("is no mistake, and is kept with their names and the namespace that they are put in", () => {
    const { problems, changes: kept } = built("https://raw.githubusercontent.com/argoproj/argo-cd/v3.1.0/install.yaml");
    expect(problems).toEqual([]);
    const shown = kept.map((node) => [
      textOf(valueAt(node, "metadata", "namespace")),
      textOf(valueAt(node, "metadata", "name")),
      valueAt(node, "data")?.kind === "mapping",
    ]);
    expect(shown).toEqual([
      ["argocd", "argocd-cmd-params-cm", true],
      ["argocd", "argocd-cm", true],
      ["argocd", "argocd-rbac-cm", true],
    ]);
  });

  it("is a mistake where nothing is fetched", () => {
    const { problems, changes: kept } = built("a.yaml");
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("ConfigMap argocd-cmd-params-cm is to be changed by a generator"),
      expect.stringContaining("No object is ConfigMap argocd-cm"),
    ]);
    expect(kept).toEqual([]);
  });
});

describe("A kustomization that is wrong gets a sentence with its place, and what is right of it is kept", () => {
  it.each<[string, Files, string[]]>([
    [
      "a base outside the folder",
      { "kustomization.yaml": "resources: [a.yaml, ../../etc]\n", "a.yaml": deployment },
      ["kustomization.yaml:1:21: `../../etc` lies outside the folder that is checked; it is not read."],
    ],
    [
      "an absolute path",
      { "kustomization.yaml": "resources: [a.yaml, /etc/passwd]\n", "a.yaml": deployment },
      ["kustomization.yaml:1:21: `/etc/passwd` lies outside the folder that is checked; it is not read."],
    ],
    [
      "a patch that leaves the folder",
      { "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: ../p.yaml}]\n", "a.yaml": deployment },
      ["kustomization.yaml:2:18: `../p.yaml` lies outside the folder that is checked; it is not read."],
    ],
    [
      "a folder without a kustomization",
      { "kustomization.yaml": "resources: [a.yaml, b]\n", "a.yaml": deployment, "b/c.yaml": deployment },
      ["kustomization.yaml:1:21: `b` is a folder without a kustomization."],
    ],
    [
      "a file without objects",
      { "kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "a.yaml": deployment, "b.yaml": "a: 1\n" },
      [
        "b.yaml:1:1: This is no Kubernetes object: it needs `apiVersion`, `kind` and `metadata.name`; kustomize stops here.",
      ],
    ],
    [
      "a mistake in an inline patch",
      {
        "kustomization.yaml":
          "resources: [a.yaml]\npatches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: [\n",
        "a.yaml": deployment,
      },
      [
        "kustomization.yaml:5:14: A `[` is never closed.",
        "kustomization.yaml:4:7: A patch names no object: it needs `apiVersion`, `kind` and `metadata.name`, or a `target`.",
      ],
    ],
    [
      "a target that is no expression",
      {
        "kustomization.yaml": "resources: [a.yaml]\npatches:\n  - target: {name: \"(a\"}\n    patch: '[]'\n",
        "a.yaml": deployment,
      },
      ["kustomization.yaml:3:13: `name` of a patch's target cannot be read as an expression; the patch is left out."],
    ],
    [
      "entries of the wrong kind",
      {
        "kustomization.yaml":
          "resources: [a.yaml, {b: c}]\nimages: nginx\nlabels: [text]\npatches: {a: b}\ncommonLabels: [a]\nnamePrefix: {}\nreplicas: [{name: web}]\n",
        "a.yaml": deployment,
      },
      [
        "kustomization.yaml:1:21: `resources` of a kustomization is a list of texts; this is something else, which kustomize refuses.",
        "kustomization.yaml:6:13: `namePrefix` of a kustomization is a text; this is something else, which kustomize refuses.",
        "kustomization.yaml:3:10: `labels` of a kustomization is a list of mappings; this is something else, which kustomize refuses.",
        "kustomization.yaml:5:15: `commonLabels` of a kustomization is a mapping; this is something else, which kustomize refuses.",
        "kustomization.yaml:2:9: `images` of a kustomization is a list; this is something else, which kustomize refuses.",
        "kustomization.yaml:4:10: `patches` of a kustomization is a list; this is something else, which kustomize refuses.",
      ],
    ],
    [
      "a list",
      { "kustomization.yaml": "- a\n" },
      [
        "kustomization.yaml:1:1: kustomization.yaml is no kustomization: a mapping with `resources:` and the like is expected.",
      ],
    ],
    [
      "nothing",
      { "kustomization.yaml": "# nothing\n" },
      ["kustomization.yaml: kustomization.yaml is empty; kustomize refuses that."],
    ],
    ["no YAML", { "kustomization.yaml": "resources: [\n" }, ["kustomization.yaml:2:1: A `[` is never closed."]],
  ])("%s", (_title, files, said) => {
    const built = build(files);
    expect(built.said).toEqual(said);
    expect(built.resources).toHaveLength("a.yaml" in files ? 1 : 0);
  });

  it("a file outside its own folder, which kustomize refuses and Flux does not", () => {
    const files = { "over/kustomization.yaml": "resources: [../a.yaml]\n", "a.yaml": deployment };
    const [said] = build(files, "over").said;
    expect(said).toContain("which kustomize refuses unless it runs with --load-restrictor");
    const session = new LoadSession(new ConfinedFiles(folderOf(files)));
    expect(buildKustomization(session, "over", { anyFile: true })).toHaveLength(1);
    expect(session.problems).toEqual([]);
  });

  it("a link out of the folder", () => {
    const outside = folderOf({ "secret.yaml": deployment, "base/kustomization.yaml": "resources: []\n" });
    const root = folderOf({
      "kustomization.yaml": "resources: [link.yaml, linked]\nconfigMapGenerator: [{name: a, files: [link.yaml]}]\n",
    });
    symlinkSync(join(outside, "secret.yaml"), join(root, "link.yaml"));
    symlinkSync(join(outside, "base"), join(root, "linked"));
    const session = new LoadSession(new ConfinedFiles(root));
    const resources = buildKustomization(session, "");
    expect(resources.map(({ id }) => id.name)).toEqual(["a"]);
    expect(JSON.stringify(resources.map(({ node }) => [...node.entries]))).not.toContain("nginx");
    expect(session.problems.every(({ severity }) => severity === "error")).toBe(true);
    expect(session.problems).toHaveLength(3);
  });

  it("bases that double at each step", () => {
    const root = folderOf({});
    for (let level = 0; level < 40; level++) {
      mkdirSync(join(root, `b${level}`));
      const next = level === 39 ? "[]" : `[../b${level + 1}, ../b${level + 1}]`;
      writeFileSync(join(root, `b${level}`, "kustomization.yaml"), `resources: ${next}\n`);
    }
    const session = new LoadSession(new ConfinedFiles(root));
    const started = threadMs();
    buildKustomization(session, "b0");
    expect(threadMs() - started).toBeLessThan(5000);
    expect(session.problems.map(({ message }) => message)).toContain(
      "Bases lead to more bases than can be followed; from here on they are not read.",
    );
  });
});

describe("Whatever stands in a kustomization, building it ends without a throw", () => {
  const fields = [
    "resources",
    "components",
    "namespace",
    "namePrefix",
    "labels",
    "commonLabels",
    "commonAnnotations",
    "images",
    "replicas",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "replacements",
    "vars",
    "configurations",
    "helmCharts",
    "generators",
    "kind",
    "crds",
  ];
  const words = [
    "a.yaml",
    "patch.yaml",
    ".",
    "..",
    "sub",
    "web",
    "nginx",
    "Deployment",
    "$patch",
    "delete",
    "",
    "(",
    "*",
    "__proto__",
    "constructor",
    "/spec/x",
    "spec.x.[a=b].*",
    "a=b",
  ];
  const keys = [
    "name",
    "target",
    "patch",
    "path",
    "op",
    "value",
    "from",
    "kind",
    "literals",
    "files",
    "envs",
    "pairs",
    "includeSelectors",
    "source",
    "targets",
    "select",
    "fieldPaths",
    "fieldPath",
    "objref",
    "newTag",
    "count",
    "options",
    "create",
    "delimiter",
    "index",
    "behavior",
    "metadata",
    "apiVersion",
    "__proto__",
    "$patch",
  ];
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(
        ...words,
        null,
        true,
        0,
        -1,
        1.5,
        "- {op: add, path: /spec/a, value: 1}",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {$patch: replace}",
      ),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 4 }),
    ),
  }));
  const kustomization = fc.dictionary(fc.constantFrom(...fields), fc.oneof(value, fc.array(value, { maxLength: 3 })), {
    maxKeys: 5,
  });

  it("for any values of any fields, and every object that is left is one", () => {
    const root = folderOf({
      "a.yaml": deployment,
      "patch.yaml": "- {op: remove, path: /spec}\n",
      "sub/kustomization.yaml": "resources: [../a.yaml]\n",
    });
    fc.assert(
      fc.property(kustomization, (content) => {
        writeFileSync(join(root, "kustomization.yaml"), JSON.stringify(content));
        const session = new LoadSession(new ConfinedFiles(root));
        const resources = buildKustomization(session, "");
        expect(resources.every(({ node }) => node.kind === "mapping")).toBe(true);
      }),
      { numRuns: 600 },
    );
  });
});
