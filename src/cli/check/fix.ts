/** `check --fix`: shows the changes that mend findings, asks where somebody can answer, writes them, and judges again. */
import type { Finding, Mending } from "../../contracts/verdict.ts";
import { flatFindings } from "../../controls/known-findings.ts";
import { allControls } from "../../controls/registry.ts";
import { RingwallError } from "../../lib/error.ts";
import { didYouMean } from "../../lib/suggest.ts";
import { LocatedFiles } from "../../operations/fix/located-files.ts";
import { type FixPlan, type Judge, planFixes } from "../../operations/fix/plan.ts";
import { writeFixed } from "../../operations/fix/write.ts";
import { counted, someOf } from "../../report/layout.ts";
import { type Style, styleFor } from "../../report/style.ts";
import type { Context } from "../command.ts";
import { ask } from "../confirm.ts";
import { reportRingwallError } from "../failure.ts";
import { changesText, liesElsewhere, notMendedText, patchOf, patchWithoutSecrets, shownPatch } from "./fix-text.ts";
import type { Hold } from "./held-back.ts";
import { HiddenValues } from "./hidden-values.ts";
import { type CheckRequest, type CheckResult, judgePaths } from "./judge.ts";

export interface FixRequest {
  /** Shows and writes nothing. */
  readonly dryRun: boolean;
  /** Writes without asking, also what changes behaviour. */
  readonly yes: boolean;
  /** Mends what these controls find alone; empty for all that need not be named. */
  readonly only: readonly string[];
  /** Tells every reason why something is not mended. */
  readonly all: boolean;
}

/** How the patch is shown; to a file goes the one that can be applied, which the caller writes. */
interface Show {
  readonly patch: (text: string) => void;
  readonly toFile: boolean;
}

export interface Fixed {
  /** How it stands afterwards; after a dry run, how it stands. */
  readonly result: CheckResult;
  /** The changes as a patch that can be applied: with all that stands around them. */
  readonly patch: string;
  /** Whether everything that was to be written could be. */
  readonly written: boolean;
}

/** Throws a usage error for a control that is not there, or that mends nothing. */
export function assertFixable(only: readonly string[]): void {
  for (const id of only) {
    const control = allControls.find((each) => each.id === id);
    const ids = allControls.filter(({ fix }) => fix !== undefined).map((each) => each.id);
    if (control === undefined) {
      throw new RingwallError("usage", `There is no control "${id}".${didYouMean(id, ids)}`, {
        hint: "`ringwall controls` lists them.",
      });
    }
    if (control.fix === undefined) {
      throw new RingwallError("usage", `What ${id} finds cannot be mended without a person's choice.`, {
        hint: `These can: ${ids.join(", ")}.`,
      });
    }
  }
}

/** Judges, mends as far as that was agreed to, and judges what is there then. */
export async function fixPaths(
  request: CheckRequest,
  fix: FixRequest,
  hold: Hold,
  show: Show,
  context: Context,
): Promise<Fixed> {
  const files = new LocatedFiles();
  const hidden = new HiddenValues();
  const first = await judgePaths(
    {
      ...request,
      keepMendings: true,
      onRepository: (repository) => files.add(repository),
      onSystem: (system) => hidden.add(system),
    },
    context,
  );
  const shown = await hold(first);
  const known = shown.input.heldBack?.knownParts;
  const told = new Set(flatFindings(shown.input.findings).filter((finding) => known?.has(finding) !== true));
  const judge: Judge = async (view) => (await judgePaths({ ...request, view }, context)).input.findings;
  const asked = fix.only.length > 0;
  const answerable = context.stdin.isTTY === true && context.stderr.isTTY;
  const agreed = fix.dryRun || fix.yes || asked || answerable;
  const wanted = (finding: Finding, { onlyNamed, changesBehaviour }: Mending) =>
    told.has(finding) &&
    (asked ? fix.only.includes(finding.control) : !onlyNamed && (agreed || changesBehaviour === undefined));
  const plan = await planFixes(first.input.findings, wanted, files, judge);
  const style = styleFor(context.env, context.stderr.isTTY);
  const patch = tellPlan(plan, fix, hidden, show, style, context);
  tellLeftOut(shown.input.findings, { asked, agreed }, context);
  const isAsked = !fix.dryRun && !fix.yes && answerable && plan.files.length > 0;
  const isRefused = plan.files.length === 0 || (isAsked && !(await confirmed(plan, context)));
  if (isRefused) context.stderr.write("Nothing is changed.\n");
  if (isRefused || fix.dryRun) return { result: shown, patch, written: true };
  const written = await write(plan, style, context);
  return { result: await hold(await judgePaths(request, context)), patch, written };
}

/** Tells what changes and what does not, and shows the patch without secrets. Gives the one that can be applied. */
function tellPlan(
  plan: FixPlan,
  fix: FixRequest,
  hidden: HiddenValues,
  show: Show,
  style: Style,
  context: Context,
): string {
  context.stderr.write(changesText(plan, style));
  const patch = patchOf(plan, context.cwd);
  const safe = patchWithoutSecrets(plan, context.cwd, hidden);
  if (safe !== "") show.patch(safe);
  if (safe !== patch && !show.toFile) context.stderr.write(hiddenText(fix.dryRun));
  if (fix.dryRun && liesElsewhere(plan, context.cwd)) {
    context.stderr.write("  patch       it names files from the folder that is checked: apply it there\n");
  }
  context.stderr.write(notMendedText(plan.notMended, fix.all));
  return patch;
}

function hiddenText(dryRun: boolean): string {
  const whole = dryRun ? "; -o FILE writes the patch as `git apply` takes it, with them in it" : "";
  return `  hidden      values that are secrets stand in the lines around a change; they are shown as ‹hidden›${whole}\n`;
}

/** What else could be mended, and how it is asked for. */
function tellLeftOut(
  findings: readonly Finding[],
  { asked, agreed }: { readonly asked: boolean; readonly agreed: boolean },
  context: Context,
): void {
  if (asked) return;
  const open = flatFindings(findings).filter(({ waiver, fix }) => waiver === undefined && fix !== undefined);
  const named = open.filter(({ fix }) => fix?.onlyNamed === true);
  const changing = open.filter(({ fix }) => fix?.onlyNamed === false && fix.changesBehaviour !== undefined);
  if (!agreed && changing.length > 0) {
    context.stderr.write(
      `  left out    ${counted(changing.length, "change")} of behaviour; --dry-run shows what they are, --yes makes them\n`,
    );
  }
  if (named.length > 0) {
    const controls = [...new Set(named.map(({ control }) => control))];
    context.stderr.write(
      `  left out    ${counted(named.length, "change")} that ${named.length === 1 ? "is" : "are"} made only by name: --fix-only ${someOf(controls, 4)}\n`,
    );
  }
}

async function confirmed({ files, mended }: FixPlan, context: Context): Promise<boolean> {
  const changing = mended.filter(({ mending }) => mending.changesBehaviour !== undefined).length;
  const remark = changing === 0 ? "" : ` ${changing} of them ${changing === 1 ? "changes" : "change"} behaviour.`;
  const question = `Write ${counted(mended.length, "change")} to ${counted(files.length, "file")}?${remark} [y/N] `;
  return /^y(?:es)?$/i.test((await ask(context, question)) ?? "");
}

/** Writes file by file; one that cannot be written is told, and keeps none of the others from being written. */
async function write(plan: FixPlan, style: Style, context: Context): Promise<boolean> {
  let failed = 0;
  for (const file of plan.files) {
    try {
      await writeFixed(file);
    } catch (error) {
      if (!(error instanceof RingwallError)) throw error;
      failed++;
      reportRingwallError(error, context);
    }
  }
  const written = plan.files.length - failed;
  context.stderr.write(`${style.bold(`${counted(written, "file")} changed.`)}\n\n`);
  return failed === 0;
}

export { shownPatch };
