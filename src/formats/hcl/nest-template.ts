import type { HclTemplatePart } from "./ast.ts";
import { Fault, maxDepth } from "./cursor.ts";
import type { TemplateToken } from "./template-tokens.ts";

/** Sets `if` and `for` around what they hold. Throws a `Fault` for one that is not ended, or an end without one. */
export function nested(tokens: readonly TemplateToken[]): readonly HclTemplatePart[] {
  const nesting = new Nesting(tokens);
  const { parts, end } = nesting.parts(0);
  if (end !== undefined) throw new Fault(`This ${end.kind} belongs to nothing.`, end.start);
  return parts;
}

type End = Extract<TemplateToken, { kind: "else" | "endif" | "endfor" }>;
type If = Extract<TemplateToken, { kind: "if" }>;
type For = Extract<TemplateToken, { kind: "for" }>;

class Nesting {
  readonly #tokens: readonly TemplateToken[];
  #at = 0;

  constructor(tokens: readonly TemplateToken[]) {
    this.#tokens = tokens;
  }

  /** Parts up to the text's end, or to an end that whoever called has to know. */
  parts(depth: number): { parts: readonly HclTemplatePart[]; end: End | undefined } {
    const parts: HclTemplatePart[] = [];
    for (;;) {
      const token = this.#tokens[this.#at++];
      if (token === undefined) return { parts, end: undefined };
      if (token.kind === "text") {
        if (token.text !== "") parts.push(token);
      } else if (token.kind === "interpolation") parts.push({ kind: "interpolation", value: token.value });
      else if (token.kind === "if" || token.kind === "for") {
        if (depth >= maxDepth) throw new Fault(`Directives nest more than ${maxDepth} deep here.`, token.start);
        parts.push(token.kind === "if" ? this.#if(token, depth + 1) : this.#for(token, depth + 1));
      } else return { parts, end: token };
    }
  }

  #if(token: If, depth: number): HclTemplatePart {
    const whenTrue = this.parts(depth);
    let whenFalse: readonly HclTemplatePart[] = [];
    let { end } = whenTrue;
    if (end?.kind === "else") ({ parts: whenFalse, end } = this.parts(depth));
    if (end?.kind !== "endif") throw new Fault("The if that begins here is not ended with %{ endif }.", token.start);
    return { kind: "if", condition: token.condition, whenTrue: whenTrue.parts, whenFalse };
  }

  #for(token: For, depth: number): HclTemplatePart {
    const { parts, end } = this.parts(depth);
    if (end?.kind !== "endfor") throw new Fault("The for that begins here is not ended with %{ endfor }.", token.start);
    const { keyName, valueName, collection } = token;
    return { kind: "for", keyName, valueName, collection, body: parts };
  }
}
