/**
 * What a `.git` folder says of its history, read without Git: where its objects lie, and the commits that its branches,
 * tags and remotes are at.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface GitFolder {
  /** The folder of the objects, absolute. */
  readonly objects: string;
  readonly sha256: boolean;
  /** Names of objects that branches, tags and the like are at, each once. */
  readonly tips: readonly string[];
  /** The commit that is checked out; undefined in a repository without one. */
  readonly head: string | undefined;
  /** Commits whose parents this clone does not have. */
  readonly shallow: readonly string[];
}

/** Why the history cannot be searched, as a clause, and what to do about it. */
export interface NoHistory {
  readonly why: string;
  readonly hint?: string;
}

const largest = 64 * 1024 * 1024;
const mostRefs = 100_000;
const deepest = 20;
const objectName = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Reads the `.git` folder of a working tree. Opens regular files in it alone, and follows no link. Never throws. */
export function gitFolder(root: string): GitFolder | NoHistory {
  const git = join(root, ".git");
  const kind = kindOf(git);
  if (kind === "file") {
    return {
      why: "it is a worktree or submodule, whose history is kept elsewhere",
      hint: "Check the main working tree, which `git worktree list` names first, or a clone of the submodule.",
    };
  }
  if (kind !== "folder") return { why: "its `.git` is no folder" };
  const objects = join(git, "objects");
  const borrowed = whyForeign(objects);
  if (borrowed !== undefined) return { why: borrowed, hint: "Check a clone of it, which has objects of its own." };
  const config = read(join(git, "config")) ?? "";
  if (/^[ \t]*refstorage[ \t]*=(?![ \t]*"?files)/im.test(config))
    return {
      why: "its references are kept in a form that is not read",
      hint: "Check a clone of it that was made with `git clone --ref-format=files`.",
    };
  const refs = new Map<string, string>();
  packedRefs(read(join(git, "packed-refs")) ?? "", refs);
  looseRefs(join(git, "refs"), "refs", refs, 0);
  const head = headOf(read(join(git, "HEAD")) ?? "", refs);
  return {
    objects,
    sha256: /^[ \t]*objectformat[ \t]*=[ \t]*"?sha256/im.test(config),
    tips: [...new Set([...refs.values(), ...(head === undefined ? [] : [head])])],
    head,
    shallow: (read(join(git, "shallow")) ?? "").split("\n").filter((line) => objectName.test(line)),
  };
}

/** Objects of another repository, or behind a link, are not this one's to show. */
function whyForeign(objects: string): string | undefined {
  for (const folder of [objects, join(objects, "pack"), join(objects, "info")]) {
    const kind = kindOf(folder);
    if (kind === "link") return "its objects lie behind a link";
    if (kind !== "folder" && folder === objects) return "it has no objects";
  }
  if (kindOf(join(objects, "info", "alternates")) !== "nothing")
    return "its objects are borrowed from another repository";
  return undefined;
}

function kindOf(path: string): "folder" | "file" | "link" | "nothing" {
  try {
    const stat = lstatSync(path);
    return stat.isSymbolicLink() ? "link" : stat.isDirectory() ? "folder" : "file";
  } catch {
    return "nothing";
  }
}

/** A regular file's text; undefined for anything else. */
function read(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(descriptor);
    return stat.isFile() && stat.size <= largest ? readFileSync(descriptor, "latin1") : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** gitrepository-layout(5): a line for each reference; `^` names what the tag before it is at. */
function packedRefs(text: string, refs: Map<string, string>): void {
  for (const line of text.split("\n")) {
    const [name = "", ref = ""] = line.split(" ", 2);
    if (objectName.test(name) && ref !== "" && refs.size < mostRefs) refs.set(ref, name);
  }
}

function looseRefs(folder: string, name: string, refs: Map<string, string>, depth: number): void {
  if (depth > deepest) return;
  let entries: ReturnType<typeof entriesOf>;
  try {
    entries = entriesOf(folder);
  } catch {
    return;
  }
  for (const entry of entries) {
    if (refs.size >= mostRefs) return;
    const below = `${name}/${entry.name}`;
    if (entry.isDirectory()) looseRefs(join(folder, entry.name), below, refs, depth + 1);
    else if (entry.isFile()) {
      const text = (read(join(folder, entry.name)) ?? "").trim();
      if (objectName.test(text)) refs.set(below, text);
    }
  }
}

function entriesOf(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

function headOf(text: string, refs: ReadonlyMap<string, string>): string | undefined {
  const line = text.trim();
  if (objectName.test(line)) return line;
  const ref = /^ref: (\S+)$/.exec(line)?.[1];
  return ref === undefined ? undefined : refs.get(ref);
}
