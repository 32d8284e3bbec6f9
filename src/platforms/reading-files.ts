import { Source } from "../lib/place.ts";
import type { Profile } from "../lib/profile.ts";
import { ConfinedFiles, type FileFailure, type TextFile } from "../repository/files.ts";

/** Confined files that are named as the person named their folder, and whose reading is timed. */
export class ReadingFiles extends ConfinedFiles {
  readonly #prefix: string;
  readonly #profile: Profile | undefined;
  readonly #onText: ((file: TextFile) => void) | undefined;
  readonly #given = new Map<string, TextFile>();

  /** `prefix` stands before every path in places: empty, or a folder with a slash at its end. */
  constructor(root: string, prefix: string, profile: Profile | undefined, onText?: (file: TextFile) => void) {
    super(root);
    this.#prefix = prefix;
    this.#profile = profile;
    this.#onText = onText;
  }

  override read(relativePath: string): TextFile | FileFailure {
    const answer =
      this.#profile === undefined
        ? super.read(relativePath)
        : this.#profile.time("read", () => super.read(relativePath));
    return answer.ok ? this.#known(answer) : answer;
  }

  override forget(): void {
    super.forget();
    this.#given.clear();
  }

  /** The file under the name that the person knows it by, the same object at every call. */
  #known(file: TextFile): TextFile {
    const known = this.#given.get(file.path);
    if (known !== undefined) return known;
    const named =
      this.#prefix === "" ? file : { ...file, source: new Source(`${this.#prefix}${file.path}`, file.text) };
    this.#given.set(file.path, named);
    this.#onText?.(named);
    return named;
  }
}
