/** Commands and entrypoints, one argument at a time, as every platform that has them writes them. */
import { Sensitive } from "../facts/sensitive.ts";
import type { CommandWord } from "../facts/subjects.ts";
import { asText, type Fields, isNull } from "../formats/fields.ts";
import type { TreeNode } from "../formats/tree.ts";

/** The words of an argument list that is unknown as a whole, one by one; undefined where they cannot be told apart. */
export function wordsUnder(fields: Fields, key: string): readonly CommandWord[] | undefined {
  const node = fields.node(key);
  if (node?.kind !== "sequence") return undefined;
  const words = node.items.flatMap((member) => wordOf(member));
  // Words may be missing, anywhere.
  const missing = node.incomplete;
  return missing === undefined ? words : [...words, { text: new Sensitive(""), why: missing, place: node.place }];
}

/** The texts of such arguments that a variable was put into. */
export function filledInUnder(fields: Fields, key: string): readonly Sensitive[] {
  const node = fields.node(key);
  const texts = node?.kind === "sequence" ? node.items : node === undefined ? [] : [node];
  return texts.flatMap((text) =>
    text.kind === "scalar" && (text.interpolates?.length ?? 0) > 0 ? [new Sensitive(asText(text) ?? "")] : [],
  );
}

function wordOf(node: TreeNode): readonly CommandWord[] {
  const { place } = node;
  if (node.kind !== "scalar") return [{ text: new Sensitive(""), why: "it is not a text", place }];
  if (node.unresolved !== undefined)
    return [{ text: new Sensitive(node.knownStart ?? ""), why: node.unresolved, place }];
  return isNull(node) ? [] : [{ text: new Sensitive(asText(node) ?? ""), place }];
}
