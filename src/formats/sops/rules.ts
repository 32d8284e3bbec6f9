import type { SopsKeyKind, SopsRecipient } from "../../facts/configuration/sops.ts";
import { LinearPattern } from "../../lib/linear-pattern.ts";
import type { Place, Source } from "../../lib/place.ts";
import { asText, Fields } from "../fields.ts";
import { child, type TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { recipient, withoutRepeats } from "./recipients.ts";

/** One entry of `creation_rules`, as far as it can be told. */
export interface CreationRule {
  readonly number: number;
  /** `path_regex` as written; undefined for a rule that takes every file. */
  readonly path: string | undefined;
  /** Undefined for one that takes every file, and for an expression that cannot be read here (`unreadable`). */
  readonly pattern: LinearPattern | undefined;
  readonly unreadable: boolean;
  readonly recipients: readonly SopsRecipient[];
  readonly node: TreeNode;
  readonly place: Place;
}

export interface CreationRules {
  readonly rules: readonly CreationRule[];
  readonly problems: ReturnType<typeof parseYaml>["problems"];
  readonly place: Place;
}

/** Whether a name is that of SOPS's configuration: it looks for no other (config/config.go). */
export function isRulesFile(path: string): boolean {
  return /(?:^|\/)\.sops\.yaml$/.test(path);
}

/** Reads `.sops.yaml`. Never throws. */
export function readRules(source: Source, text: string): CreationRules {
  const { documents, problems } = parseYaml(source, text);
  const root = documents[0];
  const place = root?.place ?? { kind: "file", source, offset: 0 };
  const list = child(root, "creation_rules");
  const rules = (list?.kind === "sequence" ? list.items : []).map((node, at) => readRule(node, at + 1));
  return { rules, problems, place };
}

function readRule(node: TreeNode, number: number): CreationRule {
  const fields = Fields.of(node, node.place, "rule");
  const written = fields.node("path_regex");
  const path = written?.kind === "scalar" ? asText(written) : undefined;
  const wanted = path === undefined || path === "" ? undefined : path;
  const pattern = wanted === undefined ? undefined : LinearPattern.parse(wanted);
  return {
    number,
    path: wanted,
    pattern,
    unreadable: wanted !== undefined && pattern === undefined,
    recipients: recipientsOf(node, fields),
    node,
    place: node.place,
  };
}

/** The names of the keys' lists in a rule, which differ from those in an encrypted file. */
export const ruleLists: Readonly<Record<string, SopsKeyKind>> = {
  age: "age",
  pgp: "pgp",
  kms: "kms",
  gcp_kms: "gcp_kms",
  hckms: "hckms",
  azure_keyvault: "azure_kv",
  hc_vault_transit_uri: "hc_vault",
  hc_vault: "hc_vault",
};

/** `key_groups` where there are any; then the rule's own keys do not count (getKeyGroupsFromCreationRule). */
function recipientsOf(node: TreeNode, fields: Fields): readonly SopsRecipient[] {
  const groups = fields.node("key_groups");
  if (groups?.kind === "sequence" && groups.items.length > 0) return withoutRepeats(groups.items.flatMap(ofGroup));
  return withoutRepeats(ofGroup(node));
}

function ofGroup(node: TreeNode): readonly SopsRecipient[] {
  const found: SopsRecipient[] = [];
  for (const [key, kind] of Object.entries(ruleLists)) {
    const list = child(node, key);
    if (list === undefined) continue;
    for (const item of list.kind === "sequence" ? list.items : [list]) found.push(...ofItem(kind, item));
  }
  const merged = child(node, "merge");
  for (const group of merged?.kind === "sequence" ? merged.items : []) found.push(...ofGroup(group));
  return found;
}

/** One text with commas, or a mapping with the key's parts. */
function ofItem(kind: SopsKeyKind, node: TreeNode): readonly SopsRecipient[] {
  if (node.kind === "scalar") {
    const text = asText(node) ?? "";
    return text.split(",").flatMap((part) => recipient(kind, partsOf(kind, part), node.place) ?? []);
  }
  const text = (key: string) => {
    const value = child(node, key);
    return (value?.kind === "scalar" ? asText(value) : undefined) ?? "";
  };
  const parts =
    kind === "azure_kv" ? [text("vaultUrl"), text("key")] : [text("arn"), text("resource_id"), text("key_id")];
  const one = recipient(kind, parts, node.place);
  return one === undefined ? [] : [one];
}

/** Addresses of services are written whole in a rule and in parts in a file. */
function partsOf(kind: SopsKeyKind, text: string): readonly string[] {
  if (kind === "hc_vault") {
    const [, address, engine, key] = /^(https?:\/\/[^/]+)\/v1\/(.+)\/keys\/([^/]+)$/.exec(text.trim()) ?? [];
    return address === undefined ? [text] : [address, engine ?? "", key ?? ""];
  }
  if (kind === "azure_kv") {
    const [, address, key] = /^(https:\/\/[^/]+)\/keys\/([^/]+)/.exec(text.trim()) ?? [];
    return address === undefined ? [text] : [address, key ?? ""];
  }
  // An ARN may carry a role behind a plus sign.
  return [kind === "kms" ? text.replace(/\+.*$/, "") : text];
}
