/**
 * The parts of a text that cloud-init or Ubuntu's installer reads: the `#cloud-config` itself, `autoinstall`, and what that
 * hands on to the new system's own first start.
 *
 * Sources: cloudinit.readthedocs.io, "User data formats"; canonical-subiquity.readthedocs-hosted.com, "Autoinstall
 * configuration reference manual".
 */
import { child, type TreeNode } from "../tree.ts";

/** A template of Jinja says so in a line before (cloudinit/handlers/jinja_template.py). */
export const isCloudConfig = /^(?:##[ \t]{0,9}template:[^\n]{0,80}\n)?#cloud-config\s/i;
export const isShellScript = /^#![ \t]*\/\S{0,80}?(?:\/env[ \t]+)?(?:ba|da|z|a)?sh\b/;
/** Formats of several parts, or of what is fetched elsewhere. */
export const isOfParts = /^(?:Content-Type: multipart|MIME-Version:|#include|#cloud-config-archive|#part-handler)/i;

export interface FirstStart {
  /** Mappings that cloud-init reads. */
  readonly configs: readonly TreeNode[];
  readonly installer: TreeNode | undefined;
}

export function firstStartOf(root: TreeNode | undefined): FirstStart {
  if (root === undefined) return { configs: [], installer: undefined };
  // The installer takes its keys at the top of a file of its own, too.
  const installer = child(root, "autoinstall") ?? (child(root, "identity") === undefined ? undefined : root);
  const handedOn = child(installer, "user-data");
  return { configs: handedOn === undefined ? [root] : [root, handedOn], installer };
}

/** The commands in the order in which they run, each a text for a shell or a list of words. */
export function commandsOf({ configs, installer }: FirstStart): readonly TreeNode[] {
  return [
    ...["early-commands", "late-commands"].flatMap((key) => itemsOf(child(installer, key))),
    ...configs.flatMap((config) => ["bootcmd", "runcmd"].flatMap((key) => itemsOf(child(config, key)))),
  ];
}

export function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.kind === "sequence" ? node.items : [];
}

/** The value as a text without blanks around it; empty for none, and for what cannot be resolved. */
export function textOf(node: TreeNode | undefined): string {
  if (node?.kind !== "scalar" || node.value === null || node.unresolved !== undefined) return "";
  return String(node.value).trim();
}
