import type { Finding, Severity } from "../contracts/verdict.ts";
import { workflowData, workflowProperty } from "./escape.ts";
import { subjectName } from "./groups.ts";
import { changedSentences } from "./held-back.ts";
import type { ReportInput } from "./input.ts";
import { counted } from "./layout.ts";
import { positionInRun } from "./run-path.ts";
import { plainStyle } from "./style.ts";
import { textReport } from "./text.ts";
import { about, asSentence, describePath, severityWord } from "./wording.ts";

const kinds: Record<Severity, "error" | "warning" | "notice"> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "notice",
  info: "notice",
};

/**
 * What GitHub shows of each kind for one step; the rest would be dropped without a word.
 * Source: actions/toolkit, docs/problem-matchers.md, "Limitations".
 */
const mostOfAKind = 10;
/** Longer messages are cut by GitHub's own page. */
const longestMessage = 2_000;

/**
 * Annotations as GitHub's workflow commands, the worst first, then the report as text: both stand in the log of the step.
 * Of each kind as many are annotated as GitHub shows; of how many are not it says so itself.
 */
export function githubReport(input: ReportInput): string {
  const left = { error: mostOfAKind, warning: mostOfAKind, notice: mostOfAKind };
  const commands: string[] = [];
  let more = 0;
  for (const finding of input.findings) {
    if (finding.waiver !== undefined) continue;
    const kind = kindOf(finding, input);
    if (left[kind] === 0) more++;
    else commands.push(command(kind, finding, input));
    left[kind] = Math.max(0, left[kind] - 1);
  }
  const text = textReport(input, { style: plainStyle, width: Number.POSITIVE_INFINITY, all: false });
  const rest = more === 0 ? "" : `${counted(more, "finding")} more ${more === 1 ? "has" : "have"} no annotation.\n`;
  return `${commands.join("")}${text}${rest}`;
}

/** What makes the exit code 1 is an error, however severe; what cannot be told and does not count is a notice. */
function kindOf(finding: Finding, input: ReportInput): "error" | "warning" | "notice" {
  if (input.counting.has(finding)) return "error";
  return finding.verdict === "unknown" ? "notice" : kinds[finding.severity];
}

function command(kind: string, finding: Finding, input: ReportInput): string {
  const position = positionInRun(finding, input);
  const properties = [
    ...(position.file === null ? [] : [`file=${workflowProperty(position.file)}`]),
    ...(position.line === null ? [] : [`line=${position.line}`]),
    ...(position.line === null || position.end?.line !== position.line
      ? []
      : [`col=${position.column}`, `endColumn=${position.end.column}`]),
    `title=${workflowProperty(`${severityWord(finding)}: ${finding.title} (${finding.control})`)}`,
  ];
  return `::${kind} ${properties.join(",")}::${workflowData(messageOf(finding, input))}\n`;
}

function messageOf(finding: Finding, input: ReportInput): string {
  const said = about(subjectName(finding.subject, input.severalSystems), asSentence(finding.message));
  const way = finding.path.length === 0 ? "" : ` Way in: ${describePath(finding.path)}.`;
  return `${said}${changedSentences(finding, input)}${way} ${finding.remedy}`.slice(0, longestMessage);
}
