import { type Fact, type FactList, stated, unknown, unstated } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { EnvironmentVariable } from "../../facts/subjects.ts";
import { asText, type Fields, type Item, isNull, listOf } from "../../formats/fields.ts";
import type { TreeNode } from "../../formats/tree.ts";
import type { Place } from "../../lib/place.ts";

/**
 * The environment as a mapping of names, or as `NAME=value` texts. A value that stands in another file than the
 * project's own came from that `env_file`.
 */
export function readEnvironment(service: Fields, composeFiles: ReadonlySet<string>): FactList<EnvironmentVariable> {
  const node = service.node("environment");
  if (node === undefined) return service.list("environment", () => "nothing");
  return listOf(node, (member, key) =>
    key === undefined ? fromText(member, composeFiles) : { value: variable(key, member, composeFiles) },
  );
}

function fromText(node: TreeNode, composeFiles: ReadonlySet<string>): Item<EnvironmentVariable> {
  if (node.kind !== "scalar") return { why: "an entry of `environment` is not a text" };
  const text = asText(node) ?? "";
  const at = text.indexOf("=");
  const name = at === -1 ? text : text.slice(0, at);
  // A name that is itself interpolated cannot be told; a value that is keeps its name.
  if (name === "" || (node.unresolved !== undefined && at === -1)) {
    return node.unresolved === undefined ? "nothing" : { why: node.unresolved };
  }
  const value = at === -1 ? { ...node, value: null } : { ...node, value: text.slice(at + 1) };
  return { value: variable(name, value, composeFiles) };
}

function variable(name: string, node: TreeNode, composeFiles: ReadonlySet<string>): EnvironmentVariable {
  const file = node.place.kind === "file" ? node.place.source.path : undefined;
  return {
    name,
    value: sensitiveFact(node),
    interpolates: node.kind === "scalar" ? (node.interpolates ?? []) : [],
    ...(node.kind === "scalar" && node.byDefault !== undefined && { byDefault: node.byDefault }),
    place: node.place,
    ...(file === undefined || composeFiles.has(file) ? {} : { from: file }),
  };
}

/** A scalar as a text that may be secret; null is unstated, for then the starter's environment gives it. */
export function sensitiveFact(node: TreeNode, place: Place = node.place): Fact<Sensitive> {
  if (isNull(node)) return unstated(place);
  if (node.kind !== "scalar") return unknown("the value is not a text", place);
  if (node.unresolved !== undefined) return unknown(node.unresolved, place);
  return stated(new Sensitive(asText(node) ?? ""), place);
}

/** A command as a list of arguments; unknown as a whole when one of them is. */
export function readArguments(service: Fields, key: string): Fact<readonly Sensitive[]> {
  const node = service.node(key);
  if (node === undefined) {
    return service.hidden === undefined ? unstated(service.place) : unknown(service.hidden, service.place);
  }
  const list = listOf(node, (member): Item<Sensitive> => {
    const fact = sensitiveFact(member);
    if (fact.kind === "unknown") return { why: fact.why };
    return fact.kind === "stated" ? { value: fact.value } : "nothing";
  });
  return list.complete ? stated(list.items, node.place) : unknown(list.why, node.place);
}
