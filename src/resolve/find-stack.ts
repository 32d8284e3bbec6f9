import { constants, type Stats } from "node:fs";
import { lstat, open, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { RingwallError } from "../lib/error.ts";

/** The names that are looked for in each folder, in this order; `stack.ts` must be named. */
const fileNames = ["stack.yaml", "stack.yml"];

/** Larger declarations are mistakes: the stack of 500 services has 200 kB. */
const largest = 8 * 1024 * 1024;

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
  if (!found.isDirectory()) return stackFile(path, cwd);
  const inside = await firstIn(path);
  if (inside === undefined) {
    throw new RingwallError("not-found", `${named} holds no stack.yaml.`, {
      hint: "Name the stack's file, or begin one: docs/stack.md shows one of three lines.",
    });
  }
  return stackFile(inside, cwd);
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

async function firstIn(folder: string): Promise<string | undefined> {
  for (const fileName of fileNames) {
    const found = await statOf(join(folder, fileName));
    if (found?.isFile()) return join(folder, fileName);
  }
  return undefined;
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
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new RingwallError("unreadable", `${path} cannot be looked at.`, { cause: error });
  }
}

/** The text of a stack file: a regular file, UTF-8, of a sensible size, without a byte order mark. */
export async function readStackText(file: StackFile): Promise<string> {
  const name = file.shownAs;
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // Without waiting: a pipe that nobody writes to would hang the command.
    handle = await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new RingwallError("unreadable", `${name} cannot be read.`, { cause: error });
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new RingwallError("unreadable", `${name} is not a regular file.`);
    if (found.size > largest) {
      throw new RingwallError("too-large", `${name} has ${found.size} bytes; a declaration has at most ${largest}.`);
    }
    const bytes = await handle.readFile();
    if (bytes.includes(0)) throw new RingwallError("not-text", `${name} is not a text file.`);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof RingwallError) throw error;
    if (error instanceof TypeError) throw new RingwallError("not-text", `${name} is not valid UTF-8.`);
    throw new RingwallError("unreadable", `${name} cannot be read.`, { cause: error });
  } finally {
    await handle.close();
  }
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
  for (const path of [file.path, file.folder]) {
    const found = await lstat(path);
    const name = path === file.path ? file.shownAs : `The folder of ${basename(file.path)}`;
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
