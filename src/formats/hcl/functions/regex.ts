import type { Place } from "../../../lib/place.ts";
import { failing, type HclValue, list, type MapEntry, map, text, unknown } from "../value/value.ts";
import { type Arguments, type HclFunctions, total } from "./define.ts";

export const regexFunctions: HclFunctions = {
  regex: total({ takes: ["text", "text"] }, (given) => {
    const pattern = compiled(given.text(0), given.text(1), "");
    if (typeof pattern === "string") return unknown(pattern, given.place);
    const found = pattern.exec(given.text(1));
    return found === null ? failing("the pattern does not match", given.place) : captured(found, given.place);
  }),
  regexall: total({ takes: ["text", "text"] }, (given) => {
    const pattern = compiled(given.text(0), given.text(1), "g");
    if (typeof pattern === "string") return unknown(pattern, given.place);
    const all = [...given.text(1).matchAll(pattern)].map((found) => captured(found, given.place));
    return list(all, given.place);
  }),
  replace: total({ takes: ["text", "text", "text"] }, replace),
};

function replace(given: Arguments): HclValue {
  const [whole, wanted, by] = [given.text(0), given.text(1), given.text(2)];
  given.budget.spendOnText(whole.length);
  if (wanted.length < 2 || !wanted.startsWith("/") || !wanted.endsWith("/")) {
    const pieces = wanted === "" ? ["", ...whole, ""] : whole.split(wanted);
    given.budget.spendOnText(pieces.length * by.length);
    return text(pieces.join(by), given.place);
  }
  const pattern = compiled(wanted.slice(1, -1), whole, "g");
  if (typeof pattern === "string") return unknown(pattern, given.place);
  return text(
    whole.replace(pattern, (...found: unknown[]) => expanded(by, found)),
    given.place,
  );
}

/** `$1`, `${1}`, `$name` in what is put in, as Go's Expand reads them. */
function expanded(by: string, found: readonly unknown[]): string {
  const names = typeof found.at(-1) === "object" ? (found.at(-1) as Record<string, string | undefined>) : {};
  const groups = found.slice(
    0,
    found.findIndex((part) => typeof part === "number"),
  );
  return by.replace(/\$(?:(\$)|(\w+)|\{(\w+)\})/g, (_, dollar?: string, plain?: string, braced?: string) => {
    if (dollar !== undefined) return "$";
    const name = plain ?? braced ?? "";
    return /^\d+$/.test(name) ? String(groups[Number(name)] ?? "") : (names[name] ?? "");
  });
}

/** The whole match, or the groups as a list, or the named groups as a map. */
function captured(found: RegExpExecArray, place: Place): HclValue {
  const group = (part: string | undefined): HclValue =>
    part === undefined ? { kind: "null", place } : text(part, place);
  if (found.groups !== undefined) {
    const entries = Object.entries(found.groups).map(([name, part]): [string, MapEntry] => [
      name,
      { keyPlace: place, value: group(part) },
    ]);
    return map(new Map(entries), place);
  }
  return found.length === 1 ? group(found[0]) : list(found.slice(1).map(group), place);
}

/** What a search may cost at most, as the count of ways in which a backtracking engine may try. */
const mostWays = 20_000_000;

/**
 * The pattern in JavaScript's words, or a clause why it is not tried. Go's engine never backtracks and this one does: a
 * pattern is tried only where the text is short enough for the repetitions in it.
 */
function compiled(pattern: string, searched: string, flags: string): RegExp | string {
  const refused = "the pattern is not evaluated here";
  if (pattern.length > 500) return refused;
  const [, switches = "", rest = pattern] = /^\(\?([ims]+)\)(.*)$/s.exec(pattern) ?? [];
  if (/\\[QEAzZCpP]|\[\[:|\(\?[a-zA-Z-]*[imsU]|\\[1-9]|\(\?[=!]|\(\?<[=!]/.test(rest)) return refused;
  const ways = waysToMatch(rest, searched.length + 2);
  if (ways === undefined || ways > mostWays) return refused;
  try {
    return new RegExp(rest.replaceAll("(?P<", "(?<"), `${flags}u${switches}`);
  } catch {
    return refused;
  }
}

const token = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?::|P?<\w+>))?|\)|[*+?|]|\{\d+(?:,\d*)?\}/gs;

/**
 * A bound on the ways in which an engine that backtracks can try a pattern: each repetition multiplies it by the text's
 * length, each choice by two. Undefined for a repetition within a repetition, whose ways are beyond counting.
 */
function waysToMatch(pattern: string, length: number): number | undefined {
  const open: boolean[] = [];
  let choosing = false;
  let ways = length;
  /** Whether a group was just closed in which something is repeated or chosen. */
  let closedChoice = false;
  for (const [found] of pattern.matchAll(token)) {
    const first = found[0];
    const repeats = first === "*" || first === "+" || first === "{";
    if (repeats && closedChoice) return undefined;
    if (first === "(") {
      open.push(choosing);
      choosing = false;
    } else if (first === ")") {
      closedChoice = choosing;
      const outer = open.pop() ?? false;
      choosing = choosing || outer;
      continue;
    } else if (repeats || first === "?" || first === "|") {
      choosing = true;
      ways *= repeats ? length : 2;
    }
    closedChoice = false;
  }
  return ways;
}
