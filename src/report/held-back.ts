import type { Finding } from "../contracts/verdict.ts";
import type { HeldBack, ReportInput } from "./input.ts";
import { counted } from "./layout.ts";
import { asSentence } from "./wording.ts";

/** What stands before a part of a chain that is told for it: `new: `, `worse: `, or nothing. */
export function changeMark(part: Finding, { heldBack }: Pick<ReportInput, "heldBack">): string {
  const change = heldBack?.changes?.get(part);
  return change === undefined ? "" : `${change}: `;
}

/** `known as HIGH, now CRITICAL` for a finding that is told because it got worse; else nothing. */
export function worseMark(finding: Finding, { heldBack }: Pick<ReportInput, "heldBack">): string {
  const before = heldBack?.knownAs?.get(finding);
  return before === undefined ? "" : `known as ${before.toUpperCase()}, now ${finding.severity.toUpperCase()}`;
}

/** The same of several findings that are told together: how many of them, where it is not all. */
export function worseLines(findings: readonly Finding[], input: Pick<ReportInput, "heldBack">): readonly string[] {
  return [...Map.groupBy(findings, (finding) => worseMark(finding, input))].flatMap(([mark, marked]) => {
    if (mark === "") return [];
    return marked.length === findings.length ? mark : `${marked.length} of them: ${mark}`;
  });
}

/** What came to a chain or got worse of it, as sentences with a space in front; empty where nothing did. Not yet escaped. */
export function changedSentences({ includes = [] }: Finding, input: Pick<ReportInput, "heldBack">): string {
  return includes
    .map((part) => [changeMark(part, input), part] as const)
    .filter(([mark]) => mark !== "")
    .map(([mark, { message }]) => ` ${mark === "new: " ? "New" : "Worse"}: ${asSentence(message)}`)
    .join("");
}

/** What is said of findings that are not told, as sentences; empty where none is held back. Not yet escaped. */
export function heldBackSentences(held: HeldBack | undefined): readonly string[] {
  return [...sinceSentences(held?.since), ...baselineSentences(held?.baseline)];
}

function sinceSentences(since: HeldBack["since"]): readonly string[] {
  if (since === undefined) return [];
  const { revision, held, gone } = since;
  const left = gone === 0 ? "" : `; ${counted(gone, "finding")} of then ${gone === 1 ? "is" : "are"} gone`;
  return [`Only what is new since ${revision} is told: ${counted(held, "finding")} ${were(held)} there before${left}.`];
}

function were(count: number): string {
  return count === 1 ? "was" : "were";
}

function baselineSentences(baseline: HeldBack["baseline"]): readonly string[] {
  if (baseline === undefined) return [];
  const { file, held, gone, ignored } = baseline;
  if (ignored) return [`${file} is not in force yet, for it comes with the change itself.`];
  const known = `${counted(held, "finding")} ${held === 1 ? "is" : "are"} in the baseline ${file} and not told.`;
  if (gone.length === 0) return [known];
  // Of another folder, or of a part of it, nothing that is known can be found.
  if (held === 0) {
    const what = gone.length === 1 ? "Its one finding is" : `None of its ${gone.length} findings is`;
    return [
      `${what}${gone.length === 1 ? " not" : ""} found here: was ${file} written for this folder, and for all of it?`,
    ];
  }
  const left = `${counted(gone.length, "finding")} in it ${gone.length === 1 ? "is" : "are"} gone: \`--baseline ${file} --write-baseline ${file}\` takes ${gone.length === 1 ? "it" : "them"} out.`;
  return [known, left];
}

/** Exceptions that are not in force yet, each as a sentence of its own. Not yet escaped. */
export function newExceptionSentences(held: HeldBack | undefined): readonly string[] {
  return (held?.since?.exceptions ?? []).map(({ control, subject, reason, until, place }) => {
    const whom = subject === undefined ? "" : ` of ${subject}`;
    return `${control}${whom}: ${reason}${until === undefined ? "" : ` (until ${until})`}, ${place}`;
  });
}

export const newExceptionsTitle = "Exceptions that this change adds, which hold once it is merged";
