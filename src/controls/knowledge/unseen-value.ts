import type { EnvironmentVariable } from "../../facts/subjects.ts";
import type { JudgementExtras } from "../judge.ts";

/**
 * Why the value of a variable is not seen, as a clause, with how much that is worth; undefined where it is. What whoever
 * starts the container gives is not empty for being absent here, and no fault of the file's either.
 */
export function unseenValue({
  value,
  suppliedBy,
}: EnvironmentVariable): { readonly why: string; readonly extras: Pick<JudgementExtras, "severity"> } | undefined {
  if (value.kind === "unknown") return { why: value.why, extras: {} };
  if (value.kind !== "unstated") return undefined;
  return { why: `${suppliedBy ?? "whoever starts it"} gives the value`, extras: { severity: "info" } };
}
