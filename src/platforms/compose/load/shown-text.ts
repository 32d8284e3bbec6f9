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
