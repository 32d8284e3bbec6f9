import type { CaddyText } from "./model.ts";

/** A list of host or path patterns, in lower case, as it is compared with others. */
export interface TextList {
  /** Those that stand for themselves alone. */
  readonly exact: ReadonlySet<string>;
  /** Those with a `*`. */
  readonly patterns: readonly string[];
  /** How many different ones there are. */
  readonly size: number;
  /** Whether all of them can be told: no variable and no placeholder that requests fill in. */
  readonly allPlain: boolean;
}

const lists = new WeakMap<readonly CaddyText[], TextList>();

/** What cannot be told is in no part of the list. */
export function textList(texts: readonly CaddyText[]): TextList {
  return cached(lists, texts, () => {
    const plain = new Set(texts.filter(isPlain).map(({ text }) => text.toLowerCase()));
    const patterns = [...plain].filter((text) => text.includes("*"));
    const exact = new Set([...plain].filter((text) => !text.includes("*")));
    return { exact, patterns, size: texts.length === 0 ? 0 : Math.max(1, plain.size), allPlain: texts.every(isPlain) };
  });
}

function isPlain({ text, unresolved }: CaddyText): boolean {
  return unresolved === undefined && !text.includes("{");
}

/** What is worked out of an object once. */
export function cached<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
