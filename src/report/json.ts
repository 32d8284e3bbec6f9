import type { Finding } from "../contracts/verdict.ts";
import { refKey } from "../facts/subjects.ts";
import { describePlace } from "../lib/place.ts";
import { jsonText } from "./escape.ts";
import { type ReportInput, sumTallies } from "./input.ts";
import { positionOf } from "./position.ts";

/** The number of the format, raised when a field changes its meaning or goes. `schemas/check.schema.json` describes it. */
const schemaVersion = 1;

/** The report for programs, as `schemas/check.schema.json` says. */
export function jsonReport(input: ReportInput): string {
  const { passed, failed, unknown, notApplicable, waived } = sumTallies(input.tallies.values());
  return jsonText({
    version: input.version,
    schemaVersion,
    root: input.root,
    at: input.at.toISOString(),
    profile: input.profile,
    failOn: input.failOn,
    summary: {
      files: input.files,
      systems: input.systems.length,
      subjects: input.subjects,
      controls: input.controls.length,
      passed,
      failed,
      unknown,
      notApplicable,
      waived,
      durationMs: Math.round(input.durations.totalMs),
    },
    findings: input.findings.map((finding) => jsonFinding(finding, input.counting.has(finding))),
    unchecked: input.unchecked,
    internalErrors: input.broken,
    ...(input.measured === undefined ? {} : { measured: input.measured }),
  });
}

function jsonFinding(finding: Finding, counts: boolean): unknown {
  const position = positionOf(finding.place);
  const { waiver } = finding;
  return {
    control: finding.control,
    ring: finding.ring,
    title: finding.title,
    severity: finding.severity,
    severityWhy: finding.severityWhy,
    verdict: finding.verdict,
    counts,
    lens: finding.lens,
    subject: refKey(finding.subject),
    message: finding.message,
    remedy: finding.remedy,
    exposure: finding.exposure ?? null,
    path: finding.path,
    file: position.file,
    line: position.line,
    column: position.column,
    ...("placeUnknown" in position ? { placeUnknown: position.placeUnknown } : {}),
    fingerprint: finding.fingerprint,
    fixable: finding.fixable,
    waiver:
      waiver === undefined
        ? null
        : {
            reason: waiver.reason,
            owner: waiver.owner ?? null,
            until: waiver.until ?? null,
            place: describePlace(waiver.place),
          },
  };
}
