import { type Finding, rings, severities } from "../contracts/verdict.ts";
import type { Exposure } from "../facts/reach.ts";
import { inputControl } from "./reserved.ts";

const exposures: readonly Exposure[] = ["published", "proxied", "local", "neighbour", "internal", "none"];

/**
 * Findings as a defender would take them up: what is not waived first, then by severity (an unknown two steps lower than a
 * fault, but for a file that could not be read, in which anything may be), failed before unknown, a way from outside to the
 * host before its parts elsewhere, what is published before what is inside, the outer ring before the inner one, what is set apart before
 * what it is set apart from, and last by file and place.
 */
export function ranked(findings: readonly Finding[]): Finding[] {
  return findings
    .map((finding) => ({ finding, weight: weightOf(finding), path: pathOf(finding), offset: offsetOf(finding) }))
    .sort(
      (a, b) =>
        a.weight - b.weight ||
        compareText(a.path, b.path) ||
        a.offset - b.offset ||
        compareText(a.finding.control, b.finding.control) ||
        compareText(a.finding.subject.name, b.finding.subject.name),
    )
    .map((entry) => entry.finding);
}

function weightOf(finding: Finding): number {
  const waived = finding.waiver === undefined ? 0 : 1;
  const verdict = finding.verdict === "fail" ? 0 : 1;
  // What may be a critical fault is worth a look after what is a medium one.
  const doubt = finding.control === inputControl.id ? 0 : 2 * verdict;
  const severity = severities.length - 1 - severities.indexOf(finding.severity) + doubt;
  const chain = verdict === 0 && (finding.includes ?? []).length > 0 ? 0 : 1;
  const apart = finding.apart === undefined ? 1 : 0;
  const exposure = finding.exposure === undefined ? exposures.length : exposures.indexOf(finding.exposure);
  const place = (waived * 10 + severity) * 10 + verdict;
  return (((place * 10 + chain) * 10 + exposure) * 100 + rings.indexOf(finding.ring)) * 2 + apart;
}

function pathOf(finding: Finding): string {
  return finding.place.kind === "file" ? finding.place.source.path : "";
}

function offsetOf(finding: Finding): number {
  return finding.place.kind === "file" ? finding.place.offset : 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
