import { child, type TreeNode } from "../../../formats/tree.ts";
import { mapScalars } from "./nodes.ts";

/** A value as SOPS writes it: what it is encrypted with, and the encrypted text. */
const encrypted = /^ENC\[[A-Z0-9_]+,data:/;

/** Why a value that SOPS encrypted cannot be told. */
export const encryptedReason = "it is encrypted with SOPS";

/** Whether SOPS keeps values of a document encrypted: it says so itself, under `sops`. */
export function isEncrypted(document: TreeNode): boolean {
  return child(child(document, "sops"), "mac") !== undefined;
}

export function isEncryptedText(text: string): boolean {
  return encrypted.test(text);
}

/** A document whose encrypted values say that they are: none is to be taken for what it stands for. */
export function sealed(document: TreeNode): TreeNode {
  if (!isEncrypted(document)) return document;
  return mapScalars(document, (node) =>
    typeof node.value === "string" && isEncryptedText(node.value) ? { ...node, unresolved: encryptedReason } : node,
  );
}
