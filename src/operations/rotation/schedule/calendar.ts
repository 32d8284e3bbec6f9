import { createHash } from "node:crypto";
import type { ScheduledSecret } from "./schedule.ts";

/** Octets of one line of a calendar (RFC 5545, 3.1). */
const longestLine = 75;

/**
 * A calendar of when each secret is due (RFC 5545), each day with a reminder the day before. The same secret has the same
 * UID whenever it is made, so that a calendar that is subscribed to moves the event.
 */
export function calendarOf(stack: string, rows: readonly ScheduledSecret[], now: Date): string {
  const events = rows.flatMap((row) => [
    ...(row.due === undefined ? [] : [dueEvent(stack, row, row.due, now)]),
    ...(row.formerUntil === undefined ? [] : [formerEvent(stack, row, row.formerUntil, now)]),
  ]);
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Ringwall//Rotation of secrets//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    `X-WR-CALNAME:${escaped(`Secrets of ${stack}`)}`,
    ...events.flat(),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

function dueEvent(stack: string, row: ScheduledSecret, due: Date, now: Date): readonly string[] {
  const how =
    row.rotator === undefined
      ? "Nothing in the stack knows how it is replaced: a person does it."
      : row.assisted
        ? `ringwall rotate ${row.secret} asks for the new value.`
        : `ringwall rotate --due replaces it (${row.rotator}).`;
  const late = row.isOverdue ? " It is overdue." : "";
  return event({
    uid: uidOf(stack, row.secret, "due"),
    at: due,
    now,
    summary: `Rotate ${row.secret} of ${stack}`,
    description: `Every ${row.every}.${late} ${how}`,
  });
}

function formerEvent(stack: string, row: ScheduledSecret, until: Date, now: Date): readonly string[] {
  return event({
    uid: uidOf(stack, row.secret, "former"),
    at: until,
    now,
    summary: `The former ${row.secret} of ${stack} ends`,
    description: "Who still uses it must have the new value by then. ringwall rotate --due ends it.",
  });
}

function event(given: {
  readonly uid: string;
  readonly at: Date;
  readonly now: Date;
  readonly summary: string;
  readonly description: string;
}): readonly string[] {
  return [
    "BEGIN:VEVENT",
    `UID:${given.uid}`,
    `DTSTAMP:${utc(given.now)}`,
    `DTSTART:${utc(given.at)}`,
    "DURATION:PT1H",
    `SUMMARY:${escaped(given.summary)}`,
    `DESCRIPTION:${escaped(given.description)}`,
    "TRANSP:TRANSPARENT",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escaped(given.summary)}`,
    "TRIGGER:-P1D",
    "END:VALARM",
    "END:VEVENT",
  ];
}

function uidOf(stack: string, secret: string, what: string): string {
  const digest = createHash("sha256").update(`${stack}\n${secret}\n${what}`).digest("hex").slice(0, 24);
  return `${digest}@ringwall`;
}

function utc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

/** TEXT of RFC 5545, 3.3.11. */
function escaped(text: string): string {
  return text
    .replace(/[\\;,]/g, (character) => `\\${character}`)
    .replace(/\r\n|\n|\r/g, "\\n")
    .replace(/[\0-\x08\x0b-\x1f\x7f]/g, "");
}

/** A line in pieces of 75 octets at most, the following ones after a space; no character is cut in two. */
function folded(line: string): string {
  const pieces: string[] = [];
  let piece = "";
  let size = 0;
  for (const character of line) {
    const octets = Buffer.byteLength(character);
    if (size + octets > longestLine) {
      pieces.push(piece);
      piece = " ";
      size = 1;
    }
    piece += character;
    size += octets;
  }
  return [...pieces, piece].join("\r\n");
}
