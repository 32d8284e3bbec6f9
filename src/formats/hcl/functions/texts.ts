import { boolean, failing, type HclValue, list, number, text } from "../value/value.ts";
import { type Arguments, type HclFunction, type HclFunctions, type Parameter, total } from "./define.ts";
import { formatFunctions } from "./format.ts";
import { ofKnownItems, ofKnownParts } from "./known-parts.ts";
import { regexFunctions } from "./regex.ts";

/** A function of texts that gives a text. */
function ofTexts(parameters: number, make: (...texts: string[]) => string): HclFunction {
  const takes: Parameter[] = Array.from({ length: parameters }, () => "text");
  return total({ takes }, (given) => {
    const texts = given.all.map((_, at) => given.text(at));
    for (const one of texts) given.budget.spendOnText(one.length);
    return text(make(...texts), given.place);
  });
}

function question(make: (one: string, other: string) => boolean): HclFunction {
  return total({ takes: ["text", "text"] }, (given) => boolean(make(given.text(0), given.text(1)), given.place));
}

export const textFunctions: HclFunctions = {
  ...formatFunctions,
  ...regexFunctions,
  chomp: ofKnownParts(
    0,
    ofTexts(1, (one = "") => one.slice(0, one.length - trailing(one, "\r\n"))),
  ),
  endswith: question((one, ending) => one.endsWith(ending)),
  startswith: question((one, beginning) => one.startsWith(beginning)),
  strcontains: question((one, part) => one.includes(part)),
  indent: ofKnownParts(1, total({ takes: ["number", "text"] }, indent)),
  join: ofKnownItems(1, total({ takes: ["text", "list"], rest: "list" }, join)),
  lower: ofTexts(1, (one = "") => one.toLowerCase()),
  upper: ofTexts(1, (one = "") => one.toUpperCase()),
  title: ofTexts(1, (one = "") =>
    one.replace(/(^|[^\p{L}\p{N}_])(\p{L})/gu, (_, before, letter) => before + letter.toUpperCase()),
  ),
  split: total({ takes: ["text", "text"] }, split),
  strrev: ofTexts(1, (one = "") => graphemes(one).reverse().join("")),
  substr: total({ takes: ["text", "number", "number"] }, substring),
  trim: ofTexts(2, (one = "", characters = "") => {
    const end = one.slice(0, one.length - trailing(one, characters));
    return end.slice(leading(end, characters));
  }),
  trimprefix: ofTexts(2, (one = "", prefix = "") =>
    prefix !== "" && one.startsWith(prefix) ? one.slice(prefix.length) : one,
  ),
  trimsuffix: ofTexts(2, (one = "", suffix = "") =>
    suffix !== "" && one.endsWith(suffix) ? one.slice(0, -suffix.length) : one,
  ),
  trimspace: ofKnownParts(
    0,
    ofTexts(1, (one = "") => one.trim()),
  ),
};

/** Texts cut into what a person takes for one character. */
export function graphemes(one: string): string[] {
  if (/^[\x20-\x7e]*$/.test(one)) return [...one];
  return [...segmenter.segment(one)].map(({ segment }) => segment);
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

function leading(one: string, characters: string): number {
  const set = new Set(characters);
  let at = 0;
  for (const character of one) {
    if (!set.has(character)) break;
    at += character.length;
  }
  return at;
}

function trailing(one: string, characters: string): number {
  const set = new Set(characters);
  let at = one.length;
  while (at > 0) {
    const last = one.charCodeAt(at - 1);
    const width = last >= 0xdc00 && last < 0xe000 && at > 1 ? 2 : 1;
    if (!set.has(one.slice(at - width, at))) break;
    at -= width;
  }
  return one.length - at;
}

function indent(given: Arguments): HclValue {
  const spaces = Math.max(0, Math.min(1000, given.number(0)));
  const lines = given.text(1).split("\n");
  given.budget.spendOnText(given.text(1).length + spaces * lines.length);
  return text(lines.join(`\n${" ".repeat(spaces)}`), given.place);
}

function join(given: Arguments): HclValue {
  const words: string[] = [];
  for (let at = 1; at < given.count; at++) {
    for (const item of given.items(at)) {
      if (item.kind !== "text" && item.kind !== "number" && item.kind !== "boolean") {
        return failing("an item is no text", given.place);
      }
      words.push(String(item.value));
    }
  }
  const joined = words.join(given.text(0));
  given.budget.spendOnText(joined.length);
  return text(joined, given.place);
}

function split(given: Arguments): HclValue {
  const pieces = given.text(1).split(given.text(0));
  given.budget.spend(pieces.length);
  return list(
    pieces.map((piece) => text(piece, given.place)),
    given.place,
  );
}

function substring(given: Arguments): HclValue {
  const all = graphemes(given.text(0));
  given.budget.spendOnText(all.length);
  const start = given.number(1) < 0 ? Math.max(0, all.length + given.number(1)) : given.number(1);
  const length = given.number(2);
  return text(all.slice(start, length < 0 ? undefined : start + length).join(""), given.place);
}

export function textLength(one: string): number {
  return graphemes(one).length;
}

/** The length of a text as a value. */
export function lengthOf(one: string, given: Arguments): HclValue {
  given.budget.spendOnText(one.length);
  return number(textLength(one), given.place);
}
