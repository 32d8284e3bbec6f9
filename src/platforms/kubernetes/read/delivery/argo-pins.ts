/**
 * Which version of what an Application takes, whose it is, and what its project lets it make.
 *
 * Source: argo-cd v3.4, `docs/user-guide/tracking_strategies.md` (a branch, a tag, a commit; of a chart a range),
 * `docs/user-guide/projects.md` (the project `default` permits everything unless it is changed).
 */
import type { ArgoSource, FluxRevision } from "../../../../facts/extensions-cluster.ts";
import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import { anyOf, type ClusterContext, specOf, textIn } from "../context.ts";
import { type Answer, and, or } from "../labels.ts";
import { isExact } from "./flux.ts";
import { isTemplated, type OwnRepositories } from "./own-repositories.ts";

/** One source of an Application. */
export function argoSource(source: Fields, repositories: OwnRepositories): ArgoSource {
  const chart = textIn(source, "chart");
  const revision = chart === undefined ? gitRevision(source) : chartRevision(source);
  return { chart, revision, own: repositories.isOwn(source) };
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

/**
 * The project that bounds what an Application makes. Unstated where it bounds nothing: a project that permits every
 * namespace reaches what runs there, one that permits cluster-wide objects of every kind gives itself any role.
 */
export function confinementOf(object: KubernetesObject, spec: Fields, context: ClusterContext): Fact<string> {
  const named = spec.fact("project", asText, "a name", (at) => defaulted("default", "platform", at));
  const name = knownValue(named);
  if (name === undefined || isTemplated(name)) return unknown("its project is not resolved", named.place);
  const project = context.object("argoproj.io", "AppProject", name, context.namespaceOf(object));
  if (project === undefined)
    return name === "default" ? unstated(named.place) : unknown(context.absent(`the AppProject ${name}`), named.place);
  const rules = specOf(project);
  const isOpen = or(
    anyOf(rules, "destinations", (each) => isEverything(each, "namespace")),
    anyOf(rules, "clusterResourceWhitelist", (each) => and(isEverything(each, "group"), isEverything(each, "kind"))),
  );
  if (isOpen === "no") return stated(name, project.place);
  if (isOpen === "yes") return unstated(project.place);
  return unknown(`what the AppProject ${name} permits is not resolved: ${isOpen.doubt}`, project.place);
}

/** Whether a glob takes all. What is not there takes nothing: Argo CD matches it as the empty text. */
function isEverything(fields: Fields, key: string): Answer {
  const text = fields.fact(key, asText, "a text", unstated);
  if (text.kind === "unknown") return { doubt: text.why };
  const glob = knownValue(text) ?? "";
  if (isTemplated(glob)) return { doubt: `\`${key}\` is filled in by a template` };
  return /^\*{1,9}$/.test(glob) ? "yes" : "no";
}
