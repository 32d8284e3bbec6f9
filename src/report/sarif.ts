import type { ControlDescription } from "../contracts/control.ts";
import type { Finding, Severity, Waiver } from "../contracts/verdict.ts";
import { refKey } from "../facts/subjects.ts";
import { jsonLine, jsonText, markdown, sarifText } from "./escape.ts";
import { changedSentences, changeMark } from "./held-back.ts";
import type { BrokenControl, ReportInput } from "./input.ts";
import { counted } from "./layout.ts";
import { positionInRun } from "./run-path.ts";
import { asSentence, describePath } from "./wording.ts";

const levels: Record<Severity, "error" | "warning" | "note"> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
};

/** What code scanning pages sort by: a number from 0 to 10, in the bands that they give names to. */
const securitySeverity: Record<Severity, string> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "3.0",
  info: "0.5",
};

/**
 * GitHub's code scanning refuses a run with more results. Source: docs.github.com, code-security, "SARIF results exceed one
 * or more limits".
 */
const mostResults = 25_000;

/**
 * SARIF 2.1.0 (OASIS): one run, one rule for each control that found something, waived findings as suppressed; one
 * result a line. Of more findings than code scanning takes the worst, and how many are left out. In parts, which are its
 * text one after another.
 */
export function* sarifReport(input: ReportInput): Generator<string> {
  const used = new Set(input.findings.map((finding) => finding.control));
  const rules = input.controls.filter((control) => used.has(control.id));
  const indexOf = new Map(rules.map((control, index) => [control.id, index] as const));
  const run = jsonText({
    tool: { driver: { name: "Ringwall", semanticVersion: input.version, rules: rules.map(rule) } },
    automationDetails: { id: "ringwall/check/" },
    columnKind: "utf16CodeUnits",
    originalUriBaseIds: { ROOT: { description: { text: "The folder that the check was run in." } } },
    invocations: [invocation(input)],
  });
  yield `{\n"$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n"version": "2.1.0",\n"runs": [\n`;
  yield `${run.slice(0, run.lastIndexOf("\n}"))},\n  "results": [`;
  let between = "\n    ";
  for (const finding of input.findings.slice(0, mostResults)) {
    yield `${between}${jsonLine(result(finding, indexOf.get(finding.control), input))}`;
    between = ",\n    ";
  }
  yield "\n  ]\n}\n]\n}\n";
}

function invocation(input: ReportInput): unknown {
  return {
    executionSuccessful: input.broken.length === 0,
    startTimeUtc: new Date(input.at.getTime() - Math.round(input.durations.totalMs)).toISOString(),
    endTimeUtc: input.at.toISOString(),
    toolExecutionNotifications: [
      ...input.broken.map(notification),
      ...[...input.unchecked, ...leftOut(input)].map((sentence) => ({
        level: "note",
        message: { text: sarifText(sentence) },
      })),
    ],
  };
}

function leftOut({ findings }: ReportInput): readonly string[] {
  const more = findings.length - mostResults;
  if (more <= 0) return [];
  return [
    `${counted(more, "finding")} of lower rank ${more === 1 ? "is" : "are"} left out: code scanning takes ${counted(mostResults, "result")} of a run. The format json has all.`,
  ];
}

function notification({ control, subject, id }: BrokenControl): unknown {
  return {
    level: "error",
    message: { text: sarifText(`The control ${control} failed on ${subject} with internal error ${id}.`) },
    associatedRule: { id: control },
  };
}

function rule(control: ControlDescription): unknown {
  return {
    id: control.id,
    name: control.id,
    shortDescription: { text: sarifText(control.title) },
    fullDescription: { text: sarifText(control.claim) },
    help: {
      text: sarifText(`${control.threat} ${control.remedy}`),
      markdown: `${markdown(control.threat)}\n\n**Remedy.** ${markdown(control.remedy)}\n`,
    },
    defaultConfiguration: { level: levels[control.severity] },
    properties: {
      tags: ["security", control.ring, ...frameworkTags(control)],
      "security-severity": securitySeverity[control.severity],
      precision: "high",
    },
  };
}

function frameworkTags({ frameworks }: ControlDescription): readonly string[] {
  return [
    ...(frameworks.cisDocker ?? []).map((number) => `CIS-Docker-${number}`),
    ...(frameworks.owaspDocker ?? []).map((number) => `OWASP-Docker-${number}`),
    ...(frameworks.nistCsf ?? []).map((number) => `NIST-CSF-${number}`),
  ];
}

function result(finding: Finding, ruleIndex: number | undefined, input: ReportInput): unknown {
  return {
    ruleId: finding.control,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    // "open": what could not be told. The standard then asks for the level "none".
    ...(finding.verdict === "fail"
      ? { kind: "fail", level: levels[finding.severity] }
      : { kind: "open", level: "none" }),
    message: { text: sarifText(messageOf(finding, input)) },
    locations: [location(finding, input)],
    ...((finding.includes ?? []).length === 0
      ? {}
      : { relatedLocations: (finding.includes ?? []).map((part) => related(part, input)) }),
    partialFingerprints: { "ringwall/v1": finding.fingerprint },
    ...(finding.waiver === undefined ? {} : { suppressions: [suppression(finding.waiver)] }),
    properties: {
      ring: finding.ring,
      severity: finding.severity,
      severityWhy: finding.severityWhy,
      lens: finding.lens,
      path: finding.path,
      ...(finding.exposure === undefined ? {} : { exposure: finding.exposure }),
    },
  };
}

/** A part of a chain: where it stands and what it says. */
function related(part: Finding, input: ReportInput): unknown {
  return {
    ...location(part, input),
    message: { text: sarifText(`${changeMark(part, input)}${part.control}: ${asSentence(part.message)}`) },
  };
}

function messageOf(finding: Finding, input: ReportInput): string {
  const way = finding.path.length === 0 ? "" : ` Way in: ${describePath(finding.path)}.`;
  return `${finding.subject.name}: ${asSentence(finding.message)}${changedSentences(finding, input)}${way} ${finding.remedy}`;
}

function location(finding: Finding, input: ReportInput): Record<string, unknown> {
  const logicalLocations = [{ fullyQualifiedName: refKey(finding.subject), kind: finding.subject.kind }];
  const position = positionInRun(finding, input);
  if (position.file === null) return { logicalLocations };
  const artifactLocation = { uri: uriOf(position.file), uriBaseId: "ROOT" };
  if (position.line === null) return { physicalLocation: { artifactLocation }, logicalLocations };
  const { line, column, end } = position;
  const region = {
    startLine: line,
    startColumn: column,
    ...(end === undefined ? {} : { endLine: end.line, endColumn: end.column }),
  };
  return { physicalLocation: { artifactLocation, region }, logicalLocations };
}

/** A relative path as a relative URI reference. */
function uriOf(path: string): string {
  return path
    .split("/")
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join("/");
}

function suppression(waiver: Waiver): unknown {
  const { owner, until, reason, place } = waiver;
  const inSource = place.kind === "file" && !/exceptions\.ya?ml$/.test(place.source.path);
  const more = `${owner === undefined ? "" : ` (${owner})`}${until === undefined ? "" : `, until ${until}`}`;
  return { kind: inSource ? "inSource" : "external", status: "accepted", justification: sarifText(reason + more) };
}
