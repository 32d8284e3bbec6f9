import type { DeclaredException } from "../contracts/resolved.ts";
import type { Waiver } from "../contracts/verdict.ts";
import { append } from "../lib/append.ts";
import type { Place, Source } from "../lib/place.ts";
import { placeAt } from "../lib/place.ts";

/** One `# ringwall-ignore` comment for one control, as written; whether it is valid is judged later. */
export interface InlineWaiver {
  readonly control: string;
  /** Empty when none is given. */
  readonly reason: string;
  readonly until: string | undefined;
  /** Empty when none is named. */
  readonly owner: string;
  /** The lines that it covers, from 1. */
  readonly lines: readonly number[];
  readonly place: Place;
}

const marker = "ringwall-ignore";
const commentPattern = /(?:^|\s)#[ \t]*ringwall-ignore\b[ \t]*([^:\n\r]*)(?::[ \t]*([^\n\r]*))?/;
/** More than anybody writes; a pattern must not take long on a hostile line. */
const longestReason = 1_000;
/** Markers in quotes that are passed over in one line. */
const mostQuoted = 20;
const untilPattern = /(?:^|[,;]?[ \t]+)until[ \t]+(\S+)[ \t]*$/;
const ownerPattern = /[,;][ \t]*owner[ \t]+([^\s,;]+)[ \t]*$/;

/**
 * The waivers written in a text's comments: `# ringwall-ignore ID: reason, owner NAME, until YYYY-MM-DD`, of which only
 * the reason is always needed; several ids with commas.
 * One beside something covers that line; one alone on its line covers the next line that is not a comment.
 */
export function parseInlineWaivers(text: string, source: Source): readonly InlineWaiver[] {
  if (!text.includes(marker)) return [];
  const waivers: InlineWaiver[] = [];
  const lines = text.split("\n");
  let offset = 0;
  lines.forEach((line, index) => {
    const match = line.includes(marker) ? commentIn(line) : null;
    if (match !== null) waivers.push(...waiversOf(match, lines, index, source, offset));
    offset += line.length + 1;
  });
  return waivers;
}

/** The first comment of a line that waives something, and is none of a text in quotes. */
function commentIn(line: string): RegExpExecArray | null {
  const pattern = new RegExp(commentPattern, "g");
  for (let tries = 0; tries < mostQuoted; tries++) {
    const match = pattern.exec(line);
    if (match === null) return null;
    const hash = match.index + match[0].indexOf("#");
    const end = quotedUntil(line, hash);
    if (end === undefined) return match;
    pattern.lastIndex = end;
  }
  return null;
}

/** Where the quotes around a place in a line end; undefined where none are, or they do not end in the line. */
function quotedUntil(line: string, place: number): number | undefined {
  for (let at = 0; at < place; at++) {
    const mark = line.charAt(at);
    // Within a word it is an apostrophe.
    if ((mark !== '"' && mark !== "'") || /[\w)\]]/.test(line.charAt(at - 1))) continue;
    const end = closingQuote(line, at, mark);
    if (end === undefined) return undefined;
    if (end > place) return end;
    at = end;
  }
  return undefined;
}

/** A backslash keeps a double quote open, and a second one a single quote. */
function closingQuote(line: string, open: number, mark: string): number | undefined {
  for (let at = open + 1; at < line.length; at++) {
    const char = line.charAt(at);
    if (mark === '"' && char === "\\") at += 1;
    else if (char === mark && mark === "'" && line.charAt(at + 1) === mark) at += 1;
    else if (char === mark) return at;
  }
  return undefined;
}

function waiversOf(
  match: RegExpExecArray,
  lines: readonly string[],
  index: number,
  source: Source,
  offset: number,
): InlineWaiver[] {
  const { reason, owner, until } = splitReason((match[2] ?? "").slice(0, longestReason));
  const covered = coveredLines(lines, index);
  const hash = offset + match.index + match[0].indexOf("#");
  const ids = (match[1] ?? "").split(/[\s,]+/).filter((id) => id !== "");
  return (ids.length === 0 ? [""] : ids).map((control) => ({
    control,
    reason,
    owner,
    until,
    lines: covered,
    place: placeAt(source, hash),
  }));
}

function splitReason(text: string): Pick<InlineWaiver, "reason" | "owner" | "until"> {
  const end = untilPattern.exec(text.trimEnd());
  const before = end === null ? text.trimEnd() : text.slice(0, end.index).trimEnd();
  const named = ownerPattern.exec(before);
  const reason = named === null ? before : before.slice(0, named.index);
  return { reason: reason.trim(), owner: named?.[1] ?? "", until: end?.[1] };
}

function coveredLines(lines: readonly string[], index: number): readonly number[] {
  if (!(lines[index] ?? "").trimStart().startsWith("#")) return [index + 1];
  for (let next = index + 1; next < lines.length; next++) {
    const text = (lines[next] ?? "").trim();
    if (text !== "" && !text.startsWith("#")) return [next + 1];
  }
  return [];
}

/** The inline waivers of everything that is checked, found by place. */
export class InlineWaivers {
  readonly #all: InlineWaiver[] = [];
  readonly #byPath = new Map<string, Map<number, InlineWaiver[]>>();

  constructor(waivers: readonly InlineWaiver[] = []) {
    this.add(waivers);
  }

  get all(): readonly InlineWaiver[] {
    return this.#all;
  }

  add(waivers: readonly InlineWaiver[]): void {
    for (const waiver of waivers) {
      this.#all.push(waiver);
      if (waiver.place.kind !== "file") continue;
      const path = waiver.place.source.path;
      const byLine = this.#byPath.get(path) ?? new Map<number, InlineWaiver[]>();
      this.#byPath.set(path, byLine);
      for (const line of waiver.lines) append(byLine, line, waiver);
    }
  }

  /** Those that name the control and cover the place; empty for a place that has no line. */
  covering(control: string, place: Place): readonly InlineWaiver[] {
    if (place.kind !== "file") return [];
    const byLine = this.#byPath.get(place.source.path);
    if (byLine === undefined) return [];
    const here = byLine.get(place.source.locate(place.offset).line);
    return here === undefined ? [] : here.filter((waiver) => waiver.control === control);
  }
}

/** What both kinds of exception have in common, as far as their validity goes. */
export type WrittenException = InlineWaiver | DeclaredException;

/** The day, `YYYY-MM-DD` in UTC. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Why an exception does not hold, as a clause; undefined when it does. `mustEnd` asks for an end, `needsOwner` for an owner. */
export function whyInvalid(
  exception: WrittenException,
  context: {
    readonly today: string;
    readonly known: (control: string) => boolean;
    readonly mustEnd: boolean;
    readonly needsOwner: boolean;
  },
): string | undefined {
  if (exception.control === "") return "it names no control";
  if (!context.known(exception.control)) return `there is no control ${exception.control}`;
  if (exception.reason === "") return "it gives no reason";
  if (exception.until !== undefined && !isDay(exception.until)) {
    return `its end "${exception.until}" is not a day written as YYYY-MM-DD`;
  }
  if (exception.until !== undefined && exception.until < context.today) return `it ended on ${exception.until}`;
  if (context.needsOwner && exception.owner === "") return "it names no owner, which the profile asks for";
  if (context.mustEnd && exception.until === undefined) return "it has no end, which the profile asks for";
  return undefined;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && dayOf(date) === text;
}

export function toWaiver(exception: WrittenException): Waiver {
  return {
    reason: exception.reason,
    owner: exception.owner === "" ? undefined : exception.owner,
    until: exception.until,
    place: exception.place,
  };
}
