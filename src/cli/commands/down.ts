import type { Command } from "commander";
import { down } from "../../operations/deploy/down.ts";
import { terminal } from "../../report/escape.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { ask } from "../confirm.ts";
import { deploymentOf } from "../deployment.ts";
import { handingOver } from "../hand-over.ts";
import { progressTeller } from "../progress.ts";
import { placeOf, recorded, recordedStack } from "../recorded.ts";

interface Options {
  readonly images?: string;
  readonly adopt?: boolean;
  readonly volumes?: boolean;
  readonly yesDelete?: string;
}

export function register(command: Command, context: Context): void {
  command
    .argument("[stack]", "a folder with stack.yaml, or a named file; else the nearest one above")
    .option("--images <file>", "a file of local images in place of upstream ones")
    .option("--adopt", "take down containers of the same project that Ringwall has not made, too")
    .option("--volumes", "remove the stack's volumes and all their data; asks for the stack's name")
    .option("--yes-delete <name>", "the stack's name, where nobody is there to type it")
    .addHelpText(
      "after",
      "\nVolumes stay unless --volumes is given. Rendered files and secrets in the store always stay.",
    )
    .action(exits(context, (named: string | undefined, options: Options) => run(named, options, context)));
}

async function run(named: string | undefined, options: Options, context: Context): Promise<ExitCode> {
  const tell = progressTeller(context);
  const deployment = await deploymentOf(named, context, { ...options, changesHost: true, tell });
  const volumes = options.volumes === true;
  const question = `All data of "${terminal(deployment.stack.name)}" will be lost. Type its name: `;
  const typedName = options.yesDelete ?? (volumes ? await ask(context, question) : undefined);
  const what = recordedStack("stack.down", deployment, { volumes });
  const { keptVolumes, removedVolumes } = await recorded(context, placeOf(deployment), what, async (add) => {
    const result = await handingOver(deployment.stackFolder, () => down(deployment, { volumes, typedName }));
    add({ removedVolumes: result.removedVolumes.length });
    return result;
  });
  context.stdout.write(`${terminal(deployment.stack.name)} is down.\n`);
  for (const name of removedVolumes) context.stdout.write(`  removed with its data: ${terminal(name)}\n`);
  for (const name of keptVolumes) context.stdout.write(`  kept: ${terminal(name)}\n`);
  return 0;
}
