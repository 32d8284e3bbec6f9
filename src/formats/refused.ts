/** Values with which a program does not start: what is said of them, and which texts are no values yet. */
import type { InputProblem } from "../facts/system.ts";
import { booleanOfFlag } from "../lib/boolean-of-flag.ts";
import type { Place } from "../lib/place.ts";

/** `what` and `expected` are clauses: "`tls_disable` is neither true nor false", "`true` or `false`". */
export function refused(program: string, what: string, expected: string, place: Place): InputProblem {
  return {
    severity: "error",
    message: `${program} does not start with this file: ${what}.`,
    hint: `Write ${expected}.`,
    place,
  };
}

/** Whether another program fills a text in before it is read: Jinja, Go, ERB, a shell's variables. */
export function isFilledIn(text: string): boolean {
  return /\{\{|\{%|<%|\$/.test(text);
}

/** A text where a program in Go reads a switch, and it takes neither for true nor for false. Empty is as good as left out. */
export function isNoSwitch(text: string): boolean {
  return text !== "" && !isFilledIn(text) && booleanOfFlag(text) === undefined;
}
