/**
 * The variables that Flux puts into what it applies: `${name}`, `${name:=default}`, `${name/a/b}` and the like.
 * Source: fluxcd/pkg `envsubst` (a fork of drone/envsubst) of 2026.
 */
import { Pattern } from "../kustomize/pattern.ts";

/** What is known of a variable; undefined for one that is set nowhere, which Flux takes for empty. */
export type Variable = { readonly value: string } | { readonly why: string } | undefined;

export interface Expanded {
  readonly text: string;
  /** Why the text is not the last word: a variable's value is not known. */
  readonly why?: string;
  /** Of such a text, what stands before the first variable that is not known. */
  readonly knownStart?: string;
  /** Every variable that it names. */
  readonly names: readonly string[];
}

/** Thrown for a text that Flux refuses. */
class BadSubstitution extends Error {}

/** The text with its variables; undefined for one that Flux refuses, which keeps it from applying anything. */
export function expand(text: string, variable: (name: string) => Variable): Expanded | undefined {
  const run = new Expansion(text, variable);
  try {
    const expanded = run.all();
    const { names, why, knownStart } = run;
    return { text: expanded, names, ...(why === undefined ? {} : { why, knownStart: knownStart ?? "" }) };
  } catch (error) {
    if (error instanceof BadSubstitution) return undefined;
    throw error;
  }
}

const mostNested = 20;

class Expansion {
  readonly names: string[] = [];
  why: string | undefined;
  knownStart: string | undefined;
  readonly #text: string;
  readonly #variable: (name: string) => Variable;
  #at = 0;
  #depth = 0;

  constructor(text: string, variable: (name: string) => Variable) {
    this.#text = text;
    this.#variable = variable;
  }

  all(): string {
    let result = "";
    while (this.#at < this.#text.length) {
      if (this.#takes("${")) {
        const put = this.#function();
        if (this.why !== undefined) this.knownStart ??= result;
        result += put;
      } else if (this.#takes("$$")) result += "$";
      else result += this.#next();
    }
    return result;
  }

  /** What stands behind `${`, up to its closing brace. */
  #function(): string {
    this.#depth += 1;
    if (this.#depth > mostNested) throw new BadSubstitution();
    const start = this.#at - 2;
    const isLength = this.#takes("#");
    const name = this.#name();
    const value = this.#value(name);
    const result = isLength ? this.#closed(length(value)) : this.#operation(value);
    this.#depth -= 1;
    return result ?? this.#text.slice(start, this.#at);
  }

  #name(): string {
    const match = /^[\p{L}\p{Nd}_]+/u.exec(this.#text.slice(this.#at, this.#at + 256));
    if (match === null) throw new BadSubstitution();
    this.#at += match[0].length;
    return match[0];
  }

  /** The variable's text; undefined where it is not known, which the whole text then is not either. */
  #value(name: string): string | undefined {
    this.names.push(name);
    const variable = this.#variable(name);
    if (variable === undefined) return "";
    if ("value" in variable) return variable.value;
    this.why ??= variable.why;
    return undefined;
  }

  #operation(value: string | undefined): string | undefined {
    if (this.#takes("}")) return value;
    for (const operator of [":=", ":-", ":?", ":+", "=", "-"]) if (this.#takes(operator)) return this.#default(value);
    if (this.#takes(":")) return this.#part(value);
    for (const [operator, change] of casings) {
      if (this.#takes(operator)) return this.#closed(value === undefined ? undefined : change(value));
    }
    for (const operator of ["##", "#", "%%", "%"]) if (this.#takes(operator)) return this.#trimmed(value, operator);
    if (this.#takes("/")) return this.#replaced(value);
    throw new BadSubstitution();
  }

  #default(value: string | undefined): string | undefined {
    const otherwise = this.#argument("}");
    this.#expect("}");
    return value === undefined ? undefined : value === "" ? otherwise : value;
  }

  #part(value: string | undefined): string | undefined {
    const from = Number.parseInt(this.#argument(":}"), 10);
    const count = this.#takes(":") ? Number.parseInt(this.#argument("}"), 10) : undefined;
    this.#expect("}");
    if (value === undefined || Number.isNaN(from)) return value;
    const start = from < 0 ? Math.max(0, value.length + from) : from;
    if (count === undefined) return value.slice(start);
    return Number.isNaN(count) ? value : value.slice(start, count < 0 ? value.length + count : start + count);
  }

  #trimmed(value: string | undefined, operator: string): string | undefined {
    const pattern = globPattern(this.#argument("}"));
    this.#expect("}");
    return value === undefined || pattern === undefined ? value : trimmed(value, pattern, operator);
  }

  #replaced(value: string | undefined): string | undefined {
    const mode = ["/", "#", "%"].find((each) => this.#takes(each));
    const search = this.#argument("/");
    this.#expect("/");
    const replacement = this.#argument("}");
    this.#expect("}");
    if (value === undefined) return undefined;
    switch (mode) {
      case "/":
        return search === "" ? value : value.replaceAll(search, () => replacement);
      case "#":
        return value.startsWith(search) ? replacement + value.slice(search.length) : value;
      case "%":
        return value.endsWith(search) ? value.slice(0, value.length - search.length) + replacement : value;
      default:
        return value.replace(search, () => replacement);
    }
  }

  /** A text up to one of the characters, with the variables in it. */
  #argument(ends: string): string {
    let result = "";
    while (this.#at < this.#text.length && !ends.includes(this.#text.charAt(this.#at))) {
      result += this.#takes("${") ? this.#function() : this.#next();
    }
    return result;
  }

  #closed(value: string | undefined): string | undefined {
    this.#expect("}");
    return value;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw new BadSubstitution();
  }

  #takes(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #next(): string {
    const character = this.#text.charAt(this.#at);
    this.#at += 1;
    return character;
  }
}

const casings: readonly (readonly [string, (value: string) => string])[] = [
  ["^^", (value) => value.toUpperCase()],
  ["^", (value) => value.charAt(0).toUpperCase() + value.slice(1)],
  [",,", (value) => value.toLowerCase()],
  [",", (value) => value.charAt(0).toLowerCase() + value.slice(1)],
];

function length(value: string | undefined): string | undefined {
  return value === undefined ? undefined : String(Buffer.byteLength(value));
}

/** Characters of a value that are tried; longer ones are not trimmed. */
const mostTried = 500;

function trimmed(value: string, pattern: Pattern, operator: string): string {
  if (value.length > mostTried) return value;
  const lengths = Array.from({ length: value.length }, (_, index) => index + 1);
  if (operator.length === 2) lengths.reverse();
  const fromStart = operator.startsWith("#");
  const found = lengths.find((size) => pattern.matches(fromStart ? value.slice(0, size) : value.slice(-size)));
  if (found === undefined) return value;
  return fromStart ? value.slice(found) : value.slice(0, -found);
}

/** A shell's pattern (`*`, `?`, `[…]`) as an expression. */
function globPattern(glob: string): Pattern | undefined {
  const expression = glob.replaceAll(/[*?.+^${}()|\\]/g, (character) =>
    character === "*" ? ".*" : character === "?" ? "." : `\\${character}`,
  );
  return Pattern.parse(expression);
}
