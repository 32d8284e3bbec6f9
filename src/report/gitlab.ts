import type { Finding, Severity } from "../contracts/verdict.ts";
import { jsonLine } from "./escape.ts";
import { subjectName } from "./groups.ts";
import { changedSentences } from "./held-back.ts";
import type { ReportInput } from "./input.ts";
import { positionInRun } from "./run-path.ts";
import { about, asSentence } from "./wording.ts";

const severities: Record<Severity, "info" | "minor" | "major" | "critical" | "blocker"> = {
  critical: "blocker",
  high: "critical",
  medium: "major",
  low: "minor",
  info: "info",
};

const longestDescription = 1_000;

/**
 * A code quality report of GitLab: a list of what was found and is not waived, worst first, one a line. In parts, which are
 * its text one after another.
 *
 * The format has a line for every finding. What stands in no line (an engine's container, a file that could not be read) is
 * named by what it stands in, at its first line, and its description says so.
 *
 * Source: docs.gitlab.com, ci/testing/code_quality, "Code Quality report format".
 */
export function* gitlabReport(input: ReportInput): Generator<string> {
  const seen = new Map<string, number>();
  let between = "[\n  ";
  for (const finding of input.findings) {
    if (finding.waiver !== undefined) continue;
    yield `${between}${jsonLine(issue(finding, input, seen))}`;
    between = ",\n  ";
  }
  yield between === "[\n  " ? "[]\n" : "\n]\n";
}

function issue(finding: Finding, input: ReportInput, seen: Map<string, number>): unknown {
  const { control, severity, verdict, fingerprint, subject, message, remedy } = finding;
  const position = positionInRun(finding, input);
  const nowhere = position.file === null ? ` (${position.placeUnknown})` : "";
  const said = about(subjectName(subject, input.severalSystems), asSentence(message));
  return {
    description: `${said}${nowhere}${changedSentences(finding, input)} ${remedy}`.slice(0, longestDescription),
    check_name: control,
    fingerprint: unique(fingerprint, seen),
    // What cannot be told may be nothing: it never blocks by itself.
    severity: verdict === "unknown" && severity !== "info" ? "minor" : severities[severity],
    location:
      position.file === null
        ? { path: pathOf(finding), lines: { begin: 1 } }
        : // Of a whole file its first line: GitLab asks for one.
          { path: position.file, lines: { begin: position.line ?? 1 } },
  };
}

/** The finding's own fingerprint, with a number where a report has it more than once: GitLab shows one of each alone. */
function unique(fingerprint: string, seen: Map<string, number>): string {
  const count = (seen.get(fingerprint) ?? 0) + 1;
  seen.set(fingerprint, count);
  return count === 1 ? fingerprint : `${fingerprint}-${count}`;
}

function pathOf({ place, subject }: Finding): string {
  return place.kind === "object" ? place.locator : subject.name;
}
