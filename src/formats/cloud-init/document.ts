/**
 * The parts of a text that cloud-init or Ubuntu's installer reads: the `#cloud-config` itself, `autoinstall`, and what that
 * hands on to the new system's own first start.
 *
 * Sources: cloudinit.readthedocs.io, "User data formats"; canonical-subiquity.readthedocs-hosted.com, "Autoinstall
 * configuration reference manual".
 */
import { child, type TreeNode } from "../tree.ts";

/** A template of Jinja says so in a line before (cloudinit/handlers/jinja_template.py); blanks before count for nothing. */
export const isCloudConfig = /^\s{0,99}(?:##[ \t]{0,9}template:[^\n]{0,80}\n)?#cloud-config\s/i;
export const isShellScript =
  /^\s{0,99}(?:##[ \t]{0,9}template:[^\n]{0,80}\n)?#![ \t]*\/\S{0,80}?(?:\/env[ \t]+)?(?:ba|da|z|a)?sh\b/;
/** A script that runs at every start, before the rest. */
export const isBoothook = /^\s{0,99}#cloud-boothook\b/i;

export interface FirstStart {
  /** Mappings that cloud-init reads. */
  readonly configs: readonly TreeNode[];
  readonly installer: TreeNode | undefined;
}

/** What the parts that are a `#cloud-config` come to together. */
export function firstStartOf(roots: readonly TreeNode[]): FirstStart {
  // The installer takes its keys at the top of a file of its own, too.
  const installers = roots.flatMap((root) => {
    const found = child(root, "autoinstall") ?? (child(root, "identity") === undefined ? undefined : root);
    return found === undefined ? [] : [found];
  });
  const handedOn = installers.flatMap((installer) => child(installer, "user-data") ?? []);
  return { configs: [...roots, ...handedOn], installer: installers[0] };
}

/** The commands in the order in which they run, each a text for a shell or a list of words. */
export function commandsOf({ configs, installer }: FirstStart): readonly TreeNode[] {
  return [
    ...["early-commands", "late-commands"].flatMap((key) => itemsOf(child(installer, key))),
    ...configs.flatMap((config) => ["bootcmd", "runcmd"].flatMap((key) => itemsOf(child(config, key)))),
  ];
}

const lists = ["bootcmd", "runcmd", "write_files", "users", "apt_sources", "early-commands", "late-commands"];

/** Why entries of a list may be missing: all of it, or the lines of some, are filled in. */
export function hiddenEntries({ configs, installer }: FirstStart): string | undefined {
  const all = [...configs, ...(installer === undefined ? [] : [installer])];
  const filled = lists.find((key) =>
    all.some((config) => {
      const node = child(config, key);
      return node?.kind === "scalar" && (node.unresolved !== undefined || /[$%]\{/.test(String(node.value)));
    }),
  );
  return filled === undefined ? undefined : `a template fills in \`${filled}\``;
}

export function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.kind === "sequence" ? node.items : [];
}

/** The value as a text without blanks around it; empty for none, and for what cannot be resolved. */
export function textOf(node: TreeNode | undefined): string {
  if (node?.kind !== "scalar" || node.value === null || node.unresolved !== undefined) return "";
  return String(node.value).trim();
}
