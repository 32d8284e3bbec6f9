import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunBytes } from "../../../lib/child-bytes.ts";
import { RingwallError } from "../../../lib/error.ts";
import { GitPlumbing } from "../../../repository/git-plumbing.ts";

export type GitChanges =
  | { readonly state: "no-git" }
  /** Why it cannot be told, as a clause. */
  | { readonly state: "unknown"; readonly why: string }
  | { readonly state: "known"; readonly changed: readonly string[] };

/**
 * Which of some files (relative to the working tree) differ from what was committed last, staged or not. Compared by
 * content, so that none of the repository's own filters and hooks run.
 */
export async function changedSinceCommit(
  root: string,
  paths: readonly string[],
  run: RunBytes,
  path: string,
): Promise<GitChanges> {
  if (paths.length === 0) return { state: "known", changed: [] };
  const committed = await committedBlobs(root, paths, run, path);
  if (typeof committed === "string") return { state: "unknown", why: committed };
  const changed: string[] = [];
  for (const one of paths) {
    const blob = committed.get(one);
    if (blob === undefined || blob !== blobOf(await readFile(join(root, one)), blob.length)) changed.push(one);
  }
  return { state: "known", changed };
}

async function committedBlobs(
  root: string,
  paths: readonly string[],
  run: RunBytes,
  path: string,
): Promise<ReadonlyMap<string, string> | string> {
  const git = new GitPlumbing(root, run, path);
  try {
    const head = await git.treeOf("HEAD");
    if (head === undefined) return new Map();
    const listing = await git.ask(["ls-tree", "-r", "-z", "--full-tree", head, "--", ...paths]);
    if (listing === undefined) return "Git does not tell what was committed";
    const rows = listing.toString("utf8").split("\0");
    // MODE blob OBJECT\tPATH
    return new Map(
      rows.flatMap((row) => {
        const match = /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(row);
        return match === null ? [] : [[match[2] ?? "", match[1] ?? ""] as const];
      }),
    );
  } catch (error) {
    if (error instanceof RingwallError) return error.message.replace(/\.$/, "");
    throw error;
  }
}

/** The name of a file's content in Git, by the repository's own hash. */
function blobOf(content: Buffer, length: number): string {
  const hash = createHash(length === 64 ? "sha256" : "sha1");
  return hash.update(`blob ${content.length}\0`).update(content).digest("hex");
}
