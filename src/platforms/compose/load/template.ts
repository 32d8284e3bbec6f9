/**
 * Compose's `${VAR}` templates.
 *
 * Forms: `$X ${X} ${X:-d} ${X-d} ${X:?e} ${X?e} ${X:+r} ${X+r} $$`, nested in `d`, `e` and `r`.
 * Source: compose-go v2.9.1, `template/template.go`; its oddities are kept, and are held to the real program by
 * test/conformance.
 */

/** The value of a variable, or undefined when it is set nowhere. */
export type Lookup = (name: string) => string | undefined;

/** A stretch of the result that stands for something not known here. Empty when the value is the empty text. */
export interface Doubt {
  readonly start: number;
  readonly end: number;
  /** A clause: `"TAG" is not set in this folder`. */
  readonly why: string;
}

export interface Substituted {
  readonly text: string;
  /** Every variable that was asked for, in order, each once. */
  readonly names: readonly string[];
  readonly doubts: readonly Doubt[];
  /** Where Compose stops: a malformed template, or a required variable without a value. */
  readonly error?:
    | { readonly kind: "malformed" }
    | { readonly kind: "required"; readonly name: string; readonly reason: string };
}

const pattern = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{(?:([_a-z][_a-z0-9]*(?::?[-+?].*)?)\}|))/gi;
const single = new RegExp(pattern.source, "i");
const operators = [":?", "?", ":-", "-", ":+", "+"] as const;
type Operator = (typeof operators)[number];
/** Deeper than any template that a person writes. */
const maxDepth = 50;

/** Replaces the variables of a text. Never throws: what Compose refuses is in `error`, and the rest is still replaced. */
export function substitute(text: string, lookup: Lookup): Substituted {
  const result = new Result(lookup);
  result.expand(text, 0);
  return result.finished();
}

/** `"TAG" is not set in this folder`, for one who reads a finding. */
export function notSet(name: string): string {
  return `"${name}" is not set in this folder`;
}

class Result {
  #text = "";
  readonly #lookup: Lookup;
  readonly #names = new Set<string>();
  readonly #doubts: Doubt[] = [];
  #error: Substituted["error"];

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  finished(): Substituted {
    const answer = { text: this.#text, names: [...this.#names], doubts: this.#doubts };
    return this.#error === undefined ? answer : { ...answer, error: this.#error };
  }

  expand(template: string, depth: number): void {
    if (depth > maxDepth) {
      this.#fail({ kind: "malformed" });
      return;
    }
    let from = 0;
    for (const match of template.matchAll(pattern)) {
      this.#text += template.slice(from, match.index);
      this.#replace(match[0], depth);
      from = match.index + match[0].length;
    }
    this.#text += template.slice(from);
  }

  /** One match of the pattern; its greedy tail may reach beyond the closing brace. */
  #replace(matched: string, depth: number): void {
    const close = closingBrace(matched);
    const own = close === -1 ? matched : matched.slice(0, close + 1);
    const rest = close === -1 ? "" : matched.slice(close + 1);
    const groups = single.exec(own);
    const [, escaped, named, braced] = groups ?? [];
    if (escaped !== undefined) this.#text += "$";
    else if (named !== undefined) this.#value(named);
    else if (braced === undefined) this.#fail({ kind: "malformed" });
    else this.#braced(braced, matched, rest, depth);
  }

  #braced(braced: string, matched: string, rest: string, depth: number): void {
    const operator = firstOperator(matched);
    const at = operator === undefined ? -1 : braced.indexOf(operator);
    if (operator === undefined || at === -1) {
      this.#value(braced);
      return;
    }
    this.#operate(braced.slice(0, at), operator, braced.slice(at + operator.length), depth);
    this.expand(rest, depth + 1);
  }

  #operate(name: string, operator: Operator, argument: string, depth: number): void {
    this.#names.add(name);
    const value = this.#lookup(name);
    const present = value !== undefined && (!operator.startsWith(":") || value !== "");
    const kind = operator.at(-1);
    if (kind === "+") {
      // Not set: the text is empty whatever the variable is, which is what its author means.
      if (present) this.expand(argument, depth + 1);
      else this.#text += value ?? "";
      return;
    }
    if (present) {
      this.#text += value;
      return;
    }
    if (kind === "-") {
      this.expand(argument, depth + 1);
      return;
    }
    this.#doubt(`${notSet(name)}, and the file requires it`);
    this.#fail({ kind: "required", name, reason: substitute(argument, this.#lookup).text });
  }

  #value(name: string): void {
    this.#names.add(name);
    const value = this.#lookup(name);
    if (value === undefined) this.#doubt(notSet(name));
    else this.#text += value;
  }

  #doubt(why: string): void {
    this.#doubts.push({ start: this.#text.length, end: this.#text.length, why });
  }

  #fail(error: NonNullable<Substituted["error"]>): void {
    if (error.kind === "malformed") this.#doubt("its ${…} is malformed");
    this.#error ??= error;
  }
}

/** The operator that stands first in the text; of two that begin at one place, the one listed first. */
function firstOperator(text: string): Operator | undefined {
  let found: Operator | undefined;
  let foundAt = Number.POSITIVE_INFINITY;
  for (const operator of operators) {
    const at = text.indexOf(operator);
    if (at !== -1 && at < foundAt) {
      found = operator;
      foundAt = at;
    }
  }
  return found;
}

/** The brace that closes the first one opened. The character after an opening brace is never a closing one. */
function closingBrace(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "}") {
      open--;
      if (open === 0) return at;
    }
    if (text[at] === "{") {
      open++;
      at++;
    }
  }
  return -1;
}
