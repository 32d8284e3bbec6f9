import { relative, sep } from "node:path";
import type { Finding } from "../../contracts/verdict.ts";
import { append } from "../../lib/append.ts";
import { describePlace } from "../../lib/place.ts";
import type { FixPlan, NotMended } from "../../operations/fix/plan.ts";
import { unifiedDiff } from "../../operations/fix/unified-diff.ts";
import type { WorkingFile } from "../../operations/fix/working-file.ts";
import { terminal } from "../../report/escape.ts";
import { counted, someOf } from "../../report/layout.ts";
import type { Style } from "../../report/style.ts";
import type { HiddenValues } from "./hidden-values.ts";

const mark = "\ufeff";
const namesShown = 6;
const remarksShown = 10;

/** The changes as a patch: from the current folder where the file lies below it, so that `git apply` takes it. */
export function patchOf({ files }: FixPlan, cwd: string): string {
  return files.map((file) => diffOf(file, cwd)).join("");
}

/** The same patch with the values of secrets left out: what stands on a screen or in a log. */
export function patchWithoutSecrets({ files }: FixPlan, cwd: string, hidden: HiddenValues): string {
  return files
    .map((file) =>
      diffOf(file, cwd, hidden.linesOf(file.at.shown, file.onDisk === undefined ? "" : file.textOnDisk, file.text)),
    )
    .join("");
}

/** With the byte order mark that the file may begin with: what is in the file is in the patch. */
function diffOf(file: WorkingFile, cwd: string, show?: (line: string) => string): string {
  const before = file.onDisk?.bytes.toString("utf8");
  const shown =
    show === undefined
      ? undefined
      : (line: string) => (line.startsWith(mark) ? mark + show(line.slice(1)) : show(line));
  return unifiedDiff(pathFrom(cwd, file), before, file.bytes.toString("utf8"), shown);
}

function pathFrom(cwd: string, file: WorkingFile): string {
  const path = wayTo(cwd, file);
  return path.startsWith("../") ? file.at.shown : path;
}

/** Whether a patch names files from another folder than the current one, and is to be applied there. */
export function liesElsewhere({ files }: FixPlan, cwd: string): boolean {
  return files.some((file) => wayTo(cwd, file).startsWith("../"));
}

function wayTo(cwd: string, { at }: WorkingFile): string {
  return relative(cwd, `${at.folder}/${at.path}`).split(sep).join("/");
}

/**
 * A patch for a screen or a log. Lines are neutralised as every text of somebody's files is; their ends and tabs stay, so
 * that it can still be applied unless it holds what a terminal or a CI server would obey.
 */
export function shownPatch(patch: string, style: Style): string {
  return patch.replace(/[^\n]+/g, (line) => {
    const end = line.endsWith("\r") && !style.colour ? "\r" : "";
    const [, start = "", rest = line] = /^([ +-]\ufeff)(.*)$/s.exec(line) ?? [];
    const text = start + rest.replace(/\r$/, "").split("\t").map(terminal).join("\t");
    return painted(text, style) + end;
  });
}

function painted(line: string, style: Style): string {
  if (/^(?:---|\+\+\+) /.test(line)) return style.bold(line);
  if (line.startsWith("@@")) return style.dim(line);
  if (line.startsWith("+")) return style.good(line);
  return line.startsWith("-") ? style.bad(line) : line;
}

/** What changes in each file, by control, and what of it makes something work differently. */
export function changesText({ files, mended }: FixPlan, style: Style): string {
  const ofFile = new Map<string, FixPlan["mended"][number][]>();
  for (const each of mended) for (const name of new Set(each.files)) append(ofFile, name, each);
  const perFile = files.map((file) => {
    const own = ofFile.get(file.at.shown) ?? [];
    const byControl = Map.groupBy(own, ({ finding }) => finding.control);
    const lines = [...byControl].map(([control, group]) => {
      const names = someOf([...new Set(group.map(({ finding }) => finding.subject.name))], namesShown);
      return `  ${control}  ${terminal(names)}\n`;
    });
    return `${style.bold(terminal(file.at.shown))}${modeText(file)}\n${lines.join("")}`;
  });
  const labels = new Map(mended.map(({ finding, mending }) => [finding.control, mending.changesBehaviour]));
  const changing = [...labels].filter(([, label]) => label !== undefined);
  const remarks = changing.map(([control, label]) => `  ${control}  ${terminal(label ?? "")}\n`);
  const heading = remarks.length === 0 ? "" : `${style.doubt("What works differently then")}\n`;
  return perFile.join("") + heading + remarks.join("");
}

function modeText({ onDisk, mode }: WorkingFile): string {
  if (onDisk === undefined) return " (new)";
  return onDisk.mode === mode ? "" : ` (mode ${octal(onDisk.mode)} → ${octal(mode)})`;
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}

/** What could be mended and is not, with the reasons; equal ones together. */
export function notMendedText(notMended: readonly NotMended[], all: boolean): string {
  const groups = [...Map.groupBy(notMended, ({ finding, why }) => `${finding.control}: ${why}`)];
  const shown = all ? groups : groups.slice(0, remarksShown);
  const lines = shown.map(([key, group]) => {
    const where = someOf(
      group.map(({ finding }) => placeAndName(finding)),
      all ? group.length : 3,
    );
    return `  not mended  ${terminal(`${key} (${where})`)}\n`;
  });
  const more = groups.length - shown.length;
  return lines.join("") + (more > 0 ? `  and ${counted(more, "more reason")}; --all shows them\n` : "");
}

function placeAndName({ place, subject }: Finding): string {
  return place.kind === "file" ? `${describePlace(place)} ${subject.name}` : subject.name;
}
