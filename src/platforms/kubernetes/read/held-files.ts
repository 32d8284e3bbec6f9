/** The texts that objects of a cluster hold, opened as files: under the paths that a container gives them. */
import { posix } from "node:path";
import { Source } from "../../../lib/place.ts";
import { ConfinedFiles, type TextFile } from "../../../repository/files.ts";
import type { FolderView } from "../../../repository/folder-view.ts";
import type { ClusterFile } from "./cluster-files.ts";

/** A path of a container as one below a root. */
export function asRelative(path: string): string {
  return posix.normalize(path).replace(/^\/+/, "");
}

/** Texts of a cluster under the paths that a container gives them. Nothing of the disk is among them. */
export class HeldFiles extends ConfinedFiles {
  readonly #held: ReadonlyMap<string, ClusterFile>;
  readonly #onOpen: (source: Source, file: ClusterFile) => void;

  constructor(held: ReadonlyMap<string, ClusterFile>, onOpen: (source: Source, file: ClusterFile) => void) {
    super(".", {}, viewOf(held));
    this.#held = held;
    this.#onOpen = onOpen;
  }

  protected override named(file: TextFile): TextFile {
    const held = this.#held.get(file.path);
    if (held === undefined) return file;
    const { place } = held.node;
    const source = place.kind === "file" ? new Source(place.source.path, file.text) : file.source;
    this.#onOpen(source, held);
    return { ...file, source };
  }
}

function viewOf(held: ReadonlyMap<string, ClusterFile>): FolderView {
  const files = [...held.keys()];
  const folders = new Set([""]);
  for (const path of files)
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  return {
    whole: { files, folders: [...folders], unlisted: [], others: [], gitRoots: new Map(), problems: [] },
    file: (path) => {
      const text = held.get(path)?.text;
      return text === undefined ? undefined : { bytes: Buffer.from(text), mode: undefined };
    },
    gitStateOf: () => undefined,
  };
}
