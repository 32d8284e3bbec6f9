/**
 * What a text in HCL's native syntax is parsed into: HCL Native Syntax Specification, hashicorp/hcl v2
 * `hclsyntax/spec.md`. OpenTofu, Terraform, Vault and many more write it.
 */
import type { InputProblem } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";

/** What stands in one HCL text: as much as could be read, and a sentence for what could not. */
export interface HclText {
  readonly body: HclBody;
  readonly problems: readonly InputProblem[];
}

export interface HclBody {
  /** By name. Of a name that stands twice the first counts, and a problem says so. */
  readonly attributes: ReadonlyMap<string, HclAttribute>;
  readonly blocks: readonly HclBlock[];
  /** Why something may be missing; absent when the body is whole. */
  readonly incomplete?: string;
  readonly place: Place;
}

/** `name = value` */
export interface HclAttribute {
  readonly name: string;
  readonly namePlace: Place;
  readonly value: HclExpression;
}

/** `type "label" { … }` */
export interface HclBlock {
  readonly type: string;
  readonly labels: readonly HclLabel[];
  readonly body: HclBody;
  /** Of the type's name. */
  readonly place: Place;
}

export interface HclLabel {
  readonly text: string;
  readonly place: Place;
}

interface Node {
  /** From the expression's first character to its last. */
  readonly place: Place;
}

/** A number, `true`, `false`, `null`, or a string in which nothing is interpolated. */
export interface HclLiteral extends Node {
  readonly kind: "literal";
  readonly value: string | number | boolean | null;
}

/** A quoted string or heredoc with something interpolated. */
export interface HclTemplate extends Node {
  readonly kind: "template";
  readonly parts: readonly HclTemplatePart[];
}

export type HclTemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "interpolation"; readonly value: HclExpression }
  | {
      readonly kind: "if";
      readonly condition: HclExpression;
      readonly whenTrue: readonly HclTemplatePart[];
      readonly whenFalse: readonly HclTemplatePart[];
    }
  | {
      readonly kind: "for";
      readonly keyName: string | undefined;
      readonly valueName: string;
      readonly collection: HclExpression;
      readonly body: readonly HclTemplatePart[];
    };

/** The root of a traversal: `var`, `local`, `each`, a resource type, the name of a `for`. */
export interface HclVariable extends Node {
  readonly kind: "variable";
  readonly name: string;
}

/** `on.name` */
export interface HclMember extends Node {
  readonly kind: "member";
  readonly on: HclExpression;
  readonly name: string;
}

/** `on[key]`, and `on.0`. */
export interface HclIndex extends Node {
  readonly kind: "index";
  readonly on: HclExpression;
  readonly key: HclExpression;
}

/** `on[*].rest` and `on.*.rest`; `each` is what is done with each item, which stands in it as `splat-item`. */
export interface HclSplat extends Node {
  readonly kind: "splat";
  readonly on: HclExpression;
  readonly each: HclExpression;
}

export interface HclSplatItem extends Node {
  readonly kind: "splat-item";
}

export interface HclCall extends Node {
  readonly kind: "call";
  /** With its namespace where one is written: `core::join`. */
  readonly name: string;
  readonly arguments: readonly HclExpression[];
  /** Whether the last argument is a list of arguments (`…`). */
  readonly expands: boolean;
}

export interface HclTuple extends Node {
  readonly kind: "tuple";
  readonly items: readonly HclExpression[];
}

export interface HclObject extends Node {
  readonly kind: "object";
  readonly entries: readonly { readonly key: HclExpression; readonly value: HclExpression }[];
}

/** `[for k, v in collection : value if condition]` and `{for k, v in collection : key => value... if condition}` */
export interface HclFor extends Node {
  readonly kind: "for";
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: HclExpression;
  /** Present where it makes an object. */
  readonly key: HclExpression | undefined;
  readonly value: HclExpression;
  /** Whether values of one key are gathered in a list (`...`). */
  readonly grouped: boolean;
  readonly condition: HclExpression | undefined;
}

export interface HclConditional extends Node {
  readonly kind: "conditional";
  readonly condition: HclExpression;
  readonly whenTrue: HclExpression;
  readonly whenFalse: HclExpression;
}

export type HclBinaryOperator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%";

export interface HclBinary extends Node {
  readonly kind: "binary";
  readonly operator: HclBinaryOperator;
  readonly left: HclExpression;
  readonly right: HclExpression;
}

export interface HclUnary extends Node {
  readonly kind: "unary";
  readonly operator: "-" | "!";
  readonly operand: HclExpression;
}

export interface HclParentheses extends Node {
  readonly kind: "parentheses";
  readonly inner: HclExpression;
}

export type HclExpression =
  | HclLiteral
  | HclTemplate
  | HclVariable
  | HclMember
  | HclIndex
  | HclSplat
  | HclSplatItem
  | HclCall
  | HclTuple
  | HclObject
  | HclFor
  | HclConditional
  | HclBinary
  | HclUnary
  | HclParentheses;
