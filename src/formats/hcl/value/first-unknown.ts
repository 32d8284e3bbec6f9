import type { Budget } from "./budget.ts";
import type { HclValue, UnknownValue } from "./value.ts";

/** The first part of a value that cannot be told; undefined when all of it is known. */
export function firstUnknown(value: HclValue, budget: Budget): UnknownValue | undefined {
  budget.spend(1);
  switch (value.kind) {
    case "unknown":
      return value;
    case "list":
      return missing(value) ?? firstOf(value.items, budget);
    case "map":
      return (
        missing(value) ??
        firstOf(
          [...value.entries.values()].map((entry) => entry.value),
          budget,
        )
      );
    default:
      return undefined;
  }
}

function missing({ incomplete, place }: Extract<HclValue, { kind: "list" | "map" }>): UnknownValue | undefined {
  return incomplete === undefined ? undefined : { kind: "unknown", why: incomplete, place };
}

function firstOf(values: readonly HclValue[], budget: Budget): UnknownValue | undefined {
  for (const value of values) {
    const found = firstUnknown(value, budget);
    if (found !== undefined) return found;
  }
  return undefined;
}
