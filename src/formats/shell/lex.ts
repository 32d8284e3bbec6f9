/**
 * A POSIX shell script (with Bash's process substitution) as far as a reader needs it: which commands there are, their
 * words without quotes, and what is piped into what. Nothing is expanded and nothing is executed.
 *
 * Source: POSIX.1-2024, XCU section 2 (token recognition, quoting, redirection, here-documents).
 */

/** A word after quote removal; expansions stand in it as they are written (`$HOME/x`). */
export interface ShellWord {
  readonly text: string;
  /** Offset of its first character in the script. */
  readonly offset: number;
  /** True when the shell puts something else in the place of a part of it. */
  readonly expands: boolean;
  /** The scripts of `$(…)`, backquotes and `<(…)` in it. */
  readonly nested: readonly ShellScript[];
}

export interface ShellCommand {
  readonly words: readonly ShellWord[];
  readonly offset: number;
  /** Where its output goes (`> file`, `>> file`), in order. */
  readonly writes: readonly ShellWord[];
  /** The here-documents that it reads. */
  readonly inputs: readonly HereDocument[];
}

export interface HereDocument {
  readonly text: string;
  readonly offset: number;
}

/** Commands that are piped one into the next. */
export type ShellPipeline = readonly ShellCommand[];
export type ShellScript = readonly ShellPipeline[];

/** Substitutions inside of substitutions beyond this are taken as text. */
const deepest = 12;

/** Reads a script. Never throws; what is not closed ends with the text. Time grows with the length alone. */
export function lexShell(text: string, offset = 0): ShellScript {
  return new Lexer(text, offset, 0).script(undefined);
}

/** Characters that mean nothing but themselves. */
const plain = /[^\s;&|()<>'"\\$`]*/y;

interface PendingDocument {
  readonly delimiter: string;
  readonly stripTabs: boolean;
  readonly into: { text: string; offset: number }[];
}

class Lexer {
  readonly #text: string;
  readonly #base: number;
  readonly #depth: number;
  #at = 0;
  #pending: PendingDocument[] = [];

  constructor(text: string, base: number, depth: number) {
    this.#text = text;
    this.#base = base;
    this.#depth = depth;
  }

  /** Reads up to an unquoted `)` when `end` asks for one, else to the end of the text. */
  script(end: ")" | undefined): ShellScript {
    const pipelines: ShellPipeline[] = [];
    let pipeline: ShellCommand[] = [];
    let open = true;
    let groups = 0;
    const finish = () => {
      if (pipeline.length > 0) pipelines.push(pipeline);
      pipeline = [];
    };
    while (open && this.#at < this.#text.length) {
      const command = this.#command();
      if (command !== undefined) pipeline.push(command);
      switch (this.#separator()) {
        case "pipe":
          break;
        case "open":
          groups++;
          break;
        // What a group writes is what its last command writes, so that the pipeline goes on behind it.
        case "close":
          if (groups > 0) groups--;
          else open = end === undefined;
          break;
        default:
          finish();
      }
    }
    finish();
    return pipelines;
  }

  /** The words up to the next operator; undefined when there are none. */
  #command(): ShellCommand | undefined {
    const words: ShellWord[] = [];
    const writes: ShellWord[] = [];
    const inputs: { text: string; offset: number }[] = [];
    let offset = -1;
    for (;;) {
      this.#blanks();
      const char = this.#text[this.#at];
      if (char === undefined || this.#atOperator(char)) break;
      if (offset === -1) offset = this.#base + this.#at;
      if (char === "<" || char === ">" || this.#numberedRedirection()) {
        if (!this.#redirection(words, writes, inputs)) words.push(this.#word());
      } else words.push(this.#word());
    }
    return offset === -1 ? undefined : { words, offset, writes, inputs };
  }

  #atOperator(char: string): boolean {
    return char === "\n" || char === ";" || char === "&" || char === "|" || char === "(" || char === ")";
  }

  #blanks(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === " " || char === "\t" || char === "\r") this.#at++;
      else if (char === "\\" && this.#lineEndAt(this.#at + 1) > 0)
        this.#at = this.#at + 1 + this.#lineEndAt(this.#at + 1);
      else if (char === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end === -1 ? this.#text.length : end;
      } else return;
    }
  }

  /** The length of a line's end at an offset, blanks before it included (Docker allows them); 0 for none. */
  #lineEndAt(at: number): number {
    let end = at;
    while (this.#text[end] === " " || this.#text[end] === "\t" || this.#text[end] === "\r") end++;
    return this.#text[end] === "\n" ? end - at + 1 : 0;
  }

  #separator(): "end" | "pipe" | "open" | "close" {
    const char = this.#text[this.#at];
    this.#at++;
    switch (char) {
      case "\n":
        this.#documents();
        return "end";
      case "|":
        if (this.#text[this.#at] === "|") {
          this.#at++;
          return "end";
        }
        if (this.#text[this.#at] === "&") this.#at++;
        this.#lineBreaks();
        return "pipe";
      case "&":
        if (this.#text[this.#at] === "&") this.#at++;
        return "end";
      case ")":
        return "close";
      case "(":
        return "open";
      default:
        return "end";
    }
  }

  /** After a pipe the command may stand on the next line. */
  #lineBreaks(): void {
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] !== "\n") return;
      this.#at++;
      this.#documents();
    }
  }

  #numberedRedirection(): boolean {
    return /^\d[<>]/.test(this.#text.slice(this.#at, this.#at + 2));
  }

  /** Reads `> file`, `2>&1`, `<<EOF`; false for `<(…)` and `>(…)`, which are words. */
  #redirection(words: ShellWord[], writes: ShellWord[], inputs: { text: string; offset: number }[]): boolean {
    const start = this.#at;
    if (this.#text[this.#at] !== "<" && this.#text[this.#at] !== ">") this.#at++;
    const operator = /^(?:<<<|<<-|<<|<&|<>|<|>>|>&|>\||>)/.exec(this.#text.slice(this.#at, this.#at + 3))?.[0] ?? "<";
    if (this.#text[this.#at + 1] === "(") {
      this.#at = start;
      return false;
    }
    this.#at += operator.length;
    this.#blanks();
    const next = this.#text[this.#at];
    if (next === undefined || this.#atOperator(next)) return true;
    const target = this.#word();
    if (operator === "<<" || operator === "<<-") {
      this.#pending.push({ delimiter: target.text, stripTabs: operator === "<<-", into: inputs });
    } else if (operator === "<<<") inputs.push({ text: target.text, offset: target.offset });
    else if (operator.startsWith(">") && operator !== ">&") writes.push(target);
    else if (target.nested.length > 0) words.push(target);
    return true;
  }

  /** The here-documents that were announced on the line that has just ended. */
  #documents(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    for (const document of pending) {
      const start = this.#at;
      let end = start;
      for (;;) {
        const lineEnd = this.#text.indexOf("\n", this.#at);
        const line = this.#text.slice(this.#at, lineEnd === -1 ? this.#text.length : lineEnd).replace(/\r$/, "");
        end = this.#at;
        this.#at = lineEnd === -1 ? this.#text.length : lineEnd + 1;
        if ((document.stripTabs ? line.replace(/^\t+/, "") : line) === document.delimiter) break;
        if (lineEnd === -1) {
          end = this.#text.length;
          break;
        }
      }
      document.into.push({ text: this.#text.slice(start, end), offset: this.#base + start });
    }
  }

  #word(): ShellWord {
    const start = this.#at;
    const nested: ShellScript[] = [];
    const parts: string[] = [];
    let expands = false;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char === " " || char === "\t" || char === "\r" || this.#atOperator(char)) break;
      if (char === "<" || char === ">") {
        if (this.#text[this.#at + 1] !== "(") break;
        this.#at += 2;
        nested.push(this.#inside());
        expands = true;
      } else if (char === "'") parts.push(this.#single());
      else if (char === '"') expands = this.#double(parts, nested) || expands;
      else if (char === "\\") {
        const lineEnd = this.#lineEndAt(this.#at + 1);
        if (lineEnd > 0) this.#at += 1 + lineEnd;
        else {
          parts.push(this.#text[this.#at + 1] ?? "");
          this.#at += 2;
        }
        if (lineEnd > 0 && /[ \t]/.test(this.#text[this.#at] ?? "")) break;
      } else if (char === "$" || char === "`") expands = this.#expansion(parts, nested) || expands;
      else parts.push(this.#plain());
    }
    // Nothing was taken: an operator that only looks like a word's beginning.
    if (this.#at === start) this.#at++;
    return { text: parts.join(""), offset: this.#base + start, expands, nested };
  }

  #plain(): string {
    const start = this.#at;
    plain.lastIndex = start;
    plain.exec(this.#text);
    this.#at = Math.max(plain.lastIndex, start + 1);
    return this.#text.slice(start, this.#at);
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    const text = this.#text.slice(this.#at + 1, end === -1 ? this.#text.length : end);
    this.#at = end === -1 ? this.#text.length : end + 1;
    return text;
  }

  /** A double-quoted part; true when something in it expands. */
  #double(parts: string[], nested: ShellScript[]): boolean {
    this.#at++;
    let expands = false;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) return expands;
      if (char === '"') {
        this.#at++;
        return expands;
      }
      if (char === "\\") {
        const next = this.#text[this.#at + 1] ?? "";
        if (next !== "\n") parts.push(/[$`"\\]/.test(next) ? next : `\\${next}`);
        this.#at += 2;
      } else if (char === "$" || char === "`") expands = this.#expansion(parts, nested) || expands;
      else {
        const rest = /["\\$`]/g;
        rest.lastIndex = this.#at;
        const end = rest.exec(this.#text)?.index ?? this.#text.length;
        parts.push(this.#text.slice(this.#at, end));
        this.#at = end;
      }
    }
  }

  /** `$X`, `${X}`, `$(…)`, `$((…))` or backquotes; false for a `$` that stands for itself. */
  #expansion(parts: string[], nested: ShellScript[]): boolean {
    const start = this.#at;
    if (this.#text[this.#at] === "`") {
      const end = this.#backquoteEnd();
      if (this.#depth < deepest)
        nested.push(
          new Lexer(this.#text.slice(start + 1, end), this.#base + start + 1, this.#depth + 1).script(undefined),
        );
      this.#at = Math.min(end + 1, this.#text.length);
    } else if (this.#text.startsWith("$((", this.#at)) {
      const end = this.#text.indexOf("))", this.#at);
      this.#at = end === -1 ? this.#text.length : end + 2;
    } else if (this.#text.startsWith("$(", this.#at)) {
      this.#at += 2;
      nested.push(this.#inside());
    } else if (this.#text.startsWith("${", this.#at)) {
      const end = this.#text.indexOf("}", this.#at);
      this.#at = end === -1 ? this.#text.length : end + 1;
    } else {
      const name = /^\$(?:\w+|[@*#?$!-])/.exec(this.#text.slice(this.#at, this.#at + 80));
      this.#at += name?.[0].length ?? 1;
      parts.push(this.#text.slice(start, this.#at));
      return name !== null;
    }
    parts.push(this.#text.slice(start, this.#at));
    return true;
  }

  #backquoteEnd(): number {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (this.#text[at] === "\\") at++;
      else if (this.#text[at] === "`") return at;
    }
    return this.#text.length;
  }

  /** The script inside of parentheses, read where it stands; too deep a one is passed over. */
  #inside(): ShellScript {
    if (this.#depth >= deepest) {
      this.#at = this.#text.length;
      return [];
    }
    const inner = new Lexer(this.#text, this.#base, this.#depth + 1);
    inner.#at = this.#at;
    const script = inner.script(")");
    this.#at = inner.#at;
    this.#pending.push(...inner.#pending);
    return script;
  }
}
