/**
 * What a Traefik is told that its chart installs, by a HelmRelease, an Application, a HelmChart or a kustomization, or that
 * k3s brings along and a HelmChartConfig tells more.
 *
 * Sources: k3s documentation, "Customizing Packaged Components with HelmChartConfig"; traefik-helm-chart, `Changelog.md`
 * (15.0.0: TLS on `websecure` by itself).
 */
import type { TrustedForwarders } from "../../../../facts/configuration/proxy.ts";
import type { TraefikConfiguration } from "../../../../facts/configuration/traefik.ts";
import { complete, type Fact, incomplete, knownValue, mapFact, unknown, unstated } from "../../../../facts/fact.ts";
import type { RepositoryFile } from "../../../../facts/subjects.ts";
import { configurationFile } from "../../../../formats/configuration-file.ts";
import { relocate } from "../../../../formats/relocate.ts";
import { Registry } from "../../../../formats/traefik/registry.ts";
import { traefikSettings } from "../../../../formats/traefik/settings.ts";
import { fromArguments } from "../../../../formats/traefik/sources.ts";
import { readStatic, type TraefikStatic } from "../../../../formats/traefik/static.ts";
import type { MappingNode, TreeNode } from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { type Place, Source } from "../../../../lib/place.ts";
import { laidOver, textOf, valueAt } from "../../load/nodes.ts";
import type { ChartRelease, KubernetesObject } from "../../objects.ts";
import type { ClusterContext } from "../context.ts";
import { chartArguments, exposedPorts, servedPorts } from "./traefik-chart-arguments.ts";

/** One installation by the chart. */
export interface TraefikChart {
  readonly by: string;
  /** Undefined where nothing but the chart's own values counts. */
  readonly values: TreeNode | undefined;
  /** Why more may be said than is seen, as a clause; undefined where all is seen. */
  readonly why: string | undefined;
  readonly namespace: string;
  readonly place: Place;
}

export function traefikCharts(context: ClusterContext): readonly TraefikChart[] {
  const { charts = [] } = context.manifests;
  return [
    ...charts.flatMap((release) => (release.chart === "traefik" ? (releasedOf(release) ?? []) : [])),
    ...context.ofKind("helm.cattle.io", "HelmChartConfig").flatMap((object) => configuredOf(object) ?? []),
  ];
}

/** Before chart 15 its own values were others. */
function releasedOf({ by, version, values, whyIncomplete, namespace, place }: ChartRelease): TraefikChart | undefined {
  const [, major] = /^\D*(\d+)/.exec(version ?? "") ?? [];
  if (major !== undefined && Number(major) < 15) return undefined;
  return { by, values: laidOver(values), why: whyIncomplete, namespace: namespace ?? "default", place };
}

/** Undefined for values that are not seen, or have a mistake. */
function configuredOf(object: KubernetesObject): TraefikChart | undefined {
  if (object.name !== "traefik" || object.encrypted) return undefined;
  const content = valueAt(object.node, "spec", "valuesContent");
  const text = textOf(content);
  if (content === undefined || text === undefined) return undefined;
  const { place } = content;
  const { documents, problems } = parseYaml(new Source("values.yaml", text), text);
  const why = problems.length === 0 ? undefined : "its values have a mistake";
  const values = why === undefined && documents[0] ? relocate(documents[0], () => place) : undefined;
  return { by: "Traefik of k3s", values, why, namespace: object.namespace ?? "kube-system", place };
}

/** What the cluster's Traefik is started with: as a whole, and with those entry points alone that are led to. */
export interface ChartStatic {
  readonly whole: TraefikStatic;
  readonly outer: TraefikStatic;
}

/** Where the chart installs one Traefik, and all that it is given is seen. */
export function traefikChartStatic(charts: readonly TraefikChart[]): ChartStatic | undefined {
  const chart = onlyOne(charts);
  const root = chart && rootOf(chart);
  if (chart === undefined || root === undefined) return undefined;
  const settings = readStatic(root);
  const exposed = exposedPorts(chart.values);
  const outer = settings.entryPoints.filter(({ name }) => exposed.has(name));
  const isMarked = outer.some(({ isDefault }) => isDefault);
  // Whoever comes from outside meets a router that names no entry point on those that are led to.
  const entryPoints = settings.entryPoints.map((point) => ({
    ...point,
    isDefault: exposed.has(point.name) && (point.isDefault || !isMarked),
  }));
  return { whole: { ...settings, entryPoints }, outer: { ...settings, entryPoints: outer } };
}

/** The ports of its container that are led to from outside of the cluster; undefined where that is not seen. */
export function traefikChartPorts(charts: readonly TraefikChart[]): ReadonlySet<number> | undefined {
  const chart = onlyOne(charts);
  return chart && servedPorts(chart.values);
}

function onlyOne(charts: readonly TraefikChart[]): TraefikChart | undefined {
  const [chart, ...others] = charts;
  return others.length > 0 || chart?.why !== undefined ? undefined : chart;
}

function rootOf({ values, place }: TraefikChart): MappingNode | undefined {
  return fromArguments(chartArguments(values, place), place);
}

/** Each with what its arguments open, and whom they believe. */
export function traefikChartConfigurations(
  charts: readonly TraefikChart[],
  context: ClusterContext,
): readonly RepositoryFile[] {
  return charts.flatMap((chart) => configurationOf(chart, context));
}

function configurationOf(chart: TraefikChart, context: ClusterContext): readonly RepositoryFile[] {
  const root = chart.values === undefined && chart.why !== undefined ? undefined : rootOf(chart);
  if (root === undefined || root.place.kind !== "file") return [];
  const { place } = root;
  const { source } = root.place;
  const settings = traefikSettings(readStatic(root), new Registry([]), []);
  const file = { ok: true, path: source.path, text: "", source, mode: undefined } as const;
  const subject = configurationFile(
    { ...context, platform: "kubernetes", owner: undefined, file, path: `${source.path}: ${chart.by}` },
    // The chart adds more of its own: what these arguments leave out is not said to be absent.
    {
      ...asFarAsSeen(withInnerDoors(settings, chart), chart.why),
      accessLog: unstated(place),
      exposedByDefault: unstated(place),
      listings: complete([], place),
    },
  );
  return [{ ...subject, place }];
}

/** What nothing leads to from outside, only the cluster's own pods come to. */
function withInnerDoors(settings: TraefikConfiguration, { values }: TraefikChart): TraefikConfiguration {
  const { doors } = settings;
  if (exposedPorts(values).has("traefik")) return settings;
  const items = doors.items.map((door) => ({
    ...door,
    reach: mapFact(door.reach, (far) => (far === "everywhere" ? "inside" : far)),
  }));
  return { ...settings, doors: { ...doors, items } };
}

/** What other values may say otherwise is not known: what is open by these is. */
function asFarAsSeen(settings: TraefikConfiguration, why: string | undefined): TraefikConfiguration {
  if (why === undefined) return settings;
  const { doors, unverifiedUpstreams, trustedForwarders, openDashboard } = settings;
  const unlessBad = <T>(fact: Fact<T>, bad: T): Fact<T> => (knownValue(fact) === bad ? fact : unknown(why, fact.place));
  return {
    ...settings,
    doors: incomplete(doors.items, why, doors.place),
    unverifiedUpstreams: incomplete(unverifiedUpstreams.items, why, unverifiedUpstreams.place),
    trustedForwarders: unlessBad<TrustedForwarders>(trustedForwarders, "everybody"),
    openDashboard: unlessBad(openDashboard, true),
  };
}
