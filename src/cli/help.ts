import { Command, type CommanderError } from "commander";
import { terminal } from "../report/escape.ts";
import { asSentence } from "../report/wording.ts";
import type { Context } from "./command.ts";

/** A commander command that writes to the context, never ends the process, and says mistakes as sentences. */
export function quietCommand(name: string, context: Context): Command {
  return new Command(name)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => helpWidth(context.stdout.columns),
      getErrHelpWidth: () => helpWidth(context.stderr.columns),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

function helpWidth(columns: number | undefined): number {
  return Math.min(columns ?? 100, 100);
}

/** Whether commander stopped because help or the version was asked for, which is no mistake. */
export function isHelp(error: CommanderError): boolean {
  return error.exitCode === 0 || error.code === "commander.help" || error.code === "commander.helpDisplayed";
}

/** Commander's own message as a sentence of the house: `Unknown option '--formt'. Did you mean --format?` */
export function usageSentence(error: CommanderError): string {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const sentence = asSentence(first);
  const suggestion = rest
    .join(" ")
    .trim()
    .replace(/^\(|\)$/g, "");
  return terminal(suggestion === "" ? sentence : `${sentence} ${suggestion}`);
}
