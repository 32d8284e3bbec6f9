import type { KubernetesDataValue } from "../../../../facts/configuration/kubernetes-data.ts";
import {
  complete,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../../facts/fact.ts";
import { Sensitive } from "../../../../facts/sensitive.ts";
import type { EnvironmentVariable } from "../../../../facts/subjects.ts";
import { asText, type Fields, type Item, isNull, listOf } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { isEncryptedText } from "../../load/sealed.ts";
import type { PodContainer, PodContext } from "./context.ts";
import type { DataObject } from "./data-objects.ts";

import { members } from "./scalars.ts";

/**
 * The environment of a container: `env`, which wins, and what `envFrom` takes from Secrets and ConfigMaps among these
 * files. What an object gives that is made elsewhere, or that SOPS encrypts, stands in no file: its variables have no
 * value here (`suppliedBy`), and those of a whole such object are not listed.
 */
export function readEnvironment(pod: PodContext, { fields }: PodContainer): FactList<EnvironmentVariable> {
  const own = members(fields, "env");
  const sources = members(fields, "envFrom");
  const named = own.items.map((entry) => variable(pod, entry));
  const names = new Set(named.map(({ name }) => name));
  const taken = sources.items.flatMap((source) => wholeObject(pod, source)).filter(({ name }) => !names.has(name));
  const items = [...taken, ...named];
  const why = own.complete ? (sources.complete ? whyMore(pod, sources.items) : sources.why) : own.why;
  return why === undefined ? complete(items, own.place) : incomplete(items, why, own.place);
}

function variable(pod: PodContext, entry: Fields): EnvironmentVariable {
  const name = knownValue(entry.fact("name", asText, "a text", unstated)) ?? "?";
  const source = entry.fields("valueFrom");
  const base = { name, interpolates: [], place: entry.place };
  if (entry.node("valueFrom") === undefined) {
    if (isSealed(entry.node("value"))) return { ...base, value: unstated(entry.place), suppliedBy: "SOPS" };
    const text = entry.fact(
      "value",
      (node) => asText(node) ?? "",
      "a text",
      (at) => stated("", at),
    );
    const value = text.kind === "stated" ? stated(new Sensitive(text.value), text.place) : notAText(text);
    return { ...base, value, interpolates: [...substitutedIn(entry.node("value")), ...referencesIn(text)] };
  }
  if (source.node("secretKeyRef") !== undefined) return fromObject(pod, base, "Secret", source.fields("secretKeyRef"));
  if (source.node("configMapKeyRef") !== undefined) {
    return fromObject(pod, base, "ConfigMap", source.fields("configMapKeyRef"));
  }
  if (source.hidden !== undefined) return { ...base, value: unknown(source.hidden, entry.place) };
  return { ...base, value: unstated(entry.place), suppliedBy: "the pod itself" };
}

function isSealed(node: TreeNode | undefined): boolean {
  return node?.kind === "scalar" && typeof node.value === "string" && isEncryptedText(node.value);
}

function notAText(fact: Fact<string>): Fact<Sensitive> {
  return fact.kind === "unknown" ? fact : unstated(fact.place);
}

/** Flux's variables in it: what they stand for is not written out here, whether or not it is known. */
function substitutedIn(node: TreeNode | undefined): readonly string[] {
  return node?.kind === "scalar" ? (node.interpolates ?? []) : [];
}

/** `$(NAME)`, which the kubelet replaces; `$$(NAME)` stays as it is. */
function referencesIn(text: Fact<string>): readonly string[] {
  if (text.kind !== "stated") return [];
  return [...text.value.matchAll(/(?<!\$)\$\(([A-Za-z_][\w.-]{0,250})\)/g)].map((match) => match[1] ?? "");
}

/** Which Secret or ConfigMap, and which key of it, a reference names. */
function fromObject(
  pod: PodContext,
  base: { readonly name: string; readonly interpolates: readonly string[]; readonly place: Place },
  kind: "Secret" | "ConfigMap",
  reference: Fields,
): EnvironmentVariable {
  const object = reference.fact("name", asText, "a text", unstated);
  const key = knownValue(reference.fact("key", asText, "a text", unstated));
  const name = knownValue(object);
  if (object.kind === "unknown") return { ...base, value: object };
  if (name === undefined || key === undefined)
    return { ...base, value: unknown("the reference names no key", base.place) };
  const found = pod.data.find(kind, pod.namespace, name);
  const held = found?.values.items.find((value) => value.key === key);
  const suppliedBy = `${kind} ${pod.namespace}/${name}`;
  if (held !== undefined && !held.encrypted) return { ...base, value: held.value, suppliedBy };
  if (kind === "Secret") return { ...base, value: unstated(base.place), suppliedBy };
  const why = `the ${suppliedBy} with \`${key}\` is not among these files`;
  return { ...base, suppliedBy, value: unknown(why, base.place) };
}

/** The variables that `envFrom` takes from an object among these files. */
function wholeObject(pod: PodContext, source: Fields): readonly EnvironmentVariable[] {
  const prefix = knownValue(source.fact("prefix", asText, "a text", unstated)) ?? "";
  const { found, from } = wholeOf(pod, source);
  return (found?.values.items ?? []).map((held) => takenOver(held, prefix, from, source.place));
}

function wholeOf(pod: PodContext, source: Fields): { readonly found: DataObject | undefined; readonly from: string } {
  const kind = source.node("secretRef") === undefined ? "ConfigMap" : "Secret";
  const reference = source.fields(kind === "Secret" ? "secretRef" : "configMapRef");
  const name = knownValue(reference.fact("name", asText, "a text", unstated));
  const found = name === undefined ? undefined : pod.data.find(kind, pod.namespace, name);
  return { found, from: `${kind} ${pod.namespace}/${name}` };
}

/** Why an object among these files may hold more than is seen of it. */
function whyMore(pod: PodContext, sources: readonly Fields[]): string | undefined {
  return sources
    .map((source) => wholeOf(pod, source).found?.values)
    .flatMap((values) => (values === undefined || values.complete ? [] : [values.why]))[0];
}

function takenOver(held: KubernetesDataValue, prefix: string, from: string, place: Place): EnvironmentVariable {
  const base = { name: `${prefix}${held.key}`, interpolates: [], from, place };
  return held.encrypted ? { ...base, value: unstated(place), suppliedBy: from } : { ...base, value: held.value };
}

/** `command` or `args` as words; unknown as a whole when one of them is. */
export function readWords(fields: Fields, key: string): Fact<readonly Sensitive[]> {
  const node = fields.node(key);
  if (node === undefined)
    return fields.hidden === undefined ? unstated(fields.place) : unknown(fields.hidden, fields.place);
  const list = listOf(node, (member): Item<Sensitive> => {
    if (member.kind !== "scalar") return { why: `an entry of \`${key}\` is not a text` };
    if (member.unresolved !== undefined) return { why: member.unresolved };
    return isNull(member) ? "nothing" : { value: new Sensitive(asText(member) ?? "") };
  });
  return list.complete ? stated(list.items, node.place) : unknown(list.why, node.place);
}
