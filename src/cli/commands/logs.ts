import type { Command } from "commander";
import { childPrograms } from "../../lib/child-program.ts";
import { RingwallError } from "../../lib/error.ts";
import { redactor } from "../../operations/deploy/redact.ts";
import { terminal } from "../../report/escape.ts";
import { readSecretValues } from "../../secrets/secret-values.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { stackOf } from "../stack-option.ts";
import { storeOf } from "../stack-store.ts";

interface Options {
  readonly stack?: string;
  readonly follow?: boolean;
  readonly tail: string;
}

export function register(command: Command, context: Context): void {
  command
    .argument("[services...]", "only these services; all when left out")
    .option("-s, --stack <stack>", "the stack's folder or file; the nearest one above when left out")
    .option("-f, --follow", "go on as new lines come, until Ctrl-C")
    .option("--tail <lines>", "how many lines of each to begin with", "100")
    .addHelpText("after", "\nValues of the stack's secrets are replaced by their names.")
    .action(exits(context, (services: string[], options: Options) => run(services, options, context)));
}

async function run(services: readonly string[], options: Options, context: Context): Promise<ExitCode> {
  const { loaded, stack } = await stackOf(options.stack, context);
  const unknown = services.find((name) => !stack.services.some((service) => service.name === name));
  if (unknown !== undefined) throw new RingwallError("usage", `The stack has no service "${unknown}".`);
  const store = await storeOf(stack, loaded.file.folder, context);
  const redact = redactor((await readSecretValues(stack.secrets, store)).values.values());
  const follow = options.follow === true;
  const args = ["compose", "-p", stack.name, "logs", "--no-color", "--tail", options.tail];
  const result = await childPrograms(context.env)("docker", [...args, ...(follow ? ["--follow"] : []), ...services], {
    folder: "/",
    environment: { COMPOSE_FILE: "", COMPOSE_PROFILES: "" },
    onLine: (line, stream) => context[stream].write(`${terminal(redact(line))}\n`),
    ...(follow ? { signal: context.signal } : {}),
  });
  return result.code === 0 ? 0 : 3;
}
