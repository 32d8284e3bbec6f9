/**
 * Which version of what an Application takes, whose it is, and what its project lets it make.
 *
 * Source: argo-cd v3.4, `docs/user-guide/tracking_strategies.md` (a branch, a tag, a commit; of a chart a range),
 * `docs/user-guide/projects.md` (the project `default` permits everything unless it is changed).
 */
import type { ArgoSource, FluxRevision } from "../../../../facts/extensions-cluster.ts";
import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import { asText, Fields } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn, textsIn, whyIncomplete } from "../context.ts";
import { isExact } from "./flux.ts";

/** One source of an Application. */
export function argoSource(node: TreeNode, context: ClusterContext): ArgoSource {
  const source = Fields.of(node, node.place, "source");
  const chart = textIn(source, "chart");
  const revision = chart === undefined ? gitRevision(source) : chartRevision(source);
  return { chart, revision, own: isOwn(source, context) };
}

function chartRevision(source: Fields): Fact<FluxRevision> {
  const text = source.fact("targetRevision", asText, "a version", (at) => defaulted("*", "platform", at));
  if (text.kind === "unknown" || text.kind === "unstated") return text;
  if (isTemplated(text.value)) return unknown("Argo CD fills it in from a generator", text.place);
  return { ...text, value: { kind: isExact(text.value) ? "tag" : "range", text: text.value } };
}

function gitRevision(source: Fields): Fact<FluxRevision> {
  const text = source.fact("targetRevision", asText, "a revision", (at) => defaulted("HEAD", "platform", at));
  if (text.kind === "unknown" || text.kind === "unstated") return text;
  const { value, place } = text;
  if (isTemplated(value)) return unknown("Argo CD fills it in from a generator", place);
  const kind = kindOf(value);
  if (kind === undefined) return unknown(`whether \`${value}\` is a branch or a tag is not in these files`, place);
  return { ...text, value: { kind, text: value } };
}

function kindOf(value: string): FluxRevision["kind"] | undefined {
  if (/^[0-9a-f]{40}$/.test(value)) return "commit";
  if (/^refs\/heads\//.test(value) || /^(?:HEAD|main|master|develop|trunk)$/.test(value)) return "branch";
  if (isExact(value) || /^refs\/tags\//.test(value)) return "tag";
  return /[*^~<>]|^v?\d+(?:\.\d+)?\.x$/.test(value) ? "range" : undefined;
}

function isTemplated(text: string): boolean {
  return text.includes("{{");
}

/** A repository of which a path is among these files is most likely this one; so is one whose path says nothing. */
function isOwn(source: Fields, context: ClusterContext): boolean {
  if (textIn(source, "chart") !== undefined) return false;
  const path = textIn(source, "path")
    ?.replace(/^\.?\//, "")
    .replace(/\/+$/, "");
  if (path === undefined || path === "" || path === "." || isTemplated(path)) return true;
  return context.manifests.sources.some(({ path: file }) => `/${file}`.includes(`/${path}/`));
}

/** Whether the project of an Application lets it make anything anywhere. */
export function confinementOf(object: KubernetesObject, spec: Fields, context: ClusterContext): Fact<string> {
  const named = spec.fact("project", asText, "a name", (at) => defaulted("default", "platform", at));
  const name = knownValue(named);
  if (name === undefined) return unknown("its project is not resolved", named.place);
  const project = context.object("argoproj.io", "AppProject", name, context.namespaceOf(object));
  if (project === undefined)
    return name === "default" ? unstated(named.place) : unknown(context.absent(`the AppProject ${name}`), named.place);
  const rules = specOf(project);
  const open = ["destinations", "clusterResourceWhitelist"].find((key) => whyIncomplete(rules, key) !== undefined);
  if (open !== undefined) return unknown(`\`${open}\` of the AppProject ${name} is not resolved`, project.place);
  const everywhere = itemsIn(rules, "destinations").some((each) => textIn(each, "namespace") === "*");
  const everything = itemsIn(rules, "clusterResourceWhitelist").some((each) => textIn(each, "kind") === "*");
  const anybody = textsIn(rules, "sourceRepos").includes("*");
  return everywhere && (everything || anybody) ? unstated(project.place) : stated(name, project.place);
}
