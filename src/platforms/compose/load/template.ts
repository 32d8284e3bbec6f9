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
  /** Those of them that have the value which the text itself gives them, where there are such. */
  readonly byDefault?: readonly string[];
  readonly doubts: readonly Doubt[];
  /** Where Compose stops: a malformed template, or a required variable without a value. */
  readonly error?:
    | { readonly kind: "malformed" }
    | { readonly kind: "required"; readonly name: string; readonly isEmpty?: true; readonly reason: string };
}

const operators = [":?", "?", ":-", "-", ":+", "+"] as const;
type Operator = (typeof operators)[number];
/** Deeper than any template that a person writes. */
const maxDepth = 50;
/** Characters that are looked at in all: each variable with an operator looks at the rest of its line. */
const maxWork = 5_000_000;

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
  readonly #byDefault = new Set<string>();
  readonly #doubts: Doubt[] = [];
  #error: Substituted["error"];
  #work = 0;

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  finished(): Substituted {
    const answer = {
      text: this.#text,
      names: [...this.#names],
      ...(this.#byDefault.size > 0 && { byDefault: [...this.#byDefault] }),
      doubts: this.#doubts,
    };
    return this.#error === undefined ? answer : { ...answer, error: this.#error };
  }

  expand(template: string, depth: number): void {
    if (depth > maxDepth) {
      this.#fail({ kind: "malformed" });
      return;
    }
    // What stands behind a variable with an operator is read anew: its argument was taken up to the line's last brace.
    let rest: string | undefined = template;
    while (rest !== undefined) rest = this.#expandOnce(rest, depth);
  }

  /** Replaces the variables of a text up to the first with an operator; answers with what stands behind that one. */
  #expandOnce(template: string, depth: number): string | undefined {
    const lines = new LastBraces(template);
    let from = 0;
    for (let at = template.indexOf("$"); at !== -1; at = template.indexOf("$", from)) {
      this.#text += template.slice(from, at);
      from = at + 1;
      const next = template.charAt(from);
      if (next === "$") {
        this.#text += "$";
        from++;
      } else if (next === "{") {
        const end = braceEnd(template, at, lines);
        from = end ?? at + 2;
        const rest = end === undefined ? this.#malformed() : this.#replace(template.slice(at, end), depth);
        if (rest !== undefined) return rest + template.slice(from);
      } else {
        const bare = nameAt(template, from);
        if (bare === "") this.#text += "$";
        else this.#value(bare);
        from += bare.length;
      }
    }
    this.#text += template.slice(from);
    return undefined;
  }

  #malformed(): undefined {
    this.#fail({ kind: "malformed" });
  }

  /** A `${…}`. It was taken up to the last brace of its line; what stands behind its own is the answer. */
  #replace(matched: string, depth: number): string | undefined {
    this.#work += matched.length;
    if (this.#work > maxWork) return this.#malformed();
    const close = closingBrace(matched);
    const own = close === -1 ? matched : matched.slice(0, close + 1);
    return this.#braced(own.slice(2, -1), matched, close === -1 ? "" : matched.slice(close + 1), depth);
  }

  #braced(braced: string, matched: string, rest: string, depth: number): string | undefined {
    const operator = firstOperator(matched);
    const at = operator === undefined ? -1 : braced.indexOf(operator);
    if (operator === undefined || at === -1) {
      this.#value(braced);
      return undefined;
    }
    this.#operate(braced.slice(0, at), operator, braced.slice(at + operator.length), depth);
    return rest;
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
      this.#byDefault.add(name);
      this.expand(argument, depth + 1);
      return;
    }
    const isEmpty = value !== undefined;
    this.#doubt(`${isEmpty ? `"${name}" is empty` : notSet(name)}, and the file requires it`);
    const reason = substitute(argument, this.#lookup).text;
    this.#fail({ kind: "required", name, ...(isEmpty && { isEmpty }), reason });
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

const name = /[_a-z][_a-z0-9]*/iy;

/** The name of a variable at an offset; empty when none stands there. */
function nameAt(text: string, at: number): string {
  name.lastIndex = at;
  return name.exec(text)?.[0] ?? "";
}

/** Where a `${` that begins at an offset ends: behind its brace, or the last one of its line when it has an operator. */
function braceEnd(text: string, at: number, lines: LastBraces): number | undefined {
  const behind = at + 2 + nameAt(text, at + 2).length;
  if (behind === at + 2) return undefined;
  if (text.charAt(behind) === "}") return behind + 1;
  const operator = /^:?[-+?]/.exec(text.slice(behind, behind + 2))?.[0];
  if (operator === undefined) return undefined;
  const last = lines.of(behind);
  return last < behind + operator.length ? undefined : last + 1;
}

/** The last closing brace of each line, looked for once. */
class LastBraces {
  readonly #text: string;
  #lineEnd = -1;
  #last = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The last brace of the line that an offset is in; offsets only grow. */
  of(offset: number): number {
    if (offset > this.#lineEnd) {
      const end = this.#text.indexOf("\n", offset);
      this.#lineEnd = end === -1 ? this.#text.length : end;
      this.#last = this.#text.lastIndexOf("}", this.#lineEnd);
    }
    return this.#last;
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
