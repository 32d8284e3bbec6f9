import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import type { Severity } from "../../contracts/verdict.ts";
import { evaluate, findingsThatCount } from "../../controls/evaluate.ts";
import { allControls } from "../../controls/registry.ts";
import { reservedControls } from "../../controls/reserved.ts";
import { refKey } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { RingwallError } from "../../lib/error.ts";
import type { Deployment } from "../../operations/deploy/deployment.ts";
import { writeMeasured } from "../../operations/probes/measured-file.ts";
import { type ProbeOutcome, probeStack } from "../../operations/probes/probe-stack.ts";
import { composeFacts } from "../../platforms/compose/facts.ts";
import { terminal } from "../../report/escape.ts";
import type { MeasuredSystem, ReportInput } from "../../report/input.ts";
import { measuredText } from "../../report/measured-text.ts";
import { styleFor } from "../../report/style.ts";
import { type ReportFormat, reportFormats, writeReport } from "../check/formats.ts";
import { Progress } from "../check/progress.ts";
import { writeReportFile } from "../check/report-file.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { deploymentOf } from "../deployment.ts";
import { internalErrorId, reportInternalError } from "../failure.ts";
import { handingOver } from "../hand-over.ts";
import { failOnOption, formatOption } from "../options.ts";
import { programPath } from "../program-path.ts";
import { version } from "../version.ts";

interface Options {
  readonly images?: string;
  readonly format: ReportFormat;
  readonly output?: string;
  readonly failOn: Severity;
  readonly all?: boolean;
}

/** How long silence lasts before it counts, once; what is silent over TCP is asked again with twice the patience. */
const silenceMs = 1000;
/** Sources that are tried at the same time: most of the time they wait. */
const parallel = 16;

export function register(command: Command, context: Context): void {
  command
    .argument("[stack]", "a folder with stack.yaml, or a named file; else the nearest one above")
    .option("--images <file>", "a file of local images in place of upstream ones")
    .addOption(formatOption(reportFormats))
    .option("-o, --output <file>", "write the report there instead of to the terminal")
    .addOption(failOnOption())
    .option("--all", "show every finding by itself")
    .addHelpText("after", help)
    .action(exits(context, (named: string | undefined, options: Options) => run(named, options, context)));
}

const help = `
Measures the running stack: who reaches whom, the host and outside; what the kernel enforces; what each route answers;
where secret values show. Then judges it with the controls of \`ringwall check\`.

It needs root on the engine's host. For some seconds it listens on ports of its own there and in the containers'
networks, sends requests to the stack's routes until their rate limits answer, and joins a network namespace of its
own to the host; all of it is gone when it ends.

Exit codes:
  0  what was declared holds            3  nothing runs, or it could not be measured
  1  findings at or above --fail-on     4  an internal error
  2  usage, or an invalid declaration`;

async function run(named: string | undefined, options: Options, context: Context): Promise<ExitCode> {
  const started = context.clock();
  refuseWithoutRoot();
  const deployment = await deploymentOf(named, context, { images: options.images, changesHost: true });
  const declared = composeFacts(deployment.resources, deployment.stack);
  const outcome = await probe(deployment, declared, context);
  const measured = measuredOf(deployment.stack, outcome);
  await handingOver(deployment.stackFolder, () =>
    writeMeasured(deployment.state, {
      version: 1,
      ...measured,
      drift: measured.drift ?? [],
      at: context.now().toISOString(),
      standIns: standInsOf(deployment.stack),
    }),
  );
  return report(deployment.stack, outcome, measured, [declared, outcome.system], options, started, context);
}

function refuseWithoutRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new RingwallError("permission", "Measuring needs root: it enters the containers' networks.", {
    hint: "Run `sudo ringwall probe`. `ringwall check` judges what is written without root.",
  });
}

async function probe(deployment: Deployment, declared: System, context: Context): Promise<ProbeOutcome> {
  const { stack, client, values } = deployment;
  const progress = new Progress(context);
  try {
    return await probeStack(stack, {
      client,
      declared,
      values,
      agent: [process.execPath, programPath("operations/probes/agent-main")],
      timeoutMs: silenceMs,
      parallel,
      token: `ringwall-${randomBytes(12).toString("hex")}`,
      signal: context.signal,
      progress: (text) => progress.update(() => `measuring ${text}`),
    });
  } finally {
    progress.done();
  }
}

function standInsOf(stack: ResolvedStack): { service: string; image: string; standsInFor: string }[] {
  return stack.services.flatMap(({ name, image }) =>
    image.standsInFor === undefined ? [] : [{ service: name, image: image.repository, standsInFor: image.standsInFor }],
  );
}

function measuredOf(stack: ResolvedStack, { measurement, drift }: ProbeOutcome): MeasuredSystem {
  return {
    system: stack.name,
    attempts: measurement.attempts,
    blind: measurement.blind,
    drift: drift.map(({ subject, what }) => `${subject} ${what}`),
  };
}

async function report(
  stack: ResolvedStack,
  outcome: ProbeOutcome,
  measured: MeasuredSystem,
  systems: readonly System[],
  options: Options,
  started: number,
  context: Context,
): Promise<ExitCode> {
  const profile = "homelab";
  const judging = { exceptions: stack.exceptions, today: context.now(), profile, ownStack: true } as const;
  const evaluation = evaluate([outcome.system], allControls, judging);
  const counting = findingsThatCount(evaluation, options.failOn, judging);
  const input: ReportInput = {
    version,
    root: stack.name,
    at: context.now(),
    durations: { totalMs: context.clock() - started },
    files: 0,
    systemCount: 1,
    serviceCount: outcome.system.all("workload").length,
    clusterWorkloads: 0,
    severalSystems: false,
    systems,
    subjects: evaluation.counts.subjects,
    controls: [...allControls, ...reservedControls],
    tallies: evaluation.tallies,
    findings: evaluation.findings,
    counting: new Set(counting),
    failOn: options.failOn,
    profile,
    broken: evaluation.internalErrors.map(({ control, subject, error }) => ({
      control,
      subject: refKey(subject),
      id: internalErrorId(error),
    })),
    unchecked: [...measured.blind, ...standInSentences(stack)],
    measured: [measured],
  };
  await deliver(input, measured, systems, options, context);
  for (const { error } of evaluation.internalErrors) reportInternalError(error, context);
  if (evaluation.internalErrors.length > 0) return 4;
  return counting.length > 0 ? 1 : 0;
}

/** What was proven was proven of these; upstream's own images were not looked at. */
function standInSentences(stack: ResolvedStack): readonly string[] {
  const standIns = standInsOf(stack);
  if (standIns.length === 0) return [];
  const each = standIns.map(({ service, standsInFor }) => `${standsInFor} of ${service}`);
  return [`Stand-ins were measured, not the upstream images: ${each.join(", ")}.`];
}

async function deliver(
  input: ReportInput,
  measured: MeasuredSystem,
  systems: readonly System[],
  options: Options,
  context: Context,
): Promise<void> {
  const toTerminal = options.output === undefined || options.output === "-";
  const style = styleFor(toTerminal ? context.env : {}, toTerminal && context.stdout.isTTY);
  const { stdout } = context;
  const width = toTerminal && stdout.isTTY ? Math.min(stdout.columns ?? 100, 160) : Number.POSITIVE_INFINITY;
  const layout = { style, width, all: options.all === true };
  const text = [...(await writeReport(options.format, input, layout))].join("");
  const whole = options.format === "text" ? `${measuredText(measured, systems, layout)}\n${text}` : text;
  if (toTerminal) stdout.write(whole);
  else await writeReportFile(resolve(context.cwd, options.output ?? "-"), [whole]);
  if (!toTerminal) context.stderr.write(`${terminal(options.output ?? "")} holds the report.\n`);
}
