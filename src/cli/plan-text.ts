import type { PlannedChange } from "../contracts/platform.ts";
import type { DeploymentPlan } from "../operations/deploy/plan.ts";
import { terminal } from "../report/escape.ts";
import { counted, displayWidth, wrap } from "../report/layout.ts";
import type { Style } from "../report/style.ts";

const marks: Readonly<Record<PlannedChange["action"], string>> = {
  create: "+",
  change: "~",
  recreate: "±",
  remove: "-",
  keep: "=",
};

/** A plan as a person reads it: what changes and why, what then holds, what stays open, what is in the way. */
export function planText(plan: DeploymentPlan, style: Style, width: number): string {
  return [
    ...paragraphs(plan.remarks, style, width),
    ...changesText(plan, style, width),
    ...section(
      "What holds then",
      plan.guarantees.map(({ statement }) => statement),
      style.good("✓"),
      style,
      width,
    ),
    ...section(
      "What stays open",
      plan.gaps.map(({ statement }) => statement),
      style.doubt("!"),
      style,
      width,
    ),
    ...section("Still to be settled", plan.todos, style.doubt("·"), style, width),
    ...section("In the way", plan.obstacles, style.bad("✗"), style, width),
    "",
  ].join("\n");
}

/** What changes, without the rest; for `up`, which shows it and goes on. */
export function changesText(plan: DeploymentPlan, style: Style, width: number): readonly string[] {
  const changed = plan.changes.filter(({ action }) => action !== "keep");
  if (changed.length === 0) return [style.bold("Nothing changes: the stack is as it is declared.")];
  const nameWidth = Math.min(28, Math.max(...changed.map(({ name }) => displayWidth(name))));
  const kept = plan.changes.filter(({ action }) => action === "keep");
  return [
    style.bold("What changes"),
    ...changed.flatMap((change) => changeText(change, nameWidth, style, width)),
    ...(kept.length === 0 ? [] : [style.dim(`  = ${counted(kept.length, "thing")} as before${volumesText(kept)}`)]),
    ...(changed.some(({ needsRoot }) => needsRoot) ? [style.dim("  (root) needs root on this machine")] : []),
  ];
}

/** One change: a mark, what it is, its name in full, and why, beside it or, after a long name, below. */
function changeText(change: PlannedChange, nameWidth: number, style: Style, width: number): string[] {
  const mark = paint(change.action, style)(marks[change.action]);
  const verb = change.action === "recreate" ? "made anew: " : "";
  const why = `${verb}${change.because.join("; ")}${change.needsRoot ? " (root)" : ""}`;
  const name = terminal(change.name);
  const indent = 2 + 2 + 9 + nameWidth + 2;
  const lines = why === "" ? [] : wrap(terminal(why), width - indent).map((line) => `${" ".repeat(indent)}${line}`);
  const head = `  ${mark} ${change.kind.padEnd(8)} ${name}`;
  if (displayWidth(name) > nameWidth) return [head, ...lines];
  const [first = "", ...rest] = lines;
  return [`${head}${" ".repeat(nameWidth - displayWidth(name))}  ${first.trimStart()}`.trimEnd(), ...rest];
}

function paint(action: PlannedChange["action"], style: Style): (text: string) => string {
  switch (action) {
    case "create":
      return style.good;
    case "remove":
      return style.bad;
    default:
      return style.doubt;
  }
}

function volumesText(kept: readonly PlannedChange[]): string {
  const names = kept.flatMap(({ kind, name }) => (kind === "volume" ? [name] : []));
  if (names.length === 0) return "";
  const volumes = names.length === 1 ? "volume" : counted(names.length, "volume");
  return `, the ${volumes} ${terminal(names.join(", "))} among them`;
}

function section(title: string, texts: readonly string[], mark: string, style: Style, width: number): string[] {
  if (texts.length === 0) return [];
  const lines = texts.flatMap((text) =>
    wrap(terminal(text), width - 4).map((line, index) => (index === 0 ? `  ${mark} ${line}` : `    ${line}`)),
  );
  return ["", style.bold(title), ...lines];
}

function paragraphs(texts: readonly string[], style: Style, width: number): string[] {
  if (texts.length === 0) return [];
  return [...texts.flatMap((text) => wrap(terminal(text), width).map((line) => style.dim(line))), ""];
}
