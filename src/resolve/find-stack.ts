import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { RingwallError } from "../lib/error.ts";
import { readTextFile } from "../lib/read-text-file.ts";
import { codeOf } from "../lib/system-error.ts";

/** The names that are looked for in each folder, in this order; `stack.ts` must be named. */
const fileNames = ["stack.yaml", "stack.yml"];

/** Larger declarations are mistakes: the stack of 500 services has 200 kB. */
const largest = 4 * 1024 * 1024;

/** Where a stack is declared. */
export interface StackFile {
  /** Absolute. */
  readonly path: string;
  /** The folder that relative paths of the declaration start from; absolute. */
  readonly folder: string;
  /** As a person would name it from where they are. */
  readonly shownAs: string;
}

/**
 * The stack file that a person means. A file is taken as it is; a folder must hold `stack.yaml`; without either, the
 * folders are searched from `cwd` upwards, as Git does.
 */
export async function findStack(named: string | undefined, cwd: string): Promise<StackFile> {
  if (named === undefined) return searchUpwards(cwd);
  const path = resolve(cwd, named);
  const found = await statOf(path);
  if (found === undefined) throw new RingwallError("not-found", `There is no ${named}.`);
  if (!found.isDirectory()) {
    if (composeName.test(basename(path))) throw composeNamed(named);
    return stackFile(path, cwd);
  }
  const inside = await firstIn(path);
  if (inside === undefined) {
    throw new RingwallError("not-found", `${named} holds no stack.yaml.`, {
      hint: "Name the stack's file, or begin one: docs/stack.md shows one of three lines.",
    });
  }
  return stackFile(inside, cwd);
}

const composeName = /^(docker-)?compose\b.*\.ya?ml$/;

function composeNamed(named: string): RingwallError {
  return new RingwallError("usage", `${named} is a Compose file by its name; a stack is declared in a stack.yaml.`, {
    hint: `\`ringwall check ${named}\` judges it as it is; docs/stack.md shows a stack of three lines.`,
  });
}

async function searchUpwards(cwd: string): Promise<StackFile> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = await firstIn(folder);
    if (found !== undefined) return stackFile(found, cwd);
    if (folder === dirname(folder)) break;
  }
  throw new RingwallError("not-found", "No stack.yaml is here or in any folder above.", {
    hint: "Go to the stack's folder, or name it: `ringwall plan path/to/stack`.",
  });
}

/** A regular file before anything else of such a name, which is taken too: reading it says what it is. */
async function firstIn(folder: string): Promise<string | undefined> {
  let other: string | undefined;
  for (const fileName of fileNames) {
    const path = join(folder, fileName);
    const found = await statOf(path);
    if (found?.isFile()) return path;
    if (found !== undefined) other ??= path;
  }
  return other;
}

function stackFile(path: string, cwd: string): StackFile {
  const fromHere = relative(cwd, path);
  const shownAs = fromHere === "" || fromHere.startsWith(join("..", "..", "..")) ? path : fromHere;
  return { path, folder: dirname(path), shownAs: shownAs.split("\\").join("/") };
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new RingwallError("unreadable", `${path} cannot be looked at.`, { cause: error });
  }
}

/** The text of a stack file: a regular file, UTF-8, of a sensible size, without a byte order mark. */
export async function readStackText(file: StackFile): Promise<string> {
  const text = await readTextFile(file.path, file.shownAs, largest);
  if (text === undefined) throw new RingwallError("not-found", `${file.shownAs} is not there any more.`);
  return text;
}

/** Who runs Ringwall, as far as it matters for whose files are trusted. */
export interface Runner {
  /** Undefined where the system has no user ids. */
  readonly uid: number | undefined;
  /** Owners that root trusts beside itself: the person who called `sudo`. Undefined to trust any owner. */
  readonly trustedOwners?: readonly number[];
}

/**
 * As root, a stack file or folder that others can write is refused: they could have root run what they like.
 * Does nothing for anyone else.
 */
export async function refuseWritableByOthers(file: StackFile, runner: Runner): Promise<void> {
  if (runner.uid !== 0) return;
  // Where the file is reached through a link, both folders decide what is read.
  const real = await realpath(file.path);
  for (const path of new Set([real, file.folder, dirname(real)])) {
    const found = await stat(path);
    const isFolder = found.isDirectory();
    const name = isFolder ? `The folder of ${basename(path === file.folder ? file.path : real)}` : file.shownAs;
    const byGroup = (found.mode & 0o020) !== 0 && found.gid !== 0;
    if (byGroup || (found.mode & 0o002) !== 0) {
      throw new RingwallError("permission", `${name} can be written by others, and this is root.`, {
        hint: `Look at what it holds, then run \`chmod go-w ${path}\`.`,
      });
    }
    const owners = runner.trustedOwners;
    if (owners !== undefined && found.uid !== 0 && !owners.includes(found.uid)) {
      throw new RingwallError("permission", `${name} belongs to user ${found.uid}, and this is root.`, {
        hint: `Look at what it holds, then run \`chown root ${path}\`, or run Ringwall through that user's sudo.`,
      });
    }
  }
}
