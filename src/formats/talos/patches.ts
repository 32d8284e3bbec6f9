/**
 * Patches of machine configuration that stand in texts, and what of them is not judged.
 *
 * Sources: talhelper 3, "Configuration" (`patches` of a talconfig.yaml, of `controlPlane`, `worker` and each node: a text,
 * or `@file`); Talos 1.13, "Configuration patches" (strategic merge or RFC 6902) and `cluster.inlineManifests`.
 */
import type { InputProblem } from "../../facts/system.ts";
import { type Place, Source } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { relocate } from "../relocate.ts";
import { child, type TreeNode } from "../tree.ts";
import { type TalosDocuments, talosDocuments } from "./documents.ts";

/** An RFC 6902 patch: a list of operations of which one is for a machine's or cluster's part. */
export function isJsonPatch(text: string): boolean {
  return (
    /^[ \t]*(?:-[ \t]*|(?:\[[ \t]*)?\{[ \t]*)"?op"?:[ \t]*"?(?:add|remove|replace|test|move|copy)\b/m.test(text) &&
    /"?path"?:[ \t]*["']?\/(?:machine|cluster)\//.test(text) &&
    !/^(?:apiVersion|kind|resources|patches|machine|cluster|clusterName):/m.test(text)
  );
}

export function unreadJsonPatch(place: Place): InputProblem {
  return {
    severity: "warning",
    message: "This patch of Talos's configuration is a list of operations (RFC 6902), and what they set is not judged.",
    hint: "Write it as a part of the configuration (`machine: …`), or check what `talosctl machineconfig patch` makes.",
    place,
  };
}

export interface InlinePatch {
  /** `patch 1 of worker`: as it is called whatever lines come or go around it. */
  readonly name: string;
  readonly documents: TalosDocuments;
}

export interface InlinePatches {
  readonly patches: readonly InlinePatch[];
  readonly problems: readonly InputProblem[];
}

/** The patches that stand in a talconfig.yaml, each with the place of its text. */
export function inlinePatches(file: TextFile, root: TreeNode | undefined): InlinePatches {
  const patches: InlinePatch[] = [];
  const problems: InputProblem[] = [];
  for (const { name, node, text } of ownersIn(root).flatMap(patchesOf)) {
    if (text.startsWith("@")) continue;
    const documents = documentsAt(text, node.place, file);
    if (documents.all.some(({ kind }) => kind === "sequence")) problems.push(unreadJsonPatch(node.place));
    else patches.push({ name, documents });
  }
  return { patches, problems };
}

type Owner = readonly [name: string, node: TreeNode | undefined];

function ownersIn(root: TreeNode | undefined): readonly Owner[] {
  const roles = ["controlPlane", "worker"].map((key): Owner => [key, child(root, key)]);
  const nodes = itemsIn(child(root, "nodes")).map((node, index): Owner => {
    const [host] = textOf(child(node, "hostname"));
    return [host?.text ?? `nodes[${index}]`, node];
  });
  return [["all", root], ...roles, ...nodes];
}

function patchesOf([owner, node]: Owner) {
  return itemsIn(child(node, "patches")).flatMap((patch, index) =>
    textOf(patch).map((text) => ({ ...text, name: `patch ${index + 1} of ${owner}` })),
  );
}

function itemsIn(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.kind === "sequence" ? node.items : [];
}

function textOf(node: TreeNode | undefined): readonly { readonly node: TreeNode; readonly text: string }[] {
  return node?.kind === "scalar" && typeof node.value === "string" ? [{ node, text: node.value }] : [];
}

/** The documents of a text that stands at a place. `file`: the one around it. */
export function documentsAt(text: string, place: Place, file: TextFile = noFile): TalosDocuments {
  const { all, problems, hidden, broken } = talosDocuments({ ...file, text });
  return {
    all: all.map((node) => relocate(node, () => place)),
    problems: problems.map((problem) => ({ ...problem, place })),
    place,
    hidden,
    broken,
  };
}

const noFile: TextFile = { ok: true, path: "", text: "", source: new Source("", ""), mode: undefined };

/** Objects that a machine sends to its cluster when it starts, which are not judged. */
export function unreadManifests({ all }: TalosDocuments): readonly InputProblem[] {
  const items = all.flatMap((document) => itemsIn(child(child(document, "cluster"), "inlineManifests")));
  const [first] = items.filter((item) =>
    textOf(child(item, "contents") ?? item).some(({ text }) => /^kind:/m.test(text)),
  );
  if (first === undefined) return [];
  const what = items.length === 1 ? "1 manifest stands" : `${items.length} manifests stand`;
  return [
    {
      severity: "warning",
      message: `${what} under \`cluster.inlineManifests\` and not judged here, though the machine applies what is there.`,
      hint: "Check them too: put them into files of their own, or give them with `--rendered`.",
      place: first.place,
    },
  ];
}
