import { baselineVersion, type KnownFinding } from "../controls/known-findings.ts";
import { jsonLine } from "./escape.ts";

const about =
  "Findings that were there when ringwall check --write-baseline wrote this file. --baseline passes over them; what is gone can be taken out.";

/** A baseline, one finding a line and in an order of its own, so that two of them can be compared and merged. */
export function baselineText(known: readonly KnownFinding[]): string {
  const lines = known
    .toSorted((a, b) => compare(keyOf(a), keyOf(b)))
    .map(({ control, severity, subject, message, fingerprint }) =>
      jsonLine({ control, severity, subject, message, fingerprint }),
    );
  const list = lines.length === 0 ? "[]" : `[\n    ${lines.join(",\n    ")}\n  ]`;
  return `{\n  "about": ${jsonLine(about)},\n  "version": ${baselineVersion},\n  "findings": ${list}\n}\n`;
}

function keyOf({ control, subject, message, fingerprint }: KnownFinding): string {
  return [control, subject, message, fingerprint].join("\0");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
