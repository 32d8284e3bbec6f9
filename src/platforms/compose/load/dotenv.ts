/**
 * Environment files: `.env`, `env_file` and `label_file`.
 *
 * Sources: compose-go v2.9.1, `dotenv/parser.go`; docker/cli, `pkg/kvfile` for the format `raw`.
 */
import { type Place, placeAt, type Source } from "../../../lib/place.ts";
import { type Doubt, type Lookup, substitute } from "./template.ts";

export interface Variable {
  readonly name: string;
  readonly value: string;
  /** The name's place in the file. */
  readonly place: Place;
  readonly valuePlace: Place;
  readonly doubts: readonly Doubt[];
  readonly interpolates: readonly string[];
}

export interface DotenvProblem {
  readonly message: string;
  readonly place: Place;
}

export interface DotenvText {
  /** In the order of the file; a name that stands twice stands twice. */
  readonly variables: readonly Variable[];
  /** Where reading stopped; what came before is in `variables`. */
  readonly problem?: DotenvProblem;
}

/**
 * Reads a file in the dotenv syntax of Compose: `KEY=value`, `KEY: value`, `export`, quotes over several lines,
 * comments behind ` #`, and `${VAR}` in unquoted and double-quoted values. Variables are looked up by `lookup` first,
 * then among those that stand above, then by `earlier` (the files before). A name alone on its line takes its value from `lookup`, and is left out without.
 */
export function parseDotenv(
  source: Source,
  text: string,
  lookup: Lookup,
  earlier: Lookup = () => undefined,
): DotenvText {
  return new Reader(source, text, lookup, earlier).read();
}

/** Reads a file in the syntax of `docker run --env-file` (`format: raw`): nothing is unquoted or interpolated. */
export function parseRawEnvironment(source: Source, text: string, lookup: Lookup): DotenvText {
  const variables: Variable[] = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    const trimmed = line.replace(/^\s+/, "").replace(/\r$/, "");
    const start = offset + line.length - line.trimStart().length;
    offset += line.length + 1;
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const equals = trimmed.indexOf("=");
    const name = equals === -1 ? trimmed : trimmed.slice(0, equals);
    const place = placeAt(source, start, start + name.length);
    if (name === "" || /\s/.test(name)) {
      return { variables, problem: { message: "A variable's name is empty or has a space in it.", place } };
    }
    const value = equals === -1 ? lookup(name) : trimmed.slice(equals + 1);
    if (value !== undefined) variables.push({ name, value, place, valuePlace: place, doubts: [], interpolates: [] });
  }
  return { variables };
}

const space = /[\t\v\f\r \u0085\u00a0]/;
const anySpace = /\s/;
const nameCharacter = /[\p{L}\p{N}_.\-[\]]/u;
const escapes = /\\(?:[abcfnrtv$"\\]|0\d{0,3})/g;
const escapeValues = new Map([
  ["\\a", "\x07"],
  ["\\b", "\b"],
  ["\\f", "\f"],
  ["\\n", "\n"],
  ["\\r", "\r"],
  ["\\t", "\t"],
  ["\\v", "\v"],
  ["\\\\", "\\"],
  ['\\"', '"'],
  ["\\$", "$$"],
]);

class Reader {
  readonly #source: Source;
  readonly #text: string;
  readonly #lookup: Lookup;
  readonly #earlier: Lookup;
  readonly #variables: Variable[] = [];
  readonly #values = new Map<string, string>();
  #at = 0;
  #problem: DotenvProblem | undefined;

  constructor(source: Source, text: string, lookup: Lookup, earlier: Lookup) {
    this.#source = source;
    this.#text = text;
    this.#lookup = lookup;
    this.#earlier = earlier;
  }

  read(): DotenvText {
    while (this.#problem === undefined && this.#toStatement()) this.#statement();
    return this.#problem === undefined
      ? { variables: this.#variables }
      : { variables: this.#variables, problem: this.#problem };
  }

  /** Moves to the next statement; false at the end. */
  #toStatement(): boolean {
    for (;;) {
      while (this.#at < this.#text.length && anySpace.test(this.#text.charAt(this.#at))) this.#at++;
      if (this.#at >= this.#text.length) return false;
      if (this.#text.charAt(this.#at) !== "#") return true;
      const end = this.#text.indexOf("\n", this.#at);
      if (end === -1) return false;
      this.#at = end;
    }
  }

  #statement(): void {
    const exported = /^export\s+/.exec(this.#text.slice(this.#at, this.#at + 200));
    if (exported !== null) {
      this.#at += "export".length;
      this.#skipSpace();
    }
    const start = this.#at;
    const end = this.#nameEnd();
    if (end === undefined) return;
    const separator = this.#text.charAt(end);
    // At the end of the file without a separator Compose sees an empty name and goes on from the same text.
    const name = separator === "" ? "" : this.#text.slice(start, end).trimEnd();
    const place = placeAt(this.#source, start, start + Math.max(1, name.length));
    if (name.includes(" ")) {
      this.#fail("A variable's name has a space in it.", place);
      return;
    }
    if (separator === "") {
      // Compose takes a name alone at the very end for the value of a variable without a name.
      this.#value("", place);
      return;
    }
    this.#at = end + 1;
    this.#skipSpace();
    if (separator === "\n") this.#inherit(name, place);
    else this.#value(name, place);
  }

  /** Where the name ends: at `=`, `:` or the line's end. Undefined after a character that no name has. */
  #nameEnd(): number | undefined {
    const start = this.#at;
    for (let at = start; at < this.#text.length; at++) {
      const char = this.#text.charAt(at);
      if (space.test(char)) continue;
      if (char === "=" || char === ":" || char === "\n") return at;
      if (nameCharacter.test(char) || char >= "\ud800") continue;
      const shown = JSON.stringify(char);
      this.#fail(`A variable's name cannot have ${shown} in it.`, placeAt(this.#source, at, at + 1));
      return undefined;
    }
    return this.#text.length;
  }

  #inherit(name: string, place: Place): void {
    const value = this.#lookup(name);
    if (value !== undefined) this.#add({ name, value, place, valuePlace: place, doubts: [], interpolates: [] });
  }

  #value(name: string, place: Place): void {
    const quote = this.#text.charAt(this.#at);
    if (quote === '"' || quote === "'") this.#quoted(name, place, quote);
    else this.#unquoted(name, place);
  }

  #unquoted(name: string, place: Place): void {
    const start = this.#at;
    const lineEnd = this.#text.indexOf("\n", start);
    const end = lineEnd === -1 ? this.#text.length : lineEnd;
    this.#at = lineEnd === -1 ? end : end + 1;
    const line = this.#text.slice(start, end);
    const comment = line.indexOf(" #");
    const value = (comment === -1 ? line : line.slice(0, comment)).trimEnd();
    this.#expand(name, value, place, placeAt(this.#source, start, start + value.length));
  }

  #quoted(name: string, place: Place, quote: string): void {
    const start = this.#at;
    let value = "";
    let escaped = false;
    for (let at = start + 1; at < this.#text.length; at++) {
      const char = this.#text.charAt(at);
      if (char === quote && !escaped) {
        this.#at = at + 1;
        this.#finishQuoted(name, value, place, placeAt(this.#source, start, at + 1), quote);
        return;
      }
      if (char !== quote && !escaped && char === "\\") {
        escaped = true;
        continue;
      }
      if (escaped && char !== quote) value += "\\";
      escaped = false;
      value += char;
    }
    this.#fail(`The value of ${name} begins with a quote that is never closed.`, placeAt(this.#source, start));
  }

  #finishQuoted(name: string, value: string, place: Place, valuePlace: Place, quote: string): void {
    if (quote === "'") this.#add({ name, value, place, valuePlace, doubts: [], interpolates: [] });
    else this.#expand(name, value.replace(escapes, unescapeOne), place, valuePlace);
  }

  #expand(name: string, value: string, place: Place, valuePlace: Place): void {
    if (!value.includes("$")) {
      this.#add({ name, value, place, valuePlace, doubts: [], interpolates: [] });
      return;
    }
    const result = substitute(
      value,
      (wanted) => this.#lookup(wanted) ?? this.#values.get(wanted) ?? this.#earlier(wanted),
    );
    if (result.error?.kind === "malformed") {
      this.#fail(`The value of ${name} has a \`\${…}\` that is not a variable.`, valuePlace);
      return;
    }
    if (result.error?.kind === "required") {
      this.#fail(`The value of ${name} requires "${result.error.name}", which is not set.`, valuePlace);
      return;
    }
    this.#add({ name, value: result.text, place, valuePlace, doubts: result.doubts, interpolates: result.names });
  }

  #add(variable: Variable): void {
    this.#variables.push(variable);
    this.#values.set(variable.name, variable.value);
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && space.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #fail(message: string, place: Place): void {
    this.#problem = { message, place };
  }
}

function unescapeOne(match: string): string {
  const known = escapeValues.get(match);
  if (known !== undefined) return known;
  // Go wants exactly three octal digits after the backslash; \c is none of its escapes.
  if (!match.startsWith("\\0")) return match;
  const octal = match.slice(2);
  const code = /^[0-7]{3}$/.test(octal) ? Number.parseInt(octal, 8) : 256;
  return code < 256 ? String.fromCharCode(code) : `\\${octal}`;
}
