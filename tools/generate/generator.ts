/** A file that is made from something else in the repository. `path` is relative to its root, with `/`. */
export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

/** Makes files. The same repository gives the same bytes. */
export interface Generator {
  readonly name: string;
  /** Folders, relative to the root, that hold nothing but this generator's files: others in them are stale. */
  readonly folders: readonly string[];
  run(): readonly GeneratedFile[];
}
