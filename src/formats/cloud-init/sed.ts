/**
 * What a command leaves in a file by `sed`: what is looked for is not what is put there.
 *
 * Source: the manual of GNU sed 4.9, "The s Command", "Addresses" and "Commands Requiring a newline" (`c`, `a`, `i`).
 */

/** Part of an expression up to its separator, which a backslash may stand before. */
const part = String.raw`((?:\\.|(?!\1)[^\n\\]){0,400})`;
const substitution = new RegExp(String.raw`\bs([/|#,@%!~:;=+])${part}\1${part}\1`, "g");
const address = /(?<=['"`;{,]\s{0,8})\/(?:\\.|[^\n\\/'"]){0,400}\/I?(?=[,sdcai!{])/g;
const group = /\\?\(([^()\\\n]{0,400})\\?\)/;

/** A command's text with the replacements of its substitutions in place of them, each on lines of its own. */
export function asPut(command: string): string {
  return command
    .replace(substitution, (_, _separator: string, old: string, put: string) => `\n${filled(put, old)}\n`)
    .replace(address, "")
    .replace(/(['"`;{,\s])[cai]\\\s?/g, "$1\n");
}

/** With what the first group of the pattern finds in place of `\1`: a line for each of its alternatives. */
function filled(put: string, old: string): string {
  const found = group.exec(old)?.[1];
  if (found === undefined || !put.includes("\\1")) return put;
  const alternatives = found.split("|", 20);
  return alternatives.map((each) => put.replaceAll("\\1", () => each)).join("\n");
}
