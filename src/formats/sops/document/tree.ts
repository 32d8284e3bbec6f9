/**
 * What SOPS sees in a text, whatever its format: ordered entries with comments between them, each with its span, so that
 * a value can be replaced without touching anything else.
 *
 * Source: getsops/sops v3.13.3, `sops.go` (`walkBranch`, `walkSlice`).
 */

/** A value as SOPS types it. Numbers and times are texts in the form that it encrypts and authenticates. */
export type SopsScalar =
  | { readonly type: "str"; readonly text: string }
  /** A text that is no UTF-8: only whole files of the binary format are such. */
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  | { readonly type: "int"; readonly text: string }
  | { readonly type: "float"; readonly text: string }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "time"; readonly text: string }
  | { readonly type: "comment"; readonly text: string };

export interface SopsLeaf {
  readonly kind: "leaf";
  /** Undefined for null, which SOPS leaves as it is. */
  readonly value: SopsScalar | undefined;
  readonly start: number;
  readonly end: number;
  /** Column of the key or dash before it in block style; undefined within braces and brackets, and outside of YAML. */
  readonly indent?: number;
  /** Offset of the dash of a list's item in block style. */
  readonly dash?: number;
}

export interface SopsComment {
  readonly kind: "comment";
  /** Without the mark that begins it. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Paths that it may have been encrypted under besides that of the branch it stands in. */
  readonly otherPaths?: readonly (readonly string[])[];
}

export interface SopsEntry {
  readonly kind: "entry";
  readonly key: string;
  readonly start: number;
  readonly value: SopsNode;
}

export interface SopsBranch {
  readonly kind: "branch";
  readonly items: readonly (SopsEntry | SopsComment)[];
}

export interface SopsList {
  readonly kind: "list";
  readonly items: readonly (SopsNode | SopsComment)[];
}

export type SopsNode = SopsLeaf | SopsBranch | SopsList;

/** A leaf or comment, the keys that lead to it (places in lists do not count), and the comments that stand before it. */
export type Visit = (
  found: SopsLeaf | SopsComment,
  path: readonly string[],
  comments: readonly (readonly string[])[],
) => void;

/** Goes through a branch in the order in which SOPS does, on which the authentication code hangs. */
export function walkBranch(
  branch: SopsBranch,
  path: readonly string[],
  stack: readonly (readonly string[])[],
  visit: Visit,
): void {
  let comments: readonly string[] = [];
  for (const item of branch.items) {
    if (item.kind === "comment") {
      comments = [...comments, item.text];
      visit(item, path, [...stack, comments]);
    } else {
      walkNode(item.value, [...path, item.key], [...stack, comments], visit);
      comments = [];
    }
  }
}

function walkNode(node: SopsNode, path: readonly string[], stack: readonly (readonly string[])[], visit: Visit): void {
  if (node.kind === "leaf") visit(node, path, stack);
  else if (node.kind === "branch") walkBranch(node, path, stack, visit);
  else walkList(node, path, stack, visit);
}

function walkList(list: SopsList, path: readonly string[], stack: readonly (readonly string[])[], visit: Visit): void {
  let comments: readonly string[] = [];
  for (const item of list.items) {
    if (item.kind === "comment") {
      comments = [...comments, item.text];
      visit(item, path, [...stack, comments]);
    } else {
      walkNode(item, path, [...stack, comments], visit);
      comments = [];
    }
  }
}

/** The node at a path; a number counts the items of a list, comments left out. */
export function nodeAt(branch: SopsNode | undefined, path: readonly (string | number)[]): SopsNode | undefined {
  return path.reduce<SopsNode | undefined>((node, step) => {
    if (node?.kind === "branch") {
      return node.items.find((item): item is SopsEntry => item.kind === "entry" && item.key === step)?.value;
    }
    if (node?.kind !== "list" || typeof step !== "number") return undefined;
    return node.items.filter((item): item is SopsNode => item.kind !== "comment")[step];
  }, branch);
}
