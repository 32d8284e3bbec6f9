import type { Budget } from "./budget.ts";
import type { HclValue } from "./value.ts";

/** Whether two values are the same; undefined where that cannot be told. */
export function equal(a: HclValue, b: HclValue, budget: Budget): boolean | undefined {
  budget.spend(1);
  if (a.kind === "unknown" || b.kind === "unknown") return undefined;
  switch (a.kind) {
    case "null":
      return b.kind === "null";
    case "text":
    case "number":
    case "boolean":
      return a.kind === b.kind && a.value === b.value;
    case "list":
      return b.kind === "list" ? equalLists(a, b, budget) : false;
    case "map":
      return b.kind === "map" ? equalMaps(a, b, budget) : false;
  }
}

type ListOf = Extract<HclValue, { kind: "list" }>;
type MapOf = Extract<HclValue, { kind: "map" }>;

function equalLists(a: ListOf, b: ListOf, budget: Budget): boolean | undefined {
  if (a.incomplete !== undefined || b.incomplete !== undefined) return undefined;
  if (a.items.length !== b.items.length) return false;
  return every(
    a.items.map((item, index) => [item, b.items[index]] as const),
    budget,
  );
}

function equalMaps(a: MapOf, b: MapOf, budget: Budget): boolean | undefined {
  if (a.incomplete !== undefined || b.incomplete !== undefined) return undefined;
  if (a.entries.size !== b.entries.size) return false;
  return every(
    [...a.entries].map(([key, entry]) => [entry.value, b.entries.get(key)?.value] as const),
    budget,
  );
}

function every(pairs: readonly (readonly [HclValue, HclValue | undefined])[], budget: Budget): boolean | undefined {
  let all: boolean | undefined = true;
  for (const [one, other] of pairs) {
    const same = other === undefined ? false : equal(one, other, budget);
    if (same === false) return false;
    if (same === undefined) all = undefined;
  }
  return all;
}
