import type { ControlDescription } from "../contracts/control.ts";
import type { Finding } from "../contracts/verdict.ts";
import { noTally } from "../controls/tally.ts";
import { describePlace } from "../lib/place.ts";
import { xml } from "./escape.ts";
import { subjectName } from "./groups.ts";
import { changedSentences } from "./held-back.ts";
import type { ReportInput } from "./input.ts";
import { positionInRun } from "./run-path.ts";
import { asSentence, describePath } from "./wording.ts";

/**
 * JUnit XML, as CI servers read it: one suite for each ring, one case for each finding and one for each control that
 * found nothing. A case has failed when it is one of those that make the exit code 1, so that the page and the exit
 * code say the same; other findings are skipped cases that carry their text.
 */
export function junitReport(input: ReportInput): string {
  const byRing = Map.groupBy(input.controls, (control) => control.ring);
  const findingsOf = Map.groupBy(input.findings, (finding) => finding.control);
  const suites = [...byRing].map(([ring, controls]) => {
    const cases = controls.flatMap((control) => casesOf(control, findingsOf.get(control.id) ?? [], input));
    return suite(ring, cases, input);
  });
  const all = suites.reduce(
    (sum, { tests, failures }) => ({ tests: sum.tests + tests, failures: sum.failures + failures }),
    {
      tests: 0,
      failures: 0,
    },
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="ringwall check" tests="${all.tests}" failures="${all.failures}" errors="0" time="${seconds(input)}">`,
    ...suites.map(({ text }) => text),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Case {
  readonly outcome: "passed" | "failed" | "skipped";
  readonly text: string;
}

function casesOf(control: ControlDescription, findings: readonly Finding[], input: ReportInput): readonly Case[] {
  if (findings.length > 0) return findings.map((finding) => findingCase(finding, input));
  const { passed } = input.tallies.get(control.id) ?? noTally;
  if (passed === 0) return [];
  const name = `${control.title} (holds ${passed} ${passed === 1 ? "time" : "times"})`;
  return [{ outcome: "passed", text: `    <testcase classname="${xml(control.id)}" name="${xml(name)}"/>` }];
}

function findingCase(finding: Finding, input: ReportInput): Case {
  const name = `${subjectName(finding.subject, input.severalSystems)}: ${finding.title}`;
  const open = `    <testcase classname="${xml(finding.control)}" name="${xml(name)}"${fileAttributes(finding, input)}>`;
  if (input.counting.has(finding)) {
    const message = `${finding.severity}: ${asSentence(finding.message)}`;
    const body = [
      describePlace(finding.place),
      `${asSentence(finding.message)}${changedSentences(finding, input)}`,
      ...(finding.path.length === 0 ? [] : [`Way in: ${describePath(finding.path)}`]),
      `Mend: ${finding.remedy}`,
    ];
    const failure = `      <failure type="${xml(finding.control)}" message="${xml(message)}">${body.map(xml).join("\n")}</failure>`;
    return { outcome: "failed", text: `${open}\n${failure}\n    </testcase>` };
  }
  const skipped = `      <skipped message="${xml(`${whyNotCounted(finding, input)}: ${asSentence(finding.message)}`)}"/>`;
  return { outcome: "skipped", text: `${open}\n${skipped}\n    </testcase>` };
}

function whyNotCounted(finding: Finding, input: ReportInput): string {
  if (finding.waiver !== undefined) return `waived (${finding.waiver.reason})`;
  if (finding.verdict === "unknown") return `${finding.severity}, cannot be told`;
  return `${finding.severity}, below ${input.failOn}`;
}

function fileAttributes(finding: Finding, input: ReportInput): string {
  const { file, line } = positionInRun(finding, input);
  if (file === null) return "";
  return ` file="${xml(file)}"${line === null ? "" : ` line="${line}"`}`;
}

function suite(
  ring: string,
  cases: readonly Case[],
  input: ReportInput,
): { readonly text: string; readonly tests: number; readonly failures: number } {
  const failures = cases.filter((each) => each.outcome === "failed").length;
  const skipped = cases.filter((each) => each.outcome === "skipped").length;
  const head = `  <testsuite name="${xml(ring)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" timestamp="${input.at.toISOString().slice(0, 19)}">`;
  const text = [head, ...cases.map((each) => each.text), "  </testsuite>"].join("\n");
  return { text, tests: cases.length, failures };
}

function seconds(input: ReportInput): string {
  return (input.durations.totalMs / 1000).toFixed(3);
}
