import type { Finding } from "../contracts/verdict.ts";
import type { Change } from "../controls/known-findings.ts";
import { sumOfTallies } from "../controls/tally.ts";
import { refKey } from "../facts/subjects.ts";
import { describePlace } from "../lib/place.ts";
import { jsonLine, jsonText } from "./escape.ts";
import type { HeldBack, ReportInput } from "./input.ts";
import { positionOf } from "./position.ts";

/** The number of the format, raised when a field changes its meaning or goes. `schemas/check.schema.json` describes it. */
const schemaVersion = 1;

/**
 * The report for programs, as `schemas/check.schema.json` says, one finding a line. In parts, which are its text one
 * after another: a hundred thousand findings need not be in memory twice.
 */
export function* jsonReport(input: ReportInput): Generator<string> {
  const { passed, failed, unknown, notApplicable, waived } = sumOfTallies(input.tallies.values());
  const head = jsonText({
    version: input.version,
    schemaVersion,
    root: input.root,
    at: input.at.toISOString(),
    profile: input.profile,
    failOn: input.failOn,
    summary: {
      files: input.files,
      systems: input.systemCount,
      subjects: input.subjects,
      controls: input.controls.length,
      passed,
      failed,
      unknown,
      notApplicable,
      waived,
      ...heldBackCounts(input.heldBack),
      durationMs: Math.round(input.durations.totalMs),
    },
    unchecked: input.unchecked,
    internalErrors: input.broken,
    ...(input.heldBack === undefined ? {} : { heldBack: heldBack(input.heldBack) }),
    ...(input.measured === undefined ? {} : { measured: input.measured }),
  });
  yield `${head.slice(0, head.lastIndexOf("\n}"))},\n  "findings": [`;
  let between = "\n    ";
  for (const finding of input.findings) {
    yield `${between}${jsonLine(jsonFinding(finding, input))}`;
    between = ",\n    ";
  }
  yield input.findings.length === 0 ? "]\n}\n" : "\n  ]\n}\n";
}

/** How many findings are not told, beside the verdicts, which count them. */
function heldBackCounts(held: HeldBack | undefined): Readonly<Record<string, number>> {
  const { baseline, since } = held ?? {};
  return {
    ...(baseline === undefined ? {} : { baselined: baseline.held }),
    ...(since === undefined ? {} : { unchanged: since.held }),
  };
}

function heldBack({ baseline, since }: HeldBack): unknown {
  return {
    baseline: baseline === undefined ? null : { file: baseline.file, inForce: !baseline.ignored, gone: baseline.gone },
    since:
      since === undefined
        ? null
        : {
            revision: since.revision,
            gone: since.gone,
            exceptionsNotInForce: since.exceptions.map(({ control, subject, reason, until, place }) => ({
              ...{ control, subject: subject ?? null, reason, until: until ?? null, place },
            })),
          },
  };
}

function jsonFinding(finding: Finding, { counting, heldBack }: ReportInput): unknown {
  const position = positionOf(finding.place);
  const { waiver } = finding;
  const knownAs = heldBack?.knownAs?.get(finding);
  return {
    control: finding.control,
    ring: finding.ring,
    title: finding.title,
    severity: finding.severity,
    severityWhy: finding.severityWhy,
    ...(knownAs === undefined ? {} : { change: "worse", knownAs }),
    verdict: finding.verdict,
    counts: counting.has(finding),
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
    includes: (finding.includes ?? []).map((part) => jsonPart(part, heldBack?.changes?.get(part))),
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

/** A finding that a chain tells with it. */
function jsonPart(part: Finding, change: Change | undefined): unknown {
  const { file, line, column } = positionOf(part.place);
  const { control, severity, message, fingerprint, fixable, subject } = part;
  const told = { control, severity, subject: refKey(subject), message, file, line, column, fingerprint, fixable };
  return change === undefined ? told : { ...told, change };
}
