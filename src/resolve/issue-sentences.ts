/** What zod found wrong with one value, as words for the person who wrote it. */
import type { z } from "zod";

/** What was expected, as a clause: `expected a text`. */
export function expectation(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith("expected")) return issue.message;
  switch (issue.code) {
    case "invalid_value":
      return `expected ${listing(issue.values.map((value) => `\`${String(value)}\``))}`;
    case "invalid_type":
      return `expected ${typeNames[issue.expected] ?? issue.expected}`;
    case "too_small":
      return `expected ${issue.origin === "string" ? "a text that is not empty" : `at least ${issue.minimum}`}`;
    case "too_big":
      return `expected at most ${issue.maximum}`;
    default:
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "`true` or `false`",
  object: "a mapping",
  record: "a mapping",
  array: "a list",
};

function listing(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** The text with one full stop at its end. */
export function sentenceEnd(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
