import { type Finding, severities } from "../contracts/verdict.ts";
import { sumOfTallies } from "../controls/tally.ts";
import { describePlace } from "../lib/place.ts";
import { markdown, markdownCode, markdownHtml, markdownProse } from "./escape.ts";
import { countedSubjects, type FindingGroup, foldFindings, namesIn, subjectName } from "./groups.ts";
import { changeMark, heldBackSentences, newExceptionSentences, newExceptionsTitle, worseMark } from "./held-back.ts";
import type { ReportInput } from "./input.ts";
import { counted } from "./layout.ts";
import { countBySeverity, posture, type RingPosture } from "./posture.ts";
import { about, asClause, asSentence, describePath, severityWord } from "./wording.ts";

/** A comment of GitHub holds 65 536 characters; some are left for who posts it. */
const mostCharacters = 60_000;
const placesShown = 10;
/** Of each list below the findings. */
const rowsShown = 20;
const rowsLength = 8_000;

/** The report as a comment on a pull request: what counts first, the rest folded away, never longer than a comment may be. */
export function markdownReport(input: ReportInput): string {
  const open = input.findings.filter((finding) => finding.waiver === undefined);
  const groups = foldFindings(open);
  const head = [heading(input), "", summary(input), "", ...heldBackSection(input), ringTable(posture(input)), ""].join(
    "\n",
  );
  const tail = [...newExceptionsSection(input), ...waivedSection(input), ...uncheckedSection(input)].join("\n");
  const sections: string[] = [];
  let left = mostCharacters - head.length - tail.length;
  let shown = 0;
  for (const group of groups) {
    const section = groupSection(group, input);
    if (section.length > left) break;
    left -= section.length;
    shown++;
    sections.push(section);
  }
  if (shown < groups.length) {
    sections.push(`*${groups.length - shown} more kinds of finding are left out: a comment has no room for them.*\n`);
  }
  return `${head}\n${sections.join("\n")}\n${tail}`
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()
    .concat("\n");
}

function heading(input: ReportInput): string {
  const count = input.counting.size;
  return count === 0
    ? `### Ringwall: nothing at or above ${input.failOn}`
    : `### Ringwall: ${counted(count, "finding")} at or above ${input.failOn}`;
}

function summary(input: ReportInput): string {
  const failed = [...countBySeverity(input.findings, "fail")].map(([severity, count]) => `**${count}** ${severity}`);
  const unknown = input.findings.filter(({ verdict, waiver }) => verdict === "unknown" && waiver === undefined).length;
  if (unknown > 0) failed.push(`**${unknown}** cannot be told`);
  const { passed } = sumOfTallies(input.tallies.values());
  const nothing = input.heldBack === undefined ? "Nothing found" : "Nothing new found";
  const found = failed.length === 0 ? nothing : failed.join(" · ");
  return `${found} · ${counted(passed, "check")} hold · ${counted(input.files, "file")} · ${markdownCode(input.root.slice(0, 200))}`;
}

const states: Record<RingPosture["state"], string> = {
  holds: "✅ holds",
  open: "❌ open",
  unsure: "❔ cannot be told",
  unjudged: "– nothing to judge",
};

function ringTable(rings: readonly RingPosture[]): string {
  const rows = rings
    .filter((ring) => ring.state !== "unjudged")
    .map(
      ({ ring, state, tally, worst }) =>
        `| ${ring} | ${states[state]} | ${tally.passed} | ${tally.failed} | ${tally.unknown} | ${worst ?? ""} |`,
    );
  if (rows.length === 0) return "Nothing was judged.";
  return ["| Ring | | Hold | Failed | Cannot be told | Worst |", "|---|---|--:|--:|--:|---|", ...rows].join("\n");
}

function groupSection(group: FindingGroup, input: ReportInput): string {
  const several = input.severalSystems;
  const names = namesIn(group, several);
  const [first] = group.findings;
  const { changed = [], others = [] } = Object.groupBy(first.includes ?? [], (part) =>
    changeMark(part, input) === "" ? "others" : "changed",
  );
  // What is new of a chain has room first.
  const parts = [...changed, ...others];
  const concerned = names.length === 1 ? (names[0] ?? "") : countedSubjects(group, names.length);
  const summaryLine = `<summary><b>${severityWord(group)}</b> ${markdownHtml(about(concerned, asClause(first.message)))}</summary>`;
  const open = severities.indexOf(group.severity) >= severities.indexOf("high") ? "<details open>" : "<details>";
  return [
    open,
    summaryLine,
    "",
    ...group.findings
      .slice(0, placesShown)
      .map((finding) => `${findingLine(finding, several)}${worse(finding, input)}`),
    ...(group.findings.length > placesShown ? [`- and ${group.findings.length - placesShown} more`] : []),
    "",
    ...(first.path.length === 0 ? [] : [`**Way in** ${markdown(describePath(first.path))}`, ""]),
    ...parts.slice(0, placesShown).map((part) => findingLine(part, several, changeMark(part, input))),
    ...(parts.length > placesShown ? [`- and ${parts.length - placesShown} more`] : []),
    ...(parts.length === 0 ? [] : [""]),
    `**Remedy** ${markdownProse(first.remedy)}`,
    "",
    `${markdownCode(group.control)}`,
    "",
    "</details>",
    "",
  ].join("\n");
}

function findingLine(finding: Finding, several: boolean, mark = ""): string {
  const where = describePlace(finding.place);
  const place = finding.place.kind === "nowhere" ? markdown(where) : markdownCode(where);
  return `- ${place} ${markdownCode(subjectName(finding.subject, several))} ${mark}${markdownProse(asSentence(finding.message))}`;
}

function worse(finding: Finding, input: ReportInput): string {
  const mark = worseMark(finding, input);
  return mark === "" ? "" : ` (${mark})`;
}

function waivedSection(input: ReportInput): readonly string[] {
  const waived = input.findings.filter((finding) => finding.waiver !== undefined);
  if (waived.length === 0) return [];
  const rows = waived.map((finding) => {
    const { reason = "", owner, until } = finding.waiver ?? {};
    const cells = [markdown(short(reason)), markdown(short(owner ?? "")), markdown(short(until ?? ""))];
    return `| ${markdownCode(finding.control)} | ${markdownCode(short(finding.subject.name))} | ${cells.join(" | ")} |`;
  });
  return [
    "<details>",
    `<summary>${counted(waived.length, "finding")} waived</summary>`,
    "",
    "| Control | Subject | Reason | Owner | Until |",
    "|---|---|---|---|---|",
    ...fitting(rows, "\n"),
    "",
    "</details>",
    "",
  ];
}

function short(text: string): string {
  return text.slice(0, 200);
}

/** As many rows as have room, and how many more there are. */
function fitting(rows: readonly string[], mark: string): readonly string[] {
  let length = 0;
  const most = rows.slice(0, rowsShown).findIndex((row) => {
    length += row.length;
    return length > rowsLength;
  });
  const shown = rows.slice(0, most === -1 ? rowsShown : most);
  return shown.length < rows.length ? [...shown, `${mark}and ${rows.length - shown.length} more`] : shown;
}

function heldBackSection({ heldBack }: ReportInput): readonly string[] {
  return heldBackSentences(heldBack).flatMap((sentence) => [markdownProse(sentence), ""]);
}

/** What a reviewer must see: risks that the change itself wants accepted. */
function newExceptionsSection({ heldBack }: ReportInput): readonly string[] {
  const sentences = newExceptionSentences(heldBack);
  if (sentences.length === 0) return [];
  const items = sentences.map((sentence) => `- ${markdown(sentence.slice(0, 400))}`);
  return [`**${newExceptionsTitle}**`, "", ...fitting(items, "- "), ""];
}

function uncheckedSection(input: ReportInput): readonly string[] {
  if (input.unchecked.length === 0) return [];
  const items = input.unchecked.map((sentence) => `- ${markdown(sentence.slice(0, 400))}`);
  return ["**Not checked**", "", ...fitting(items, "- "), ""];
}
