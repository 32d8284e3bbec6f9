import type { Secret } from "../../secrets/secret.ts";
import { formsOf } from "../../secrets/value-forms.ts";

/** Values shorter than this occur everywhere, and replacing them would spoil the text without hiding anything. */
const shortestValue = 4;

/**
 * A function that writes the name of each secret wherever its value stands in a text, as it is or as base64,
 * as hexadecimal, as part of an address, or as JSON. For output of programs, which may print what they were given.
 */
export function redactor(secrets: Iterable<Secret>): (text: string) => string {
  const forms = [...secrets].flatMap((secret) =>
    shownFormsOf(secret).map((form) => ({ form, shown: secret.toString() })),
  );
  forms.sort((a, b) => b.form.length - a.form.length);
  return (text) => forms.reduce((result, { form, shown }) => result.replaceAll(form, shown), text);
}

function shownFormsOf(secret: Secret): readonly string[] {
  const value = secret.expose();
  const lines = value.split("\n").map((line) => line.trim());
  return [...new Set([value, ...lines].filter((text) => text.length >= shortestValue).flatMap(formsOf))];
}
