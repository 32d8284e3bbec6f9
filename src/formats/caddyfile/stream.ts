import { onNewLine, type Token } from "./tokens.ts";

/** Words in the order in which they are read; what an import brings in is put before the rest. */
export class TokenStream {
  readonly #frames: { readonly tokens: readonly Token[]; at: number }[];
  /** The word that was read last. */
  last: Token | undefined;
  #count = 0;

  constructor(tokens: readonly Token[]) {
    this.#frames = [{ tokens, at: 0 }];
  }

  /** How many words were read so far. */
  get count(): number {
    return this.#count;
  }

  peek(): Token | undefined {
    for (let depth = this.#frames.length - 1; depth >= 0; depth--) {
      const frame = this.#frames[depth];
      const token = frame?.tokens[frame.at];
      if (token !== undefined) return token;
      if (depth > 0) this.#frames.pop();
    }
    return undefined;
  }

  next(): Token | undefined {
    const token = this.peek();
    const frame = this.#frames.at(-1);
    if (token === undefined || frame === undefined) return undefined;
    frame.at += 1;
    this.#count += 1;
    this.last = token;
    return token;
  }

  /** The next word when it stands on the line of the last one. */
  sameLine(): Token | undefined {
    const token = this.peek();
    return token === undefined || this.last === undefined || onNewLine(this.last, token) ? undefined : token;
  }

  insert(tokens: readonly Token[]): void {
    this.#frames.push({ tokens, at: 0 });
  }
}
