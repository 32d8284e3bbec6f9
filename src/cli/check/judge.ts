import type { Severity } from "../../contracts/verdict.ts";
import { type Evaluation, Evaluator, findingsThatCount } from "../../controls/evaluate.ts";
import { type CheckProfile, profiled } from "../../controls/profile.ts";
import { allControls } from "../../controls/registry.ts";
import { reservedControls } from "../../controls/reserved.ts";
import { InlineWaivers, parseInlineWaivers } from "../../controls/waivers.ts";
import { type Lens, refKey } from "../../facts/subjects.ts";
import { type InputProblem, System } from "../../facts/system.ts";
import { DeclarationErrors, RingwallError } from "../../lib/error.ts";
import { Profile } from "../../lib/profile.ts";
import type { EngineClient } from "../../platforms/compose/engine.ts";
import { type ReadPathsOptions, type RenderedText, readPaths } from "../../platforms/read-paths.ts";
import type { ReportInput } from "../../report/input.ts";
import { counted } from "../../report/layout.ts";
import type { TextFile } from "../../repository/files.ts";
import { UnjudgedFiles } from "../../repository/unjudged-files.ts";
import type { Context } from "../command.ts";
import { internalErrorId } from "../failure.ts";
import { version } from "../version.ts";
import { baseOf } from "./base.ts";
import { DeclaredStacks, type SeenStack } from "./declared-stacks.ts";
import { type FoundExceptions, findExceptions, prefixOf } from "./exceptions.ts";
import { HeapBounds } from "./heap-bounds.ts";
import type { PastSystem } from "./history.ts";
import { Progress } from "./progress.ts";

export interface CheckRequest {
  /** Never empty. */
  readonly paths: readonly string[];
  readonly failOn: Severity;
  readonly profile: CheckProfile;
  /** Whether a report will draw the systems; without, each is dropped once it is judged. */
  readonly keepSystems: boolean;
  /** A file of exceptions beside those that are found. */
  readonly exceptions: string | undefined;
  /** Files with rendered manifests, `-` for standard input; each is judged as one more system. */
  readonly rendered?: readonly string[];
  /** Their texts, where they were read already. */
  readonly renderedTexts?: readonly RenderedText[];
  /** Searches Git's history for secrets too. */
  readonly history?: boolean;
  /** Times the phases, each of which is entered tens of thousands of times. */
  readonly timed?: boolean;
  /** Keeps with each finding what `--fix` would do about it. */
  readonly keepMendings?: boolean;
  /** What is in a folder (absolute, without links), where that is not what lies on the disk. */
  readonly view?: ReadPathsOptions["view"] | undefined;
  /** Called with each folder that is opened. */
  readonly onRepository?: ReadPathsOptions["onRepository"] | undefined;
  /** Called with each system that is judged. */
  readonly onSystem?: ((system: System) => void) | undefined;
}

export interface CheckResult {
  readonly input: ReportInput;
  readonly internalErrors: Evaluation["internalErrors"];
  /** The exceptions that hold. */
  readonly exceptions: Evaluation["exceptions"];
  /** Why a baseline could not be written, where one was to be. */
  readonly unwritten?: RingwallError;
  /** Without phases unless they were asked for. */
  readonly timings: Profile;
  readonly lines: number;
}

/** Reads what was named and judges it. Throws a `RingwallError` when nothing of it can be read. */
export async function judgePaths(request: CheckRequest, context: Context): Promise<CheckResult> {
  const started = context.clock();
  const timings = new Profile(request.timed === true ? context.clock : undefined);
  const progress = new Progress(context);
  const exceptions = findExceptions(request.paths, context.cwd, request.exceptions, request.view);
  const waivers = new WaiversAsRead();
  const heap = new HeapBounds();
  const unjudged = new UnjudgedFiles();
  const evaluator = evaluatorOf(request, exceptions, waivers, context.now());
  const seen = new SeenSystems(request.keepSystems);
  const stacks = new DeclaredStacks();
  const judge = (system: System, inFingerprints?: string, folder?: string) => {
    if (stacks.stoodFor(system)) return;
    timings.time("controls", () => evaluator.add(system, inFingerprints, folder));
    request.onSystem?.(system);
    seen.add(system);
    progress.update(() => `${counted(seen.services, "service")} in ${counted(seen.count, "system")}`);
  };
  const rendered = await renderedTexts(request, context);
  const past = await pastSystems(request, context, progress);
  const found = readPaths(request.paths, {
    rendered,
    cwd: context.cwd,
    now: context.now(),
    mayBeEmpty: past.length > 0,
    profile: timings,
    onSystem: judge,
    onText: (file) => {
      heap.onText();
      waivers.read(file);
    },
    first: [stacks],
    ...(request.view === undefined ? {} : { view: request.view }),
    onRepository: (repository) => {
      unjudged.see(repository);
      request.onRepository?.(repository);
    },
  });
  for (const { system, path } of past) judge(system, undefined, prefixOf(path, context.cwd));
  const loose = [...found.problems, ...exceptions.problems];
  if (loose.length > 0) judge(unplaced(loose, "written"));
  const mistaken = await judgeStacks(stacks.seen, evaluator, judge, found.filesSeen);
  if (mistaken.length > 0) judge(unplaced(mistaken, "declared"));
  const evaluation = timings.time("controls", () => evaluator.finish());
  progress.done();
  const leftOut = past.flatMap(({ unchecked }) => unchecked);
  const input = reportInput(request, seen, evaluation, {
    unchecked: [...leftOut, ...unjudged.sentences],
    base: baseOf(request.paths, context.cwd),
    files: found.filesSeen,
    at: context.now(),
    totalMs: context.clock() - started,
  });
  const { internalErrors, exceptions: held } = evaluation;
  return { input, internalErrors, exceptions: held, timings, lines: found.linesRead };
}

function evaluatorOf(
  { profile, keepMendings }: CheckRequest,
  { exceptions, folders }: FoundExceptions,
  inlineWaivers: WaiversAsRead,
  today: Date,
): Evaluator {
  const { controls, off } = profiled(allControls, profile);
  return new Evaluator(controls, {
    exceptions,
    folders,
    inlineWaivers,
    today,
    profile,
    off,
    ownStack: false,
    keepMendings: keepMendings === true,
  });
}

/** What stands in Git's history, where that is asked for; what reads it is loaded only then. */
async function pastSystems(
  { history, view, paths }: CheckRequest,
  context: Context,
  progress: Progress,
): Promise<readonly PastSystem[]> {
  // A folder as it was has the same history.
  if (history !== true || view !== undefined) return [];
  return (await import("./history.ts")).historySystems(paths, context, progress);
}

/** What reads the texts is loaded only when one is given. */
export async function renderedTexts(
  { rendered = [], renderedTexts: read }: CheckRequest,
  context: Context,
): Promise<readonly RenderedText[]> {
  if (read !== undefined || rendered.length === 0) return read ?? [];
  const { readRenderedTexts } = await import("./rendered.ts");
  return readRenderedTexts(rendered, context);
}

/**
 * Judges the stacks that were seen, and gives back what is wrong with them. When they are all that there is, a mistake in
 * one is thrown: then nothing was judged.
 */
async function judgeStacks(
  stacks: readonly SeenStack[],
  evaluator: Evaluator,
  judge: (system: System) => void,
  filesSeen: number,
): Promise<readonly InputProblem[]> {
  if (stacks.length === 0) return [];
  const { readStack } = await import("./read-stack.ts");
  const problems: InputProblem[] = [];
  for (const seen of stacks) {
    try {
      const { system, exceptions } = readStack(seen);
      evaluator.except(exceptions);
      judge(system);
    } catch (error) {
      if (!(error instanceof RingwallError) || filesSeen === stacks.length) throw error;
      const mistakes = error instanceof DeclarationErrors ? error.problems : [error];
      for (const { message, hint, place } of mistakes) {
        const shown = place ?? { kind: "object" as const, locator: seen.repository.nameOf(seen.path) };
        problems.push({ severity: "error", message, place: shown, ...(hint === undefined ? {} : { hint }) });
      }
    }
  }
  return problems;
}

/**
 * Judges what an engine runs now; nothing but reads is sent to it. With `project` that Compose project alone.
 * Throws a `RingwallError` when the engine does not answer or runs no such project.
 */
export async function judgeEngine(
  request: Omit<CheckRequest, "paths"> & { readonly project: string | undefined },
  engine: { readonly client: EngineClient; readonly observe: (client: EngineClient) => Promise<readonly System[]> },
  context: Context,
): Promise<CheckResult> {
  const started = context.clock();
  const timings = new Profile(request.timed === true ? context.clock : undefined);
  const exceptions = findExceptions([], context.cwd, request.exceptions);
  const { controls, off } = profiled(allControls, request.profile);
  const evaluator = new Evaluator(controls, {
    exceptions: exceptions.exceptions,
    today: context.now(),
    profile: request.profile,
    off,
    ownStack: false,
  });
  const observed = await engine.observe(engine.client);
  const systems = observed.filter((system) => request.project === undefined || system.name === request.project);
  if (systems.length === 0) {
    const running = observed.map((system) => system.name).join(", ");
    throw new RingwallError("not-found", `The engine runs no Compose project "${request.project}".`, {
      hint: `It runs ${running}.`,
    });
  }
  const seen = new SeenSystems(request.keepSystems);
  for (const system of [
    ...systems,
    ...(exceptions.problems.length > 0 ? [unplaced(exceptions.problems, "written")] : []),
  ]) {
    timings.time("controls", () => evaluator.add(system));
    seen.add(system);
  }
  const evaluation = timings.time("controls", () => evaluator.finish());
  const run = { unchecked: [], base: "", files: 0, at: context.now(), totalMs: context.clock() - started };
  const paths = [request.project === undefined ? "the engine" : `${request.project} on the engine`];
  const input = reportInput({ ...request, paths }, seen, evaluation, run);
  const { internalErrors, exceptions: held } = evaluation;
  return { input, internalErrors, exceptions: held, timings, lines: 0 };
}

/** The waivers of the texts as they are read, each text once. */
class WaiversAsRead extends InlineWaivers {
  readonly #read = new Set<string>();

  read({ text, source }: TextFile): void {
    const found = parseInlineWaivers(text, source);
    if (found.length === 0 || this.#read.has(source.path)) return;
    this.#read.add(source.path);
    this.add(found);
  }
}

/** What is kept of the systems once they are judged: how many, and themselves only where a map is to be drawn. */
class SeenSystems {
  readonly kept: System[] = [];
  count = 0;
  services = 0;
  /** Those of them that run in clusters. */
  clusterWorkloads = 0;
  withServices = 0;
  readonly #keep: boolean;

  constructor(keep: boolean) {
    this.#keep = keep;
  }

  add(system: System): void {
    const services = system.all("workload").length;
    this.count += 1;
    this.services += services;
    if (system.platform === "kubernetes") this.clusterWorkloads += services;
    if (services === 0) return;
    this.withServices += 1;
    if (this.#keep) this.kept.push(system);
  }
}

/** What was found of no system, as one that has nothing but problems. */
function unplaced(problems: readonly InputProblem[], lens: Lens): System {
  return new System({ name: "", lens, platform: "compose", subjects: [], problems });
}

function reportInput(
  request: CheckRequest,
  seen: SeenSystems,
  evaluation: Evaluation,
  run: {
    readonly base: string;
    readonly files: number;
    readonly at: Date;
    readonly totalMs: number;
    readonly unchecked: readonly string[];
  },
): ReportInput {
  const { failOn, profile } = request;
  const { controls, off } = profiled(allControls, profile);
  return {
    version,
    root: request.paths.join(" "),
    base: run.base,
    at: run.at,
    durations: { totalMs: run.totalMs },
    files: run.files,
    systemCount: seen.count,
    serviceCount: seen.services,
    clusterWorkloads: seen.clusterWorkloads,
    severalSystems: seen.withServices > 1,
    systems: seen.kept,
    subjects: evaluation.counts.subjects,
    controls: [...controls, ...reservedControls],
    tallies: evaluation.tallies,
    findings: evaluation.findings,
    counting: new Set(findingsThatCount(evaluation, failOn, { profile, ownStack: false })),
    failOn,
    profile: profile.name,
    broken: evaluation.internalErrors.map(({ control, subject, error }) => ({
      control,
      subject: refKey(subject),
      id: internalErrorId(error),
    })),
    unchecked: [
      ...run.unchecked,
      ...(off.length === 0 ? [] : [`The profile ${profile.name} does not ask ${off.join(", ")}.`]),
    ],
  };
}
