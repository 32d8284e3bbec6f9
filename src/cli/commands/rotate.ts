import { type Command, InvalidArgumentError } from "commander";
import { RingwallError } from "../../lib/error.ts";
import type { RotationEngine } from "../../operations/rotation/engine.ts";
import { identityName } from "../../operations/rotation/identity/identity-run.ts";
import { identitySchedule } from "../../operations/rotation/identity/identity-schedule.ts";
import { findOrphans, removeOrphans } from "../../operations/rotation/orphans.ts";
import { planRotation, type RotationPlan, type RotationRequest } from "../../operations/rotation/plan.ts";
import { failureOf, type RotateOutcome, type RotationResult, rotate } from "../../operations/rotation/rotate.ts";
import { calendarOf } from "../../operations/rotation/schedule/calendar.ts";
import { isLate, scheduleOf } from "../../operations/rotation/schedule/schedule.ts";
import { timerUnits } from "../../operations/rotation/schedule/timer.ts";
import { messageOf } from "../../operations/rotation/secret-run.ts";
import { findUnfinishedRotations } from "../../operations/rotation/unfinished.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { styleFor } from "../../report/style.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { ask } from "../confirm.ts";
import { exitCodeOf } from "../exit-code.ts";
import { reportRingwallError } from "../failure.ts";
import { formatOption } from "../options.ts";
import { progressTeller } from "../progress.ts";
import { identityPathOf, resumeIdentity, runRotateIdentity } from "../rotate-identity.ts";
import {
  engineOfView,
  type RotationOptions,
  type RotationView,
  withRotationEngine,
  withRotationView,
} from "../rotation-engine.ts";
import { orphansText, resultsText, rotationPlanText, scheduleText } from "../rotation-text.ts";

interface Options {
  readonly stack?: string;
  readonly images?: string;
  readonly due?: boolean;
  readonly all?: boolean;
  readonly emergency?: boolean;
  readonly plan?: boolean;
  readonly resume?: boolean;
  readonly retireNow?: boolean;
  readonly orphans?: boolean;
  readonly list?: boolean;
  readonly calendar?: boolean;
  readonly timer?: boolean;
  readonly valueFile: ReadonlyMap<string, string>;
  readonly key?: string;
  readonly hold?: boolean;
  readonly fluxSecret?: boolean;
  readonly yes?: boolean;
  readonly format: "text" | "json";
}

export function register(command: Command, context: Context): void {
  command
    .argument("[names...]", "secrets of the stack")
    .option("-s, --stack <stack>", "the stack's folder or file; the nearest one above when left out")
    .option("--images <file>", "a file of local images in place of upstream ones")
    .option("--due", "all whose time has come, and former values whose overlap is over")
    .option("--all", "every secret that can be rotated")
    .option("--emergency", "after a compromise: no overlap, the old value ends at once, an incident is opened")
    .option("--plan", "show what would be done, and change nothing; ends with 1 when something is overdue")
    .option("--resume", "finish or undo what was interrupted, and begin nothing new")
    .option("--retire-now", "end former values that still work for their overlap")
    .option("--orphans", "remove what interrupted rotations left behind")
    .option("--list", "show when each secret was rotated and when it is due")
    .option("--calendar", "print the schedule as a calendar (ICS)")
    .option("--timer", "print units for systemd that run `rotate --due` every hour")
    .option(
      "--value-file <name=path>",
      "the new value of a secret that a person has fetched; may be given often",
      valueFile,
      new Map(),
    )
    .option("--key <public-key>", "with the name identity: which one is to go, where its file holds several")
    .option("--hold", "with the name identity: stop while both open everything; run it again to end the former")
    .option("--flux-secret", "with the name identity: print the Secret for Flux into a pipe to kubectl")
    .option("-y, --yes", "do not ask")
    .addOption(formatOption(["text", "json"]))
    .addHelpText("after", help)
    .action(exits(context, (names: string[], options: Options) => run(names, options, context)));
}

const help = `
Each secret is replaced in journalled steps: the new value is kept before anything changes, given to one service after
another, and in use everywhere before the old one ends; the old one is then proven dead. A rotation that is interrupted
is taken up by the next one.

Examples:
  ringwall rotate --list                 when each is due
  ringwall rotate --due --plan           what would be done now
  ringwall rotate db-password            one secret, now
  ringwall rotate --emergency --all      after a compromise
  ringwall rotate identity               the age key that opens all of them, and the SOPS files`;

function valueFile(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const at = text.indexOf("=");
  if (at <= 0 || at === text.length - 1) throw new InvalidArgumentError("Expected NAME=PATH.");
  return new Map([...before, [text.slice(0, at), text.slice(at + 1)]]);
}

async function run(names: readonly string[], options: Options, context: Context): Promise<ExitCode> {
  const given: RotationOptions = {
    stack: options.stack,
    images: options.images,
    valueFiles: options.valueFile,
    tell: progressTeller(context),
  };
  refuseMixtures(names, options);
  if (names.includes(identityName)) return runRotateIdentity(options, context);
  if (options.resume === true && options.plan !== true) {
    const code = await resumeIdentity(options, context);
    if (code !== undefined && code !== 0) return code;
  }
  if (options.list === true) return withRotationView(given, context, (view) => list(view, options, context));
  if (options.calendar === true) return withRotationView(given, context, (view) => calendar(view, context));
  if (options.timer === true) return withRotationView(given, context, (view) => timer(view, context));
  if (options.plan === true) return plan(names, options, given, context);
  if (options.orphans === true) return orphans(options, given, context);
  return carryOut(names, options, given, context);
}

/** Says what was meant where two options would pull in different directions. */
function refuseMixtures(names: readonly string[], options: Options): void {
  const views = (["list", "calendar", "timer", "orphans"] as const).filter((key) => options[key] === true);
  if (views.length > 1 || (views.length === 1 && names.length > 0)) {
    throw new RingwallError("usage", `--${views[0] ?? ""} stands alone, for the whole stack.`);
  }
  if (names.length > 1 && names.includes(identityName)) {
    throw new RingwallError("usage", "The identity is rotated alone: it opens all of the others.");
  }
  if (!names.includes(identityName) && (options.fluxSecret ?? options.hold ?? options.key) !== undefined) {
    throw new RingwallError("usage", "--key, --hold and --flux-secret belong to `ringwall rotate identity`.");
  }
  if (names.length > 0 && (options.due === true || options.all === true)) {
    throw new RingwallError("usage", "Name secrets, or take --due or --all: not both.");
  }
  if (options.emergency === true && options.due === true) {
    throw new RingwallError("usage", "--emergency asks for no schedule.", { hint: "Name secrets, or take --all." });
  }
}

function requestOf(names: readonly string[], options: Options): RotationRequest {
  const { due, all, emergency, retireNow } = options;
  return {
    names,
    ...(due === undefined ? {} : { due }),
    ...(all === undefined ? {} : { all }),
    ...(emergency === undefined ? {} : { emergency }),
    ...(retireNow === undefined ? {} : { retireNow }),
  };
}

async function list(view: RotationView, options: Options, context: Context): Promise<ExitCode> {
  const rows = await schedule(view, context.now(), context);
  if (options.format === "json")
    context.stdout.write(`${jsonText({ version: 1, stack: view.stack.name, secrets: rows })}\n`);
  else context.stdout.write(scheduleText(rows, styleFor(context.env, context.stdout.isTTY)));
  return 0;
}

/** The stack's secrets, and behind them the identity that opens them. */
async function schedule(
  view: RotationView,
  now: Date,
  context: Context,
): Promise<Awaited<ReturnType<typeof scheduleOf>>> {
  const identity = await identitySchedule({ ...view, ...identityPathOf(view.stack, view.stackFolder, context), now });
  return [...(await scheduleOf({ ...view, now })), ...(identity === undefined ? [] : [identity])];
}

async function calendar(view: RotationView, context: Context): Promise<ExitCode> {
  const now = context.now();
  context.stdout.write(calendarOf(view.stack.name, await schedule(view, now, context), now));
  return 0;
}

async function timer(view: RotationView, context: Context): Promise<ExitCode> {
  const program = [process.execPath, ...process.argv.slice(1, 2)];
  for (const unit of timerUnits({ stack: view.stack.name, folder: view.stackFolder, program })) {
    const lines = [`# /etc/systemd/system/${unit.name}`, ...unit.content.split("\n")];
    context.stdout.write(lines.map((line) => `${terminal(line)}\n`).join(""));
  }
  return 0;
}

async function plan(
  names: readonly string[],
  options: Options,
  given: RotationOptions,
  context: Context,
): Promise<ExitCode> {
  const asked = names.length > 0 || options.due === true || options.all === true || options.retireNow === true;
  const request = { ...requestOf(names, options), ...(asked ? {} : { all: true }) };
  return withRotationView(given, context, async (view) => {
    const planned = await planRotation(engineOfView(view, context), request);
    const left = view.hasRecords ? await orphanNames(given, context) : { names: [] };
    if (options.format === "json") {
      context.stdout.write(`${jsonText({ version: 1, stack: view.stack.name, ...planned, orphans: left.names })}\n`);
    } else {
      const style = styleFor(context.env, context.stdout.isTTY);
      context.stdout.write(rotationPlanText(planned, style, context.stdout.columns ?? 100));
      if (left.names.length > 0) context.stdout.write(orphansText(left.names, "Found"));
      if (left.why !== undefined) context.stdout.write(style.dim(`${terminal(left.why)}\n`));
    }
    const now = context.now();
    return (await schedule(view, now, context)).some((row) => isLate(row, now)) ? 1 : 0;
  });
}

/** What was left behind, where issuers can be asked; a plan is shown without as well. */
async function orphanNames(
  given: RotationOptions,
  context: Context,
): Promise<{ readonly names: readonly string[]; readonly why?: string }> {
  try {
    const found = await withRotationEngine(given, context, (engine) => findOrphans(engine));
    const unseen = found.unseen.map(({ secret }) => secret);
    const names = found.found.map(({ name }) => name);
    return unseen.length === 0
      ? { names }
      : { names, why: `What was left behind of ${unseen.join(", ")} could not be seen.` };
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    return { names: [], why: `Whether anything was left behind outside could not be seen: ${messageOf(error)}` };
  }
}

async function orphans(options: Options, given: RotationOptions, context: Context): Promise<ExitCode> {
  return withRotationEngine(given, context, async (engine) => {
    const { removed, unseen } = await removeOrphans(engine, async ({ found }) => {
      context.stderr.write(
        orphansText(
          found.map(({ name }) => name),
          "Found",
        ),
      );
      if (options.yes === true) return true;
      return /^y(es)?$/i.test((await ask(context, "Remove them? [y/N] ")) ?? "");
    });
    context.stdout.write(
      orphansText(
        removed.map(({ name }) => name),
        "Removed",
      ),
    );
    for (const { secret, why } of unseen) context.stderr.write(`${terminal(`${secret} could not be asked: ${why}`)}\n`);
    return unseen.length === 0 ? 0 : 3;
  });
}

async function carryOut(
  names: readonly string[],
  options: Options,
  given: RotationOptions,
  context: Context,
): Promise<ExitCode> {
  const request = requestOf(names, options);
  const begins = names.length > 0 || options.due === true || options.all === true || options.retireNow === true;
  const taken = await takeUp(given, context);
  if (options.resume === true || !begins) {
    if (!begins && options.resume !== true && taken.length === 0) throw nothingNamed();
    return tellResults({ results: taken, plan: undefined, declined: false }, options, context);
  }
  const outcome = await withRotationEngine(given, context, (engine) =>
    rotate(engine, request, { confirm: (planned) => confirm(planned, options, context) }),
  );
  const again = new Set(outcome.results.map(({ operation, secret }) => `${operation} ${secret}`));
  const before = taken.filter(({ operation, secret }) => !again.has(`${operation} ${secret}`));
  return tellResults({ ...outcome, results: [...before, ...outcome.results] }, options, context);
}

/** What is unfinished goes first, with an engine of its own: afterwards the store holds other values than before. */
async function takeUp(given: RotationOptions, context: Context): Promise<readonly RotationResult[]> {
  const open = await withRotationView(given, context, (view) => findUnfinishedRotations(view.state.journals));
  if (open.length === 0) return [];
  const nothing: RotationRequest = { names: [] };
  const outcome = await withRotationEngine(given, context, (engine: RotationEngine) =>
    rotate(engine, nothing, { confirm: async () => false, resumeOnly: true }),
  );
  return outcome.results;
}

function nothingNamed(): RingwallError {
  return new RingwallError("usage", "Nothing was named to rotate, and nothing is unfinished.", {
    hint: "Name secrets, or take --due, --all, or --list to see what there is.",
  });
}

async function confirm(planned: RotationPlan, options: Options, context: Context): Promise<boolean> {
  const style = styleFor(context.env, context.stderr.isTTY);
  if (options.format === "text") context.stderr.write(rotationPlanText(planned, style, context.stderr.columns ?? 100));
  if (options.yes === true) return true;
  const answer = await ask(context, "Go on? [y/N] ");
  // Where nobody can be asked, what is due or named is done; everything at once is not.
  if (answer === undefined) return options.all !== true;
  return /^y(es)?$/i.test(answer);
}

function tellResults(outcome: RotateOutcome, options: Options, context: Context): ExitCode {
  const { results, declined, plan: planned } = outcome;
  if (options.format === "json") {
    const told = results.map(({ error, ...result }) =>
      error === undefined ? result : { ...result, error: messageOf(error) },
    );
    context.stdout.write(`${jsonText({ version: 1, declined, results: told })}\n`);
  } else {
    context.stdout.write(resultsText(results, styleFor(context.env, context.stdout.isTTY)));
    if (declined) context.stdout.write("Nothing was rotated.\n");
    else if (results.length === 0) {
      for (const remark of planned?.remarks ?? []) context.stdout.write(`${terminal(remark)}\n`);
      context.stdout.write(options.resume === true ? "Nothing is unfinished.\n" : "Nothing is to be rotated.\n");
    }
  }
  const failure = failureOf(results);
  if (failure === undefined) return declined && options.all === true ? 2 : 0;
  reportRingwallError(failure, context);
  const bug = results.find(({ error }) => error !== undefined && !(error instanceof RingwallError));
  return bug === undefined ? exitCodeOf(failure.code) : 4;
}
