import type { AnySubject } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { Place } from "../lib/place.ts";
import type { Judgement } from "./verdict.ts";

/** A value that can be written into a document. */
export type PlainValue = string | number | boolean | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** What is done at the end of a path: a single value set, or an item added at the end of a list unless it is in it. */
export type DocumentChange = { readonly kind: "set" | "append"; readonly value: PlainValue };

/**
 * What stands at a place is matched there by a sticky pattern, on that line or, where its dot is any character (`s`), as
 * far as it reaches; what its one group takes becomes `value`.
 */
export interface ValueChange {
  readonly pattern: RegExp;
  readonly value: string;
}

/** Lines without their indentation, which is that of what stands there. */
export interface AddedLines {
  readonly where: "before" | "after" | "within";
  readonly lines: readonly string[];
  /** What is added instead where another line than such a one stands there: the block itself, where it is not there yet. */
  readonly unless?: { readonly line: RegExp; readonly lines: readonly string[] };
}

/** One change that mends a finding. Files are named as places name them. */
export type Edit =
  | {
      readonly kind: "document";
      /**
       * Of a file: the key whose value is changed (`entry`), the node itself (`node`), or a single value whose mapping is
       * changed (`around`), as the `kind` of an object of Kubernetes.
       */
      readonly at: Place;
      readonly of: "entry" | "node" | "around";
      /** Keys from there on; mappings that are not there are made. */
      readonly path: readonly string[];
      /** Another path that is taken instead where all of it but its last key is there already. */
      readonly preferred?: readonly string[];
      readonly change: DocumentChange;
      /** What the node becomes where it is a single value, such as the short form of a port. */
      readonly ifScalar?: string;
    }
  /** One value in a file of any format, where it stands. */
  | ({ readonly kind: "value"; readonly at: Place } & ValueChange)
  /** Lines of their own beside that of a place, or first in the block that it opens (`http {`). */
  | ({ readonly kind: "lines"; readonly at: Place } & AddedLines)
  /**
   * A line at the end of a text, which is made where it is not there; nothing where it has the line. `first`: before
   * everything that is no comment, in a file whose first statement counts.
   */
  | { readonly kind: "line"; readonly file: string; readonly line: string; readonly first?: true }
  /** Have Git leave the file out. */
  | { readonly kind: "ignore"; readonly file: string }
  /** Permission bits, 0o600. */
  | { readonly kind: "mode"; readonly file: string; readonly mode: number };

/** How `check --fix` mends what a control finds. */
export interface ControlFix {
  /** What works differently afterwards, as a sentence; absent where nothing does. */
  readonly changesBehaviour?: string;
  /** True for what is done only when a person names the control: it may take away something that is meant. */
  readonly onlyNamed?: true;
  /**
   * The edits that mend one failed judgement, none of them optional; undefined where this case needs a person, as where
   * somebody stated the opposite. Pure and cheap: it is asked for every finding, also when nothing is to be mended.
   */
  edits(subject: AnySubject, system: System, judgement: Judgement): readonly [Edit, ...Edit[]] | undefined;
}
