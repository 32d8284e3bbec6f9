import type { Finding } from "../contracts/verdict.ts";
import type { ReportInput } from "./input.ts";
import { type Position, positionOf } from "./position.ts";

/**
 * Where a finding stands, its file named from the folder that the check was run in: what CI servers resolve paths against.
 * Places themselves name a file from the folder that was checked.
 */
export function positionInRun({ place }: Pick<Finding, "place">, { base = "" }: ReportInput): Position {
  const position = positionOf(place);
  return position.file === null ? position : { ...position, file: `${base}${position.file}` };
}
