/**
 * A kind cluster: the patches that it lays over kubeadm's files, parts of them or lists of operations, for all nodes or
 * for one.
 *
 * Source: kind, `pkg/apis/config/v1alpha4/types.go` (`kubeadmConfigPatches`, `kubeadmConfigPatchesJSON6902` with `group`,
 * `version`, `kind`, `patch`); RFC 6902 and RFC 6901.
 */
import type { InputProblem } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { Fields } from "../fields.ts";
import { relocate } from "../relocate.ts";
import { itemsOf, textOf } from "../talos/cluster-security.ts";
import { type TalosDocuments, talosDocuments } from "../talos/documents.ts";
import type { MappingNode, TreeNode } from "../tree.ts";

/** Its patches as the documents of one text, each with the place of the text that it stands in. */
export function kindDocuments(root: Fields, documents: TalosDocuments, file: TextFile): TalosDocuments {
  const owners = [root, ...itemsOf(root, "nodes")];
  const parts = [
    ...owners.flatMap(partsOf).map(({ text, place }) => read(text, place, file)),
    ...owners
      .flatMap((owner) => itemsOf(owner, "kubeadmConfigPatchesJSON6902"))
      .map((entry) => operationsOf(entry, file)),
  ];
  const broken = parts.find((part) => part.broken !== undefined)?.broken;
  return {
    ...documents,
    all: parts.flatMap(({ all }) => all),
    problems: [...documents.problems, ...parts.flatMap(({ problems }) => problems)],
    hidden: documents.hidden ?? broken,
    broken: documents.broken ?? broken,
  };
}

interface Part {
  readonly all: readonly TreeNode[];
  readonly problems: readonly InputProblem[];
  readonly broken: string | undefined;
}

function read(text: string, place: Place, file: TextFile): Part {
  const { all, problems, broken } = talosDocuments({ ...file, text });
  return {
    all: all.map((node) => relocate(node, () => place)),
    problems: problems.map((problem) => ({ ...problem, place })),
    broken,
  };
}

function partsOf(owner: Fields): readonly { readonly text: string; readonly place: Place }[] {
  const node = owner.node("kubeadmConfigPatches");
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item) =>
    item.kind === "scalar" && typeof item.value === "string" && item.unresolved === undefined
      ? [{ text: item.value, place: item.place }]
      : [],
  );
}

/** What a list of operations sets, as a part of the document that it is for. What one takes away is not told. */
function operationsOf(entry: Fields, file: TextFile): Part {
  const text = textOf(entry, "patch");
  const kind = entry.node("kind");
  const place = entry.keyPlace("patch");
  if (text === undefined || kind === undefined) return { all: [], problems: [], broken: undefined };
  const part = read(text, place, file);
  const [list] = part.all;
  const operations = list?.kind === "sequence" ? list.items.map((item) => Fields.of(item, place, "patch")) : [];
  const set = operations.flatMap((operation) => {
    const [path, value] = [textOf(operation, "path"), operation.node("value")];
    const sets = /^(?:add|replace)$/.test(textOf(operation, "op") ?? "");
    return sets && path !== undefined && value !== undefined ? [withValue(path, value)] : [];
  });
  return { ...part, all: set.map((document) => withKey(document, "kind", kind)) };
}

/** A mapping that has nothing but the value under a pointer; a place in a list holds one member. */
function withValue(path: string, value: TreeNode): MappingNode {
  const keys = path
    .split("/", mostKeys)
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const { place } = value;
  const inner = keys.reduceRight<TreeNode>(
    (below, key) =>
      /^(?:-|\d{1,6})$/.test(key)
        ? { kind: "sequence", items: [below], place }
        : { kind: "mapping", entries: new Map([[key, { key, keyPlace: place, value: below }]]), place },
    value,
  );
  return inner.kind === "mapping" ? inner : { kind: "mapping", entries: new Map(), place };
}

/** No file of kubeadm's is as deep. */
const mostKeys = 30;

function withKey(node: MappingNode, key: string, value: TreeNode): MappingNode {
  return { ...node, entries: new Map(node.entries).set(key, { key, keyPlace: value.place, value }) };
}
