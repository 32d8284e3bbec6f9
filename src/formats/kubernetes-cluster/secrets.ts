/** Values in a cluster's files by which machines join it, or that keep its data secret. */
import type { ClusterSecret } from "../../facts/configuration/cluster.ts";
import { stated } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Fields } from "../fields.ts";
import { textOf } from "../talos/cluster-security.ts";
import type { TreeNode } from "../tree.ts";

/** What stands for a value: a store's reference, a variable, a template, a placeholder. */
const reference =
  /^(?:op|vault|ref\+\w+|awssm|gcpsm):|^ENC\[|\$\{?\w|\{\{|^<.*>$|^\*+$|^REDACTED$|^$|example|^x+$|change[-_ ]?me|^your[-_ ]|replace/i;

export interface SecretWords {
  readonly opens: string;
  readonly root: boolean;
}

/** The value under a key, where it stands there as it is. */
export function secretAt(fields: Fields, key: string, name: string, words: SecretWords): readonly ClusterSecret[] {
  const node = fields.node(key);
  return node === undefined ? [] : secretIn(node, name, words);
}

export function secretIn(node: TreeNode, name: string, { opens, root }: SecretWords): readonly ClusterSecret[] {
  if (node.kind !== "scalar" || node.unresolved !== undefined || node.value === null) return [];
  const text = String(node.value);
  if (reference.test(text.slice(0, 200))) return [];
  return [{ name, value: stated(new Sensitive(text), node.place), opens, root, place: node.place }];
}

/** kubeadm prints it as its example (`kubeadm config print init-defaults`), so that everybody has it. */
const kubeadmExample = "abcdef.0123456789abcdef";

/**
 * A token of `bootstrapTokens`. It ends after `ttl`, by itself after a day; never with 0.
 *
 * Source: `cmd/kubeadm/app/apis/bootstraptoken/v1` (DefaultTokenDuration 24h), kubeadm's `apis/kubeadm/v1beta4/types.go`.
 */
export function bootstrapToken(fields: Fields): readonly ClusterSecret[] {
  const lasts = /^0(?:h|m|s|h0m0s|m0s)?$/.test(textOf(fields, "ttl") ?? "");
  const known = textOf(fields, "token") === kubeadmExample;
  const who = known ? "it is kubeadm's own example, and everybody" : "whoever has it";
  return secretAt(fields, "token", "bootstrapTokens.token", {
    opens: `${who} joins a machine to the cluster${lasts ? "" : " for as long as it lasts, a day unless `ttl` says more"}`,
    root: lasts,
  });
}

/** A token that a machine joins with. The example stands in every printed file and is replaced, or it does not join. */
export function joinToken(fields: Fields, key: string, name: string): readonly ClusterSecret[] {
  if (textOf(fields, key) === kubeadmExample) return [];
  return secretAt(fields, key, name, {
    opens: "whoever has it joins a machine to the cluster for as long as it lasts",
    root: false,
  });
}

/** Source: kubeadm's reference, `init phase upload-certs`: the Secret that it opens is deleted after two hours. */
export function certificateKey(fields: Fields, name: string): readonly ClusterSecret[] {
  return secretAt(fields, "certificateKey", name, {
    opens: "whoever has it and joins within two hours of `upload-certs` gets the keys of the cluster's authorities",
    root: false,
  });
}
