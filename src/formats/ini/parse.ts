/**
 * INI files as Grafana reads them: sections, `key = value`, comments behind `#` and `;` at a line's start.
 *
 * Source: gopkg.in/ini.v1 as Grafana 12 uses it (`pkg/setting/setting.go`), without its escapes of several lines.
 */
import { placeAt, type Source, wholeFile } from "../../lib/place.ts";
import type { MappingEntry, MappingNode } from "../tree.ts";

/** A mapping of sections to mappings of keys to texts; keys before the first section stand under the empty name. */
export function parseIni(source: Source, text: string): MappingNode {
  const sections = new Map<string, { readonly entry: MappingEntry; readonly keys: Map<string, MappingEntry> }>();
  const open = (name: string, start: number, end: number): Map<string, MappingEntry> => {
    const known = sections.get(name);
    if (known !== undefined) return known.keys;
    const keys = new Map<string, MappingEntry>();
    const place = placeAt(source, start, end);
    sections.set(name, {
      keys,
      entry: { key: name, keyPlace: place, value: { kind: "mapping", entries: keys, place } },
    });
    return keys;
  };
  let keys = open("", 0, 0);
  let at = 0;
  for (const line of text.split("\n")) {
    const content = line.trim();
    const start = at + line.indexOf(content);
    at += line.length + 1;
    if (content === "" || content.startsWith("#") || content.startsWith(";")) continue;
    if (content.startsWith("[") && content.includes("]")) {
      const name = content.slice(1, content.indexOf("]")).trim();
      keys = open(name, start, start + content.length);
      continue;
    }
    const entry = assignment(source, content, start);
    if (entry !== undefined) keys.set(entry.key, entry);
  }
  const entries = new Map([...sections].map(([name, { entry }]) => [name, entry]));
  return { kind: "mapping", entries, place: wholeFile(source) };
}

/** `key = value` or `key: value`; of a key that stands twice the last counts. Undefined for a line that is neither. */
function assignment(source: Source, content: string, start: number): MappingEntry | undefined {
  const sign = content.search(/[=:]/);
  if (sign < 1) return undefined;
  const key = content.slice(0, sign).trim();
  const written = content.slice(sign + 1);
  const value = unquoted(written.trim());
  const valueStart = start + sign + 1 + written.length - written.trimStart().length;
  return {
    key,
    keyPlace: placeAt(source, start, start + key.length),
    value: {
      kind: "scalar",
      value,
      place: placeAt(source, valueStart, start + content.length),
      ...(isReference(value) ? { unresolved: `it comes from ${value}, which is not in these files` } : {}),
    },
  };
}

function unquoted(text: string): string {
  const quoted = /^(["'`])(.*)\1$/.exec(text);
  return quoted?.[2] ?? text.replace(/\s[#;].*$/, "");
}

/** `${HOME}`, `$__file{/run/secrets/x}`, `$__env{X}`: Grafana's ways to take a value from elsewhere. */
function isReference(value: string): boolean {
  return /\$\{[^}]*\}|\$__[a-z]+\{[^}]*\}/.test(value);
}
