import { spawn } from "node:child_process";
import type { Command } from "commander";
import { RingwallError } from "../../lib/error.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { recorded } from "../recorded.ts";
import { stackOf } from "../stack-option.ts";

interface Options {
  readonly stack?: string;
}

export function register(command: Command, context: Context): void {
  command
    .argument("<service>")
    .argument("<command...>", "the program and its arguments, after --")
    .option("-s, --stack <stack>", "the stack's folder or file; the nearest one above when left out")
    .passThroughOptions()
    .addHelpText("after", "\nExamples:\n  ringwall exec db -- psql -l\n  ringwall exec web -- sh")
    .action(
      exits(context, (service: string, program: string[], options: Options) => run(service, program, options, context)),
    );
}

/** Hands the terminal to `docker compose exec`; the command runs as the service's own user. */
async function run(service: string, program: readonly string[], options: Options, context: Context): Promise<ExitCode> {
  const { loaded, stack } = await stackOf(options.stack, context);
  if (!stack.services.some(({ name }) => name === service)) {
    throw new RingwallError("usage", `The stack has no service "${service}".`, {
      hint: `It has: ${stack.services.map(({ name }) => name).join(", ")}.`,
    });
  }
  // Commander leaves the `--` in place once it passes options through.
  const words = program[0] === "--" ? program.slice(1) : program;
  const terminal = context.stdin.isTTY === true && context.stdout.isTTY;
  const args = ["compose", "-p", stack.name, "exec", ...(terminal ? [] : ["-T"]), service, ...words];
  // The program alone: its arguments may hold what nobody should read.
  const detail = { program: words[0] ?? "" };
  const what = { action: "service.exec", target: { kind: "service", name: service }, detail };
  const code = await recorded(context, { folder: loaded.file.folder, stack: stack.name }, what, async (add) => {
    const result = await handOver("docker", args, { ...context.env, COMPOSE_FILE: "", COMPOSE_PROFILES: "" });
    add({ code: result });
    return result;
  });
  if (code !== 0) context.stderr.write(`ringwall: \`${program[0] ?? ""}\` in ${service} ended with code ${code}.\n`);
  return code === 0 ? 0 : 3;
}

function handOver(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: "inherit", env, cwd: "/" });
    child.on("error", (error) => {
      reject(new RingwallError("engine-missing", `The program \`${program}\` cannot be started.`, { cause: error }));
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}
