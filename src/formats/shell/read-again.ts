/**
 * Words of a command whose values the shell has put in already, and which are then read as a program: what a variable
 * holds is run, also where it stood in quotes.
 */
import type { SimpleCommand } from "./command.ts";
import type { ShellWord } from "./lex.ts";

const shells = /^(?:sh|bash|dash|ash|zsh|ksh)$/;
const interpreters = /^(?:python[\d.]*|node|perl|ruby|php)$/;
const printers = /^(?:echo|printf)$/;

/** The words of a pipeline that `eval`, `sh -c`, `ssh` and their like take for a script, and those printed into a shell. */
export function wordsReadAgain(pipeline: readonly SimpleCommand[]): readonly ShellWord[] {
  return pipeline.flatMap((command, index) => {
    const printed = printers.test(command.name) && pipeline.slice(index + 1).some(readsItsInput);
    return printed ? command.arguments : ofCommand(command);
  });
}

function ofCommand({ name, arguments: words }: SimpleCommand): readonly ShellWord[] {
  if (name === "eval") return words;
  if (name === "ssh") return words.slice(1).filter(({ text }) => !text.startsWith("-"));
  const flag = shells.test(name) ? /^-[a-z]*c$/ : interpreters.test(name) ? /^-[a-z]*[cer]$/ : undefined;
  if (flag === undefined) return [];
  const at = words.findIndex(({ text }) => flag.test(text));
  const script = at === -1 ? undefined : words[at + 1];
  return script === undefined ? [] : [script];
}

/** Whether a command runs what is piped into it: a shell without a script of its own. */
function readsItsInput({ name, arguments: words }: SimpleCommand): boolean {
  if (!shells.test(name) && !interpreters.test(name)) return false;
  if (interpreters.test(name)) return words.every(({ text }) => text === "-");
  return words.some(({ text }) => text === "-s") || words.every(({ text }) => /^[-+](?!\w*c)/.test(text));
}

/** A file of the environment that a pipeline prints into, with the words that are printed. */
export interface PrintedInto {
  readonly name: string;
  readonly words: readonly ShellWord[];
  /** Those of them that begin a line. */
  readonly first: readonly ShellWord[];
}

/** What a pipeline prints into a file that a variable names (`>> "$GITHUB_ENV"`, `| tee -a $GITHUB_ENV`). */
export function printedInto(pipeline: readonly SimpleCommand[]): readonly PrintedInto[] {
  const targets = pipeline.flatMap(({ name, command, arguments: words }) => [
    ...command.writes,
    ...(name === "tee" ? words : []),
  ]);
  const names = targets.flatMap(({ text }) => /^\$(?:\{(\w+)\}|(\w+))$/.exec(text)?.slice(1).filter(Boolean) ?? []);
  const printed = pipeline.filter(({ name }) => printers.test(name));
  const words = printed.flatMap((command) => command.arguments);
  return names.map((name) => ({ name, words, first: printed.flatMap(firstOf) }));
}

function firstOf({ name, arguments: words }: SimpleCommand): readonly ShellWord[] {
  if (name === "echo") return words.filter(({ text }) => !/^-[neE]+$/.test(text)).slice(0, 1);
  return words[0]?.text.startsWith("%s") === true ? words.slice(1, 2) : words.slice(0, 1);
}
