/** Entries as syslog messages (RFC 5424), with JSON as their text. */
import type { LedgerEntry } from "../entry.ts";
import { entryJson } from "./loki.ts";

/** Facility 13, "log audit". */
const facility = 13;
const severities = { begun: 6, done: 6, failed: 4 } as const;

/** One message without framing, in ASCII: what JSON would write otherwise is escaped. */
export function syslogMessage(origin: string, host: string, entry: LedgerEntry): string {
  const priority = facility * 8 + severities[entry.outcome];
  const text = entryJson(origin, entry).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `<${priority}>1 ${entry.at} ${printable(host, 255)} ringwall - ${printable(entry.action, 32)} - ${text}`;
}

/** PRINTUSASCII of a length; `-` where nothing is left. */
function printable(text: string, length: number): string {
  return text.replace(/[^\x21-\x7e]/g, "").slice(0, length) || "-";
}

/** RFC 6587, 3.4.1 and RFC 5425: the length in front. */
export function octetCounted(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}
