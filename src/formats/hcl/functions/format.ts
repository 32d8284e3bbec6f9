import type { Place } from "../../../lib/place.ts";
import type { Budget } from "../value/budget.ts";
import { asNumber, asText, numberText } from "../value/convert.ts";
import { failing, type HclValue, list, madeOf, text, unknown } from "../value/value.ts";
import { type HclFunction, type HclFunctions, total } from "./define.ts";
import { encodeJson } from "./json.ts";

/** `%[1]+-8.3d`: flags, width, precision, argument, verb. */
const verb = /%([ +\-0#]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?([a-zA-Z%])/g;

const format: HclFunction = (given, place, { budget }) => {
  const [pattern, ...rest] = given;
  if (pattern === undefined) return failing("the function is called with a wrong number of arguments", place);
  if (pattern.kind === "unknown") return pattern;
  const wanted = asText(pattern);
  return wanted.kind === "text" ? formatted(wanted.value, rest, place, budget) : failing("a text is wanted", place);
};

/** A text with its verbs filled in; where one cannot be told, as much as can. */
function formatted(pattern: string, given: readonly HclValue[], place: Place, budget: Budget): HclValue {
  let next = 0;
  let doubt: Extract<HclValue, { kind: "unknown" }> | undefined;
  const written = pattern.replace(
    verb,
    (whole, flags: string, width: string, precision: string | undefined, index: string | undefined, letter: string) => {
      if (letter === "%") return "%";
      if (index !== undefined) next = Number(index) - 1;
      const value = given[next++];
      if (value === undefined) {
        doubt ??= { kind: "unknown", why: "a verb of a format has no value", place, fails: true };
        return whole;
      }
      const made = verbText(letter, flags, precision, value, budget);
      if (typeof made !== "string") {
        doubt ??= made;
        return made.partial ?? "${…}";
      }
      return padded(made, flags, Math.min(1000, Number(width)));
    },
  );
  budget.spendOnText(written.length);
  if (doubt === undefined) return madeOf(text(written, place), given);
  return madeOf<HclValue>({ ...doubt, partial: written, place }, given);
}

function padded(written: string, flags: string, width: number): string {
  if (written.length >= width) return written;
  if (flags.includes("-")) return written.padEnd(width);
  if (!flags.includes("0")) return written.padStart(width);
  const sign = /^[+-]/.exec(written)?.[0] ?? "";
  return sign + written.slice(sign.length).padStart(width - sign.length, "0");
}

type Doubt = Extract<HclValue, { kind: "unknown" }>;

function verbText(
  letter: string,
  flags: string,
  precision: string | undefined,
  value: HclValue,
  budget: Budget,
): string | Doubt {
  if (value.kind === "unknown") return value;
  if (letter === "v") return anyText(value, flags.includes("#"), budget);
  if (letter === "t")
    return value.kind === "boolean" ? String(value.value) : failing("%t wants true or false", value.place);
  if (letter === "s" || letter === "q") {
    const written = asText(value);
    if (written.kind === "unknown") return written;
    if (written.kind !== "text") return failing(`%${letter} wants a text`, value.place);
    const cut = precision === undefined ? written.value : written.value.slice(0, Number(precision));
    return letter === "s" ? cut : JSON.stringify(cut);
  }
  const amount = asNumber(value);
  if (amount.kind === "unknown") return amount;
  if (amount.kind !== "number") return failing(`%${letter} wants a number`, value.place);
  return (
    signed(numberVerb(letter, precision, amount.value), flags, amount.value) ??
    unknown(`%${letter} is not evaluated here`, value.place)
  );
}

function signed(written: string | undefined, flags: string, value: number): string | undefined {
  if (written === undefined || value < 0) return written;
  return flags.includes("+") ? `+${written}` : flags.includes(" ") ? ` ${written}` : written;
}

function numberVerb(letter: string, precision: string | undefined, value: number): string | undefined {
  const digits = Math.min(100, precision === undefined ? 6 : Number(precision));
  switch (letter) {
    case "d":
      return String(Math.trunc(value));
    case "b":
      return Math.trunc(value).toString(2);
    case "o":
      return Math.trunc(value).toString(8);
    case "x":
      return Math.trunc(value).toString(16);
    case "X":
      return Math.trunc(value).toString(16).toUpperCase();
    case "f":
      return value.toFixed(digits);
    case "e":
    case "E": {
      const written = value.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");
      return letter === "e" ? written : written.toUpperCase();
    }
    case "g":
      return precision === undefined && Math.abs(value) < 1e21 ? numberText(value) : undefined;
    default:
      return undefined;
  }
}

function anyText(value: HclValue, quoted: boolean, budget: Budget): string | Doubt {
  if (value.kind === "null") return "null";
  if (quoted || value.kind === "list" || value.kind === "map") {
    const encoded = encodeJson(value, budget);
    return typeof encoded === "string" ? encoded : encoded;
  }
  const written = asText(value);
  return written.kind === "text" ? written.value : failing("null stands in a text", value.place);
}

/** One text for each item; arguments that are no lists stand in each of them. */
const formatlist: HclFunction = (given, place, { budget }) => {
  const [pattern, ...rest] = given;
  const reason = rest.find(
    (value) => value.kind === "unknown" || (value.kind === "list" && value.incomplete !== undefined),
  );
  if (reason !== undefined) return madeOf(unknown(whyOf(reason), place), given);
  const lengths = new Set(rest.flatMap((value) => (value.kind === "list" ? [value.items.length] : [])));
  if (pattern?.kind !== "text") return pattern?.kind === "unknown" ? pattern : failing("a text is wanted", place);
  if (lengths.size > 1) return failing("the lists of a format differ in length", place);
  const count = [...lengths][0] ?? 1;
  budget.spend(count * given.length);
  const items = Array.from({ length: count }, (_, at) => {
    const row = rest.map(
      (value): HclValue => (value.kind === "list" ? (value.items[at] ?? unknown("it is missing", place)) : value),
    );
    return formatted(pattern.value, row, place, budget);
  });
  return madeOf(list(items, place), given);
};

function whyOf(value: HclValue): string {
  if (value.kind === "unknown") return value.why;
  return value.kind === "list" ? (value.incomplete ?? "") : "";
}

export const formatFunctions: HclFunctions = {
  format,
  formatlist,
  templatestring: total({ takes: ["text", "map"] }, (given, { template }) => {
    const names = new Map([...given.map(1).entries].map(([name, entry]) => [name, entry.value]));
    return template(given.text(0), undefined, names, given.place);
  }),
};
