/** What of the findings is not told: what a baseline knows, and what was there before a change. */
import { resolve } from "node:path";
import type { Finding } from "../../contracts/verdict.ts";
import { findingsThatCount } from "../../controls/evaluate.ts";
import {
  type Change,
  type Comparison,
  compareWithKnown,
  isHeld,
  type KnownFinding,
  knownOf,
  parseBaseline,
} from "../../controls/known-findings.ts";
import type { WrittenException } from "../../controls/waivers.ts";
import { RingwallError } from "../../lib/error.ts";
import { describePlace } from "../../lib/place.ts";
import { readTextFile } from "../../lib/read-text-file.ts";
import { baselineText } from "../../report/baseline.ts";
import type { AddedException, ReportInput } from "../../report/input.ts";
import type { Context } from "../command.ts";
import { type CheckRequest, type CheckResult, judgePaths } from "./judge.ts";
import { writeReportFile } from "./report-file.ts";
import { addedExceptions, type Earlier, waivedBy } from "./since.ts";

const largest = 64 * 1024 ** 2;

export interface HeldBackOptions {
  readonly baseline: string | undefined;
  readonly writeBaseline: string | undefined;
  readonly earlier: Earlier | undefined;
}

/** Takes out of a result what is held back, and tells how much that is. */
export type Hold = (result: CheckResult) => Promise<CheckResult>;

/**
 * Makes ready what findings are set against: reads the baseline, and judges the earlier revision. With an earlier revision,
 * the baseline and the exceptions are those of then: what a change adds of them holds once it is merged.
 */
export async function holdingBack(
  options: HeldBackOptions,
  request: CheckRequest,
  context: Context,
): Promise<Hold | undefined> {
  const { baseline, writeBaseline, earlier } = options;
  if (baseline === undefined && writeBaseline === undefined && earlier === undefined) return undefined;
  const known = baseline === undefined ? undefined : await readBaseline(baseline, earlier, context);
  const before = earlier === undefined ? undefined : await judgeEarlier(earlier, request, context);
  return async (result) => {
    const open = before === undefined ? result : withExceptionsOf(before.exceptions, result, request);
    const { findings: ofBaseline, unwritten } = await baselineNow(writeBaseline, known?.findings, open, context);
    const file = baseline ?? (unwritten === undefined ? writeBaseline : undefined);
    const failed = unwritten === undefined ? {} : { unwritten };
    if (file === undefined && before === undefined) return { ...open, ...failed };
    const findings = unwaived(open.input.findings);
    const byBaseline = compareWithKnown(findings, ofBaseline);
    const bySince = before === undefined ? undefined : compareWithKnown(findings, before.known);
    const comparisons = [byBaseline, ...(bySince === undefined ? [] : [bySince])];
    const changeOf = (finding: Finding) => changeBy(comparisons, finding);
    const lesser = comparisons.flatMap((each) => [...each.knownAs]);
    const told = shown(open, changeOf, {
      knownAs: new Map(lesser.filter(([finding]) => changeOf(finding) === "worse")),
      ...(file === undefined
        ? {}
        : { baseline: { file, ...counts(byBaseline, findings), ignored: known?.ignored ?? false } }),
      ...(before === undefined || earlier === undefined || bySince === undefined
        ? {}
        : {
            since: sinceOf(
              earlier.revision,
              counts(bySince, findings),
              addedExceptions(result.exceptions, before.exceptions),
            ),
          }),
    });
    return { ...told, ...failed };
  };
}

/** What a baseline knows in this run: what is written now, else what was read. What was not written is not known to the next run either. */
async function baselineNow(
  writeBaseline: string | undefined,
  known: readonly KnownFinding[] | undefined,
  result: CheckResult,
  context: Context,
): Promise<{ readonly findings: readonly KnownFinding[]; readonly unwritten?: RingwallError }> {
  const answer = writeBaseline === undefined ? (known ?? []) : await write(writeBaseline, known, result, context);
  return answer instanceof RingwallError ? { findings: known ?? [], unwritten: answer } : { findings: answer };
}

function counts(comparison: Comparison, findings: readonly Finding[]) {
  return { held: heldBy(comparison, findings), gone: comparison.gone };
}

function sinceOf(
  revision: string,
  { held, gone }: ReturnType<typeof counts>,
  added: readonly WrittenException[],
): NonNullable<NonNullable<ReportInput["heldBack"]>["since"]> {
  return { revision, held, gone: gone.length, exceptions: added.map(asAdded) };
}

/** What became of a finding: what any of the comparisons knows did not change. */
function changeBy(comparisons: readonly Comparison[], finding: Finding): Change | undefined {
  const changes = comparisons.map((comparison) => comparison.changes.get(finding));
  if (changes.includes(undefined)) return undefined;
  return changes.includes("worse") ? "worse" : "new";
}

/** How many findings a comparison holds back by itself. */
function heldBy({ changes }: Comparison, findings: readonly Finding[]): number {
  return findings.filter((finding) => isHeld(finding, (each) => !changes.has(each))).length;
}

function unwaived(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ waiver }) => waiver === undefined);
}

interface ReadBaseline {
  readonly findings: readonly KnownFinding[];
  /** True where the change that is judged brings the baseline itself. */
  readonly ignored: boolean;
}

async function readBaseline(named: string, earlier: Earlier | undefined, context: Context): Promise<ReadBaseline> {
  const path = resolve(context.cwd, named);
  const text = await (earlier?.read ?? readTextFile)(path, named, largest);
  if (text !== undefined) return { findings: parseBaseline(text, named), ignored: false };
  const there = earlier === undefined ? undefined : await readTextFile(path, named, largest);
  if (there !== undefined) return { findings: [], ignored: true };
  throw new RingwallError("not-found", `${named} is not there.`, {
    hint: `\`ringwall check --write-baseline ${named}\` writes it.`,
  });
}

interface Before {
  readonly known: readonly KnownFinding[];
  readonly exceptions: readonly WrittenException[];
}

/** What was found then; nothing where there was nothing to check, or nothing of it could be read. */
async function judgeEarlier(earlier: Earlier, request: CheckRequest, context: Context): Promise<Before> {
  const { onRepository: _, keepMendings: __, ...asked } = request;
  try {
    const { input, exceptions } = await judgePaths({ ...asked, keepSystems: false, view: earlier.view }, context);
    return { known: knownOf(input.findings), exceptions };
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    return { known: [], exceptions: [] };
  }
}

/** The result with those exceptions alone in force that were there before. */
function withExceptionsOf(then: readonly WrittenException[], result: CheckResult, request: CheckRequest): CheckResult {
  const added = addedExceptions(result.exceptions, then);
  if (added.length === 0) return result;
  const isWaived = waivedBy(added);
  const findings = result.input.findings.map((finding) => (isWaived(finding) ? withoutWaiver(finding) : finding));
  return { ...result, input: counted({ ...result.input, findings }, request) };
}

/** A finding keeps what it says in private; each field is asked for. */
function withoutWaiver(finding: Finding): Finding {
  const { control, ring, title, severity, severityWhy, verdict, lens, subject, message, remedy } = finding;
  const { path, exposure, place, fingerprint, fixable, fix, includes, platform, apart } = finding;
  return {
    ...{ control, ring, title, severity, severityWhy, verdict, lens, subject, message, remedy },
    ...{ path, place, fingerprint, fixable },
    ...(platform === undefined ? {} : { platform }),
    ...(exposure === undefined ? {} : { exposure }),
    ...(apart === undefined ? {} : { apart }),
    ...(fix === undefined ? {} : { fix }),
    ...(includes === undefined ? {} : { includes }),
  };
}

function counted(input: ReportInput, { profile, failOn }: CheckRequest): ReportInput {
  return { ...input, counting: new Set(findingsThatCount(input, failOn, { profile, ownStack: false })) };
}

function shown(
  result: CheckResult,
  changeOf: (finding: Finding) => Change | undefined,
  heldBack: Omit<NonNullable<ReportInput["heldBack"]>, "changes" | "knownParts">,
): CheckResult {
  const { input } = result;
  const isKnown = (finding: Finding) => changeOf(finding) === undefined;
  const isTold = (finding: Finding) => finding.waiver !== undefined || !isHeld(finding, isKnown);
  const findings = input.findings.filter(isTold);
  const counting = new Set([...input.counting].filter(isTold));
  const changes = changedParts(findings, changeOf);
  const knownParts = new Set(
    findings.flatMap(({ includes = [], verdict }) => (verdict === "fail" ? includes.filter(isKnown) : [])),
  );
  return { ...result, input: { ...input, findings, counting, heldBack: { ...heldBack, changes, knownParts } } };
}

/** What came to chains of which something was known; where all of one is new, nothing in it stands out. */
function changedParts(
  findings: readonly Finding[],
  changeOf: (finding: Finding) => Change | undefined,
): ReadonlyMap<Finding, Change> {
  const changed = new Map<Finding, Change>();
  for (const finding of findings) {
    const { includes: parts = [], verdict } = finding;
    if (verdict !== "fail" || [finding, ...parts].every((each) => changeOf(each) === "new")) continue;
    for (const part of parts) {
      const change = changeOf(part);
      if (change !== undefined) changed.set(part, change);
    }
  }
  return changed;
}

function asAdded(exception: WrittenException): AddedException {
  const { control, reason, until, place } = exception;
  const subject = "subject" in exception ? exception.subject : undefined;
  return { control, subject, reason, until, place: describePlace(place) };
}

/**
 * Writes a baseline of what is found; where one is given too, of what of it is still found, so that it only shrinks. Gives
 * what is in it, or why it was not written.
 */
async function write(
  named: string,
  known: readonly KnownFinding[] | undefined,
  { input }: CheckResult,
  context: Context,
): Promise<readonly KnownFinding[] | RingwallError> {
  const left = known === undefined ? knownOf(input.findings) : stillFound(known, input.findings);
  try {
    await writeReportFile(resolve(context.cwd, named), [baselineText(left)]);
    return left;
  } catch (error) {
    if (error instanceof RingwallError) return error;
    throw error;
  }
}

function stillFound(known: readonly KnownFinding[], findings: readonly Finding[]): readonly KnownFinding[] {
  const gone = new Set(compareWithKnown(unwaived(findings), known).gone);
  return known.filter((entry) => !gone.has(entry));
}
