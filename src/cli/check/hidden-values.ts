/** Which values of files that are mended stand for secrets, so that the patch that is shown does not repeat them. */
import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { System } from "../../facts/system.ts";
import { append } from "../../lib/append.ts";
import type { Place } from "../../lib/place.ts";
import { secretsIn } from "../../repository/secret-scan/scan.ts";

/** What stands in a shown patch in place of a secret. */
const hiddenMark = "‹hidden›";

/** A value that the facts know, where it begins. */
interface KnownValue {
  readonly offset: number;
  readonly value: Sensitive;
}

/** Beyond this depth no fact holds a value. */
const deepest = 8;

/** Collects what systems know of secret values, and hides those and what secret detection finds in a text's lines. */
export class HiddenValues {
  readonly #known = new Map<string, KnownValue[]>();

  /** Takes the values of a system that are secrets by their names or looks, and all those of a Secret. */
  add(system: System): void {
    for (const subject of system.subjects) {
      const data = subject.kind === "repository-file" ? subject.configuration : undefined;
      const whole = data?.software === "kubernetes" && data.kind === "Secret";
      this.#visit(subject, "", whole || subject.kind === "secret-reference", 0);
    }
  }

  #visit(node: unknown, name: string, whole: boolean, depth: number): void {
    if (typeof node !== "object" || node === null || node instanceof Sensitive || depth > deepest) return;
    if (Array.isArray(node)) {
      for (const item of node) this.#visit(item, name, whole, depth + 1);
      return;
    }
    if (Object.getPrototypeOf(node) !== Object.prototype) return;
    const { value, place, name: own, key } = node as Readonly<Record<string, unknown>>;
    const named = typeof own === "string" ? own : typeof key === "string" ? key : name;
    for (const each of [value].flat())
      if (each instanceof Sensitive && isPlace(place) && (whole || isSecret(named, each))) this.#add(place, each);
    for (const [field, inner] of Object.entries(node)) {
      if (field !== "place" && field !== "ref") this.#visit(inner, named, whole, depth + 1);
    }
  }

  #add(place: Place, value: Sensitive): void {
    if (place.kind === "file") append(this.#known, place.source.path, { offset: place.offset, value });
  }

  /** How a line of a file is shown, before and after the change. The same line where nothing is hidden in it. */
  linesOf(path: string, before: string, after: string): (line: string) => string {
    const spans = [...detectedIn(before, path), ...this.#spansIn(before, path)];
    const hidden = new Map([...maskedLines(before, spans), ...maskedLines(after, detectedIn(after, path))]);
    return (line) => hidden.get(line.replace(/\r?\n$/, "")) ?? line;
  }

  #spansIn(text: string, path: string): readonly Span[] {
    return (this.#known.get(path) ?? []).map(({ offset, value }) => spanOf(text, offset, value.reveal()));
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function isPlace(value: unknown): value is Place {
  return typeof value === "object" && value !== null && "kind" in value;
}

function isSecret(name: string, value: Sensitive): boolean {
  const kind = classifySecret(name, value);
  if (kind === "literal-secret" || kind === "weak-default") return true;
  // A word of a command: `--db-password=value`.
  const [, flag = ""] = /^-{0,2}([\w.-]{1,80})=./.exec(value.reveal()) ?? [];
  return flag !== "" && namesSecret(flag);
}

/** The path is left out of the question: an example is shown like any other. */
function detectedIn(text: string, path: string): readonly Span[] {
  const ending = path.slice(path.lastIndexOf("/") + 1);
  return secretsIn(text, ending, "all").map(({ offset, end }) => ({ from: offset, to: end }));
}

/** Where a value stands: as it reads on its line, else the rest of the line; in a block of text every line of it. */
function spanOf(text: string, offset: number, value: string): Span {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = endOfLine(text, offset);
  const line = text.slice(offset, end);
  if (/^[|>][-+\d]*\s*(?:#.*)?$/.test(line)) return { from: end, to: endOfBlock(text, end, indentOf(text, start)) };
  const at = value === "" ? -1 : line.indexOf(value);
  return at === -1 ? { from: offset, to: end } : { from: offset + at, to: offset + at + value.length };
}

function endOfLine(text: string, offset: number): number {
  const found = text.indexOf("\n", offset);
  return found === -1 ? text.length : found;
}

/** The column of the key, or of the dash, that a line's value belongs to. */
function indentOf(text: string, start: number): number {
  let column = 0;
  let dash = 0;
  for (; text[start + column] === " " || text[start + column] === "-"; column++)
    if (text[start + column] === "-") dash = column;
  return text[start + column] === "|" || text[start + column] === ">" ? dash : column;
}

/** The end of the lines that are indented further than what they belong to. */
function endOfBlock(text: string, from: number, indent: number): number {
  let end = from;
  while (end < text.length) {
    const next = endOfLine(text, end + 1);
    const line = text.slice(end + 1, next);
    if (line.trim() !== "" && line.length - line.trimStart().length <= indent) break;
    end = next;
  }
  return end;
}

/** Each line that a span touches, as it is shown. Indentation stays. Lines and spans are gone through beside one another, once. */
function maskedLines(text: string, spans: readonly Span[]): ReadonlyMap<string, string> {
  const masked = new Map<string, string>();
  if (spans.length === 0) return masked;
  const waiting = [...spans].sort((a, b) => b.from - a.from || a.to - b.to);
  let open: Span[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    const end = start + line.length;
    const begun = start;
    open = open.filter(({ to }) => to > begun);
    for (let next = waiting.at(-1); next !== undefined && next.from < end; next = waiting.at(-1)) {
      waiting.pop();
      if (next.to > start) open.push(next);
    }
    if (open.length > 0) masked.set(line.replace(/\r$/, ""), `${withMarks(line, start, open)}\n`);
    start = end + 1;
  }
  return masked;
}

/** The line with a mark for each span, which come in the order in which they begin. */
function withMarks(line: string, start: number, spans: readonly Span[]): string {
  const margin = line.length - line.trimStart().length;
  let shown = "";
  let at = 0;
  for (const { from, to } of spans) {
    const begin = Math.max(at, margin, from - start);
    const end = Math.min(line.replace(/\r$/, "").length, to - start);
    if (end <= begin) continue;
    shown += line.slice(at, begin) + hiddenMark;
    at = end;
  }
  return shown + line.slice(at);
}
