/** What makes objects that cannot be seen here, and how that is told: once for each cluster, not once for each. */
import type { InputProblem } from "../../../facts/system.ts";
import type { KubernetesObject, UnseenKind, UnseenObjects } from "../objects.ts";
import { type NoteWords, oneNote } from "../one-note.ts";
import { itemsOf, textAt, valueAt } from "./nodes.ts";

/** What the objects of a cluster make in it that is not among them: charts that Flux, Argo CD or k3s install. */
export function unseenOf(objects: readonly KubernetesObject[]): readonly UnseenObjects[] {
  return objects.flatMap((object) => {
    const namespace = chartNamespace(object);
    if (namespace === undefined) return [];
    const own = object.namespace === undefined ? "" : `${object.namespace}/`;
    const what = `${object.kind} ${own}${object.name}`;
    const why = "its chart is not rendered here; give its output with --rendered";
    return [
      { kind: "chart" as const, what, why, namespace: namespace === "" ? undefined : namespace, place: object.place },
    ];
  });
}

/** The namespace that an object installs a chart in, empty for one that is not told; undefined for all other objects. */
function chartNamespace({ group, kind, node, namespace = "" }: KubernetesObject): string | undefined {
  const spec = valueAt(node, "spec");
  switch (`${group}/${kind}`) {
    case "helm.toolkit.fluxcd.io/HelmRelease":
      return textAt(spec, "targetNamespace") ?? namespace;
    case "helm.cattle.io/HelmChart":
    case "helm.cattle.io/HelmChartConfig":
      return textAt(spec, "targetNamespace") ?? namespace;
    case "argoproj.io/Application": {
      const sources = [valueAt(spec, "source"), ...itemsOf(valueAt(spec, "sources"))];
      const hasChart = sources.some((source) => textAt(source, "chart") !== undefined);
      return hasChart ? (textAt(spec, "destination", "namespace") ?? "") : undefined;
    }
    default:
      return undefined;
  }
}

const words: Record<UnseenKind, NoteWords> = {
  chart: {
    one: "1 Helm chart is not rendered here, so what it installs is not judged",
    many: "Helm charts are not rendered here, so what they install is not judged",
    hint: "Judge that too: `helm template … | ringwall check . --rendered -`, or give the output of `flux build`.",
  },
  remote: {
    one: "1 remote base is not fetched, so what it brings is not judged",
    many: "remote bases are not fetched, so what they bring is not judged",
    hint: "Judge that too: `kubectl kustomize … | ringwall check . --rendered -`.",
  },
  plugin: {
    one: "1 kustomize plug-in is not run, so what it makes or changes is not judged",
    many: "kustomize plug-ins are not run, so what they make or change is not judged",
    hint: "Judge that too: `kustomize build … | ringwall check . --rendered -`.",
  },
  template: {
    one: "1 file is a template of manifests, and what it becomes is not judged",
    many: "files are templates of manifests, and what they become is not judged",
    hint: "Render them, and give the result with `--rendered`.",
  },
  elsewhere: {
    one: "1 Kustomization or Application applies files that are not here, which are not judged",
    many: "Kustomizations or Applications apply files that are not here, which are not judged",
    hint: "Check the folder that holds those files too, or give what they apply with `--rendered`.",
  },
};

/** One note for each kind of what is not seen; its parts are the single ones. */
export function notesOf(unseen: readonly UnseenObjects[]): readonly InputProblem[] {
  return (Object.keys(words) as UnseenKind[]).flatMap((kind) => {
    const of = unseen.filter((each) => each.kind === kind);
    const noted = of.map(({ what, why, place }) => ({ shown: what, message: `${what}: ${why}.`, place }));
    return oneNote(noted, words[kind]);
  });
}
