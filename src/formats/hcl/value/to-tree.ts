import type { MappingEntry, MappingNode, ScalarNode, SequenceNode, TreeNode } from "../../tree.ts";
import type { Budget } from "./budget.ts";
import type { HclValue, MapValue } from "./value.ts";

/** The tag of a scalar that was made of something declared sensitive: its value belongs into no message. */
export const sensitiveTag = "sensitive";

/** A value as every reader walks it. What is null stands as null; what cannot be told says so in `unresolved`. */
export function toTree(value: HclValue, budget: Budget): TreeNode {
  budget.spend(1);
  switch (value.kind) {
    case "text":
    case "number":
    case "boolean":
      return scalar(value, { kind: "scalar", value: value.value, place: value.place });
    case "null":
      return scalar(value, { kind: "scalar", value: null, place: value.place });
    case "unknown":
      return scalar(value, {
        kind: "scalar",
        value: value.partial ?? null,
        unresolved: value.why,
        place: value.place,
      });
    case "list": {
      const items = value.items.map((item) => toTree(item, budget));
      const node: SequenceNode = { kind: "sequence", items, place: value.place };
      return value.incomplete === undefined ? node : { ...node, incomplete: value.incomplete };
    }
    case "map":
      return mapTree(value, budget);
  }
}

/** A map or object as a mapping. */
export function mapTree(value: MapValue, budget: Budget): MappingNode {
  const entries = new Map<string, MappingEntry>();
  for (const [key, { keyPlace, value: inner }] of value.entries) {
    entries.set(key, { key, keyPlace, value: toTree(inner, budget) });
  }
  const node: MappingNode = { kind: "mapping", entries, place: value.place };
  return value.incomplete === undefined ? node : { ...node, incomplete: value.incomplete };
}

function scalar(value: HclValue, node: ScalarNode): ScalarNode {
  const tagged = value.sensitive === true ? { ...node, tag: sensitiveTag } : node;
  const filed = value.file === undefined ? tagged : { ...tagged, file: value.file };
  return value.from === undefined ? filed : { ...filed, interpolates: value.from };
}
