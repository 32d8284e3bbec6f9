/**
 * Short forms made long.
 *
 * Source: compose-go v2.9.1, `transform/`. A form that Compose refuses is reported, left out of its list, and the list
 * says that it is incomplete.
 */
import type { MappingEntry, MappingNode, ScalarNode, SequenceNode, TreeNode } from "../../../formats/tree.ts";
import { namesToMapping } from "./merge.ts";
import {
  entry,
  goText,
  implied,
  isNull,
  mapItems,
  mappingOf,
  mapValues,
  scalar,
  sequence,
  withEntries,
} from "./nodes.ts";
import { part, toPairs, toVariables } from "./pairs.ts";
import { longPorts, parsePort } from "./ports.ts";
import { applyRules, rulesOf } from "./rules.ts";
import { limits, type Session } from "./session.ts";
import { shownText } from "./shown-text.ts";
import { longVolume, parseVolume } from "./volumes.ts";

type Transform = (node: TreeNode, session: Session) => TreeNode;

const transforms = rulesOf<Transform>({
  "services.*.annotations": toPairs,
  "services.*.build": (node) => (isText(node) ? mappingOf(node.place, entry("context", node)) : node),
  "services.*.build.args": toVariables,
  "services.*.build.labels": toPairs,
  "services.*.build.additional_contexts": toPairs,
  "services.*.build.secrets.*": fileMount,
  "services.*.build.provenance": anyText,
  "services.*.build.sbom": anyText,
  "services.*.build.ssh": toPairs,
  "services.*.configs.*": fileMount,
  "services.*.depends_on": dependencies,
  "services.*.deploy.labels": toPairs,
  "services.*.develop.watch.*.ignore": toList,
  "services.*.develop.watch.*.include": toList,
  "services.*.develop.watch.*.exec.environment": toVariables,
  "services.*.devices": (node, session) => expandItems(node, session, device),
  "services.*.dns": toList,
  "services.*.dns_search": toList,
  "services.*.env_file": environmentFiles,
  "services.*.environment": toVariables,
  "services.*.extends": (node) => (isText(node) ? mappingOf(node.place, entry("service", node)) : node),
  "services.*.gpus": (node) =>
    isText(node) ? sequence([mappingOf(node.place, entry("count", scalar("all", node.place)))], node.place) : node,
  "services.*.label_file": toList,
  "services.*.labels": toPairs,
  "services.*.models": (node) => namesToMapping(node),
  "services.*.networks": (node) => namesToMapping(node),
  "services.*.ports": (node, session) => expandItems(node, session, ports),
  "services.*.post_start.*.environment": toVariables,
  "services.*.pre_stop.*.environment": toVariables,
  "services.*.secrets.*": fileMount,
  "services.*.sysctls": toPairs,
  "services.*.tmpfs": toList,
  "services.*.volumes": (node, session) => expandItems(node, session, volume),
  "services.*.volumes.*.volume.labels": toPairs,
  "networks.*": external,
  "networks.*.labels": toPairs,
  "volumes.*": external,
  "volumes.*.labels": toPairs,
  "secrets.*": external,
  "secrets.*.labels": toPairs,
  "configs.*": external,
  "configs.*.labels": toPairs,
});

/** The model with every short form in its long one. Running it twice changes nothing. */
export function canonical(root: TreeNode, session: Session): TreeNode {
  return applyRules(root, transforms, (node, transform) => transform(node, session));
}

function isText(node: TreeNode): node is ScalarNode {
  return node.kind === "scalar" && typeof node.value === "string";
}

function toList(node: TreeNode): TreeNode {
  return isText(node) ? sequence([node], node.place) : node;
}

function anyText(node: TreeNode): TreeNode {
  return node.kind === "scalar" && node.value !== null ? { ...node, value: goText(node) } : node;
}

function fileMount(node: TreeNode): TreeNode {
  return isText(node) ? mappingOf(node.place, entry("source", node)) : node;
}

function dependencies(node: TreeNode): TreeNode {
  const long = namesToMapping(node, "condition");
  return long.kind !== "mapping" ? long : mapValues(long, withDependencyDefaults);
}

function withDependencyDefaults(node: TreeNode): TreeNode {
  if (node.kind !== "mapping") return node;
  const added = [
    ...(node.entries.has("condition") ? [] : [implied("condition", "service_started", node.place)]),
    ...(node.entries.has("required") ? [] : [implied("required", true, node.place)]),
  ];
  return added.length === 0 ? node : withEntries(node, ...added);
}

function environmentFiles(node: TreeNode): TreeNode {
  const list = toList(node);
  if (list.kind !== "sequence") return list;
  return mapItems(list, (item) => {
    if (isText(item)) return mappingOf(item.place, entry("path", item), implied("required", true, item.place));
    if (item.kind !== "mapping" || item.entries.has("required")) return item;
    return withEntries(item, implied("required", true, item.place));
  });
}

/** `external: {name: x}`, the old way to name what is made elsewhere. */
function external(node: TreeNode, session: Session): TreeNode {
  if (node.kind !== "mapping") return node;
  const old = node.entries.get("external");
  if (old?.value.kind !== "mapping") return node;
  const outer = node.entries.get("name");
  const inner = old.value.entries.get("name");
  const made: MappingNode = withEntries(node, { ...old, value: scalar(true, old.value.place) });
  if (inner === undefined) return made;
  if (outer === undefined) return withEntries(made, inner);
  if (outer.value.kind === "scalar" && inner.value.kind === "scalar" && outer.value.value !== inner.value.value) {
    session.error("`name` and `external.name` differ.", inner.keyPlace, "Keep `name` and write `external: true`.");
  }
  return made;
}

/** The long forms of one item, or a clause that says why it has none. */
type Expand = (item: ScalarNode, session: Session) => readonly TreeNode[] | string;

function expandItems(node: TreeNode, session: Session, expand: Expand): TreeNode {
  if (node.kind !== "sequence" || !node.items.some((item) => item.kind === "scalar")) return node;
  let incomplete = node.incomplete;
  const items: TreeNode[] = [];
  for (const item of node.items) {
    const long = item.kind === "scalar" ? expandScalar(item, session, expand) : [item];
    if (typeof long === "string") incomplete ??= long;
    else items.push(...long);
  }
  const whole: SequenceNode = { ...node, items };
  return incomplete === undefined ? whole : { ...whole, incomplete };
}

function expandScalar(item: ScalarNode, session: Session, expand: Expand): readonly TreeNode[] | string {
  const long = expand(item, session);
  if (typeof long !== "string") return long;
  if (item.unresolved !== undefined) return item.unresolved;
  session.error(`${shownText(item.value)} cannot be read: ${long}.`, item.place);
  return long;
}

function ports(item: ScalarNode, session: Session): readonly TreeNode[] | string {
  if (typeof item.value !== "string" && typeof item.value !== "number") return "it is no port";
  const written: ScalarNode = { ...item, value: goText(item) };
  const spec = parsePort(goText(item));
  if (typeof spec === "string") return spec;
  session.ports += spec.target[1] - spec.target[0] + 1;
  if (session.ports > limits.ports) return `the project publishes more than ${limits.ports} ports`;
  session.copyDoubts(item, written);
  return longPorts(written, spec, session);
}

function volume(item: ScalarNode, session: Session): readonly TreeNode[] | string {
  if (typeof item.value !== "string") return "it is no mount";
  const spec = parseVolume(item.value);
  if (spec === undefined) return "expected `SOURCE:TARGET`, `SOURCE:TARGET:OPTIONS` or `TARGET`";
  return [longVolume(item, spec, session)];
}

function device(item: ScalarNode, session: Session): readonly TreeNode[] | string {
  if (typeof item.value !== "string") return "it is no device";
  const parts = item.value.split(":");
  if (parts.length > 3) return "expected `SOURCE`, `SOURCE:TARGET` or `SOURCE:TARGET:PERMISSIONS`";
  const [source = "", target = "", permissions] = parts;
  const first = part(item, 0, source.length, session);
  const targetStart = source.length + 1;
  const second = target === "" ? first : part(item, targetStart, targetStart + target.length, session);
  const entries: MappingEntry[] = [entry("source", first), entry("target", second)];
  if (permissions === undefined) entries.push(implied("permissions", "rwm", item.place));
  else entries.push(entry("permissions", part(item, targetStart + target.length + 1, item.value.length, session)));
  return [mappingOf(item.place, ...entries)];
}

/** Empty texts and nulls among DNS servers are dropped. Source: compose-go v2.9.1, `loader/omitEmpty.go`. */
export function omitEmpty(root: TreeNode): TreeNode {
  return applyRules(root, dnsRules, (node) => {
    if (node.kind !== "sequence") return node;
    const items = node.items.filter(
      (item) => item.kind !== "scalar" || item.unresolved !== undefined || (item.value !== "" && !isNull(item)),
    );
    return items.length === node.items.length ? node : { ...node, items };
  });
}

const dnsRules = rulesOf<true>({ "services.*.dns": true });
