import type { ControlDescription } from "../contracts/control.ts";
import type { Finding, Severity } from "../contracts/verdict.ts";
import type { Lens, Ref } from "../facts/subjects.ts";
import type { InputProblem, System } from "../facts/system.ts";
import { describePlace, type Place } from "../lib/place.ts";
import type { UnusedException } from "./accepted-risks.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { exceptionControl, inputControl } from "./reserved.ts";
import type { WrittenException } from "./waivers.ts";

/** What could not be read of a system, as findings of `input`: unknown, because it was not checked. */
export function inputFindings(system: System): readonly Finding[] {
  return system.problems.map((problem) => inputFinding(problem, { name: system.name, lens: system.lens }));
}

/** One such finding, for what could not even become part of a system. */
export function inputFinding(problem: InputProblem, of: { readonly name: string; readonly lens: Lens }): Finding {
  const finding = reservedFinding(inputControl, problem.place, of.name, of.lens, problem.message);
  return {
    ...finding,
    verdict: "unknown",
    ...severityOf(problem),
    ...(problem.hint === undefined ? {} : { remedy: problem.hint }),
    ...(problem.parts === undefined ? {} : { includes: problem.parts.map((part) => inputFinding(part, of)) }),
  };
}

function severityOf({ severity, template }: InputProblem): Pick<Finding, "severity" | "severityWhy"> {
  if (template === true) {
    return { severity: "low", severityWhy: "Low by itself: another program fills it in before it is used." };
  }
  return severity === "error"
    ? { severity: inputControl.severity, severityWhy: "High by itself: what was not read was not checked." }
    : { severity: "low", severityWhy: "Low by itself: it was read, with a doubt." };
}

/** Exceptions that do not hold, as findings. `meant` gives the control whose id a wrong one is near. */
export function exceptionFindings(
  written: readonly WrittenException[],
  whyInvalid: (exception: WrittenException) => string | undefined,
  meant: (control: string) => string | undefined,
  system: System | undefined,
): readonly Finding[] {
  return written.flatMap((exception) => {
    const why = whyInvalid(exception);
    if (why === undefined) return [];
    const named = exception.control === "" ? "An exception" : `The exception from ${exception.control}`;
    const message = `${named} does not hold: ${why}`;
    const { name = "", lens = "written" } = system ?? {};
    const finding = reservedFinding(exceptionControl, exception.place, name, lens, message);
    const near = meant(exception.control);
    return [near === undefined ? finding : { ...finding, remedy: `Write ${near} if that is meant. ${finding.remedy}` }];
  });
}

/** Exceptions that hold and waive nothing: misplaced, or left behind by what was mended. */
export function unusedFindings(unused: readonly UnusedException[], system: System | undefined): readonly Finding[] {
  return unused.map(({ exception: { control, place, ...written }, why }) => {
    const subject = "subject" in written ? written.subject : undefined;
    const [clause, remedy] = unusedWords(why, control, subject);
    const message = `The exception from ${control} waives nothing: ${clause}`;
    const finding = reservedFinding(exceptionControl, place, system?.name ?? "", system?.lens ?? "written", message);
    return { ...finding, severity: "low", severityWhy: "Low by itself: it hides nothing.", remedy };
  });
}

/** Why it waives nothing, as a clause, and what to do about it. */
function unusedWords(why: UnusedException["why"], control: string, subject: string | undefined) {
  if (why === "line") {
    return [
      "no finding of it stands on that line",
      "Remove the comment where the fault is mended; otherwise put it on the line that the finding names, or alone on the line above.",
    ] as const;
  }
  const whom = subject ?? "";
  if (why === "absent") {
    const pattern = /[*?[\]{}|]/.test(whom) ? "; a subject is a name to the letter, and no pattern" : "";
    return [
      `nothing here is called ${whom}${pattern}`,
      "Name the subject to the letter as reports do (`backup`, `shop/backup`), one entry for each, or remove the entry where it is gone.",
    ] as const;
  }
  return [
    subject === undefined ? "there is no finding of it here" : `${whom} has no finding of it`,
    `Remove the entry where the fault is mended; \`ringwall explain ${control}\` tells what the control looks at.`,
  ] as const;
}

function reservedFinding(
  control: ControlDescription,
  place: Place,
  system: string,
  lens: Lens,
  message: string,
): Finding {
  const name = place.kind === "file" ? place.source.path : describePlace(place);
  const subject: Ref = { kind: "repository-file", system, name };
  const severity: Severity = control.severity;
  return {
    control: control.id,
    ring: control.ring,
    title: control.title,
    severity,
    severityWhy: `${severity.charAt(0).toUpperCase()}${severity.slice(1)} by itself.`,
    verdict: "fail",
    lens,
    subject,
    message,
    remedy: control.remedy,
    path: [],
    place,
    // The file tells it apart; what its system is called may hang on the name of the folder that is checked.
    fingerprint: fingerprintOf(control.id, { ...subject, system: "" }, message, undefined),
    fixable: false,
  };
}
