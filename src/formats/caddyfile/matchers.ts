import type { CaddyText, MatcherSet } from "../caddy-json/model.ts";
import { privateRanges } from "../proxy/ranges.ts";
import type { Token } from "./tokens.ts";
import type { Line } from "./tree.ts";

/** Named matchers by name, with their `@`. */
export type NamedMatchers = ReadonlyMap<string, MatcherSet>;

/** The matchers that a block's lines name (`@api path /api/*`), beside those of the blocks around it. */
export function namedMatchers(lines: readonly Line[], outer: NamedMatchers): NamedMatchers {
  const own = lines.filter(({ name }) => name.text.startsWith("@"));
  if (own.length === 0) return outer;
  const matchers = new Map(outer);
  for (const line of own) matchers.set(line.name.text, definition(line));
  return matchers;
}

/** `@name { … }`, or `@name MATCHER ARGS…` in one line, where a quoted text alone is an expression. */
function definition({ args, block }: Line): MatcherSet {
  if (block !== undefined && args.length === 0) return matcherSet(block, 0);
  const [first, ...rest] = args;
  if (first === undefined) return { not: [], others: [] };
  if (first.quoted && rest.length === 0) return { not: [], others: ["expression"] };
  return matcherSet([{ name: first, args: rest, block, place: first.place }], 0);
}

type Open = { -readonly [K in keyof MatcherSet]: MatcherSet[K] } & { not: MatcherSet[]; others: string[] };

/** Lines of matchers that must all match. A matcher that stands twice takes the values of both. */
export function matcherSet(lines: readonly Line[], depth: number): MatcherSet {
  const set: Open = { not: [], others: [] };
  for (const line of lines) addMatcher(set, line, depth);
  return set;
}

function addMatcher(set: Open, line: Line, depth: number): void {
  const { name, args } = line;
  switch (name.text) {
    case "host":
      set.hosts = [...(set.hosts ?? []), ...args.map(textOf)];
      return;
    case "path":
      set.paths = [...(set.paths ?? []), ...args.map(textOf)];
      return;
    case "client_ip":
      set.clientRanges = [...(set.clientRanges ?? []), ...args.flatMap(rangesOf)];
      return;
    case "remote_ip":
      set.remoteRanges = [
        ...(set.remoteRanges ?? []),
        ...args.filter(({ text }) => text !== "forwarded").flatMap(rangesOf),
      ];
      return;
    case "not":
      if (depth < 20) set.not.push(negated(line, depth + 1));
      else set.others.push("not");
      return;
    default:
      set.others.push(line.unseen === undefined ? name.text : "import");
  }
}

function negated({ args, block, place }: Line, depth: number): MatcherSet {
  const [first, ...rest] = args;
  if (first === undefined) return matcherSet(block ?? [], depth);
  return matcherSet([{ name: first, args: rest, block, place }], depth);
}

function rangesOf(token: Token): readonly CaddyText[] {
  if (token.text !== "private_ranges") return [textOf(token)];
  return privateRanges.map((text) => ({ text, place: token.place }));
}

export function textOf({ text, unresolved, place }: Token): CaddyText {
  return { text, ...(unresolved === undefined ? {} : { unresolved }), place };
}

/** What a directive's first argument says of the requests that it is for, and the arguments that are left. */
export interface Matched {
  readonly sets: readonly MatcherSet[];
  readonly args: readonly Token[];
  /** The name that nothing defines. */
  readonly undefined?: Token;
}

/** `*`, `/path` or `@name` before the arguments; nothing of the kind matches everything. */
export function matched(args: readonly Token[], matchers: NamedMatchers): Matched {
  const [first, ...rest] = args;
  if (first === undefined) return { sets: [], args };
  if (first.text === "*") return { sets: [], args: rest };
  if (first.text.startsWith("/")) return { sets: [{ paths: [textOf(first)], not: [], others: [] }], args: rest };
  if (!first.text.startsWith("@")) return { sets: [], args };
  const set = matchers.get(first.text);
  if (set !== undefined) return { sets: [set], args: rest };
  return { sets: [{ not: [], others: [first.text] }], args: rest, undefined: first };
}
