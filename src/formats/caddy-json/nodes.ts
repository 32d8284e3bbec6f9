/** Ways to take values out of a tree of Caddy's JSON; what is of another kind than expected is as good as absent. */
import type { MappingEntry, TreeNode } from "../tree.ts";
import type { CaddyText } from "./model.ts";

/** What a text means once its environment variables (`{env.NAME}`) are filled in. */
export type TextReader = (text: string) => { readonly text: string; readonly unresolved?: string };

export function entriesOf(node: TreeNode | undefined): readonly MappingEntry[] {
  return node?.kind === "mapping" ? [...node.entries.values()] : [];
}

export function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.kind === "sequence" ? node.items : [];
}

export function textNode(node: TreeNode | undefined, read: TextReader): CaddyText | undefined {
  if (node?.kind !== "scalar" || node.value === null) return undefined;
  return { ...read(String(node.value)), place: node.place };
}

/** A list of texts; one text is a list of one. */
export function textsOf(node: TreeNode | undefined, read: TextReader): readonly CaddyText[] {
  if (node?.kind === "scalar") return [textNode(node, read) ?? []].flat();
  return itemsOf(node).flatMap((item) => textNode(item, read) ?? []);
}

/** Whether something stands where a switch belongs, and is none: Caddy refuses the document. */
export function isNoFlag(node: TreeNode | undefined): boolean {
  return node !== undefined && !(node.kind === "scalar" && (typeof node.value === "boolean" || node.value === null));
}

export function numberOf(node: TreeNode | undefined): number | undefined {
  if (node?.kind !== "scalar") return undefined;
  if (typeof node.value === "number") return node.value;
  return typeof node.value === "string" && /^\d{1,9}$/.test(node.value) ? Number(node.value) : undefined;
}

const units: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
};

/** A duration in seconds: nanoseconds as a number, or Go's text (`1m30s`, `2d`). Undefined for anything else. */
export function secondsOf(value: string | number): number | undefined {
  if (typeof value === "number") return value / 1e9;
  const text = value.trim();
  if (text === "0") return 0;
  if (!/^(?:\d{1,12}(?:\.\d{1,12})?(?:ns|us|µs|ms|s|m|h|d)){1,8}$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h|d)/g)) {
    seconds += Number(count) * (units[unit ?? "s"] ?? 0);
  }
  return seconds;
}
