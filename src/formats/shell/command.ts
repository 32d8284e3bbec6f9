import type { ShellCommand, ShellScript, ShellWord } from "./lex.ts";

/** A command without what only stands before it: reserved words, assignments, `sudo`, `env`. */
export interface SimpleCommand {
  /** The program's name without its folder: `apt-get`; empty for assignments alone. */
  readonly name: string;
  readonly arguments: readonly ShellWord[];
  /** `NAME=value` before the command, or given to `export` and `env`. */
  readonly assignments: readonly { readonly name: string; readonly value: string; readonly word: ShellWord }[];
  readonly command: ShellCommand;
}

const reserved = new Set(["if", "then", "else", "elif", "do", "while", "until", "{", "}", "!", "time"]);
/** Programs that run the one named after them, with those of their options that take a value. */
const wrappers = new Map<string, ReadonlySet<string>>([
  ["sudo", new Set(["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "--user", "--group"])],
  ["doas", new Set(["-u", "-C"])],
  ["env", new Set(["-u", "-C", "-S"])],
  ["exec", new Set(["-a"])],
  ["command", new Set()],
  ["builtin", new Set()],
  ["nohup", new Set()],
  ["nice", new Set(["-n"])],
  ["ionice", new Set(["-c", "-n"])],
  ["timeout", new Set(["-s", "-k"])],
  ["stdbuf", new Set(["-i", "-o", "-e"])],
  ["export", new Set()],
]);
const assignment = /^([A-Za-z_]\w*)=(.*)$/s;

export function simplify(command: ShellCommand): SimpleCommand {
  const assignments: { name: string; value: string; word: ShellWord }[] = [];
  const { words } = command;
  let at = 0;
  let wrapper: string | undefined;
  for (; at < words.length; at++) {
    const word = words[at] as ShellWord;
    const assigned = assignment.exec(word.text);
    if (assigned !== null) {
      assignments.push({ name: assigned[1] ?? "", value: assigned[2] ?? "", word });
    } else if (wrapper !== undefined && word.text.startsWith("-")) {
      if (wrappers.get(wrapper)?.has(word.text) === true) at++;
    } else if (wrapper === "timeout" && /^[\d.]+[smhd]?$/.test(word.text)) {
      wrapper = "";
    } else if (wrappers.has(baseName(word.text))) {
      wrapper = baseName(word.text);
    } else if (!reserved.has(word.text)) break;
  }
  const name = words[at];
  return {
    name: name === undefined ? "" : baseName(name.text),
    arguments: words.slice(at + 1),
    assignments,
    command,
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Every pipeline of a script, those inside of substitutions too. */
export function* pipelinesOf(script: ShellScript): Generator<readonly SimpleCommand[]> {
  for (const pipeline of script) {
    yield pipeline.map(simplify);
    for (const command of pipeline) {
      for (const word of command.words) for (const nested of word.nested) yield* pipelinesOf(nested);
    }
  }
}

/** Options of one letter may stand together: whether `-fsSLk` holds `k`. */
export function hasLetter({ arguments: words }: SimpleCommand, letter: string): boolean {
  return words.some(({ text }) => /^-[A-Za-z]+$/.test(text) && text.includes(letter));
}

export function hasOption(command: SimpleCommand, ...options: readonly string[]): boolean {
  return optionOf(command, ...options) !== undefined;
}

/** The first of these options that a command has, with a value or without. */
export function optionOf({ arguments: words }: SimpleCommand, ...options: readonly string[]): string | undefined {
  return options.find((option) => words.some(({ text }) => text === option || text.startsWith(`${option}=`)));
}
