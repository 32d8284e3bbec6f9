import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { Severity } from "../../contracts/verdict.ts";
import { RingwallError } from "../../lib/error.ts";
import { inPieces } from "../../lib/in-pieces.ts";
import type { Profile } from "../../lib/profile.ts";
import { type Style, styleFor } from "../../report/style.ts";
import { formatOfFile, type ReportFormat, reportFormats, writeReport } from "../check/formats.ts";
import type { Hold } from "../check/held-back.ts";
import { type CheckRequest, type CheckResult, judgeEngine, judgePaths, renderedTexts } from "../check/judge.ts";
import { distinctPaths } from "../check/paths.ts";
import { readProfile } from "../check/profile.ts";
import { assertRequirements, requirementsReport } from "../check/requirements.ts";
import type { Earlier } from "../check/since.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { exitCodeOf } from "../exit-code.ts";
import { reportInternalError, reportRingwallError } from "../failure.ts";
import { failOnOption, formatOption } from "../options.ts";

interface Options {
  readonly format: ReportFormat;
  readonly output?: string;
  readonly report: readonly string[];
  readonly failOn?: Severity;
  readonly profile: string;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly since?: string;
  readonly exceptions?: string;
  readonly rendered: readonly string[];
  readonly history?: boolean;
  readonly all?: boolean;
  readonly timings?: boolean;
  readonly framework?: string;
  readonly threats?: boolean;
  readonly fix?: boolean;
  readonly fixOnly: readonly string[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly live?: boolean;
  readonly project?: string;
}

export function register(command: Command, context: Context): void {
  command
    .argument("[path...]", "folders or files (default: the current folder)")
    .option("--live", "judge what the engine on this machine runs; only reads are sent")
    .option("--project <name>", "with --live: this Compose project alone")
    .addOption(formatOption(reportFormats))
    .option("-o, --output <file>", "write the report there instead of to the terminal")
    .addOption(
      new Option("--report <file>", "write a further report, its format by the file's ending; may be given often")
        .argParser((file: string, before: readonly string[]) => [...before, file])
        .default([], "none"),
    )
    .addOption(
      failOnOption("findings from this severity on end with code 1; without it the profile says (high)").default(
        undefined,
      ),
    )
    .addOption(
      new Option("--profile <profile>", "homelab, strict, or a file: what is asked, what counts").default("homelab"),
    )
    .option("--baseline <file>", "pass over the findings that this file knows")
    .option("--write-baseline <file>", "write what is found now to such a file; with --baseline: what of it is left")
    .option("--since <revision>", "tell only what is new since a revision of Git")
    .addOption(
      new Option("--rendered <file>", "judge rendered manifests too: of `helm template`, `flux build`; - is stdin")
        .argParser((file: string, before: readonly string[]) => [...before, file])
        .default([], "none"),
    )
    .option("--exceptions <file>", "accepted risks, beside ringwall.exceptions.yaml of the folder")
    .option("--fix", "mend what can be mended safely: shows the changes, asks on a terminal, writes them")
    .addOption(
      new Option("--fix-only <control>", "mend what this control finds alone; may be given often")
        .argParser((control: string, before: readonly string[]) => [...before, control])
        .default([], "none"),
    )
    .option("--dry-run", "with --fix: show the changes as a patch and write nothing")
    .option("-y, --yes", "with --fix: write without asking, also what changes behaviour")
    .option("--history", "search every version in Git's history for secrets too; needs `git`")
    .option("--all", "show every finding by itself")
    .option("--timings", "say on stderr where the time went")
    .option(
      "--framework <name>",
      "how a framework stands here, item by item, in place of the findings: pod-security, nist-csf, …",
    )
    .option("--threats", "the threat model and whether its answers hold, in place of the findings")
    .addHelpText("after", examples)
    .action(exits(context, (paths: readonly string[], options: Options) => check(paths, options, context)));
}

const examples = `
Exit codes:
  0  nothing at or above --fail-on      3  a report or a fix was not written
  1  findings at or above --fail-on     4  an internal error
  2  usage, or nothing could be read

Examples:
  ringwall check ~/my-stack
  ringwall check compose.yaml --fail-on critical
  ringwall check --live
  ringwall check --fix --dry-run
  ringwall check --framework cis-docker
  helm template app ./chart | ringwall check . --rendered -
  ringwall check --format html --output report.html
  ringwall check --report report.sarif --report report.html`;

async function check(named: readonly string[], options: Options, context: Context): Promise<ExitCode> {
  const further = options.report.map((file) => ({ file, format: formatOfFile(file) }));
  let judged: Judged;
  const requirements = { framework: options.framework, threats: options.threats === true };
  try {
    assertRequirements(requirements, options.format);
    assertApart([options.output, ...options.report, options.writeBaseline], context.cwd);
    const keepSystems = [options.format, ...further.map(({ format }) => format)].includes("html");
    judged = await judge(
      named,
      {
        keepSystems,
        exceptions: options.exceptions,
        rendered: options.rendered,
        history: options.history === true,
        timed: options.timings === true,
      },
      options,
      context,
    );
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    reportRingwallError(error, context);
    return options.live === true ? exitCodeOf(error.code) : 2;
  }
  const { result } = judged;
  const started = context.clock();
  // What a dry run would change is told in place of the report.
  const reports = options.dryRun === true ? further : [{ file: options.output, format: options.format }, ...further];
  if (result.unwritten !== undefined) reportRingwallError(result.unwritten, context);
  let written = judged.written && result.unwritten === undefined;
  for (const { file, format } of reports)
    written = (await delivered(format, file, result, options, context)) && written;
  tellIdle(options, context);
  if (options.timings === true) tellTimings(result, context.clock() - started, context);
  for (const { error } of result.internalErrors) reportInternalError(error, context);
  if (result.internalErrors.length > 0) return 4;
  if (!written) return 3;
  return result.input.counting.size > 0 ? 1 : 0;
}

/** What was judged, and whether what `--fix` was to write could be written. */
interface Judged {
  readonly result: CheckResult;
  readonly written: boolean;
}

async function judge(
  named: readonly string[],
  asked: Pick<CheckRequest, "keepSystems" | "exceptions" | "rendered" | "history" | "timed">,
  options: Options,
  context: Context,
): Promise<Judged> {
  if (options.live === true) assertLive(named, options);
  const paths = distinctPaths(named.length === 0 ? ["."] : named, context.cwd);
  const earlier = await earlierOf(paths, options, context);
  const profile = await readProfile(options.profile, context.cwd, earlier);
  const request = { ...asked, paths, profile, failOn: options.failOn ?? profile.failOn };
  const whole = { ...request, renderedTexts: await renderedTexts(request, context) };
  const hold = await holdOf(options, earlier, whole, context);
  if (wantsFix(options)) return fix(whole, hold, options, context);
  if (options.live !== true) return { result: await hold(await judgePaths(whole, context)), written: true };
  const project = options.project === undefined ? {} : { project: options.project };
  return { result: await hold(await live({ ...request, ...project }, context)), written: true };
}

/** An engine is judged alone: what asks for files as well would get no answer about them. */
function assertLive(named: readonly string[], { rendered, history }: Options): void {
  const asked =
    named.length > 0 ? "paths" : rendered.length > 0 ? "`--rendered`" : history === true ? "`--history`" : "";
  if (asked === "") return;
  throw new RingwallError("usage", `\`--live\` judges the engine and takes no ${asked}.`, {
    hint: "Check the files and the engine in two runs.",
  });
}

/** Two files that are written must be two: the later one would take the place of the other. */
function assertApart(files: readonly (string | undefined)[], cwd: string): void {
  const seen = new Set<string>();
  for (const file of files) {
    if (file === undefined || file === "-") continue;
    const full = resolve(cwd, file);
    if (seen.has(full) && !isDevice(full)) {
      throw new RingwallError("usage", `${file} is named for two reports, and holds one.`, {
        hint: "Give `--output`, each `--report` and `--write-baseline` a file of its own.",
      });
    }
    seen.add(full);
  }
}

/** What is there and is no file takes one after the other. */
function isDevice(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  } catch {
    // Whoever writes it says why that cannot be done.
    return false;
  }
}

/** The revision that `--since` names; what reads Git is loaded only then. */
async function earlierOf(
  paths: readonly string[],
  { since, live, history, profile, baseline, exceptions }: Options,
  context: Context,
): Promise<Earlier | undefined> {
  if (since === undefined) return undefined;
  if (history === true) {
    throw new RingwallError("usage", "`--history` searches all of it, and `--since` tells only what is new.", {
      hint: "Search the history in a run of its own.",
    });
  }
  if (live === true) {
    throw new RingwallError("usage", "`--since` compares files; an engine has no earlier revision.", {
      hint: "Leave one of `--since` and `--live` out.",
    });
  }
  const named = [profile, baseline, exceptions].filter((file) => file !== undefined);
  return (await import("../check/since.ts")).Earlier.read(since, paths, named, context);
}

async function holdOf(
  { baseline, writeBaseline }: Options,
  earlier: Earlier | undefined,
  request: CheckRequest,
  context: Context,
): Promise<Hold> {
  const nothing: Hold = async (result) => result;
  if (baseline === undefined && writeBaseline === undefined && earlier === undefined) return nothing;
  const { holdingBack } = await import("../check/held-back.ts");
  return (await holdingBack({ baseline, writeBaseline, earlier }, request, context)) ?? nothing;
}

function wantsFix({ fix, fixOnly, dryRun }: Options): boolean {
  return fix === true || fixOnly.length > 0 || dryRun === true;
}

/** Options that say nothing without another, or beside one. */
function tellIdle(options: Options, context: Context): void {
  const { project, live, yes, dryRun, format, framework, threats } = options;
  const tell = (option: string, why: string) => context.stderr.write(`ringwall: \`${option}\` has no effect ${why}.\n`);
  if (project !== undefined && live !== true) tell("--project", "without `--live`");
  if (yes === true && !wantsFix(options)) tell("--yes", "without `--fix`");
  if (dryRun !== true) return;
  const patch = "with `--dry-run`, which shows a patch; `--report FILE` writes a report beside it";
  if (format !== "text") tell(`--format ${format}`, patch);
  if (framework !== undefined) tell("--framework", patch);
  if (threats === true) tell("--threats", patch);
}

/** What mends files is loaded only when it is asked for. */
async function fix(request: CheckRequest, hold: Hold, options: Options, context: Context): Promise<Judged> {
  if (options.live === true) {
    throw new RingwallError("usage", "`--fix` mends files; what an engine runs is mended where it is written.", {
      hint: "Run `ringwall check --fix` on the folder that the engine's projects come from.",
    });
  }
  const { assertFixable, fixPaths, shownPatch } = await import("../check/fix.ts");
  assertFixable(options.fixOnly);
  const dryRun = options.dryRun === true;
  const wish = { dryRun, yes: options.yes === true, only: options.fixOnly, all: options.all === true };
  const out = dryRun ? context.stdout : context.stderr;
  const toFile = dryRun && options.output !== undefined && options.output !== "-";
  const style = styleFor(context.env, out.isTTY);
  const show = { toFile, patch: (text: string) => void (toFile || out.write(shownPatch(text, style))) };
  const { result, patch, written } = await fixPaths(request, wish, hold, show, context);
  if (toFile && options.output !== undefined) {
    const { writeReportFile } = await import("../check/report-file.ts");
    await writeReportFile(resolve(context.cwd, options.output), [patch]);
  }
  return { result, written };
}

/** Whether a report could be written; why not is told. One that cannot does not keep the others from being written. */
async function delivered(...[format, file, result, options, context]: Parameters<typeof deliver>): Promise<boolean> {
  try {
    await deliver(format, file, result, options, context);
    return true;
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    reportRingwallError(error, context);
    return false;
  }
}

/** The engine's code is loaded only when it is asked. */
async function live(
  request: Omit<CheckRequest, "paths"> & { readonly project?: string },
  context: Context,
): Promise<CheckResult> {
  const { engineOf } = await import("../deployment.ts");
  const { observeEngine } = await import("../../platforms/compose/engine.ts");
  const engine = { client: await engineOf(context), observe: observeEngine };
  return judgeEngine({ ...request, project: request.project }, engine, context);
}

async function deliver(
  format: ReportFormat,
  file: string | undefined,
  result: CheckResult,
  options: Options,
  context: Context,
): Promise<void> {
  const toTerminal = file === undefined || file === "-";
  const { stdout } = context;
  const layout = {
    style: styleOf(context, toTerminal),
    width: toTerminal && stdout.isTTY ? Math.min(stdout.columns ?? 100, 120) : Number.POSITIVE_INFINITY,
    all: options.all === true,
  };
  const requirements = { framework: options.framework, threats: options.threats === true };
  const asked = file === options.output && (requirements.framework !== undefined || requirements.threats);
  const parts = asked
    ? [requirementsReport(requirements, format, result.input, layout)]
    : await writeReport(format, result.input, layout);
  if (toTerminal) {
    for (const piece of inPieces(parts)) stdout.write(piece);
    return;
  }
  const { writeReportFile } = await import("../check/report-file.ts");
  await writeReportFile(resolve(context.cwd, file), parts);
}

function styleOf(context: Context, toTerminal: boolean): Style {
  return styleFor(toTerminal ? context.env : {}, toTerminal && context.stdout.isTTY);
}

function tellTimings({ timings, lines, input }: CheckResult, reportMs: number, context: Context): void {
  const phases: Profile["phases"] = [...timings.phases, { name: "report", milliseconds: reportMs }];
  const total = phases.reduce((sum, phase) => sum + phase.milliseconds, 0);
  for (const { name, milliseconds } of phases) {
    context.stderr.write(`${name.padEnd(10)}${milliseconds.toFixed(1).padStart(9)} ms\n`);
  }
  const rate = Math.round(lines / Math.max(total / 1000, 0.001));
  context.stderr.write(
    `${"total".padEnd(10)}${total.toFixed(1).padStart(9)} ms, ${lines} lines in ${input.files} files, ${rate} lines/s\n`,
  );
}
