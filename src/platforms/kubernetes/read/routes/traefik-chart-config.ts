/**
 * What k3s's own Traefik is told by a HelmChartConfig: the arguments among the chart's values.
 *
 * Sources: k3s documentation, "Customizing Packaged Components with HelmChartConfig"; Traefik's chart 37 (`values.yaml`:
 * `globalArguments`, `additionalArguments`, `api`).
 */
import { complete, unstated } from "../../../../facts/fact.ts";
import { Sensitive } from "../../../../facts/sensitive.ts";
import type { CommandWord, RepositoryFile } from "../../../../facts/subjects.ts";
import { configurationFile } from "../../../../formats/configuration-file.ts";
import { Registry } from "../../../../formats/traefik/registry.ts";
import { traefikSettings } from "../../../../formats/traefik/settings.ts";
import { fromArguments } from "../../../../formats/traefik/sources.ts";
import { readStatic } from "../../../../formats/traefik/static.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { type Place, Source } from "../../../../lib/place.ts";
import { itemsOf, textOf, valueAt } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { ClusterContext } from "../context.ts";

export function traefikChartConfigurations(context: ClusterContext): readonly RepositoryFile[] {
  return context
    .ofKind("helm.cattle.io", "HelmChartConfig")
    .filter((object) => object.name === "traefik" && !object.encrypted)
    .flatMap((object) => configurationOf(object, context));
}

function configurationOf(object: KubernetesObject, context: ClusterContext): readonly RepositoryFile[] {
  const content = valueAt(object.node, "spec", "valuesContent");
  const text = textOf(content);
  if (content === undefined || text === undefined || content.place.kind !== "file") return [];
  const { place } = content;
  const root = fromArguments(argumentsIn(parseYaml(new Source("values.yaml", text), text).documents[0], place), place);
  if (root === undefined) return [];
  const { source } = content.place;
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

function argumentsIn(values: TreeNode | undefined, place: Place): readonly CommandWord[] {
  const listed = ["globalArguments", "additionalArguments"].flatMap((key) => itemsOf(valueAt(values, key)));
  const texts = listed.flatMap((item) => textOf(item) ?? []);
  const insecure = textOf(valueAt(values, "api", "insecure"));
  const all = insecure === undefined ? texts : [`--api.insecure=${insecure}`, ...texts];
  return all.map((text) => ({ text: new Sensitive(text), place }));
}
