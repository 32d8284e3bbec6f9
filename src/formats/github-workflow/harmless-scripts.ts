import { simplify } from "../shell/command.ts";
import { lexShell, type ShellCommand, type ShellScript } from "../shell/lex.ts";

/** Programs and words of the shell that run nothing of the folder they stand in, whatever lies there. */
const telling = new Set([
  "",
  ":",
  "[",
  "[[",
  "break",
  "cat",
  "continue",
  "date",
  "done",
  "echo",
  "esac",
  "exit",
  "false",
  "fi",
  "head",
  "ls",
  "printf",
  "pwd",
  "read",
  "return",
  "set",
  "shift",
  "sleep",
  "sort",
  "tail",
  "test",
  "true",
  "uniq",
  "wc",
]);

/** Files by which one step sets variables and paths of the next. */
const handedOn = /(?:GITHUB|GITEA|FORGEJO)_(?:ENV|PATH)/;

/** Whether a script only looks at texts and prints, so that nothing of what was checked out is executed. */
export function onlyTells(script: string): boolean {
  return isTelling(lexShell(withoutExpressions(script)));
}

function isTelling(script: ShellScript): boolean {
  return script.every((pipeline) => pipeline.every(isTellingCommand));
}

function isTellingCommand(command: ShellCommand): boolean {
  const { name } = simplify(command);
  if (!telling.has(name) || name.includes("$")) return false;
  if (!command.words.every(({ nested }) => nested.every(isTelling))) return false;
  if (!command.writes.some(({ text }) => handedOn.test(text))) return true;
  return command.words.every(({ expands }) => !expands);
}

/** Expressions are put in as text before the shell sees the script; what they may hold is judged by another control. */
function withoutExpressions(script: string): string {
  return script.includes("${{") ? script.replace(/\$\{\{[^}]{0,1000}\}\}/g, "x") : script;
}
