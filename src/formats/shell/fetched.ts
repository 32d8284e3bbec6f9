/**
 * Where a command that downloads gets it from, and under which name it stores it.
 *
 * Source: curl(1) 8.16, wget(1) 1.25, fetch(1) of FreeBSD.
 */
import type { SimpleCommand } from "./command.ts";

export const fetchers: ReadonlySet<string> = new Set(["curl", "wget", "fetch", "wget2"]);

interface Address {
  readonly scheme: string;
  readonly host: string;
  /** The last part of its path, under which it is stored where no name is given; empty for none. */
  readonly file: string;
}

/** The first address that a command names; undefined when none is written out. */
export function addressOf({ arguments: words }: SimpleCommand): Address | undefined {
  for (const { text } of words) {
    const match = /^(https?|ftp):\/\/(?:[^/\s@]{0,200}@)?([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])/.exec(text);
    if (match === null) continue;
    const path = text.slice(match[0].length).split(/[?#]/, 1)[0] ?? "";
    const file = path.slice(path.lastIndexOf("/") + 1);
    return { scheme: match[1] ?? "", host: (match[2] ?? "").toLowerCase(), file };
  }
  return undefined;
}

/** The files that a command stores its download in by its own options, as they are written. */
export function storedBy(command: SimpleCommand): readonly string[] {
  return command.name.startsWith("wget") ? storedByWget(command) : storedByCurl(command);
}

function storedByCurl(command: SimpleCommand): readonly string[] {
  const named = valuesOf(command, "o", "--output");
  const folder = valuesOf(command, undefined, "--output-dir")[0];
  const takesName = command.arguments.some(({ text }) => /^-[A-Za-z]*O/.test(text) || /^--remote-name/.test(text));
  const own = takesName ? addressOf(command)?.file : undefined;
  return inFolder([...named, ...(own === undefined ? [] : [own])], folder);
}

/** Unlike curl it stores what it downloads in any case. */
function storedByWget(command: SimpleCommand): readonly string[] {
  const named = valuesOf(command, "O", "--output-document");
  if (named.length > 0) return named;
  const file = addressOf(command)?.file;
  return file === undefined ? [] : inFolder([file], valuesOf(command, "P", "--directory-prefix")[0]);
}

function inFolder(files: readonly string[], folder: string | undefined): readonly string[] {
  return folder === undefined ? files : files.map((file) => `${folder.replace(/\/$/, "")}/${file}`);
}

/** What an option is given: `-o x`, `-ox`, `-fsSLo x`, `--output x`, `--output=x`. */
function valuesOf({ arguments: words }: SimpleCommand, letter: string | undefined, long: string): readonly string[] {
  return words.flatMap(({ text }, index): string[] => {
    const next = words[index + 1]?.text;
    if (text === long) return next === undefined ? [] : [next];
    if (text.startsWith(`${long}=`)) return [text.slice(long.length + 1)];
    if (letter === undefined || !/^-[A-Za-z]/.test(text)) return [];
    const at = text.indexOf(letter);
    // What stands before it are letters without a value of their own.
    if (at === -1 || !/^-[A-Za-z0-9#]*$/.test(text.slice(0, at))) return [];
    const joined = text.slice(at + 1);
    if (joined === "") return next === undefined ? [] : [next];
    return at === 1 ? [joined] : [];
  });
}
