/**
 * Where Argo CD keeps its settings: three ConfigMaps, or the values of its chart of which those are made.
 *
 * Sources: argo-cd v3.4, `docs/operator-manual/{argocd-cm,argocd-rbac-cm,argocd-cmd-params-cm}.yaml`; argo-helm,
 * `charts/argo-cd/templates/_helpers.tpl` and `values.yaml` (`configs.cm`, `configs.rbac`, `configs.params`; up to chart 5
 * also `server.config` and `server.rbacConfig`, which went before them).
 */
import { defaulted, type Fact, unknown } from "../../../../facts/fact.ts";
import { Fields } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { append } from "../../../../lib/append.ts";
import type { Place } from "../../../../lib/place.ts";
import { textOf, valueAt } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { ClusterContext } from "../context.ts";

/** The three, by what they are for: what is let in, who may do what, how the programs are started. */
export type ArgoPart = "cm" | "rbac" | "params";

const partOf: ReadonlyMap<string, ArgoPart> = new Map([
  ["argocd-cm", "cm"],
  ["argocd-rbac-cm", "rbac"],
  ["argocd-cmd-params-cm", "params"],
]);

/** The settings of one Argo CD. */
export class ArgoData {
  readonly namespace: string;
  readonly place: Place;
  readonly #parts: ReadonlyMap<ArgoPart, readonly Fields[]>;
  /** Options of the server among the chart's values. */
  readonly serverArguments: readonly string[];

  constructor(namespace: string, given: readonly Given[]) {
    this.namespace = namespace;
    this.place = given[0]?.place ?? { kind: "object", locator: namespace };
    const parts = new Map<ArgoPart, Fields[]>();
    for (const { part, fields } of given) if (fields !== undefined) append(parts, part, fields);
    this.#parts = parts;
    this.serverArguments = given.flatMap(({ serverArguments = [] }) => serverArguments);
  }

  has(part: ArgoPart): boolean {
    return this.#parts.has(part);
  }

  /** What has the last word on a setting; `otherwise` where nothing says anything, unknown where something unseen may. */
  text(part: ArgoPart, key: string, otherwise: string): Fact<string> {
    const all = this.#parts.get(part) ?? [];
    for (const fields of all.toReversed()) {
      const node = fields.node(key);
      if (node !== undefined) return textFact(node, key);
      if (fields.hidden !== undefined) return unknown(fields.hidden, fields.place);
    }
    const place = all[0]?.place ?? this.place;
    return defaulted(otherwise, "component", place);
  }

  /** The keys of a part that something says anything of. */
  keys(part: ArgoPart): readonly string[] {
    return [...new Set((this.#parts.get(part) ?? []).flatMap(({ entries }) => entries.map(({ key }) => key)))];
  }
}

function textFact(node: TreeNode, key: string): Fact<string> {
  if (node.kind === "scalar" && node.unresolved !== undefined) return unknown(node.unresolved, node.place);
  const text = textOf(node);
  return text === undefined
    ? unknown(`\`${key}\` is no text`, node.place)
    : { kind: "stated", value: text, place: node.place };
}

interface Given {
  readonly part: ArgoPart;
  readonly fields: Fields | undefined;
  readonly place: Place;
  readonly serverArguments?: readonly string[];
}

/** Every Argo CD of a cluster of which something is seen, by its namespace. */
export function argoData(context: ClusterContext): readonly ArgoData[] {
  const found = new Map<string, Given[]>();
  const { charts = [], changes = [] } = context.manifests;
  for (const release of charts) {
    if (release.chart !== "argo-cd") continue;
    for (const values of release.values)
      for (const given of ofChart(values, release.place, release.whyIncomplete))
        append(found, release.namespace ?? "argocd", given);
  }
  for (const object of [...context.ofKind("", "ConfigMap"), ...changes]) {
    const given = ofObject(object);
    if (given !== undefined) append(found, context.namespaceOf(object), given);
  }
  return [...found].map(([namespace, given]) => new ArgoData(namespace, given));
}

function ofObject(object: KubernetesObject): Given | undefined {
  const part = object.kind === "ConfigMap" && object.group === "" ? partOf.get(object.name) : undefined;
  if (part === undefined) return undefined;
  return { part, fields: Fields.of(object.node, object.place, object.kind).fields("data"), place: object.place };
}

/** What older values of the chart say goes before `configs`. */
function ofChart(values: TreeNode, place: Place, why: string | undefined): readonly Given[] {
  const ways: readonly (readonly [ArgoPart, ...string[]])[] = [
    ["cm", "configs", "cm"],
    ["rbac", "configs", "rbac"],
    ["params", "configs", "params"],
    ["cm", "server", "config"],
    ["rbac", "server", "rbacConfig"],
  ];
  const given = ways.flatMap(([part, ...keys]): readonly Given[] => {
    const node = valueAt(values, ...keys);
    return node === undefined && part !== "cm"
      ? []
      : [{ part, fields: Fields.of(node, node?.place ?? place, keys.join("."), why), place }];
  });
  const listed = valueAt(values, "server", "extraArgs");
  const words = listed?.kind === "sequence" ? listed.items.flatMap((item) => textOf(item) ?? []) : [];
  return [...given, { part: "params", fields: undefined, place, serverArguments: words }];
}
