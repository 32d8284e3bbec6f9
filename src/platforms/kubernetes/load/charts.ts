/**
 * The values that charts are given: of HelmReleases, of Applications, of HelmCharts of k3s and of `helmCharts` of a
 * kustomization. Nothing is rendered; what a chart makes of its values is for those who know the chart.
 *
 * Sources: Flux, "HelmRelease" (`values` goes before `valuesFrom`, whose key is `values.yaml` unless it says otherwise);
 * argo-cd v3.4, `docs/user-guide/helm.md` (`parameters` before `valuesObject`, `values` and `valueFiles`) and
 * `multiple_sources.md` (`$name/path` is a file of another source); k3s documentation, "Helm"; kustomize v5.7.1,
 * `api/types/helmchartargs.go`; Helm, "Subcharts" (a dependency's values stand under its name or alias).
 */
import { posix } from "node:path";
import { relocate } from "../../../formats/relocate.ts";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { Source } from "../../../lib/place.ts";
import { normalise } from "../../../repository/files.ts";
import type { ChartRelease, KubernetesObject } from "../objects.ts";
import type { TargetFiles } from "./kustomize/target-files.ts";
import { itemsOf, mapping, type Text, textAt, textOf, valueAt } from "./nodes.ts";
import { OwnNodes } from "./own-nodes.ts";
import type { LoadSession } from "./session.ts";

/**
 * Charts whose values somebody reads, with where each is got from. Several people make charts of the name `traefik`, whose
 * values are others; an address that is not told counts as none of theirs. Source: traefik-helm-chart, `README.md`.
 */
const known: ReadonlyMap<string, RegExp | undefined> = new Map([
  ["argo-cd", undefined],
  ["ingress-nginx", /^(?:(?:https:\/\/)?kubernetes\.github\.io\/ingress-nginx|[^?#]*\/charts-mirror(?:\/|$))/],
  [
    "traefik",
    /^(?:https:\/\/)?(?:(?:traefik|containous)\.github\.io\/|helm\.traefik\.io\/traefik|(?:oci:\/\/)?ghcr\.io\/traefik\/helm|[^?#]*\/charts-mirror(?:\/|$))/,
  ],
]);

/** What is given, and why that may not be all. */
interface Given {
  readonly values: readonly TreeNode[];
  readonly why?: string | undefined;
}

/** Which chart, from where, in which version. */
interface Wanted {
  readonly chart: string | undefined;
  readonly address: string | undefined;
  readonly version: string | undefined;
}

/** The charts that objects of a cluster install. Without a session no file beside them is looked at. */
export function chartsOf(objects: readonly KubernetesObject[], session?: LoadSession): readonly ChartRelease[] {
  const find = finderAmong(objects);
  return objects.flatMap((object): readonly ChartRelease[] => {
    switch (`${object.group}/${object.kind}`) {
      case "helm.toolkit.fluxcd.io/HelmRelease":
        return releaseOfFlux(object, find, session);
      case "helm.cattle.io/HelmChart":
        return releaseOfK3s(object, session);
      case "argoproj.io/Application":
        return releasesOfArgo(object, session);
      default:
        return [];
    }
  });
}

/** The first object of a kind under a name in a namespace. */
type Find = (
  kind: string | undefined,
  name: string | undefined,
  namespace: string | undefined,
) => KubernetesObject | undefined;

/** Looks through all objects once, and only where somebody asks. */
function finderAmong(objects: readonly KubernetesObject[]): Find {
  let found: Map<string, KubernetesObject> | undefined;
  const keyOf = (...parts: readonly (string | undefined)[]) => JSON.stringify(parts);
  return (...asked) => {
    if (found === undefined) {
      found = new Map();
      for (const each of objects.toReversed()) found.set(keyOf(each.kind, each.name, each.namespace), each);
    }
    return found.get(keyOf(...asked));
  };
}

function releaseOf(
  object: KubernetesObject,
  wanted: Wanted,
  namespace: string | undefined,
  { values, why }: Given,
): readonly ChartRelease[] {
  const name = nameOfChart(wanted);
  if (name === undefined) return [];
  const by = `${object.kind} ${object.namespace === undefined ? "" : `${object.namespace}/`}${object.name}`;
  const whyIncomplete = object.encrypted ? "it is encrypted with SOPS" : why;
  const { version } = wanted;
  return [{ chart: name, by, version, namespace, values, whyIncomplete, place: object.place }];
}

/** `argo/argo-cd`, `oci://ghcr.io/argoproj/argo-helm/argo-cd` and an archive of it are the chart of that name. */
function nameOfChart({ chart = "", address }: Wanted): string | undefined {
  const [last = ""] = chart.split("/").slice(-1);
  const name = last.replace(/-\d+\.\d+\.\d+[\w.+-]*\.tgz$/, "");
  if (!known.has(name)) return undefined;
  const from = known.get(name);
  return from === undefined || from.test(address ?? chart) ? name : undefined;
}

function releaseOfFlux(
  object: KubernetesObject,
  find: Find,
  session: LoadSession | undefined,
): readonly ChartRelease[] {
  const spec = valueAt(object.node, "spec");
  const wanted = chartOfFlux(spec, object, find);
  if (nameOfChart(wanted) === undefined) return [];
  const from = itemsOf(valueAt(spec, "valuesFrom")).map((each) => valuesFrom(each, object, find, session));
  const own = valueAt(spec, "values");
  return releaseOf(object, wanted, textAt(spec, "targetNamespace") ?? object.namespace, {
    values: [...from.flatMap(({ values }) => values), ...(own === undefined ? [] : [own])],
    why: from.find(({ why }) => why !== undefined)?.why,
  });
}

/** The chart that a release states, or that of the OCIRepository or HelmChart that it refers to. */
function chartOfFlux(spec: TreeNode | undefined, object: KubernetesObject, find: Find): Wanted {
  const own = valueAt(spec, "chart", "spec");
  if (own !== undefined) return fetchedChart(own, object, find);
  const found = referred(valueAt(spec, "chartRef"), object, find);
  const source = valueAt(found?.node, "spec");
  if (found === undefined || textAt(source, "chart") !== undefined) return fetchedChart(source, found ?? object, find);
  const address = textAt(source, "url");
  return { chart: address, address, version: textAt(source, "ref", "tag") ?? textAt(source, "ref", "semver") };
}

/** `chart`, `version` and the repository that `sourceRef` names. */
function fetchedChart(spec: TreeNode | undefined, object: KubernetesObject, find: Find): Wanted {
  const repository = referred(valueAt(spec, "sourceRef"), object, find);
  return {
    chart: textAt(spec, "chart"),
    address: textAt(repository?.node, "spec", "url"),
    version: textAt(spec, "version"),
  };
}

function referred(
  ref: TreeNode | undefined,
  { namespace }: KubernetesObject,
  find: Find,
): KubernetesObject | undefined {
  return find(textAt(ref, "kind"), textAt(ref, "name"), textAt(ref, "namespace") ?? namespace);
}

function valuesFrom(
  entry: TreeNode,
  { namespace }: KubernetesObject,
  find: Find,
  session: LoadSession | undefined,
): Given {
  const [kind = "ConfigMap", name = "", target] = ["kind", "name", "targetPath"].map((key) => textAt(entry, key));
  const key = textAt(entry, "valuesKey") ?? "values.yaml";
  const found = find(kind, name, namespace);
  const text = asText(valueAt(found?.node, kind === "Secret" ? "stringData" : "data", key));
  if (text === undefined || target !== undefined)
    return { values: [], why: `the values in the ${kind} ${name} are not seen` };
  return parsed(text, session);
}

function releaseOfK3s(object: KubernetesObject, session: LoadSession | undefined): readonly ChartRelease[] {
  const spec = valueAt(object.node, "spec");
  const [chart, address, version] = ["chart", "repo", "version"].map((key) => textAt(spec, key));
  const wanted: Wanted = { chart, address, version };
  if (nameOfChart(wanted) === undefined) return [];
  const text = asText(valueAt(spec, "valuesContent"));
  const given = text === undefined ? { values: [] } : parsed(text, session);
  const why = valueAt(spec, "set") === undefined ? given.why : "values under `set` are not read";
  return releaseOf(object, wanted, textAt(spec, "targetNamespace") ?? object.namespace, { ...given, why });
}

function releasesOfArgo(object: KubernetesObject, session: LoadSession | undefined): readonly ChartRelease[] {
  const spec = valueAt(object.node, "spec");
  const one = valueAt(spec, "source");
  const sources = [...(one === undefined ? [] : [one]), ...itemsOf(valueAt(spec, "sources"))];
  const namespace = textAt(spec, "destination", "namespace");
  return sources.flatMap((source) => {
    const [chart, address, version] = ["chart", "repoURL", "targetRevision"].map((key) => textAt(source, key));
    const wanted: Wanted = { chart, address, version };
    if (nameOfChart(wanted) !== undefined)
      return releaseOf(object, wanted, namespace, valuesOfArgo(source, undefined, sources, session));
    const folder = textAt(source, "path");
    const around = folder === undefined || session === undefined ? undefined : wrapped(folder, session);
    if (folder === undefined || around === undefined) return [];
    const given = valuesOfArgo(source, folder, sources, session);
    const values = given.values.flatMap((each) => valueAt(each, around.key) ?? []);
    return releaseOf(object, around.wanted, namespace, { ...given, values });
  });
}

/** The chart that one of the repository's own stands on, and the key of its values. */
function wrapped(folder: string, session: LoadSession): { readonly wanted: Wanted; readonly key: string } | undefined {
  const found = dataIn(posix.join(folder, "Chart.yaml"), session);
  for (const each of itemsOf(valueAt(found, "dependencies"))) {
    const [chart = "", address, version] = ["name", "repository", "version"].map((key) => textAt(each, key));
    const wanted: Wanted = { chart, address, version };
    if (nameOfChart(wanted) !== undefined) return { wanted, key: textAt(each, "alias") ?? chart };
  }
  return undefined;
}

function valuesOfArgo(
  source: TreeNode,
  folder: string | undefined,
  sources: readonly TreeNode[],
  session: LoadSession | undefined,
): Given {
  const helm = valueAt(source, "helm");
  const own = folder === undefined ? [] : [dataIn(posix.join(folder, "values.yaml"), session)];
  const files = itemsOf(valueAt(helm, "valueFiles")).map((each) => textOf(each));
  const read = files.map((text) => dataIn(pathOf(text, folder, sources), session));
  const text = asText(valueAt(helm, "values"));
  const inline = text === undefined ? undefined : parsed(text, session);
  const values = [...own, ...read, ...(inline?.values ?? []), valueAt(helm, "valuesObject"), parametersOf(helm)];
  const missing = read.indexOf(undefined);
  const isOpen = valueAt(helm, "fileParameters") !== undefined;
  return {
    values: values.filter((each) => each !== undefined),
    why:
      missing === -1
        ? (inline?.why ?? (isOpen ? "`fileParameters` are not read" : undefined))
        : `its values in \`${files[missing] ?? "?"}\` are not among the files`,
  };
}

/** `$name/path` begins at the root of another source, all others in the source's own folder. */
function pathOf(
  text: string | undefined,
  folder: string | undefined,
  sources: readonly TreeNode[],
): string | undefined {
  const ref = /^\$([\w.-]+)\/(.+)$/.exec(text ?? "");
  if (ref !== null) return sources.some((each) => textAt(each, "ref") === ref[1]) ? ref[2] : undefined;
  if (text === undefined || folder === undefined || /^[a-z]+:\/\//i.test(text)) return undefined;
  return text.startsWith("/") ? text.slice(1) : posix.join(folder, text);
}

/** `a.b\.c` names `b.c` below `a`. */
function parametersOf(helm: TreeNode | undefined): TreeNode | undefined {
  const items = itemsOf(valueAt(helm, "parameters"));
  if (helm === undefined || items.length === 0) return undefined;
  const own = new OwnNodes();
  return items.reduce<MappingNode>(
    (values, each) => {
      const [name, value] = [textAt(each, "name"), valueAt(each, "value")];
      if (name === undefined || value === undefined) return values;
      const keys = name.split(/(?<!\\)\./).map((key) => key.replaceAll("\\.", "."));
      return own.withValueAt(values, keys, value);
    },
    mapping([], helm.place),
  );
}

/** One of the `helmCharts` of a kustomization; undefined where nobody reads its values. */
export function kustomizeChart(
  chart: MappingNode,
  namespace: string | undefined,
  files: TargetFiles,
): ChartRelease | undefined {
  const [of, address, version] = ["name", "repo", "version"].map((key) => textAt(chart, key));
  const name = nameOfChart({ chart: of, address, version });
  if (name === undefined) return undefined;
  const paths = [valueAt(chart, "valuesFile"), ...itemsOf(valueAt(chart, "additionalValuesFiles"))];
  const named = paths.flatMap((node) => asText(node) ?? []);
  const read = named.map(({ text }) => dataIn(files.resolve(text), files.session));
  const inline = valueAt(chart, "valuesInline");
  const values = [...read, inline].filter((each) => each !== undefined);
  const whyIncomplete = read.includes(undefined) ? "a file of its values is not among the files" : undefined;
  const by = `the Helm chart ${textAt(chart, "releaseName") ?? name}`;
  return {
    chart: name,
    by,
    version,
    namespace: textAt(chart, "namespace") ?? namespace,
    values,
    whyIncomplete,
    place: chart.place,
  };
}

/** The first document of a file that is no manifest. */
function dataIn(path: string | undefined, session: LoadSession | undefined): TreeNode | undefined {
  const inside = path === undefined ? undefined : normalise(path);
  if (inside === undefined || session?.files.exists(inside) !== true) return undefined;
  const file = session.data(inside);
  if (!file.ok) return undefined;
  const { documents, problems } = parseYaml(file.source, file.text);
  return problems.length === 0 ? documents[0] : undefined;
}

function parsed(text: Text, session: LoadSession | undefined): Given {
  const why = "its values have a mistake";
  if (session !== undefined) {
    const [document] = session.inline(text);
    return document === undefined ? { values: [], why } : { values: [document] };
  }
  const { documents, problems } = parseYaml(new Source("", text.text), text.text);
  const [document] = documents;
  return document === undefined || problems.length > 0
    ? { values: [], why }
    : { values: [relocate(document, () => text.place)] };
}

function asText(node: TreeNode | undefined): Text | undefined {
  const text = textOf(node);
  return node === undefined || text === undefined ? undefined : { text, place: node.place };
}
