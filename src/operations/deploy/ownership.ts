import { composeLabels } from "../../platforms/compose/engine/snapshot.ts";
import { labelNames } from "../../platforms/compose/resource-names.ts";

/**
 * Whose an object of the engine is, for one stack. `ours`: Ringwall made it for this stack. `namesake`: it carries the
 * project's name but not the stack's label, so something else made it. `other`: it has nothing to do with the stack.
 */
export type Ownership = "ours" | "namesake" | "other";

export function ownership(labels: Readonly<Record<string, string>>, stack: string): Ownership {
  if (labels[labelNames.stack] === stack) return "ours";
  return labels[composeLabels.project] === stack ? "namesake" : "other";
}
