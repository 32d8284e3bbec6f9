import type { Budget } from "../value/budget.ts";
import { numberText } from "../value/convert.ts";
import type { HclValue, UnknownValue } from "../value/value.ts";
import { sortedEntries } from "../value/value.ts";

/**
 * A value as Go writes it in JSON: keys sorted, no space, `<`, `>` and `&` escaped. Unknown where a part is: `${…}` stands
 * for that, and for entries that may be missing.
 */
export function encodeJson(value: HclValue, budget: Budget): string | UnknownValue {
  const pieces: string[] = [];
  const doubt = write(value, pieces, budget);
  const written = pieces.join("");
  return doubt === undefined ? written : { ...doubt, partial: written };
}

/** Writes as much as is known, and gives the first part that is not. */
function write(value: HclValue, pieces: string[], budget: Budget): UnknownValue | undefined {
  budget.spend(1);
  switch (value.kind) {
    case "null":
      pieces.push("null");
      return undefined;
    case "text":
      budget.spendOnText(value.value.length);
      pieces.push(jsonText(value.value));
      return undefined;
    case "number":
      pieces.push(numberText(value.value));
      return undefined;
    case "boolean":
      pieces.push(String(value.value));
      return undefined;
    case "unknown":
      pieces.push(jsonText(value.partial ?? "${…}"));
      return value;
    case "list":
      return writeAll(
        value,
        "[",
        "]",
        value.items.map((item) => [undefined, item] as const),
        pieces,
        budget,
      );
    case "map": {
      const entries = sortedEntries(value).map(([key, entry]) => [key, entry.value] as const);
      return writeAll(value, "{", "}", entries, pieces, budget);
    }
  }
}

function writeAll(
  whole: Extract<HclValue, { kind: "list" | "map" }>,
  open: string,
  close: string,
  parts: readonly (readonly [string | undefined, HclValue])[],
  pieces: string[],
  budget: Budget,
): UnknownValue | undefined {
  let doubt: UnknownValue | undefined =
    whole.incomplete === undefined ? undefined : { kind: "unknown", why: whole.incomplete, place: whole.place };
  pieces.push(open);
  for (const [at, [key, value]] of parts.entries()) {
    if (at > 0) pieces.push(",");
    if (key !== undefined) pieces.push(jsonText(key), ":");
    const found = write(value, pieces, budget);
    doubt ??= found;
  }
  if (whole.incomplete !== undefined) {
    if (parts.length > 0) pieces.push(",");
    pieces.push(open === "{" ? '"${…}":"${…}"' : '"${…}"');
  }
  pieces.push(close);
  return doubt;
}

// biome-ignore lint/complexity/useRegexLiterals: spelled as escapes so that no strange character stands in this file.
const escapedByGo = new RegExp("[<>&\\u2028\\u2029]", "g");

export function jsonText(written: string): string {
  return JSON.stringify(written).replaceAll(
    escapedByGo,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
