/**
 * What of a script weakens what it builds or where it runs: see `CommandRiskKind`.
 */
import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import { pipelinesOf, type SimpleCommand } from "./command.ts";
import { downloadsRun, keyImported, unverified } from "./downloads.ts";
import { lexShell, type ShellCommand, type ShellScript, type ShellWord } from "./lex.ts";
import { packageVerb, remoteShell, unsigned } from "./packages.ts";
import { setUserId, worldWritable } from "./permissions.ts";
import { secretsIn } from "./secrets.ts";
import { StoredDownloads } from "./stored-downloads.ts";

/** A risk with its offset in the script. */
export interface FoundRisk extends Omit<CommandRisk, "place"> {
  readonly offset: number;
}

/** Scripts given as texts (`sh -c '…'`, `bash <<EOF`) inside of one another, beyond which they are not read. */
const deepest = 4;

/** Most scripts have none of these words, and need not be taken apart. */
const worthReading =
  /curl|wget|fetch|https?:|chmod|apt|apk|yum|dnf|zypper|rpm|pip|npm|yarn|git|install|mkdir|sudoers|NOPASSWD|trusted=|pass|token|secret|key|auth|cred|:\/\/|SSL|TLS|VERIFY/i;

/** Every risk in a script, in the order of the text. */
export function risksOf(text: string, offset = 0): readonly FoundRisk[] {
  return worthReading.test(text) ? inScript(lexShell(text, offset), 0) : [];
}

/** Whether a script does nothing with package lists but to fetch them; where it does so. */
export function packageListsAlone(text: string): number | undefined {
  if (!/\b(?:update|refresh|ref)\b/.test(text)) return undefined;
  const commands = [...pipelinesOf(lexShell(text))].flat();
  if (commands.some((command) => packageVerb(command) === "install")) return undefined;
  const last = commands.at(-1);
  return last !== undefined && packageVerb(last) === "update" ? last.command.offset : undefined;
}

/** The risks of a command that is given as a list of arguments, which no shell reads. */
export function risksOfArguments(words: readonly string[], offset: number): readonly FoundRisk[] {
  return inScript([[commandOf(words, offset)]], 0);
}

function commandOf(words: readonly string[], offset: number): ShellCommand {
  const shellWords = words.map((text) => ({ text, offset, expands: false, nested: [] }));
  return { words: shellWords, offset, writes: [], inputs: [] };
}

/**
 * The risks of commands that run one after another, each a text for a shell or a list of arguments: what one of them
 * stores, another may run. For each command those of its own.
 */
export function risksOfCommands(commands: readonly (string | readonly string[])[]): readonly (readonly FoundRisk[])[] {
  if (!commands.some((command) => worthReading.test(typeof command === "string" ? command : command.join(" "))))
    return commands.map(() => []);
  const stored = new StoredDownloads();
  return commands.map((command) =>
    inScript(typeof command === "string" ? lexShell(command) : [[commandOf(command, 0)]], 0, stored),
  );
}

function inScript(script: ShellScript, depth: number, stored = new StoredDownloads()): readonly FoundRisk[] {
  const found: FoundRisk[] = [];
  for (const pipeline of pipelinesOf(script)) {
    found.push(...downloadsRun(pipeline), ...stored.follow(pipeline));
    for (const command of pipeline) found.push(...ofCommand(command), ...ofInnerScripts(command, depth));
    found.push(...secretsIn(pipeline));
  }
  return found;
}

function ofCommand(command: SimpleCommand): readonly FoundRisk[] {
  const { offset } = command.command;
  const at = (kind: FoundRisk["kind"], what: string | undefined): readonly FoundRisk[] =>
    what === undefined ? [] : [{ kind, what, offset }];
  const withoutSignature = unsigned(command);
  const key = keyImported(command);
  return [
    ...(key === undefined ? [] : [key]),
    ...at("certificates-unverified", unverified(command)),
    ...(withoutSignature === undefined
      ? []
      : [{ kind: "signatures-unverified" as const, ...withoutSignature, offset }]),
    ...at("set-user-id", setUserId(command)),
    ...at("world-writable", worldWritable(command)),
    ...at("remote-shell", remoteShell(command)),
    ...at("sudo-without-password", sudoWithoutPassword(command)),
  ];
}

function sudoWithoutPassword({ command }: SimpleCommand): string | undefined {
  const texts = [...command.words, ...command.inputs].map(({ text }) => text);
  return texts.some((text) => /\bNOPASSWD\b/.test(text)) ? "sudo asks for no password" : undefined;
}

const shells = /^(?:sh|bash|dash|ash|zsh|ksh)$/;

/** Programs that hand a text to somebody's shell: `su - me -c '…'`. */
const switches = /^(?:su|runuser)$/;

/** The text behind `-c`, and what stands in it from there: `--command=…`. */
function scriptBehind(words: readonly ShellWord[]): Pick<ShellWord, "text" | "offset"> | undefined {
  const at = words.findIndex(({ text }) => /^(?:-[a-z]*c$|--command(?:=|$))/.test(text));
  const word = words[at];
  if (word === undefined) return undefined;
  const equals = word.text.startsWith("--") ? word.text.indexOf("=") : -1;
  return equals === -1 ? words[at + 1] : { text: word.text.slice(equals + 1), offset: word.offset + equals + 1 };
}

/** `sh -c '…'` and `bash <<EOF`; a here-document without a command is what Docker hands to its shell. */
function ofInnerScripts(command: SimpleCommand, depth: number): readonly FoundRisk[] {
  if (depth >= deepest) return [];
  const { name, arguments: words } = command;
  const takesInput = shells.test(name) || name === "";
  const inputs = takesInput ? command.command.inputs : [];
  const given = shells.test(name) || switches.test(name) ? scriptBehind(words) : undefined;
  const texts = given === undefined ? inputs : [...inputs, { text: given.text, offset: given.offset }];
  return texts.flatMap(({ text, offset }) => inScript(lexShell(text, offset), depth + 1));
}
