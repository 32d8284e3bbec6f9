import type { RotationPlan } from "../operations/rotation/plan.ts";
import type { RotationResult } from "../operations/rotation/rotate.ts";
import { knownToWhoLeft } from "../operations/rotation/schedule/due.ts";
import type { ScheduledSecret } from "../operations/rotation/schedule/schedule.ts";
import { terminal } from "../report/escape.ts";
import { counted, displayWidth, wrap } from "../report/layout.ts";
import type { Style } from "../report/style.ts";

/** A plan as a person reads it: each secret with its steps, who is told how, and what it is without meanwhile. */
export function rotationPlanText(plan: RotationPlan, style: Style, width: number): string {
  const { rotations, retirements, left, unfinished, remarks, strays } = plan;
  const lines = [
    ...remarks.flatMap((text) => wrap(terminal(text), width).map((line) => style.doubt(line))),
    ...unfinished.map(({ id, begunAt, secrets }) =>
      style.bad(terminal(`Unfinished since ${begunAt}: ${secrets.join(", ")} (${id}); it is taken up first.`)),
    ),
    ...retirements.map(({ secret, retireAfter }) =>
      terminal(`${secret}: its former value, kept until ${retireAfter}, is ended and proven dead.`),
    ),
    ...rotations.flatMap((one) => rotationLines(one, style, width)),
    ...(rotations.length + retirements.length === 0 ? ["Nothing is to be rotated."] : []),
    ...(left.length === 0 ? [] : ["", style.bold("Left as they are")]),
    ...left.map(({ secret, why }) => style.dim(terminal(`  ${secret}: ${why}`))),
    ...strays.map((name) =>
      style.doubt(terminal(`The store has ${name}, which no rotation answers for: see --orphans.`)),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function rotationLines(one: RotationPlan["rotations"][number], style: Style, width: number): readonly string[] {
  const { secret, outline, steps, group, first, due } = one;
  const { milliseconds, why } = outline.downtime;
  const late = due.isOverdue ? style.bad(due.last === undefined ? " (age not known)" : " (overdue)") : "";
  const head = `${style.bold(terminal(secret))}${late}  ${style.dim(terminal(`${outline.rotator}, group ${group + 1}`))}`;
  const downtime = `expected downtime ${duration(milliseconds)}: ${why}`;
  return [
    "",
    head,
    ...(first ? ["  it has no value yet: this makes the first one"] : []),
    ...steps.flatMap((step, index) => hanging(`${index + 1}. ${step}`, width)),
    ...hanging(downtime, width).map((line) => style.dim(line)),
  ];
}

function hanging(text: string, width: number): string[] {
  return wrap(terminal(text), width - 5).map((line, index) => `${index === 0 ? "  " : "     "}${line}`);
}

/** `0 ms`, `850 ms`, `3.2 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The schedule as a table, the next secret first. */
export function scheduleText(rows: readonly ScheduledSecret[], style: Style): string {
  if (rows.length === 0) return "The stack has no secrets.\n";
  const cells = [
    ["secret", "rotated by", "every", "last", "due", "without it, last time"],
    ...rows.map((row) => [
      terminal(row.secret),
      row.rotator ?? "nobody knows how",
      row.every,
      row.last?.toISOString().slice(0, 10) ?? "not recorded",
      row.due === undefined ? "-" : row.due.toISOString().slice(0, 10),
      row.downtimeMs === null ? "-" : duration(row.downtimeMs),
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column] ?? ""))));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const [head = "", ...rest] = lines;
  const marked = rest.map((line, index) => `${line}${stateOf(rows[index], style)}`);
  return `${[style.bold(head), ...marked].join("\n")}\n`;
}

function stateOf(row: ScheduledSecret | undefined, style: Style): string {
  if (row === undefined) return "";
  if (row.unfinished) return style.bad("  unfinished: `ringwall rotate --resume`");
  if (row.formerUntil !== undefined) return style.doubt(`  former value until ${row.formerUntil.toISOString()}`);
  if (row.remark === knownToWhoLeft) return style.bad(`  due: ${row.remark}`);
  if (row.isOverdue && row.last !== undefined) return style.bad("  overdue");
  if (row.isOverdue) return style.bad("  due: its age is not known");
  return "";
}

/** What came of it, a line for each secret. */
export function resultsText(results: readonly RotationResult[], style: Style): string {
  const lines = results.map((result) => `${resultLine(result, style)}`);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function resultLine(result: RotationResult, style: Style): string {
  const { secret, outcome, expectedMs, downtimeMs, retireAfter, incident, inUse } = result;
  const expected = expectedMs === undefined ? "" : `, ${duration(expectedMs)} expected`;
  const measured =
    downtimeMs === null ? `downtime not measured${expected}` : `downtime ${duration(downtimeMs)} measured${expected}`;
  const folder = incident === undefined ? "" : ` Incident: ${incident}`;
  switch (outcome) {
    case "done":
      return terminal(`${secret}: rotated, and its former value is proven dead; ${measured}.${folder}`);
    case "retiring":
      return terminal(
        `${secret}: replaced; its former value works until ${retireAfter ?? "it is ended"}; ${measured}.`,
      );
    case "undone":
      return style.doubt(terminal(`${secret}: taken back; its value is what it was.`));
    case "failed":
      if (inUse !== true) return style.bad(terminal(`${secret}: not rotated.${folder}`));
      return style.bad(
        terminal(`${secret}: unfinished: the new value is in use, and the former one is not proven dead.${folder}`),
      );
    case "stopped":
      return style.doubt(terminal(`${secret}: left as it is.`));
  }
}

/** One line for `--orphans` or none. */
export function orphansText(names: readonly string[], verb: string): string {
  if (names.length === 0) return "Nothing was left behind.\n";
  return `${verb} ${counted(names.length, "thing")} that earlier rotations left behind:\n${names.map((name) => `  ${terminal(name)}\n`).join("")}`;
}
