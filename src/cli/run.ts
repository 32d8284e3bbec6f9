import { CommanderError } from "commander";
import { RingwallError } from "../lib/error.ts";
import { didYouMean } from "../lib/suggest.ts";
import type { Context, ExitCode } from "./command.ts";
import { exitCodeOf } from "./exit-code.ts";
import { reportInternalError, reportRingwallError } from "./failure.ts";
import { isHelp, quietCommand, usageSentence } from "./help.ts";
import { commands, type RegisteredCommand } from "./registry.ts";
import { version } from "./version.ts";

/**
 * Runs one command line (without the program's own name) and resolves with how the process is to end.
 * Never rejects: what a command throws is told on stderr. Loads the file of the named command only.
 */
export async function runCli(argv: readonly string[], outer: Context): Promise<ExitCode> {
  let code: ExitCode = 0;
  const context: Context = inherit(outer, (given) => {
    code = given;
    outer.exit(given);
  });
  try {
    await dispatch(argv, context);
  } catch (error) {
    context.exit(tell(error, argv[0] ?? "", context));
  }
  return code;
}

/** The outer context with its own `exit`; `signal` stays a getter that is read when a command reads it. */
function inherit(outer: Context, exit: Context["exit"]): Context {
  return Object.create(outer, { exit: { value: exit } });
}

async function dispatch(argv: readonly string[], context: Context): Promise<void> {
  const [first] = argv;
  if (first === undefined) {
    context.stderr.write(programHelp());
    context.exit(2);
    return;
  }
  if (first === "--version" || first === "-V") {
    context.stdout.write(`${version}\n`);
    return;
  }
  if (first === "--help" || first === "-h" || (first === "help" && argv.length === 1)) {
    context.stdout.write(programHelp());
    return;
  }
  const [name = first, ...rest] = first === "help" ? [...argv.slice(1, 2), "--help"] : argv;
  const known = commands.find((command) => command.name === name);
  if (known === undefined) throw unknownCommand(name);
  await runCommand(known, rest, context);
}

async function runCommand(known: RegisteredCommand, rest: readonly string[], context: Context): Promise<void> {
  const command = quietCommand(`ringwall ${known.name}`, context).description(`${capitalised(known.summary)}.`);
  (await known.load()).register(command, context);
  await command.parseAsync([...rest], { from: "user" });
}

function unknownCommand(name: string): RingwallError {
  const names = commands.filter((command) => command.hidden !== true).map((command) => command.name);
  if (name.startsWith("-")) {
    return new RingwallError("usage", `There is no option "${name}" before a command.`, {
      hint: 'The command comes first: "ringwall check --help".',
    });
  }
  if (/[/\\.~]/.test(name)) {
    return new RingwallError("usage", `"${name}" is no command.`, { hint: `To check it: ringwall check ${name}` });
  }
  return new RingwallError("usage", `There is no command "${name}".${didYouMean(name, names)}`, {
    hint: '"ringwall --help" lists them.',
  });
}

function tell(error: unknown, command: string, context: Context): ExitCode {
  if (error instanceof CommanderError) {
    if (isHelp(error)) return error.exitCode === 0 ? 0 : 2;
    context.stderr.write(`ringwall: ${usageSentence(error)}\n  "ringwall ${command} --help" tells how it is used.\n`);
    return 2;
  }
  if (error instanceof RingwallError) {
    reportRingwallError(error, context);
    return exitCodeOf(error.code);
  }
  reportInternalError(error, context);
  return 4;
}

function programHelp(): string {
  const shown = commands.filter((command) => command.hidden !== true);
  const width = Math.max(...shown.map((command) => command.name.length)) + 2;
  const lines = shown.map((command) => `  ${command.name.padEnd(width)}${command.summary}`);
  return [
    `ringwall ${version}: defence in depth as code for people who run their own servers.`,
    "",
    "Usage: ringwall <command> [arguments]",
    "",
    "Commands:",
    ...lines,
    "",
    "Examples:",
    "  ringwall check ~/my-stack                      judge what is written there",
    "  ringwall check --format html -o report.html    the same as one page to look at",
    "  ringwall explain workload.privileged-off       what one control asks, and why",
    "",
    '"ringwall <command> --help" tells more of each.',
    "",
  ].join("\n");
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
