import { InvalidArgumentError, Option } from "commander";
import { type Severity, severities } from "../contracts/verdict.ts";
import { didYouMean } from "../lib/suggest.ts";

/** `--format`, the first of the formats being the default. */
export function formatOption(formats: readonly string[]): Option {
  return new Option("-f, --format <format>", "how the result is written")
    .choices(formats)
    .default(formats[0])
    .argParser(oneOf(formats));
}

/** A parser for a closed list of words, with the nearest one suggested for a wrong one. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Expected ${words.join(", ")}.${didYouMean(text, words)}`.replace(/[.]$/, ""));
  };
}

/** `--fail-on`. */
export function failOnOption(description = "findings from this severity on end with code 1"): Option {
  return new Option("--fail-on <severity>", description)
    .choices(severities)
    .default("high" satisfies Severity)
    .argParser(oneOf(severities));
}
