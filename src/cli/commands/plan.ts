import type { Command } from "commander";
import { plan } from "../../operations/deploy/up.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { styleFor } from "../../report/style.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { deploymentOf } from "../deployment.ts";
import { formatOption } from "../options.ts";
import { planText } from "../plan-text.ts";

interface Options {
  readonly format: "text" | "json";
  readonly images?: string;
  readonly adopt?: boolean;
  readonly force?: boolean;
}

export function register(command: Command, context: Context): void {
  command
    .argument("[stack]", "a folder with stack.yaml, or a named file; else the nearest one above")
    .option("--images <file>", "a file of local images in place of upstream ones")
    .option("--adopt", "take over containers, networks and volumes of the same names that Ringwall has not made")
    .option("--force", "replace rendered files that somebody changed")
    .addOption(formatOption(["text", "json"]))
    .addHelpText("after", "\nEnds with 3 when something is in the way of `up`. Changes nothing.")
    .action(exits(context, (named: string | undefined, options: Options) => run(named, options, context)));
}

async function run(named: string | undefined, options: Options, context: Context): Promise<ExitCode> {
  const deployment = await deploymentOf(named, context, { ...options, changesHost: false });
  const found = await plan(deployment);
  if (options.format === "json") {
    context.stdout.write(jsonText({ version: 1, stack: deployment.stack.name, engine: deployment.engine, ...found }));
  } else {
    const style = styleFor(context.env, context.stdout.isTTY);
    const { version, apiVersion, composeVersion } = deployment.engine;
    const head = `${deployment.stack.name} on Docker Engine ${version} (API ${apiVersion}), docker compose ${composeVersion ?? "none"}`;
    context.stdout.write(`${style.bold(terminal(head))}\n${planText(found, style, context.stdout.columns ?? 100)}`);
  }
  return found.obstacles.length > 0 ? 3 : 0;
}
