import {
  complete,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../facts/fact.ts";
import { namesSecret } from "../../../facts/secret-like.ts";
import { Sensitive } from "../../../facts/sensitive.ts";
import type { EnvironmentVariable } from "../../../facts/subjects.ts";
import { sensitiveTag } from "../../../formats/hcl/value/to-tree.ts";
import type { ScalarNode } from "../../../formats/tree.ts";
import type { InstanceContext } from "./context.ts";
import { rawLxc } from "./raw-lxc.ts";

const prefix = "environment.";

/** `environment.NAME` of the configuration, and `lxc.environment`. What an OCI image brings besides is not told. */
export function readEnvironment(context: InstanceContext): FactList<EnvironmentVariable> {
  const { config, kind, place } = context;
  const items: EnvironmentVariable[] = [];
  for (const { key, value: node, keyPlace } of config.entries) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (node.kind !== "scalar") {
      items.push({ name, value: unknown("its value is no text", node.place), interpolates: [], place: keyPlace });
      continue;
    }
    if (node.value === null && node.unresolved === undefined) continue;
    items.push(variableOf(name, node));
  }
  if (knownValue(kind) === "vm") return complete(items, place);
  items.push(...pastTheServer(context));
  const lines = rawLxc(context);
  const why = config.hidden ?? (lines.kind === "unknown" ? lines.why : undefined);
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

/** `lxc.environment = NAME=value`: lxc.container.conf(5). */
function pastTheServer(context: InstanceContext): readonly EnvironmentVariable[] {
  return (knownValue(rawLxc(context)) ?? []).flatMap(({ key, value: line, place }): EnvironmentVariable[] => {
    const equals = line.indexOf("=");
    if (!/^lxc\.environment(?:\.\w+)?$/.test(key) || equals < 1) return [];
    const value = stated(new Sensitive(line.slice(equals + 1).trim()), place);
    return [{ name: line.slice(0, equals).trim(), value, interpolates: [], place }];
  });
}

function variableOf(name: string, node: ScalarNode): EnvironmentVariable {
  const { place } = node;
  const supplier = supplierOf(name, node);
  if (supplier !== undefined) {
    return { name, value: unstated(place), suppliedBy: supplier, interpolates: node.interpolates ?? [], place };
  }
  const from = givenBy(node);
  return {
    name,
    value: sensitiveValue(node),
    ...(from === undefined ? {} : { from }),
    interpolates: node.interpolates ?? [],
    place,
  };
}

/** The variable or resource that gives a secret its value when it is applied; undefined for any other value. */
function supplierOf(name: string, { unresolved, interpolates, tag, value }: ScalarNode): string | undefined {
  if (unresolved === undefined || value !== null) return undefined;
  return tag === sensitiveTag || namesSecret(name) ? interpolates?.[0] : undefined;
}

/** The value, where it can be told. */
export function sensitiveValue(node: ScalarNode): Fact<Sensitive> {
  const { place } = node;
  return node.unresolved === undefined
    ? stated(new Sensitive(String(node.value)), place)
    : unknown(node.unresolved, place);
}

/** The file with values (`terraform.tfvars`, or a plan) that a text comes from; undefined for one of the configuration. */
export function givenBy({ place }: Pick<ScalarNode, "place">): string | undefined {
  if (place.kind !== "file" || !/\.tfvars$|(?<!\.tf|\.tofu)\.json$/.test(place.source.path)) return undefined;
  return place.source.path;
}
