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
 * The values of a tree that are secrets by their names or looks and stand in clear text. Of a Kubernetes Secret, `data`
 * or `stringData` counts as a whole where nothing in it is encrypted. SOPS's own metadata is passed over.
 */
export function clearSecretsIn(documents: readonly TreeNode[]): readonly ClearValue[] {
  const found: ClearValue[] = [];
  for (const document of documents) {
    const whole = isSecret(document) ? ["data", "stringData"].filter((key) => isAllClear(child(document, key))) : [];
    visit(document, [], whole, found);
  }
  return found;
}

function isSecret(document: TreeNode): boolean {
  const kind = child(document, "kind");
  return kind?.kind === "scalar" && kind.value === "Secret";
}

function isAllClear(node: TreeNode | undefined): boolean {
  if (node?.kind !== "mapping") return false;
  return [...node.entries.values()].every(
    ({ value }) => value.kind !== "scalar" || typeof value.value !== "string" || !isEncryptedValue(value.value),
  );
}

function visit(node: TreeNode, path: readonly string[], whole: readonly string[], found: ClearValue[]): void {
  if (node.kind === "sequence") {
    for (const item of node.items) visit(item, path, whole, found);
  } else if (node.kind === "mapping") {
    for (const { key, value } of node.entries.values()) {
      if (path.length > 0 || key !== "sops") visit(value, [...path, key], whole, found);
    }
  } else if (typeof node.value === "string" && node.unresolved === undefined) {
    const certain = path.length === 2 && whole.includes(path[0] ?? "");
    if (isClearSecret(path.at(-1) ?? "", node.value, certain)) found.push({ name: path.join("."), place: node.place });
  }
}

/** Whether one value is a secret that can be read. `certain`: it is one whatever it looks like. */
export function isClearSecret(name: string, text: string, certain: boolean): boolean {
  if (text.trim() === "" || isEncryptedValue(text) || filledIn.test(text)) return false;
  if (certain || classifySecret(name, new Sensitive(text)) === "literal-secret") return true;
  return mayHoldIssued(text) && issuedSecretsIn(text, "").length > 0;
}
