/**
 * The ConfigMap that ingress-nginx's chart makes of its values.
 *
 * Source: ingress-nginx 1.13, `charts/ingress-nginx/templates/controller-configmap.yaml` (`controller.config`, and
 * `allow-snippet-annotations` of `controller.allowSnippetAnnotations`).
 */
import type { KubernetesDataValue } from "../../../../facts/configuration/kubernetes-data.ts";
import { complete, type Fact, incomplete, stated, unknown, unstated } from "../../../../facts/fact.ts";
import { Sensitive } from "../../../../facts/sensitive.ts";
import type { RepositoryFile } from "../../../../facts/subjects.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { entriesOf, isNothing, laidOver, textOf, valueAt } from "../../load/nodes.ts";
import type { ChartRelease } from "../../objects.ts";
import type { ClusterContext } from "../context.ts";

export function nginxChartConfigurations(context: ClusterContext): readonly RepositoryFile[] {
  const { charts = [] } = context.manifests;
  return charts.flatMap((release) => (release.chart === "ingress-nginx" ? [configMapOf(release, context)] : []));
}

function configMapOf(release: ChartRelease, context: ClusterContext): RepositoryFile {
  const { by, values, whyIncomplete, namespace = "default", place } = release;
  const controller = valueAt(laidOver(values), "controller");
  const snippets = valueAt(controller, "allowSnippetAnnotations");
  const items = [
    ...entriesOf(valueAt(controller, "config")).map(({ key, value }) => dataValue(key, value)),
    ...(snippets === undefined || isNothing(snippets) ? [] : [dataValue("allow-snippet-annotations", snippets)]),
  ];
  const list = whyIncomplete === undefined ? complete(items, place) : incomplete(items, whyIncomplete, place);
  return {
    ...context.subject("repository-file", `${by}: its ConfigMap`, place),
    path: place.kind === "file" ? place.source.path : by,
    role: "configuration",
    configuration: {
      software: "kubernetes",
      kind: "ConfigMap",
      name: `${namespace}/ingress-nginx-controller`,
      type: unstated(place),
      values: list,
    },
    mode: unstated(place),
    ignored: unstated(place),
    tracked: unstated(place),
    secretNames: complete([], place),
  };
}

function dataValue(key: string, node: TreeNode): KubernetesDataValue {
  return { key, encrypted: false, place: node.place, value: contentOf(node) };
}

function contentOf(node: TreeNode): Fact<Sensitive> {
  if (node.kind === "scalar" && node.unresolved !== undefined) return unknown(node.unresolved, node.place);
  const text = textOf(node);
  return text === undefined ? unknown("it is no text", node.place) : stated(new Sensitive(text), node.place);
}
