/**
 * Relative paths put behind a folder.
 *
 * Source: compose-go v2.9.1, `paths/`.
 */
import { posix } from "node:path";
import type { TreeNode } from "../../../formats/tree.ts";
import { derived, mapValues, textOf, withEntries } from "./nodes.ts";
import { applyRules, rulesOf } from "./rules.ts";

export interface PathBase {
  /** The folder that relative paths start from; `.` for the folder of the project itself. */
  readonly folder: string;
  /** The user's home folder, when it is known; paths that begin with `~` stay as they are otherwise. */
  readonly home: string | undefined;
}

type Resolve = (node: TreeNode, base: PathBase) => TreeNode;

const resolvers = rulesOf<Resolve>({
  "services.*.build.context": context,
  "services.*.build.additional_contexts.*": context,
  "services.*.build.ssh.*": path,
  "services.*.env_file.*.path": path,
  "services.*.label_file.*": path,
  "services.*.extends.file": path,
  "services.*.develop.watch.*.path": path,
  "services.*.volumes.*": bindSource,
  "configs.*.file": path,
  "secrets.*.file": path,
  "volumes.*": localDevice,
});

export function resolvePaths(root: TreeNode, base: PathBase): TreeNode {
  return applyRules(root, resolvers, (node, resolve) => resolve(node, base));
}

/** A path as seen from where `folder` is seen from. Absolute ones, and those of an unknown home, stay as they are. */
export function joinPath(folder: string, text: string, home: string | undefined): string {
  if (text.startsWith("~")) return home === undefined ? text : posix.join(home, text.slice(1));
  if (posix.isAbsolute(text) || /^(?:[a-zA-Z]:[\\/]|\\\\)/.test(text)) return text;
  const joined = posix.join(folder, text);
  const clean = joined.length > 1 && joined.endsWith("/") ? joined.slice(0, -1) : joined;
  return posix.isAbsolute(clean) || clean === "." || clean === ".." || clean.startsWith("../") ? clean : `./${clean}`;
}

function path(node: TreeNode, base: PathBase): TreeNode {
  const text = textOf(node);
  if (text === undefined || text === "" || node.kind !== "scalar") return node;
  return derived(joinPath(base.folder, text, base.home), node);
}

function context(node: TreeNode, base: PathBase): TreeNode {
  const text = textOf(node) ?? "";
  const elsewhere = text.includes("://") || /^(?:service:|github\.com\/|git@)/.test(text);
  return elsewhere ? node : path(node, base);
}

function bindSource(node: TreeNode, base: PathBase): TreeNode {
  if (node.kind !== "mapping" || textOf(node.entries.get("type")?.value) !== "bind") return node;
  const source = node.entries.get("source");
  if (source === undefined) return node;
  const value = path(source.value, base);
  return value === source.value ? node : withEntries(node, { ...source, value });
}

/** A volume of the `local` driver that is a bind mount in disguise. */
function localDevice(node: TreeNode, base: PathBase): TreeNode {
  if (node.kind !== "mapping" || textOf(node.entries.get("driver")?.value) !== "local") return node;
  const options = node.entries.get("driver_opts");
  if (options?.value.kind !== "mapping" || textOf(options.value.entries.get("o")?.value) !== "bind") return node;
  const value = mapValues(options.value, (each, key) => (key === "device" ? path(each, base) : each));
  return value === options.value ? node : withEntries(node, { ...options, value });
}
