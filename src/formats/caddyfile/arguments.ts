import type { Token } from "./tokens.ts";

/** What an import hands over: words, and the blocks that stand behind it. */
export interface Handed {
  readonly args: readonly Token[];
  /** The words of the block as a whole, and by their first word. */
  readonly block: readonly Token[];
  readonly blocks: ReadonlyMap<string, readonly Token[]>;
}

/** Words that one imported word becomes. Source: `importargs.go` of Caddy 2.11. */
export function withArguments(token: Token, { args, block, blocks }: Handed): readonly Token[] {
  const { text } = token;
  if (!text.includes("{args") && !text.startsWith("{block")) return [token];
  if (text === "{block}") return block;
  if (text.startsWith("{blocks.") && text.endsWith("}")) return blocks.get(text.slice("{blocks.".length, -1)) ?? [];
  const range = /^\{args\[(-?\d*):(-?\d*)\]\}$/.exec(text);
  if (range !== null) return rangeOf(range[1] ?? "", range[2] ?? "", args, token) ?? [token];
  let unresolved = token.unresolved;
  const filled = text.replace(/\{args(?:\[(\d{1,6})\]|\.(\d{1,6}))\}/g, (written, index?: string, old?: string) => {
    const arg = args[Number(index ?? old)];
    if (arg === undefined) return written;
    unresolved ??= arg.unresolved;
    return arg.text;
  });
  return [{ ...token, text: filled, ...(unresolved === undefined ? {} : { unresolved }) }];
}

/** Whether a word stands for what the import's block holds. */
export function namesBlock({ text }: Token): boolean {
  return text === "{block}" || (text.startsWith("{blocks.") && text.endsWith("}"));
}

function rangeOf(from: string, to: string, args: readonly Token[], token: Token): readonly Token[] | undefined {
  const start = from === "" ? 0 : Number(from);
  const end = to === "" ? args.length : Number(to);
  if (start < 0 || start > end || end > args.length) return undefined;
  return args.slice(start, end).map((arg) => ({ ...token, text: arg.text, ...unresolvedOf(arg) }));
}

function unresolvedOf({ unresolved }: Token) {
  return unresolved === undefined ? {} : { unresolved };
}
