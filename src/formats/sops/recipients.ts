import type { SopsKeyKind, SopsRecipient } from "../../facts/configuration/sops.ts";
import type { Place } from "../../lib/place.ts";
import { asText } from "../fields.ts";
import { child, type TreeNode } from "../tree.ts";

/** The lists of keys in a file's metadata, and the fields that tell one key of a list from another (stores/stores.go). */
export const keyLists: Readonly<Record<SopsKeyKind, readonly string[]>> = {
  age: ["recipient"],
  pgp: ["fp"],
  kms: ["arn"],
  gcp_kms: ["resource_id"],
  azure_kv: ["vault_url", "name"],
  hc_vault: ["vault_address", "engine_path", "key_name"],
  hckms: ["key_id"],
  plugin: ["binary_name", "instance_id"],
};

/** A key as its file and its rule both write it, so that the two can be compared. */
export function recipient(kind: SopsKeyKind, parts: readonly string[], place: Place): SopsRecipient | undefined {
  const id = parts
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join("/");
  if (id === "") return undefined;
  // A recipient may be an SSH key, with a comment behind it.
  if (kind === "age") return { kind, id: id.split(/\s+/).slice(0, 2).join(" "), place };
  return { kind, id: kind === "pgp" ? id.replace(/\s+/g, "").toUpperCase() : id, place };
}

/** The keys of `sops:` or of one of its `key_groups`. */
export function recipientsIn(node: TreeNode | undefined): readonly SopsRecipient[] {
  const found: SopsRecipient[] = [];
  for (const kind of Object.keys(keyLists) as SopsKeyKind[]) {
    const list = child(node, kind === "plugin" ? "plugins" : kind);
    for (const item of list?.kind === "sequence" ? list.items : []) {
      const one = recipient(
        kind,
        keyLists[kind].map((field) => textIn(item, field)),
        item.place,
      );
      if (one !== undefined) found.push(one);
    }
  }
  const groups = child(node, "key_groups");
  for (const group of groups?.kind === "sequence" ? groups.items : []) found.push(...recipientsIn(group));
  return withoutRepeats(found);
}

export function withoutRepeats(recipients: readonly SopsRecipient[]): readonly SopsRecipient[] {
  return [...new Map(recipients.map((one) => [`${one.kind} ${one.id}`, one])).values()];
}

function textIn(node: TreeNode, key: string): string {
  const value = child(node, key);
  return (value?.kind === "scalar" ? asText(value) : undefined) ?? "";
}
