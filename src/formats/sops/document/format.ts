import { RingwallError } from "../../../lib/error.ts";
import { placeAt, type Source } from "../../../lib/place.ts";
import type { Meta, MetaMap } from "./metadata.ts";
import type { SopsBranch, SopsComment, SopsLeaf, SopsScalar } from "./tree.ts";

/** What is written in place of a value or comment. */
export type Written =
  | { readonly as: "cipher"; readonly text: string }
  | { readonly as: "plain"; readonly value: SopsScalar };

export interface Replacement {
  readonly of: SopsLeaf | SopsComment;
  readonly by: Written;
}

/** What stands under `sops`, and where that begins. */
export interface FoundMetadata {
  readonly meta: Meta;
  readonly offset: number;
}

/** One text, read. Its offsets hold for `text`, which is the given one or, where that had to be, one made of it. */
export interface SopsText {
  readonly source: Source;
  readonly text: string;
  /** The documents, without metadata. */
  readonly branches: readonly SopsBranch[];
  /** Of the first document; undefined where the text is not encrypted. */
  readonly metadata: FoundMetadata | undefined;
  /** The text with other values, and with this metadata instead of its own, or without any. */
  render(replacements: readonly Replacement[], metadata: MetaMap | undefined): string;
}

/** How one of SOPS's formats is read and written. Each function throws `RingwallError`s alone. */
export interface SopsFormat {
  /**
   * Reads a text. Of a plain one the parts that SOPS could not keep are brought into a form that it can (aliases are
   * written out); `indent` says how far its metadata will be indented where the text does not show it.
   */
  read(source: Source, text: string, indent: number | undefined): SopsText;
  /** The plain text with a value at a path; mappings on the way are made. */
  set(source: Source, text: string, path: readonly (string | number)[], value: SopsScalar): string;
  /** The plain text without what stands at a path; undefined where nothing does. */
  unset(source: Source, text: string, path: readonly (string | number)[]): string | undefined;
}

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text with parts replaced that do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: by } of [...splices].sort((one, other) => one.start - other.start)) {
    parts.push(text.slice(at, start), by);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

export function syntaxError(source: Source, offset: number, message: string, hint?: string): RingwallError {
  return new RingwallError("syntax", message, {
    place: placeAt(source, offset),
    ...(hint === undefined ? {} : { hint }),
  });
}

export function unsupported(source: Source, offset: number, message: string, hint?: string): RingwallError {
  return new RingwallError("unsupported", message, {
    place: placeAt(source, offset),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** How much of a text's end is white space, in one look at it. */
export function blankAtEnd(text: string): number {
  return text.length - text.trimEnd().length;
}

/** A text without the line breaks at its end. */
export function withoutBreaks(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}
