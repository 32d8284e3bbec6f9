import { Source } from "../lib/place.ts";
import type { Profile } from "../lib/profile.ts";
import { ConfinedFiles, type TextFile } from "../repository/files.ts";
import type { FolderView } from "../repository/folder-view.ts";

export interface ReadingOptions {
  readonly profile?: Profile | undefined;
  readonly onText?: ((file: TextFile) => void) | undefined;
  readonly view?: FolderView | undefined;
}

/** Confined files that are named as the person named their folder, and whose reading is timed. */
export class ReadingFiles extends ConfinedFiles {
  readonly #prefix: string;
  readonly #profile: Profile | undefined;
  readonly #onText: ((file: TextFile) => void) | undefined;

  /** `prefix` stands before every path in places: empty, or a folder with a slash at its end. */
  constructor(root: string, prefix: string, options: ReadingOptions = {}) {
    super(root, {}, options.view);
    this.#prefix = prefix;
    this.#profile = options.profile;
    this.#onText = options.onText;
  }

  protected override opened<T>(open: () => T): T {
    return this.#profile === undefined ? open() : this.#profile.time("read", open);
  }

  protected override named(file: TextFile): TextFile {
    const named =
      this.#prefix === "" ? file : { ...file, source: new Source(`${this.#prefix}${file.path}`, file.text) };
    this.#onText?.(named);
    return named;
  }
}
