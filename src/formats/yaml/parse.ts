import type { InputProblem } from "../../facts/system.ts";
import { placeAt, type Source } from "../../lib/place.ts";
import type { TreeNode } from "../tree.ts";
import { maxDepth, TreeBuilder, type YamlOptions } from "./builder.ts";
import { readCompletely } from "./complete.ts";
import { FastReader } from "./fast.ts";
import { TooDeep, Unread } from "./fast-cursor.ts";

/** What stands in one YAML text. */
export interface YamlText {
  /** One tree for each document. A text without any content has none. */
  readonly documents: readonly TreeNode[];
  readonly problems: readonly InputProblem[];
  /** True when a node carries a tag of its own (`!reset`, `!override`). */
  readonly tagged: boolean;
}

/** Characters that the complete reader is given; some mistakes cost it time that grows with the square of them. */
const completeLimit = 48 * 1024;
const tooLargeSentence = `There is a mistake here, or a rare form of YAML that is read only in files up to ${completeLimit / 1024} KiB; the file is not read.`;

/** go-yaml's reader refuses these wherever they stand. */
// biome-ignore lint/complexity/useRegexLiterals: spelled as escapes so that no control character stands in this file.
const forbidden = new RegExp(
  "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f\\ufeff\\ufffe\\uffff]",
);

/**
 * Reads a YAML text as go-yaml v3 does: meanings of scalars, merge keys (`<<`), anchors and aliases, several documents.
 * Whatever could be read is in `documents` even when there are problems; of a key that stands twice, the first counts.
 * Never throws, and neither depth nor aliases of a hostile text cost more than their caps.
 */
export function parseYaml(source: Source, text: string, options: YamlOptions = {}): YamlText {
  const control = forbidden.exec(text);
  if (control !== null) return refused(source, control.index, controlCharacter(control[0]));
  try {
    return read(source, text, options);
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return refused(
      source,
      error.offset,
      `Mappings and lists nest more than ${maxDepth} deep here; the file is not read.`,
    );
  }
}

function read(source: Source, text: string, options: YamlOptions): YamlText {
  const builder = new TreeBuilder(source, options);
  const reader = new FastReader(text, builder);
  // A carriage return alone is a line's end to YAML and to nothing else here.
  const strange = text.includes("\r") ? text.search(/\r(?!\n)/) : -1;
  if (strange === -1) {
    try {
      return finished(builder, reader.documents());
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
    }
  }
  if (text.length > completeLimit) return refused(source, strange === -1 ? reader.offset : strange, tooLargeSentence);
  const complete = new TreeBuilder(source, options);
  return finished(complete, readCompletely(text, complete));
}

function finished(builder: TreeBuilder, documents: readonly TreeNode[]): YamlText {
  return { documents, problems: builder.problems, tagged: builder.tagged };
}

function refused(source: Source, offset: number, message: string): YamlText {
  return { documents: [], problems: [{ severity: "error", message, place: placeAt(source, offset) }], tagged: false };
}

function controlCharacter(char: string): string {
  const code = char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return `The control character U+${code} stands here, which YAML does not allow.`;
}
