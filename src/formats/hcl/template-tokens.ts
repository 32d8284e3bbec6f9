import type { HclExpression } from "./ast.ts";

/** A template as it is read, before `if` and `for` are set around what they hold. */
export type TemplateToken =
  | { readonly kind: "text"; readonly text: string }
  | (Sequence &
      (
        | { readonly kind: "interpolation"; readonly value: HclExpression }
        | { readonly kind: "if"; readonly condition: HclExpression }
        | {
            readonly kind: "for";
            readonly keyName: string | undefined;
            readonly valueName: string;
            readonly collection: HclExpression;
          }
        | { readonly kind: "else" | "endif" | "endfor" }
      ));

interface Sequence {
  readonly start: number;
  /** `${~`: white space before it goes. */
  readonly trimsBefore: boolean;
  /** `~}`: white space after it goes, as far as the line's end. */
  readonly trimsAfter: boolean;
}

/** Gathers the tokens of one template; a text may be trimmed by the sequence before and the one after it. */
export class TemplateTokens {
  readonly #list: TemplateToken[] = [];

  get list(): readonly TemplateToken[] {
    return this.#list;
  }

  text(text: string): void {
    if (text === "") return;
    const before = this.#list.at(-1);
    const trims = before !== undefined && before.kind !== "text" && before.trimsAfter;
    this.#list.push({ kind: "text", text: trims ? text.trimStart() : text });
  }

  add(token: TemplateToken): void {
    const before = this.#list.at(-1);
    if (before?.kind === "text" && token.kind !== "text" && token.trimsBefore) {
      this.#list[this.#list.length - 1] = { kind: "text", text: before.text.trimEnd() };
    }
    this.#list.push(token);
  }

  /** Takes the indentation that all lines share from each (`<<-`); lines of white space alone do not count. */
  flush(): void {
    const starts = this.#lineStarts();
    const shared = Math.min(...starts.map(({ indentation }) => indentation));
    if (!Number.isFinite(shared)) return;
    for (const { at, blank } of starts) {
      const token = this.#list[at];
      if (token?.kind === "text" && !blank) this.#list[at] = { kind: "text", text: token.text.slice(shared) };
    }
  }

  /** What each line begins with. A line that begins with a sequence has no indentation. */
  #lineStarts(): { at: number; indentation: number; blank: boolean }[] {
    const starts: { at: number; indentation: number; blank: boolean }[] = [];
    let atLineStart = true;
    for (const [at, token] of this.#list.entries()) {
      if (atLineStart) starts.push({ at, ...indentationOf(token) });
      atLineStart = token.kind === "text" && token.text.endsWith("\n");
    }
    return starts;
  }
}

function indentationOf(token: TemplateToken): { indentation: number; blank: boolean } {
  if (token.kind !== "text") return { indentation: 0, blank: false };
  const trimmed = token.text.trimStart();
  const blank = trimmed === "" && token.text.endsWith("\n");
  return { indentation: blank ? Number.POSITIVE_INFINITY : token.text.length - trimmed.length, blank };
}
