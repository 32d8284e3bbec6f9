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
  ["runuser", new Set(["-u", "--user", "-g", "--group", "-G", "--supp-group", "-w"])],
  ["chroot", new Set()],
  ["arch-chroot", new Set(["-u"])],
  ["gosu", new Set()],
  ["su-exec", new Set()],
  ["s6-setuidgid", new Set()],
  ["setuidgid", new Set()],
  ["chpst", new Set(["-u", "-U", "-e", "-n", "-b", "-m", "-d", "-o", "-p", "-f", "-c"])],
  ["curtin", new Set(["-t", "--target"])],
]);
/** Those that take a word of their own before the program: for whom, in which folder, how long. */
const operands = new Map<string, RegExp>([
  ["timeout", /^[\d.]+[smhd]?$/],
  ["chroot", /./],
  ["arch-chroot", /./],
  ["gosu", /./],
  ["su-exec", /./],
  ["s6-setuidgid", /./],
  ["setuidgid", /./],
  // Ubuntu's installer: `curtin in-target --target=/target -- sh -c '…'`.
  ["curtin", /^in-target$/],
]);
const assignment = /^([A-Za-z_]\w*)=(.*)$/s;

export function simplify(command: ShellCommand): SimpleCommand {
  const assignments: { name: string; value: string; word: ShellWord }[] = [];
  const { words } = command;
  let at = 0;
  let wrapper: string | undefined;
  let operand: RegExp | undefined;
  for (; at < words.length; at++) {
    const word = words[at] as ShellWord;
    const assigned = assignment.exec(word.text);
    if (assigned !== null) {
      assignments.push({ name: assigned[1] ?? "", value: assigned[2] ?? "", word });
    } else if (wrapper !== undefined && word.text.startsWith("-")) {
      if (wrappers.get(wrapper)?.has(word.text) === true) at++;
    } else if (operand?.test(word.text) === true) {
      operand = undefined;
    } else if (wrappers.has(baseName(word.text)) && !switchesBy(baseName(word.text), words.slice(at + 1))) {
      wrapper = baseName(word.text);
      operand = operands.get(wrapper);
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

/** `runuser` without `-u` is `su`: the command is a text behind `-c`. */
function switchesBy(name: string, words: readonly ShellWord[]): boolean {
  return name === "runuser" && !words.some(({ text }) => /^(?:-u|--user(?:=.*)?)$/.test(text));
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
