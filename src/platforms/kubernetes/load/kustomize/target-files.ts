import { posix } from "node:path";
import type { TreeNode } from "../../../../formats/tree.ts";
import { normalise, type TextFile } from "../../../../repository/files.ts";
import type { Text } from "../nodes.ts";
import type { LoadSession } from "../session.ts";

/** The files that one kustomization names, by their paths relative to its folder. */
export class TargetFiles {
  readonly session: LoadSession;
  /** Relative to the root; empty for the root itself. */
  readonly folder: string;
  /** Whether files outside the folder are refused, as kustomize does and Flux does not. */
  readonly #restricted: boolean;

  constructor(session: LoadSession, folder: string, restricted: boolean) {
    this.session = session;
    this.folder = folder;
    this.#restricted = restricted;
  }

  /** A path within the root; undefined for one that leaves it. */
  resolve(path: string): string | undefined {
    return path.startsWith("/") ? undefined : normalise(posix.join(this.folder === "" ? "." : this.folder, path));
  }

  /**
   * A file whose content a generator takes, or undefined once it is said why not. What a Secret is made of is mostly kept
   * out of the repository, and it is no mistake that it is not there.
   */
  open({ text, place }: Text, forSecret = false): TextFile | undefined {
    const path = this.#within({ text, place });
    if (path === undefined) return undefined;
    const file = this.session.data(path);
    if (file.ok) return file;
    if (forSecret && !this.session.files.exists(path)) {
      const message = `\`${text}\`, which a Secret is made of, is not there; what it would hold is not judged.`;
      this.session.warning(message, place, "Check where the file is, or leave it: a secret is well kept out of Git.");
      return undefined;
    }
    this.session.error(`\`${text}\` cannot be read: ${file.message}`, place, "Correct the path, or add the file.");
    return undefined;
  }

  /** The documents of a file that the kustomization names; none once it is said why not. */
  documents({ text, place }: Text): readonly TreeNode[] {
    const path = this.#within({ text, place });
    if (path === undefined) return [];
    if (this.session.text(path).ok) return this.session.documents(path, "kustomize");
    this.open({ text, place });
    return [];
  }

  #within({ text, place }: Text): string | undefined {
    const path = this.resolve(text);
    if (path === undefined) {
      this.session.error(
        `\`${text}\` lies outside the folder that is checked; it is not read.`,
        place,
        "Check the folder that holds it too.",
      );
      return undefined;
    }
    if (this.#restricted && !isBelow(path, this.folder)) {
      this.session.warning(
        `\`${text}\` lies outside the kustomization's folder, which kustomize refuses unless it runs with --load-restrictor LoadRestrictionsNone.`,
        place,
        "Move the file below the kustomization, or put it into a base of its own.",
      );
    }
    return path;
  }
}

function isBelow(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}
