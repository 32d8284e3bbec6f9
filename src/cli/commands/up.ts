import { type Command, InvalidArgumentError } from "commander";
import type { DeploymentPlan } from "../../operations/deploy/plan.ts";
import { up } from "../../operations/deploy/up.ts";
import { terminal } from "../../report/escape.ts";
import { styleFor } from "../../report/style.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { ask } from "../confirm.ts";
import { deploymentOf } from "../deployment.ts";
import { handingOver } from "../hand-over.ts";
import { changesText } from "../plan-text.ts";
import { progressTeller } from "../progress.ts";
import { placeOf, recorded, recordedStack } from "../recorded.ts";

interface Options {
  readonly images?: string;
  readonly adopt?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly timeout: number;
}

export function register(command: Command, context: Context): void {
  command
    .argument("[stack]", "a folder with stack.yaml, or a named file; else the nearest one above")
    .option("--images <file>", "a file of local images in place of upstream ones")
    .option("--adopt", "take over containers, networks and volumes of the same names that Ringwall has not made")
    .option("--force", "replace rendered files that somebody changed")
    .option("-y, --yes", "do not ask before services are made anew or removed")
    .option("--timeout <seconds>", "how long services may take to become healthy", secondsOf, 180)
    .addHelpText("after", "\nAn interrupted `up` is taken up by the next. See `ringwall plan` first.")
    .action(exits(context, (named: string | undefined, options: Options) => run(named, options, context)));
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError("Expected a whole number of seconds.");
}

async function run(named: string | undefined, options: Options, context: Context): Promise<ExitCode> {
  const tell = progressTeller(context);
  const deployment = await deploymentOf(named, context, { ...options, changesHost: true, tell });
  const outcome = await recorded(context, placeOf(deployment), recordedStack("stack.up", deployment), async (add) => {
    const result = await handingOver(deployment.stackFolder, () =>
      up(deployment, {
        healthTimeout: options.timeout * 1000,
        confirm: (plan) => confirm(plan, options, context),
      }),
    );
    add({ result });
    return result;
  });
  const name = terminal(deployment.stack.name);
  switch (outcome) {
    case "changed":
      context.stdout.write(`${name} is up and healthy. \`ringwall probe\` proves that its rings hold.\n`);
      return 0;
    case "unchanged":
      context.stdout.write(`${name} is up and healthy; nothing had to change.\n`);
      return 0;
    case "declined":
      context.stdout.write("Nothing was changed.\n");
      return 0;
  }
}

/** Asks when something that runs would be interrupted, and somebody is there to be asked. */
async function confirm(plan: DeploymentPlan, options: Options, context: Context): Promise<boolean> {
  const style = styleFor(context.env, context.stderr.isTTY);
  const lines = changesText(plan, style, context.stderr.columns ?? 100);
  context.stderr.write(`${lines.join("\n")}\n`);
  const interrupts = plan.changes.some(({ action }) => action === "recreate" || action === "remove");
  if (options.yes === true || !interrupts) return true;
  const answer = await ask(context, "Go on? [y/N] ");
  return answer === undefined || /^y(es)?$/i.test(answer);
}
