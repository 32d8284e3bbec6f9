/**
 * One Compose tree laid over another.
 *
 * Source: compose-go v2.9.1, `override/merge.go` and `override/uncity.go`.
 */
import type { MappingEntry, MappingNode, ScalarNode, SequenceNode, TreeNode } from "../../../formats/tree.ts";
import { entry, goText, isNull, mapping, mappingOf, scalar, sequence } from "./nodes.ts";
import { toPairs } from "./pairs.ts";
import { below, type Rules, rulesOf } from "./rules.ts";
import type { Session } from "./session.ts";

type Special =
  | "replace"
  | "pairs"
  | "append"
  | "hosts"
  | "build"
  | "depends-on"
  | "names"
  | "logging"
  | "ulimit"
  | "pools";

const specials: Rules<Special> = rulesOf<Special>({
  "networks.*.ipam.config": "pools",
  "networks.*.labels": "pairs",
  "volumes.*.labels": "pairs",
  "services.*.annotations": "pairs",
  "services.*.build": "build",
  "services.*.build.args": "pairs",
  "services.*.build.additional_contexts": "pairs",
  "services.*.build.extra_hosts": "hosts",
  "services.*.build.labels": "pairs",
  "services.*.command": "replace",
  "services.*.depends_on": "depends-on",
  "services.*.deploy.labels": "pairs",
  "services.*.dns": "append",
  "services.*.dns_opt": "append",
  "services.*.dns_search": "append",
  "services.*.entrypoint": "replace",
  "services.*.env_file": "append",
  "services.*.label_file": "append",
  "services.*.environment": "pairs",
  "services.*.extra_hosts": "hosts",
  "services.*.healthcheck.test": "replace",
  "services.*.labels": "pairs",
  "services.*.volumes.*.volume.labels": "pairs",
  "services.*.logging": "logging",
  "services.*.models": "names",
  "services.*.networks": "names",
  "services.*.sysctls": "pairs",
  "services.*.tmpfs": "append",
  "services.*.ulimits.*": "ulimit",
});

/** The rules of one service, for `extends`. */
const serviceSpecials = below(below(specials, "services"), "*");

/** The whole model with another file's laid over it. */
export function mergeModels(base: TreeNode, over: TreeNode, session: Session): TreeNode {
  return merge(base, over, specials, session, "the file");
}

/** A service laid over the one it extends. */
export function mergeService(base: TreeNode, over: TreeNode, session: Session): TreeNode {
  return merge(base, over, serviceSpecials, session, "the service");
}

function merge(
  base: TreeNode,
  over: TreeNode,
  rules: Rules<Special> | undefined,
  session: Session,
  key: string,
): TreeNode {
  const special = rules?.rule;
  if (special !== undefined) return mergeSpecial(base, over, special, rules, session, key);
  if (isNull(over)) return base;
  if (base.kind === "mapping" && over.kind === "mapping") return mergeMappings(base, over, rules, session);
  if (base.kind === "sequence" && over.kind === "sequence") return concatenate(base, over);
  if (base.kind === "scalar") return over;
  session.error(
    `\`${key}\` is ${article(over.kind)} here and ${article(base.kind)} in what it is laid over; Compose cannot merge the two.`,
    over.place,
    "Write both in the same form, or put `!override` before this one.",
  );
  return over;
}

function mergeMappings(
  base: MappingNode,
  over: MappingNode,
  rules: Rules<Special> | undefined,
  session: Session,
): MappingNode {
  const entries = new Map(base.entries);
  for (const [key, own] of over.entries) {
    const known = entries.get(key);
    if (known === undefined) entries.set(key, own);
    else entries.set(key, laidOver(known, own, merge(known.value, own.value, below(rules, key), session, key)));
  }
  return { ...base, entries, ...reasonOf(base, over), place: over.place };
}

/** A mapping in two files stands where it was written first: what is not stated in it is missing there. */
function laidOver(base: MappingEntry, over: MappingEntry, value: TreeNode): MappingEntry {
  if (base.value.kind !== "mapping" || value.kind !== "mapping") return { ...over, value };
  return { ...over, keyPlace: base.keyPlace, value: { ...value, place: base.value.place } };
}

function mergeSpecial(
  base: TreeNode,
  over: TreeNode,
  special: Special,
  rules: Rules<Special> | undefined,
  session: Session,
  key: string,
): TreeNode {
  switch (special) {
    case "replace":
      return over;
    case "pairs":
      return mergePairs(base, over, session, key);
    case "append":
      return concatenate(toSequence(base), toSequence(over));
    case "hosts":
      return concatenate(toSequence(base), newHosts(toSequence(base), toSequence(over)));
    case "build":
      return mergeForms(longBuild(base), longBuild(over), over, rules, session);
    case "depends-on":
      return mergeForms(namesToMapping(base, "condition"), namesToMapping(over, "condition"), over, rules, session);
    case "names":
      return mergeForms(namesToMapping(base), namesToMapping(over), over, rules, session);
    case "logging":
      return mergeLogging(base, over, rules, session);
    case "ulimit":
      return over;
    case "pools":
      return mergePools(base, over, rules, session);
  }
}

function mergePairs(base: TreeNode, over: TreeNode, session: Session, key: string): TreeNode {
  const first = toPairs(base, session);
  const second = toPairs(over, session);
  if (isNull(second)) return first;
  if (isNull(first)) return second;
  if (first.kind !== "mapping" || second.kind !== "mapping") {
    session.error(`\`${key}\` is ${article(over.kind)}, where a list or a mapping is expected.`, over.place);
    return over;
  }
  const entries = new Map(first.entries);
  for (const [name, own] of second.entries) entries.set(name, own);
  for (const each of entries.values()) {
    if (each.value.kind === "scalar" && each.value.value === null) session.markBare(each.value);
  }
  return { ...first, entries, ...reasonOf(first, second), place: second.place };
}

function mergeForms(
  base: TreeNode,
  over: TreeNode,
  written: TreeNode,
  rules: Rules<Special> | undefined,
  session: Session,
): TreeNode {
  if (isNull(over)) return base;
  if (isNull(base)) return over;
  return base.kind === "mapping" && over.kind === "mapping" ? mergeMappings(base, over, rules, session) : written;
}

/** Options are merged only between equal drivers, or when one of the two names none. */
function mergeLogging(base: TreeNode, over: TreeNode, rules: Rules<Special> | undefined, session: Session): TreeNode {
  if (isNull(over)) return base;
  if (base.kind !== "mapping" || over.kind !== "mapping") return over;
  const before = base.entries.get("driver")?.value;
  const after = over.entries.get("driver")?.value;
  const same = before === undefined || after === undefined || scalarValue(before) === scalarValue(after);
  return same ? mergeMappings(base, over, rules, session) : over;
}

/** Address pools are told apart by their subnet. With more than one on either side, Compose loses some: so it is here. */
function mergePools(base: TreeNode, over: TreeNode, rules: Rules<Special> | undefined, session: Session): TreeNode {
  if (base.kind !== "sequence" || over.kind !== "sequence") return over;
  const pools: { node: MappingNode }[] = [];
  const indexOf = (node: MappingNode): number => pools.findIndex((each) => subnetOf(each.node) === subnetOf(node));
  for (const item of base.items) {
    if (item.kind !== "mapping") continue;
    // Compose changes this pool in place, also where it already stands among the results.
    const original = { node: item };
    for (const own of over.items) {
      if (own.kind !== "mapping") continue;
      if (subnetOf(original.node) !== subnetOf(own) && indexOf(own) === -1) {
        pools.push({ node: own });
        continue;
      }
      original.node = mergeMappings(original.node, own, below(rules, "*"), session);
      const at = indexOf(original.node);
      if (at === -1) pools.push(original);
      else pools[at] = original;
    }
  }
  return sequence(
    pools.map(({ node }) => node),
    over.place,
  );
}

function subnetOf(node: TreeNode): unknown {
  return node.kind === "mapping" ? scalarValue(node.entries.get("subnet")?.value) : undefined;
}

function scalarValue(node: TreeNode | undefined): unknown {
  return node?.kind === "scalar" ? node.value : undefined;
}

function longBuild(node: TreeNode): TreeNode {
  return node.kind === "scalar" && typeof node.value === "string"
    ? mappingOf(node.place, entry("context", node))
    : node;
}

/** A list of names as a mapping: of nulls, or of dependencies with their defaults. */
export function namesToMapping(node: TreeNode, form?: "condition"): TreeNode {
  if (node.kind !== "sequence") return node;
  const entries = new Map<string, MappingEntry>();
  for (const item of node.items) {
    if (item.kind !== "scalar") continue;
    const name = goText(item);
    entries.set(name, {
      key: name,
      keyPlace: item.place,
      value: form === undefined ? scalar(null, item.place) : started(item),
    });
  }
  const whole = mapping(entries, node.place);
  const doubt = node.items.find((item) => item.kind !== "scalar" || item.unresolved !== undefined);
  if (doubt === undefined) return node.incomplete === undefined ? whole : { ...whole, incomplete: node.incomplete };
  return {
    ...whole,
    incomplete: (doubt.kind === "scalar" ? doubt.unresolved : undefined) ?? "an item of it is no name",
  };
}

function started(item: ScalarNode): MappingNode {
  return mapping(
    new Map([
      [
        "condition",
        { key: "condition", keyPlace: item.place, value: scalar("service_started", item.place), implied: true },
      ],
      ["required", { key: "required", keyPlace: item.place, value: scalar(true, item.place), implied: true }],
    ]),
    item.place,
  );
}

/** A text, a list or a mapping as a list; a mapping gives sorted `key=value`. */
function toSequence(node: TreeNode): SequenceNode {
  switch (node.kind) {
    case "sequence":
      return node;
    case "scalar":
      return sequence(node.value === null ? [] : [node], node.place);
    case "mapping": {
      const items = [...node.entries.values()].flatMap(pairTexts).sort(byText);
      return sequence(items, node.place);
    }
  }
}

function pairTexts({ key, value }: MappingEntry): ScalarNode[] {
  if (value.kind === "sequence") return value.items.flatMap((item) => pairTexts(entry(key, item)));
  if (value.kind !== "scalar") return [];
  const text = value.value === null ? key : `${key}=${goText(value)}`;
  return [{ ...value, value: text }];
}

function byText(a: ScalarNode, b: ScalarNode): number {
  return String(a.value) < String(b.value) ? -1 : 1;
}

function newHosts(base: SequenceNode, over: SequenceNode): SequenceNode {
  const known = new Set(base.items.map(scalarValue));
  return { ...over, items: over.items.filter((item) => !known.has(scalarValue(item))) };
}

function concatenate(base: SequenceNode, over: SequenceNode): SequenceNode {
  return { ...base, items: [...base.items, ...over.items], ...reasonOf(base, over), place: over.place };
}

function reasonOf(base: MappingNode | SequenceNode, over: MappingNode | SequenceNode): { incomplete?: string } {
  const incomplete = base.incomplete ?? over.incomplete;
  return incomplete === undefined ? {} : { incomplete };
}

function article(kind: TreeNode["kind"]): string {
  return kind === "scalar" ? "a single value" : kind === "mapping" ? "a mapping" : "a list";
}
