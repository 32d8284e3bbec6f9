import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RenderedFile } from "../../contracts/platform.ts";
import { RingwallError } from "../../lib/error.ts";
import { codeOf } from "../../lib/system-error.ts";
import { contentHash, emptyManifest, isInside, type Manifest, manifestName, parseManifest } from "./manifest.ts";

/** What writing a rendered folder would do to one file. */
export interface RenderChange {
  readonly path: string;
  readonly action: "create" | "change" | "keep" | "remove";
  /** Why what is there is not Ringwall's to replace; undefined when it is. */
  readonly foreign: Foreign | undefined;
  /** True for a file that Git ignores, which a fresh clone is without. */
  readonly ignoredByGit: boolean;
}

export interface Foreign {
  /** A clause. */
  readonly why: string;
  /** Whether a person may have it replaced all the same. False where that would write to another place. */
  readonly forcible: boolean;
}

export interface Comparison {
  readonly changes: readonly RenderChange[];
  /** The SHA-256 of each file that is there, by path. */
  readonly present: ReadonlyMap<string, string>;
  /** What Ringwall wrote here before; empty when nothing, or when it was not to be believed. */
  readonly manifest: Manifest;
}

/** No file that Ringwall renders comes near this; a larger one is somebody else's. */
const largest = 16 * 1024 * 1024;

/**
 * Sets the files of a render against those of a folder, which need not exist. Reads only, follows no link inside the
 * folder, and keeps the order of the paths. A manifest that cannot be read is refused, or with `distrust` passed over.
 */
export async function compareRendered(
  folder: string,
  files: readonly RenderedFile[],
  options: { readonly distrust?: boolean } = {},
): Promise<Comparison> {
  refuseImpossible(files);
  const manifest = await readManifest(folder, options.distrust ?? false);
  const rendered = new Set(files.map((file) => file.path));
  const present = new Map<string, string>();
  const changes = await Promise.all([
    ...files.map((file) => compareFile(folder, file, manifest, present)),
    ...[...manifest.files.keys()]
      .filter((path) => !rendered.has(path))
      .map((path) => compareObsolete(folder, path, manifest, present)),
  ]);
  return {
    changes: changes.filter((change) => change !== undefined).sort((a, b) => (a.path < b.path ? -1 : 1)),
    present,
    manifest,
  };
}

/** Components name their files; two of one name, or one outside the folder, must not be written. */
function refuseImpossible(files: readonly RenderedFile[]): void {
  const seen = new Set<string>();
  for (const { path } of files) {
    if (!isInside(path))
      throw new RingwallError("invalid", `The rendered file "${path}" would lie outside its folder.`);
    if (seen.has(path) || path === manifestName) {
      throw new RingwallError("invalid", `Two rendered files have the name "${path}".`);
    }
    seen.add(path);
  }
}

async function compareFile(
  folder: string,
  file: RenderedFile,
  manifest: Manifest,
  hashes: Map<string, string>,
): Promise<RenderChange> {
  const change = (action: RenderChange["action"], foreign?: Foreign): RenderChange => ({
    path: file.path,
    action,
    foreign,
    ignoredByGit: file.ignoredByGit ?? false,
  });
  const present = await readPresent(folder, file.path);
  if (present.kind === "absent") return change("create");
  if (present.kind === "other") return change("change", present);
  hashes.set(file.path, present.hash);
  if (present.hash === contentHash(file.content)) {
    // Wider than rendered is a difference only where nobody else may read the file at all.
    const tooOpen = (file.mode & 0o077) === 0 && (present.mode & 0o077) !== 0;
    return change(tooOpen ? "change" : "keep");
  }
  return change("change", foreignWhy(manifest, file.path, present.hash));
}

async function compareObsolete(
  folder: string,
  path: string,
  manifest: Manifest,
  hashes: Map<string, string>,
): Promise<RenderChange | undefined> {
  const present = await readPresent(folder, path);
  if (present.kind === "absent") return undefined;
  if (present.kind === "file") hashes.set(path, present.hash);
  const foreign = present.kind === "other" ? present : foreignWhy(manifest, path, present.hash);
  return { path, action: "remove", foreign, ignoredByGit: false };
}

function foreignWhy(manifest: Manifest, path: string, hash: string): Foreign | undefined {
  const written = manifest.files.get(path);
  if (hash === written || hash === manifest.replacing.get(path)) return undefined;
  const why = written === undefined ? "it was not written by Ringwall" : "it was changed after Ringwall wrote it";
  return { why, forcible: true };
}

type Present =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly hash: string; readonly mode: number }
  | ({ readonly kind: "other" } & Foreign);

async function readPresent(folder: string, path: string): Promise<Present> {
  const misplaced = await misplacedParent(folder, path);
  if (misplaced !== undefined) return { kind: "other", why: misplaced, forcible: false };
  const found = await openPlain(join(folder, path));
  if (found === undefined) return { kind: "absent" };
  if ("why" in found) return { kind: "other", ...found };
  try {
    const { mode, size } = await found.stat();
    if (size > largest)
      return { kind: "other", why: "it is larger than anything that Ringwall writes", forcible: true };
    return { kind: "file", hash: contentHash(await found.readFile()), mode };
  } finally {
    await found.close();
  }
}

/** A folder on the way that is a link or no folder: what is written below it would land elsewhere. */
async function misplacedParent(folder: string, path: string): Promise<string | undefined> {
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) {
    const found = await lstatOrAbsent(join(folder, parent));
    if (found !== undefined && !found.isDirectory()) return `${parent} on the way to it is not a folder`;
  }
  return undefined;
}

/** A regular file, opened without following a link; undefined when there is none, what it is when it is something else. */
async function openPlain(path: string): Promise<FileHandle | Foreign | undefined> {
  const found = await lstatOrAbsent(path);
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return { why: "it is a link", forcible: true };
  if (!found.isFile()) return { why: "it is not a regular file", forcible: !found.isDirectory() };
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function lstatOrAbsent(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(path, error);
  }
}

async function readManifest(folder: string, distrust: boolean): Promise<Manifest> {
  const path = join(folder, manifestName);
  const found = await openPlain(path);
  if (found === undefined) return emptyManifest;
  try {
    if ("why" in found || (await found.stat()).size > largest) {
      return parseManifest("", path);
    }
    return parseManifest(await found.readFile("utf8"), path);
  } catch (error) {
    if (distrust && error instanceof RingwallError && error.code === "conflict") return emptyManifest;
    throw error;
  } finally {
    if (!("why" in found)) await found.close();
  }
}

function unreadable(path: string, cause: unknown): RingwallError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const why = code === "EACCES" || code === "EPERM" ? "permission denied" : code;
  return new RingwallError("unreadable", `${path} cannot be read: ${why}.`, { cause });
}
