import { expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import type { System } from "../../../../facts/system.ts";
import { Source } from "../../../../lib/place.ts";
import { manifestsOf } from "../../testing/manifests.ts";
import { readKubernetes } from "../index.ts";

/** Whose each Application is, where files lie at these paths. */
function owners(
  sources: readonly string[],
  files: readonly string[],
  chartFolders: readonly string[] = [],
): readonly (boolean | "unknown")[] {
  const text = sources
    .map(
      (source, index) =>
        `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a${index}, namespace: argocd}\nspec: {source: ${source}}\n`,
    )
    .join("---\n");
  const manifests = manifestsOf(text);
  const more = files.map((path) => new Source(path, ""));
  const system: System = readKubernetes(
    { ...manifests, sources: [...manifests.sources, ...more], chartFolders },
    { systemName: "cluster" },
  );
  return system
    .all("pipeline")
    .flatMap(({ argo }) => (argo?.sources ?? []).map(({ own }) => knownValue(own) ?? "unknown"));
}

const mine = "repoURL: 'https://git.home.example/me/home.git'";

// covers: A10 V3 | kubernetes
test.each([
  ["a path of two parts is here", [`{${mine}, path: apps/web}`], [true]],
  [
    "another path of the same repository is here",
    [`{${mine}, path: apps/web}`, `{${mine}, path: charts/x}`],
    [true, true],
  ],
  [
    "its address is written in another way",
    [`{${mine}, path: apps/web}`, "{repoURL: 'git@git.home.example:me/home', path: .}"],
    [true, true],
  ],
  ["two folders of it are here", [`{${mine}, path: apps}`, `{${mine}, path: infra}`], [true, true]],
  ["one folder's name is here", [`{${mine}, path: apps}`], ["unknown"]],
  ["it is taken from its root", [`{${mine}, path: .}`, `{${mine}}`], ["unknown", "unknown"]],
  ["a template fills its path in", [`{${mine}, path: '{{path}}'}`], ["unknown"]],
  ["its address is no text", ["{repoURL: {}, path: apps/web}"], ["unknown"]],
  ["nothing of it is here", [`{${mine}, path: other/web}`], [false]],
  [
    "another repository is this one",
    [`{${mine}, path: apps/web}`, "{repoURL: 'https://b.example', path: x}"],
    [true, false],
  ],
  ["it is a chart of a registry", [`{${mine}, path: apps/web}`, `{${mine}, chart: web}`], [true, false]],
])("Whose an Application's repository is, is told where %s.", (_, sources, expected) => {
  expect(owners(sources, ["apps/web/deployment.yaml", "infra/dns/service.yaml"])).toEqual(expected);
});

test("An Application of a chart that is here is of the repository that the chart is in.", () => {
  expect(owners([`{${mine}, path: charts/web}`], [], ["charts/web"])).toEqual([true]);
  expect(owners([`{${mine}, path: cluster}`], [], ["cluster"])).toEqual(["unknown"]);
});

test.each([
  ["apps/web.yaml", "root.yaml", "and what lies there names the same repository", [true, true]],
  ["apps/web.yaml", "apps/root.yaml", "but it lies in that folder itself", ["unknown", "unknown"]],
  ["other/web.yaml", "root.yaml", "but nothing that lies there names the repository", ["unknown", "unknown"]],
])("One folder's name is here (%s, from %s), %s.", (child, root, _, expected) => {
  const application = (name: string, path: string) =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}, namespace: argocd}\nspec: {source: {${mine}, path: ${path}}}\n`;
  const [one, two] = [
    manifestsOf(application("root", "apps"), root),
    manifestsOf(application("web", "charts/x"), child),
  ];
  const sources = [...one.sources, ...two.sources, new Source("apps/other.yaml", "")];
  const manifests = { ...one, objects: [...one.objects, ...two.objects], sources };
  const found = readKubernetes(manifests, { systemName: "cluster" })
    .all("pipeline")
    .flatMap(({ argo }) => (argo?.sources ?? []).map(({ own }) => knownValue(own) ?? "unknown"));
  expect(found).toEqual(expected);
});
