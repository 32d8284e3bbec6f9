/**
 * What a file says, in quotes, for a message: no more than its first word and nothing behind a `=`. Lines that are indented
 * too far become one text, and what stands behind may be a password.
 */
export function shownText(value: unknown): string {
  if (typeof value !== "string") return String(value);
  const [shown = ""] = /^[^\s=]{0,60}=?/.exec(value) ?? [];
  const isWhole = shown.length === value.length;
  return JSON.stringify(isWhole ? value : `${shown}…`);
}

/** What a variable of this name has is not for a message, wherever in the file it stood: a line in the wrong place is a name. */
const assigned =
  /\b([A-Z][A-Z0-9_]{1,60}=|(?=[A-Z0-9_]{0,60}(?:PASS|SECRET|TOKEN|KEY|CREDENTIAL))[A-Z][A-Z0-9_]{1,60}:? )[^\s"'`]+/g;

/** A message without the values that stand in it. */
export function withoutValues(message: string): string {
  return message.replace(assigned, (_, name: string) => `${name.trimEnd()}…`);
}
