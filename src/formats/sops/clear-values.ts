import type { ClearValue } from "../../facts/configuration/sops.ts";
import { classifySecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { issuedSecretsIn, mayHoldIssued } from "../../repository/secret-scan/issuers.ts";
import { child, type TreeNode } from "../tree.ts";

/** How SOPS writes a value that it encrypted (aes/cipher.go). */
const encrypted = /^ENC\[AES256_GCM,data:/;

export function isEncryptedValue(text: string): boolean {
  return encrypted.test(text);
}

/** What is filled in later is no secret yet: Flux's `${X}`, templates, references to a store. */
const filledIn = /\$\{\w|\{\{|<[^>]{1,100}>|^op:\/\/|^vault:|^ref\+/;

/**
 * The values of a tree that are secrets by their names or looks and stand in clear text. SOPS's own metadata is passed
 * over, and so are a Kubernetes Secret and a ConfigMap, which are judged as such (`secrets.manifest-encrypted`).
 */
export function clearSecretsIn(documents: readonly TreeNode[]): readonly ClearValue[] {
  const found: ClearValue[] = [];
  for (const document of documents) if (!isKubernetesData(document)) visit(document, [], found);
  return found;
}

function isKubernetesData(document: TreeNode): boolean {
  const kind = child(document, "kind");
  const name = kind?.kind === "scalar" ? kind.value : undefined;
  return child(document, "apiVersion") !== undefined && (name === "Secret" || name === "ConfigMap");
}

function visit(node: TreeNode, path: readonly string[], found: ClearValue[]): void {
  if (node.kind === "sequence") {
    for (const item of node.items) visit(item, path, found);
  } else if (node.kind === "mapping") {
    for (const { key, value } of node.entries.values()) {
      if (path.length > 0 || key !== "sops") visit(value, [...path, key], found);
    }
  } else if (typeof node.value === "string" && node.unresolved === undefined) {
    if (isClearSecret(path.at(-1) ?? "", node.value)) found.push({ name: path.join("."), place: node.place });
  }
}

/** Whether one value is a secret that can be read. */
export function isClearSecret(name: string, text: string): boolean {
  if (text.trim() === "" || isEncryptedValue(text) || filledIn.test(text)) return false;
  if (classifySecret(name, new Sensitive(text)) === "literal-secret") return true;
  return mayHoldIssued(text) && issuedSecretsIn(text, "").length > 0;
}
