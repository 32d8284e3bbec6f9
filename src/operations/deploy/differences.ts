import type { Json } from "../../state/applied.ts";

/** What differs between two resources, as clauses: `image changed from a to b`, `environment.LOG was added`. */
export function differences(before: Json | undefined, after: Json, path = ""): readonly string[] {
  if (before === undefined) return [`${path} was added`];
  if (isRecord(before) && isRecord(after)) return recordDifferences(before, after, path);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isPlain(before) && isPlain(after)) return [`${path} changed from ${shown(before)} to ${shown(after)}`];
  return [`${path} changed`];
}

function recordDifferences(before: JsonRecord, after: JsonRecord, path: string): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const inner = path === "" ? key : `${path}.${key}`;
    const now = after[key];
    return now === undefined ? [`${inner} was removed`] : differences(before[key], now, inner);
  });
}

type JsonRecord = { readonly [key: string]: Json };

function isRecord(value: Json): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlain(value: Json): boolean {
  return typeof value !== "object" || value === null;
}

function shown(value: Json): string {
  const text = String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text === "" ? "nothing" : text;
}

/** A resource as plain data: what is undefined is left out. */
export function plainResource(resource: object): Json {
  return JSON.parse(JSON.stringify(resource));
}
