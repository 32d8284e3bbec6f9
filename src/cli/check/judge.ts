import type { Severity } from "../../contracts/verdict.ts";
import { type Evaluation, evaluate, findingsThatCount } from "../../controls/evaluate.ts";
import { allControls } from "../../controls/registry.ts";
import { reservedControls } from "../../controls/reserved.ts";
import { type InlineWaiver, InlineWaivers, parseInlineWaivers } from "../../controls/waivers.ts";
import { refKey } from "../../facts/subjects.ts";
import { type InputProblem, System } from "../../facts/system.ts";
import { Profile } from "../../lib/profile.ts";
import { readPaths } from "../../platforms/read-paths.ts";
import type { ReportInput } from "../../report/input.ts";
import type { Context } from "../command.ts";
import { internalErrorId } from "../failure.ts";
import { version } from "../version.ts";
import { findExceptions } from "./exceptions.ts";
import { Progress } from "./progress.ts";

export interface CheckRequest {
  /** Never empty. */
  readonly paths: readonly string[];
  readonly failOn: Severity;
  readonly profile: "homelab" | "strict";
  /** A file of exceptions beside those that are found. */
  readonly exceptions: string | undefined;
}

export interface CheckResult {
  readonly input: ReportInput;
  readonly internalErrors: Evaluation["internalErrors"];
  readonly timings: Profile;
  readonly lines: number;
}

/** Reads what was named and judges it. Throws a `RingwallError` when nothing of it can be read. */
export function judgePaths(request: CheckRequest, context: Context): CheckResult {
  const started = context.clock();
  const timings = new Profile(() => context.clock());
  const progress = new Progress(context);
  const found = read(request, context, timings, progress);
  const exceptions = findExceptions(request.paths, context.cwd, request.exceptions);
  const loose = [...found.problems, ...exceptions.problems];
  const systems = [...found.systems, ...(loose.length === 0 ? [] : [unplaced(loose)])];
  progress.update(() => `judging ${systems.length} systems`);
  const evaluation = timings.time("controls", () =>
    evaluate(systems, allControls, {
      exceptions: exceptions.exceptions,
      inlineWaivers: new InlineWaivers(found.waivers),
      today: context.now(),
      profile: request.profile,
      ownStack: false,
    }),
  );
  progress.done();
  const input = reportInput(request, systems, evaluation, {
    files: found.filesSeen,
    at: context.now(),
    totalMs: context.clock() - started,
  });
  return { input, internalErrors: evaluation.internalErrors, timings, lines: found.linesRead };
}

function read(request: CheckRequest, context: Context, profile: Profile, progress: Progress) {
  const systems: System[] = [];
  const waivers = new Map<string, readonly InlineWaiver[]>();
  const result = readPaths(request.paths, {
    cwd: context.cwd,
    profile,
    onSystem: (system) => {
      systems.push(system);
      progress.update(() => `reading, ${systems.length} systems so far`);
    },
    onText: ({ text, source }) => {
      const own = parseInlineWaivers(text, source);
      if (own.length > 0) waivers.set(source.path, own);
    },
  });
  return { ...result, systems, waivers: [...waivers.values()].flat() };
}

/** What was found of no system, as one that has nothing but problems. */
function unplaced(problems: readonly InputProblem[]): System {
  return new System({ name: "", lens: "written", platform: "compose", subjects: [], problems });
}

function reportInput(
  request: CheckRequest,
  systems: readonly System[],
  evaluation: Evaluation,
  run: { readonly files: number; readonly at: Date; readonly totalMs: number },
): ReportInput {
  const { failOn, profile } = request;
  return {
    version,
    root: request.paths.join(" "),
    at: run.at,
    durations: { totalMs: run.totalMs },
    files: run.files,
    systems,
    subjects: evaluation.counts.subjects,
    controls: [...allControls, ...reservedControls],
    tallies: evaluation.tallies,
    findings: evaluation.findings,
    counting: new Set(findingsThatCount(evaluation, failOn, { profile, ownStack: false })),
    failOn,
    profile,
    broken: evaluation.internalErrors.map(({ control, subject, error }) => ({
      control,
      subject: refKey(subject),
      id: internalErrorId(error),
    })),
    unchecked: [],
  };
}
