import type { Walk } from "./walk.ts";

/** What Git knows of one file; `why` is a clause for what cannot be told. */
export type GitState =
  | { readonly ignored: boolean; readonly tracked: boolean | { readonly why: string } }
  | { readonly why: string };

/** A regular file as a view has it. */
export interface ViewedFile {
  readonly bytes: Uint8Array;
  /** Permission bits (0o600); undefined where they are not known. */
  readonly mode: number | undefined;
}

/**
 * A folder that is not as it lies on the disk: with changes that are not written yet, or as it was in an earlier revision.
 * Paths are relative to the folder, `/` between the parts.
 */
export interface FolderView {
  /** All that is in it, for a view that stands in place of the disk; undefined for one that is laid over it. */
  readonly whole: Walk | undefined;
  /** A file; undefined where the view has none: it is not there, or is as it is on the disk. */
  file(path: string): ViewedFile | undefined;
  /** For a whole view: what Git knew of a file; undefined outside of a repository. */
  gitStateOf(path: string): GitState | undefined;
}

/** Changes that are not written yet, laid over what is on the disk. */
export function changedFiles(files: ReadonlyMap<string, ViewedFile>): FolderView {
  return { whole: undefined, file: (path) => files.get(path), gitStateOf: () => undefined };
}
