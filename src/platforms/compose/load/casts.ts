/** Texts to numbers and booleans, as Go's `strconv` and Compose have it. */

const booleans = new Map([
  ["true", true],
  ["y", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["n", false],
  ["no", false],
  ["off", false],
]);

/** What Compose takes a text for where a boolean is wanted; undefined when it refuses it. Case does not matter. */
export function toBoolean(text: string): boolean | undefined {
  return booleans.get(text.toLowerCase());
}

/** `strconv.ParseInt` in base 10, or `ParseFloat`; undefined for what they refuse. */
export function castNumber(text: string, kind: "integer" | "float"): number | undefined {
  if (kind === "integer") return /^[-+]?\d+$/.test(text) ? Number(text) : undefined;
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  return undefined;
}
