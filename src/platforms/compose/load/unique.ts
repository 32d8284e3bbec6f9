/**
 * Lists in which a later item replaces an earlier one with the same key.
 *
 * Source: compose-go v2.9.1, `override/uncity.go`.
 */
import type { SequenceNode, TreeNode } from "../../../formats/tree.ts";
import { goText, textOf } from "./nodes.ts";
import { applyRules, rulesOf } from "./rules.ts";
import { parseVolume } from "./volumes.ts";

/** The key of an item; undefined for one that is never replaced. */
type KeyOf = (item: TreeNode) => string | undefined;

const byName: KeyOf = (item) => textOf(item)?.split("=", 1)[0];

const rules = rulesOf<KeyOf>({
  "networks.*.labels": byName,
  "services.*.annotations": byName,
  "services.*.build.additional_contexts": byName,
  "services.*.build.args": byName,
  "services.*.build.labels": byName,
  "services.*.build.tags": byName,
  "services.*.cap_add": byName,
  "services.*.cap_drop": byName,
  "services.*.deploy.labels": byName,
  "services.*.devices": byDeviceTarget,
  "services.*.configs": byMountTarget(""),
  "services.*.dns": byName,
  "services.*.dns_opt": byName,
  "services.*.dns_search": byName,
  "services.*.env_file": byPath,
  "services.*.environment": byName,
  "services.*.expose": byText,
  "services.*.labels": byName,
  "services.*.links": byName,
  "services.*.networks.*.aliases": byName,
  "services.*.networks.*.link_local_ips": byName,
  "services.*.ports": byPort,
  "services.*.profiles": byName,
  "services.*.secrets": byMountTarget("/run/secrets"),
  "services.*.sysctls": byName,
  "services.*.tmpfs": byName,
  "services.*.volumes": byVolumeTarget,
});

/** The model with each such list rid of what a later item of the same key replaces; the later one takes its position. */
export function enforceUnicity(root: TreeNode): TreeNode {
  return applyRules(root, rules, (node, keyOf) => (node.kind === "sequence" ? withoutRepeats(node, keyOf) : node));
}

function withoutRepeats(node: SequenceNode, keyOf: KeyOf): SequenceNode {
  if (node.items.length < 2) return node;
  const positions = new Map<string, number>();
  const items: TreeNode[] = [];
  for (const item of node.items) {
    // What is not known may be any key, and so replaces nothing and is replaced by nothing.
    const key = item.kind === "scalar" && item.unresolved !== undefined ? undefined : keyOf(item);
    const at = key === undefined ? undefined : positions.get(key);
    if (at !== undefined) items[at] = item;
    else {
      if (key !== undefined) positions.set(key, items.length);
      items.push(item);
    }
  }
  return items.length === node.items.length ? node : { ...node, items };
}

function byText(item: TreeNode): string | undefined {
  return item.kind === "scalar" ? goText(item) : undefined;
}

function byPath(item: TreeNode): string | undefined {
  return textOf(item) ?? textAt(item, "path");
}

function byMountTarget(folder: string): KeyOf {
  return (item) => {
    const short = textOf(item);
    if (short !== undefined) return `${folder}/${short}`;
    if (item.kind !== "mapping") return undefined;
    return textAt(item, "target") ?? `${folder}/${textAt(item, "source") ?? ""}`;
  };
}

function byDeviceTarget(item: TreeNode): string | undefined {
  const short = textOf(item)?.split(":");
  return short === undefined ? textAt(item, "target") : (short[1] ?? short[0]);
}

function byVolumeTarget(item: TreeNode): string | undefined {
  if (item.kind === "mapping") return textAt(item, "target");
  return item.kind === "scalar" && typeof item.value === "string" ? parseVolume(item.value)?.target : undefined;
}

function byPort(item: TreeNode): string | undefined {
  if (item.kind === "scalar") return goText(item);
  if (item.kind !== "mapping") return undefined;
  const at = (key: string, fallback: string): string => textAt(item, key) ?? fallback;
  for (const each of item.entries.values()) {
    if (each.value.kind === "scalar" && each.value.unresolved !== undefined) return undefined;
  }
  return `${at("host_ip", "0.0.0.0")}:${at("published", "")}:${at("target", "")}/${at("protocol", "tcp")}`;
}

function textAt(item: TreeNode, key: string): string | undefined {
  const value = item.kind === "mapping" ? item.entries.get(key)?.value : undefined;
  return value?.kind === "scalar" && value.value !== null ? goText(value) : undefined;
}
