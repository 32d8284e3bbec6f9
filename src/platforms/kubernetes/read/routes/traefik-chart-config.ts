/**
 * What k3s's own Traefik is told by a HelmChartConfig: the arguments that the chart makes of its values.
 *
 * Source: k3s documentation, "Customizing Packaged Components with HelmChartConfig".
 */
import { complete, unstated } from "../../../../facts/fact.ts";
import { Sensitive } from "../../../../facts/sensitive.ts";
import type { CommandWord, RepositoryFile } from "../../../../facts/subjects.ts";
import { configurationFile } from "../../../../formats/configuration-file.ts";
import { Registry } from "../../../../formats/traefik/registry.ts";
import { traefikSettings } from "../../../../formats/traefik/settings.ts";
import { fromArguments } from "../../../../formats/traefik/sources.ts";
import { readStatic, type TraefikStatic } from "../../../../formats/traefik/static.ts";
import type { MappingNode } from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { Source } from "../../../../lib/place.ts";
import { textOf, valueAt } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { ClusterContext } from "../context.ts";
import { chartArguments } from "./traefik-chart-arguments.ts";

export function traefikChartConfigurations(context: ClusterContext): readonly RepositoryFile[] {
  return chartConfigs(context).flatMap((object) => configurationOf(object, context));
}

/** What k3s's Traefik is started with, where one object says it and all of that is seen. */
export function traefikChartStatic(context: ClusterContext): TraefikStatic | undefined {
  const [object, ...others] = chartConfigs(context);
  const root = object === undefined || others.length > 0 ? undefined : rootOf(object, false);
  return root && readStatic(root);
}

function chartConfigs(context: ClusterContext): readonly KubernetesObject[] {
  return context
    .ofKind("helm.cattle.io", "HelmChartConfig")
    .filter((object) => object.name === "traefik" && !object.encrypted);
}

/** Undefined for values that are not seen, or have a mistake. */
function rootOf(object: KubernetesObject, ofAll: boolean): MappingNode | undefined {
  const content = valueAt(object.node, "spec", "valuesContent");
  const text = textOf(content);
  if (content === undefined || text === undefined) return undefined;
  const { documents, problems } = parseYaml(new Source("values.yaml", text), text);
  if (problems.length > 0) return undefined;
  const { place } = content;
  const words = chartArguments(documents[0], ofAll).map((word): CommandWord => ({ text: new Sensitive(word), place }));
  return fromArguments(words, place);
}

function configurationOf(object: KubernetesObject, context: ClusterContext): readonly RepositoryFile[] {
  const root = rootOf(object, true);
  if (root === undefined || root.place.kind !== "file") return [];
  const { place } = root;
  const { source } = root.place;
  const settings = traefikSettings(readStatic(root), new Registry([]), []);
  const file = { ok: true, path: source.path, text: "", source, mode: undefined } as const;
  const path = `${source.path}: Traefik of k3s`;
  const subject = configurationFile(
    { ...context, platform: "kubernetes", owner: undefined, file, path },
    // The chart adds more of its own: what these arguments leave out is not said to be absent.
    { ...settings, accessLog: unstated(place), exposedByDefault: unstated(place), listings: complete([], place) },
  );
  return [{ ...subject, place }];
}
