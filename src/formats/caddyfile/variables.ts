import type { Environment } from "../proxy/environment.ts";

/** A text with its environment variables filled in, and where each part of it stood before. */
export interface FilledText {
  readonly text: string;
  /** The offset in the text as it was written of one in the filled text. */
  readonly offsetOf: (offset: number) => number;
  /** By the names that stand as `{$NAME}` in the filled text: why they could not be filled in. */
  readonly unresolved: ReadonlyMap<string, string>;
}

const opened = "{$";
/** Variables of one file. */
const mostVariables = 10_000;

/**
 * Fills in `{$NAME}` and `{$NAME:default}` before the text is taken apart, as Caddy does: a value may hold several words,
 * and is not looked through for variables again. What is not known here stays as `{$NAME}`, one word.
 * Source: caddyserver.com/docs/caddyfile/concepts, "Environment variables"; `replaceEnvVars` of Caddy 2.11.
 */
export function fillVariables(text: string, environment: Environment): FilledText {
  if (!text.includes(opened)) return { text, offsetOf: (offset) => offset, unresolved: new Map() };
  const unresolved = new Map<string, string>();
  const parts: string[] = [];
  /** Where parts begin: in the filled text, and in the written one. */
  const starts: { readonly filled: number; readonly written: number; readonly copied: boolean }[] = [];
  let filled = 0;
  const add = (part: string, written: number, copied: boolean) => {
    starts.push({ filled, written, copied });
    parts.push(part);
    filled += part.length;
  };
  let at = 0;
  for (let count = 0; count < mostVariables; count++) {
    const begin = text.indexOf(opened, at);
    const end = begin === -1 ? -1 : text.indexOf("}", begin + opened.length);
    if (end === -1) break;
    add(text.slice(at, begin), at, true);
    add(filledIn(text.slice(begin + opened.length, end), environment, unresolved), begin, false);
    at = end + 1;
  }
  add(text.slice(at), at, true);
  return { text: parts.join(""), offsetOf: (offset) => offsetIn(starts, offset), unresolved };
}

function filledIn(written: string, environment: Environment, unresolved: Map<string, string>): string {
  if (written === "") return "{$}";
  const colon = written.indexOf(":");
  const name = colon === -1 ? written : written.slice(0, colon);
  const value = environment(name);
  if (value === "unset") return colon === -1 ? "" : written.slice(colon + 1);
  if ("text" in value) return value.text;
  const word = name.replace(/\s/g, "_");
  unresolved.set(word, value.why);
  return `{$${word}}`;
}

function offsetIn(
  starts: readonly { readonly filled: number; readonly written: number; readonly copied: boolean }[],
  offset: number,
): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle]?.filled ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const start = starts[low];
  if (start === undefined) return offset;
  return start.copied ? start.written + (offset - start.filled) : start.written;
}
