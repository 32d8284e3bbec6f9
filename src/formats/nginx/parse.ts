import type { InputProblem } from "../../facts/system.ts";
import { type Place, placeAt, type Source } from "../../lib/place.ts";
import type { Environment } from "../proxy/environment.ts";

/** One word of an nginx configuration. */
export interface Word {
  readonly text: string;
  /** Why the text is not the last word: it holds a variable that is filled in when nginx starts. */
  readonly unresolved?: string;
  readonly place: Place;
}

export interface Directive {
  readonly name: string;
  readonly args: readonly Word[];
  /** Undefined where no block is opened. */
  readonly block: readonly Directive[] | undefined;
  /** The folder that relative paths in it start from is the main file's; where the file itself lies is not asked. */
  readonly place: Place;
}

export interface NginxText {
  readonly directives: readonly Directive[];
  readonly problems: readonly InputProblem[];
}

const maxDepth = 60;
const mostWords = 200_000;

/**
 * The directives of one file. In a template (`*.template`, which the image's entrypoint fills in with envsubst) `${NAME}`
 * is a variable of the environment; undefined for a file that is none.
 * Source: nginx.org/en/docs/beginners_guide, `ngx_conf_file.c`.
 */
export function parseNginx(source: Source, text: string, template: Environment | undefined): NginxText {
  const parser = new Parser(source, text, template);
  const directives = parser.block(0, undefined);
  return { directives, problems: parser.problems };
}

const plain = /[^\s;{}"'\\$]+/y;

class Parser {
  readonly problems: InputProblem[] = [];
  readonly #source: Source;
  readonly #text: string;
  readonly #template: Environment | undefined;
  #at = 0;
  #words = 0;
  #stopped = false;

  constructor(source: Source, text: string, template: Environment | undefined) {
    this.#source = source;
    this.#text = text;
    this.#template = template;
  }

  /** The directives up to the `}` of the block that began at `open`, or to the end of the file. */
  block(depth: number, open: number | undefined): readonly Directive[] {
    const directives: Directive[] = [];
    for (;;) {
      this.#space();
      const char = this.#stopped ? undefined : this.#text[this.#at];
      if (char === undefined) break;
      if (char === "}") {
        if (open !== undefined) {
          this.#at += 1;
          return directives;
        }
        this.#stop(this.#at, 'This "}" closes nothing; remove it, or add the "{" that is missing before it.');
        return directives;
      }
      const directive = this.#directive(depth);
      if (directive !== undefined) directives.push(directive);
    }
    if (open !== undefined && !this.#stopped) {
      this.#stop(open, 'The block that is opened here has no end; expected a "}".');
    }
    return directives;
  }

  #directive(depth: number): Directive | undefined {
    const start = this.#at;
    const words: Word[] = [];
    for (;;) {
      this.#space();
      const char = this.#text[this.#at];
      if (char === undefined) {
        this.#stop(start, `The directive "${words[0]?.text ?? ""}" has no end; expected ";" or "{".`);
        return undefined;
      }
      if (char === ";" || char === "{") break;
      if (char === "}") {
        this.#complain(start, `The directive "${words[0]?.text ?? ""}" has no end; expected ";" before "}".`);
        return made(words, undefined);
      }
      const word = this.#word();
      if (word === undefined) return undefined;
      words.push(word);
    }
    const open = this.#at;
    const opens = this.#text[open] === "{";
    this.#at += 1;
    const [name] = words;
    if (name === undefined) {
      this.#complain(open, `Expected the name of a directive before "${opens ? "{" : ";"}".`);
      if (opens) this.block(depth + 1, open);
      return undefined;
    }
    if (!opens) return made(words, undefined);
    if (/_by_lua_block$|^js_content_block$/.test(name.text)) {
      this.#skipCode(open);
      return made(words, []);
    }
    if (depth >= maxDepth) {
      this.#stop(open, `Blocks nest more than ${maxDepth} deep here; the rest of the file is not read.`);
      return undefined;
    }
    return made(words, this.block(depth + 1, open));
  }

  #word(): Word | undefined {
    this.#words += 1;
    if (this.#words > mostWords) {
      this.#stop(this.#at, "This file has too many words; the rest of it is not read.");
      return undefined;
    }
    const start = this.#at;
    const quote = this.#text[start];
    if (quote === '"' || quote === "'") return this.#quoted(quote);
    const parts: string[] = [];
    let unresolved: string | undefined;
    for (;;) {
      plain.lastIndex = this.#at;
      const run = plain.exec(this.#text)?.[0] ?? "";
      parts.push(run);
      this.#at += run.length;
      const char = this.#text[this.#at];
      if (char === "$") {
        const variable = this.#variable();
        parts.push(variable.text);
        unresolved ??= variable.unresolved;
      } else if (char === "\\") {
        parts.push(this.#text.slice(this.#at, this.#at + 2));
        this.#at += 2;
      } else if (char === '"' || char === "'") {
        parts.push(char);
        this.#at += 1;
      } else break;
    }
    return this.#made(parts.join(""), start, unresolved);
  }

  #quoted(quote: string): Word | undefined {
    const start = this.#at;
    const parts: string[] = [];
    let unresolved: string | undefined;
    this.#at += 1;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) {
        this.#stop(start, `The text that begins with ${quote} here has no end; expected another ${quote}.`);
        return undefined;
      }
      if (char === quote) break;
      if (char === "$") {
        const variable = this.#variable();
        parts.push(variable.text);
        unresolved ??= variable.unresolved;
        continue;
      }
      const escaped = char === "\\" ? this.#text[this.#at + 1] : undefined;
      if (escaped === quote || escaped === "\\") {
        parts.push(escaped);
        this.#at += 2;
        continue;
      }
      const end = nextOf(this.#text, this.#at + 1, quote);
      parts.push(this.#text.slice(this.#at, end));
      this.#at = end;
    }
    this.#at += 1;
    return this.#made(parts.join(""), start, unresolved);
  }

  /** `$name` and `${name}`: nginx fills them in for each request, the entrypoint of a template when it starts. */
  #variable(): { readonly text: string; readonly unresolved?: string } {
    const match = /^\$(?:\{([A-Za-z_][A-Za-z0-9_]{0,99})\}|([A-Za-z_][A-Za-z0-9_]{0,99}))?/.exec(
      this.#text.slice(this.#at, this.#at + 110),
    );
    const written = match?.[0] ?? "$";
    const name = match?.[1] ?? match?.[2];
    this.#at += written.length;
    if (name === undefined || this.#template === undefined) return { text: written };
    const value = this.#template(name);
    if (value === "unset") return { text: written };
    if ("text" in value) return { text: value.text };
    // nginx's own variables are written in small letters, those of the environment are not.
    return /^[A-Z][A-Z0-9_]*$/.test(name) ? { text: written, unresolved: value.why } : { text: written };
  }

  #made(text: string, start: number, unresolved: string | undefined): Word {
    const place = placeAt(this.#source, start, this.#at);
    return { text, ...(unresolved === undefined ? {} : { unresolved }), place };
  }

  #space(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end === -1 ? this.#text.length : end;
      } else if (char !== undefined && /\s/.test(char)) this.#at += 1;
      else return;
    }
  }

  /** Code of another language up to the `}` that closes it. */
  #skipCode(open: number): void {
    let depth = 1;
    for (; this.#at < this.#text.length && depth > 0; this.#at++) {
      const char = this.#text[this.#at];
      if (char === "{") depth += 1;
      if (char === "}") depth -= 1;
    }
    if (depth > 0) this.#stop(open, 'The block that is opened here has no end; expected a "}".');
  }

  #stop(offset: number, message: string): void {
    this.#complain(offset, message);
    this.#stopped = true;
    this.#at = this.#text.length;
  }

  #complain(offset: number, message: string): void {
    this.problems.push({ severity: "error", message, place: placeAt(this.#source, offset) });
  }
}

function made(words: readonly Word[], block: readonly Directive[] | undefined): Directive | undefined {
  const [name, ...args] = words;
  return name === undefined ? undefined : { name: name.text, args, block, place: name.place };
}

/** The next place of a quote, a backslash or a variable; the end where there is none. */
function nextOf(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === quote || char === "\\" || char === "$") return at;
  }
  return text.length;
}
