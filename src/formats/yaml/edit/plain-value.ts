import type { DocumentChange, PlainValue } from "../../../contracts/fix.ts";

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value under keys, one mapping in another. */
export function nested(keys: readonly string[], value: PlainValue): PlainValue {
  return keys.reduceRight<PlainValue>((inner, key) => ({ [key]: inner }), value);
}

/**
 * Data with a change made at a path, everything else as it is. Undefined where the path leads through something that is
 * no mapping, or a list is wanted and something else is there.
 */
export function changed(
  data: unknown,
  path: readonly (string | number)[],
  change: DocumentChange,
): { readonly data: unknown } | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return changedHere(data, change);
  if (typeof key === "number") {
    if (!Array.isArray(data)) return undefined;
    const inner = changed(data[key], rest, change);
    return inner && { data: data.map((item, index) => (index === key ? inner.data : item)) };
  }
  if (data !== undefined && data !== null && !isMapping(data)) return undefined;
  const own = data ?? {};
  const inner = changed(Object.hasOwn(own, key) ? own[key] : undefined, rest, change);
  return (
    inner && { data: Object.fromEntries([...Object.entries(own).filter(([name]) => name !== key), [key, inner.data]]) }
  );
}

function changedHere(data: unknown, { kind, value }: DocumentChange): { readonly data: unknown } | undefined {
  if (kind === "set") return isMapping(data) || Array.isArray(data) ? undefined : { data: value };
  if (data === undefined || data === null) return { data: [value] };
  if (!Array.isArray(data)) return undefined;
  return { data: data.includes(value) ? data : [...data, value] };
}
