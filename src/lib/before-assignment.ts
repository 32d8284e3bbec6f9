/**
 * A name or path as far as it goes: lines of a file that are indented too far become a part of the one before, and what is
 * assigned there (`DB_PASSWORD=…`) may be a secret.
 */
export function beforeAssignment(text: string): string {
  const found = /\s(?:-\s)?[A-Za-z_]\w{0,100}=/.exec(text);
  return found === null ? text : `${text.slice(0, found.index)}…`;
}
