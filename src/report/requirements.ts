/** Reports that ask "how does this list of requirements stand": a framework's, or the threat model. */

import type { Framework } from "../controls/frameworks/framework.ts";
import { allControls } from "../controls/registry.ts";
import { type Tally, tallyOfItem } from "../controls/tally.ts";
import type { Threat } from "../controls/threats.ts";
import {
  type Requirement,
  type RequirementState,
  requirementOf,
  requirementStates,
  stateWords,
  tallyWords,
} from "./control-state.ts";
import { jsonText, markdown, markdownCode, terminal } from "./escape.ts";
import type { ReportInput } from "./input.ts";
import { padOrCut, wrap } from "./layout.ts";
import type { Style } from "./style.ts";

/** One line of such a list. */
export interface RequirementRow extends Requirement {
  readonly id: string;
  readonly title: string;
  /** What no control sees of it, or why none can. */
  readonly open: string | undefined;
}

/** A list of requirements, and how each stands. */
export interface RequirementList {
  readonly name: string;
  readonly title: string;
  /** A sentence about the list. */
  readonly note: string;
  readonly rows: readonly RequirementRow[];
}

export function frameworkList(framework: Framework, input: Pick<ReportInput, "tallies">): RequirementList {
  const { name, title, edition, references, items, platforms } = framework;
  const rows = items.map((item) => {
    const controls = allControls.filter((control) => control.frameworks[references]?.includes(item.id));
    const ids = controls.map(({ id }) => id);
    const part = (tally: Tally) => tallyOfItem(tally, references, item.id, platforms);
    return { id: item.id, title: item.title, open: item.open, ...requirementOf(ids, input.tallies, part) };
  });
  return { name, title, note: edition, rows };
}

export function threatList(threats: readonly Threat[], input: ReportInput): RequirementList {
  const rows = threats.map(({ id, threat, answer, controls, open }) => ({
    id,
    title: `${threat} ${answer}`,
    open,
    ...requirementOf(controls, input.tallies),
  }));
  const note = "What an attacker would do, what stands against it, and whether that holds now.";
  return { name: "threats", title: "Threat model", note, rows };
}

/** How many rows are in each state, as `12 passed, 3 failed`. */
export function countsOf({ rows }: RequirementList): string {
  return requirementStates
    .map((state) => ({ state, count: rows.filter((row) => row.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${inSummary[state]}`)
    .join(", ");
}

const inSummary: Readonly<Record<RequirementState, string>> = {
  ...stateWords,
  unknown: "cannot be told",
  "not-judged": "with nothing here to judge",
  "not-checkable": "not checkable by a machine",
};

const stateWidth = 14;
/** Below this a title stands beneath its id, so that the text keeps room. */
const narrow = 80;

export function requirementsText(list: RequirementList, style: Style, width: number): string {
  const idWidth = Math.min(24, Math.max(...list.rows.map(({ id }) => id.length)) + 2);
  const isNarrow = width < narrow;
  const indent = " ".repeat(isNarrow ? 4 : 2 + stateWidth + idWidth);
  const room = Math.max(20, width - indent.length);
  let text = "";
  for (const line of wrap(list.title, width)) text += `${style.bold(line)}\n`;
  for (const line of wrap(list.note, width)) text += `${style.dim(line)}\n`;
  text += "\n";
  for (const row of list.rows) {
    const state = paint(row.state, style)(padOrCut(stateWords[row.state], stateWidth));
    const title = wrap(terminal(row.title), room);
    const id = isNarrow ? terminal(row.id) : padOrCut(terminal(row.id), idWidth);
    const [head = "", ...more] = isNarrow ? ["", ...title] : title;
    text += `  ${state}${id}${head}\n`;
    for (const line of more) text += `${indent}${line}\n`;
    for (const line of detailsOf(row).flatMap((detail) => wrap(terminal(detail), room))) {
      text += `${indent}${style.dim(line)}\n`;
    }
  }
  return `${text}\n${wrap(`${countsOf(list)}.`, width).join("\n")}\n`;
}

function detailsOf(row: RequirementRow): readonly string[] {
  const counts = tallyWords(row.tally);
  const told = row.state === "failed" || row.state === "unknown" || row.state === "accepted";
  return [
    ...(told ? [`${counts}: ${row.controls.join(", ")}`] : counts === "" ? [] : [counts]),
    ...(row.open === undefined ? [] : [row.open]),
  ];
}

function paint(state: RequirementState, style: Style): (text: string) => string {
  if (state === "failed") return style.bad;
  if (state === "unknown" || state === "accepted") return style.doubt;
  return state === "passed" ? style.good : style.dim;
}

export function requirementsMarkdown(list: RequirementList): string {
  const rows = list.rows.map(
    (row) =>
      `| ${markdownCode(row.id)} | ${markdown(row.title)} | ${stateWords[row.state]} | ${[tallyWords(row.tally), ...row.controls.map(markdownCode)].filter((part) => part !== "").join("<br>")} | ${markdown(row.open ?? "")} |`,
  );
  return [
    `# ${markdown(list.title)}`,
    "",
    markdown(list.note),
    "",
    "| | requirement | state | judged by | what is left open |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    `${countsOf(list)}.`,
    "",
  ].join("\n");
}

export function requirementsJson(list: RequirementList, input: ReportInput): string {
  const items = list.rows.map(({ id, title, state, tally, controls, open }) => {
    const { passed, failed, unknown, waived } = tally;
    return { id, title, state, passed, failed, unknown, waived, controls, open: open ?? null };
  });
  const { name, title, note } = list;
  return jsonText({ version: input.version, root: input.root, at: input.at.toISOString(), name, title, note, items });
}
