import { Sensitive } from "../facts/sensitive.ts";

export interface Assignment {
  readonly name: string;
  readonly value: Sensitive;
  /** Offset of the name in the text. */
  readonly offset: number;
}

const line = /^[ \t]*(?:export[ \t]+)?"?([A-Za-z_][\w.-]*)"?[ \t]*[=:](.*)$/gm;

/**
 * The names and values of a file of assignments (`.env`, `.envrc`, `.tfvars`), read leniently: for telling which of
 * them look like secrets, never for giving a program its values. Comments and lines of other shapes are passed over.
 */
export function assignmentsIn(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  for (const match of text.matchAll(line)) {
    const written = (match[2] ?? "").trim();
    found.push({ name: match[1] ?? "", value: new Sensitive(unquoted(written)), offset: match.index });
  }
  return found;
}

function unquoted(text: string): string {
  const quote = text.charAt(0);
  if (quote === '"' || quote === "'" || quote === "`") {
    const end = text.indexOf(quote, 1);
    if (end !== -1) return text.slice(1, end);
  }
  // A comment after a bare value starts at a hash with a space before it.
  return text
    .split(/[ \t]#/, 1)
    .join("")
    .trimEnd()
    .replace(/,$/, "");
}
