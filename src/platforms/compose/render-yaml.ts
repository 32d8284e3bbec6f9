/**
 * Writes YAML that every reader of Compose files takes for the same data: block style, one order, strings quoted
 * unless all of YAML 1.1, YAML 1.2 and go-yaml agree that they are strings as they stand.
 */
export type YamlNode = string | number | boolean | readonly YamlNode[] | YamlMapping;

export interface YamlMapping {
  readonly entries: readonly YamlEntry[];
}

export interface YamlEntry {
  readonly key: string;
  readonly value: YamlNode;
  /** Written above the entry; control characters in it become spaces. */
  readonly comment?: string;
  /** An empty line above. */
  readonly apart?: boolean;
}

/** A mapping in the order given; undefined values are left out. */
export function mapping(record: Readonly<Record<string, YamlNode | undefined>>): YamlMapping {
  const entries: YamlEntry[] = [];
  for (const [key, value] of Object.entries(record)) {
    if (value !== undefined) entries.push({ key, value });
  }
  return { entries };
}

/** The node, or undefined for an empty list or mapping, which `mapping` then leaves out. */
export function filled(node: YamlNode): YamlNode | undefined {
  return isEmpty(node) ? undefined : node;
}

/** The text of a document, ending with a newline. */
export function writeYaml(document: YamlMapping): string {
  const lines: string[] = [];
  writeMapping(document, "", lines);
  return `${lines.join("\n")}\n`;
}

/**
 * A string as a YAML scalar. Plain only where it starts with a letter or `/`, holds nothing that could end it or give
 * it another meaning, and is no word of YAML 1.1 (`yes`, `off`, `null`, …); otherwise in double quotes.
 */
export function yamlString(text: string): string {
  return plainPattern.test(text) && !text.endsWith(":") && !reservedWords.has(text.toLowerCase()) ? text : quoted(text);
}

const plainPattern = /^[A-Za-z/][A-Za-z0-9_./@:+=-]*$/;

const reservedWords = new Set(["y", "n", "yes", "no", "on", "off", "true", "false", "null"]);

function quoted(text: string): string {
  return JSON.stringify(text).replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What JSON lets stand in a string and YAML does not, and what a terminal or an editor would not show. */
const unprintable = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g;

function writeMapping(node: YamlMapping, indent: string, lines: string[]): void {
  for (const entry of node.entries) {
    if (entry.apart === true) lines.push("");
    if (entry.comment !== undefined) lines.push(`${indent}# ${commentText(entry.comment)}`);
    writeValue(`${indent}${yamlString(entry.key)}:`, entry.value, `${indent}  `, lines);
  }
}

function writeSequence(items: readonly YamlNode[], indent: string, lines: string[]): void {
  for (const item of items) {
    if (!isMapping(item) || item.entries.length === 0) {
      writeValue(`${indent}-`, item, `${indent}  `, lines);
      continue;
    }
    const start = lines.length;
    writeMapping(item, `${indent}  `, lines);
    lines[start] = `${indent}- ${lines[start]?.slice(indent.length + 2) ?? ""}`;
  }
}

function writeValue(head: string, value: YamlNode, indent: string, lines: string[]): void {
  if (isScalar(value)) lines.push(`${head} ${scalarText(value)}`);
  else if (isEmpty(value)) lines.push(`${head} ${isMapping(value) ? "{}" : "[]"}`);
  else {
    lines.push(head);
    if (isMapping(value)) writeMapping(value, indent, lines);
    else writeSequence(value, indent, lines);
  }
}

function scalarText(value: string | number | boolean): string {
  return typeof value === "string" ? yamlString(value) : String(value);
}

function commentText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g, " ").trim();
}

function isScalar(value: YamlNode): value is string | number | boolean {
  return typeof value !== "object";
}

function isMapping(value: YamlNode): value is YamlMapping {
  return typeof value === "object" && "entries" in value && !Array.isArray(value);
}

function isEmpty(value: YamlNode): boolean {
  if (isScalar(value)) return false;
  return isMapping(value) ? value.entries.length === 0 : value.length === 0;
}
