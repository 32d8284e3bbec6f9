import type { PlainValue } from "../../../contracts/fix.ts";
import { isMapping } from "./plain-value.ts";

/** How keys and texts of one collection are quoted. */
export type Quoting = "plain" | "double" | "single";

/** Words that some YAML reader takes for something else than a text. */
const otherThanText = /^(?:null|true|false|yes|no|on|off|y|n|~|[-+.]?[0-9].*|\.inf|\.nan)$/i;
const address = /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(?![^:/])/;
const plainText = /^(?:--)?[A-Za-z0-9_./][A-Za-z0-9_./=@+-]*(?::[A-Za-z0-9_./=@+-]+)*$/;

/** One scalar as it stands in a document; a text that could be taken for something else is quoted. */
export function scalarText(value: string | number | boolean, quoting: Quoting): string {
  if (typeof value !== "string") return String(value);
  if (quoting === "single" && /^[\x20-\x7e]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return quoting === "plain" && plainText.test(value) && (!otherThanText.test(value) || address.test(value))
    ? value
    : JSON.stringify(value);
}

/** A value on one line, within braces or brackets. */
export function flowText(value: PlainValue, quoting: Quoting): string {
  if (Array.isArray(value)) return `[${value.map((item) => flowText(item, quoting)).join(", ")}]`;
  if (!isMapping(value)) return scalarText(value as string | number | boolean, quoting);
  const entries = Object.entries(value).map(([key, item]) => flowEntry(key, item as PlainValue, quoting));
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

export function flowEntry(key: string, value: PlainValue, quoting: Quoting): string {
  return `${scalarText(key, quoting)}: ${flowText(value, quoting)}`;
}

/** The lines of an entry of a block mapping, without their ends. */
export function blockEntry(
  key: string,
  value: PlainValue,
  at: { readonly column: number; readonly step: number; readonly dashes: number },
): readonly string[] {
  const indent = " ".repeat(at.column);
  const name = scalarText(key, "plain");
  if (Array.isArray(value) && value.length > 0) {
    return [
      `${indent}${name}:`,
      ...value.map((item) => `${" ".repeat(at.column + at.dashes)}- ${flowText(item, "plain")}`),
    ];
  }
  if (isMapping(value) && Object.keys(value).length > 0)
    return [
      `${indent}${name}:`,
      ...blockEntries(value as { readonly [key: string]: PlainValue }, { ...at, column: at.column + at.step }),
    ];
  return [`${indent}${name}: ${flowText(value, "plain")}`];
}

export function blockEntries(
  value: { readonly [key: string]: PlainValue },
  at: Parameters<typeof blockEntry>[2],
): readonly string[] {
  return Object.entries(value).flatMap(([key, item]) => blockEntry(key, item, at));
}
