import { posix } from "node:path";
import type { Edit } from "../../contracts/fix.ts";
import { type HclFile, type HclPosition, isModuleFile, isValuesFile, whySharedIn } from "../../formats/hcl/sharing.ts";
import { type Place, Source } from "../../lib/place.ts";
import { ConfinedFiles } from "../../repository/files.ts";
import type { LocatedFile } from "./located-files.ts";

/**
 * Tells of a value that other settings share, where a file alone does not show that: in OpenTofu and Terraform a whole
 * folder does. What was found out is remembered, for most changes are tried several times.
 */
export class SharedSettings {
  readonly #known = new Map<string, string | undefined>();
  readonly #folders = new Map<string, readonly HclFile[]>();

  /** Why an edit would change something else too, as a clause. `about`: where its subject is declared. */
  why(edit: Edit, at: LocatedFile, about: Place | undefined): string | undefined {
    if (!("at" in edit) || edit.at.kind !== "file" || edit.at.whole === true) return undefined;
    if (!isModuleFile.test(at.path) && !isValuesFile.test(at.path)) return undefined;
    const subject = positionOf(about, at);
    const key = JSON.stringify([at.shown, edit.at.offset, subject]);
    if (!this.#known.has(key)) {
      const position = { name: posix.basename(at.path), offset: edit.at.offset };
      this.#known.set(key, whySharedIn(this.#filesBeside(at), position, subject));
    }
    return this.#known.get(key);
  }

  /** The module's files, and the one that is changed where that only gives it values. */
  #filesBeside({ folder, path }: LocatedFile): readonly HclFile[] {
    const below = posix.dirname(path);
    const key = JSON.stringify([folder, isValuesFile.test(path) ? path : below]);
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const files = new ConfinedFiles(folder);
    const names = files.list(below === "." ? "" : below);
    const read = names
      .filter((name) => isModuleFile.test(name) || name === posix.basename(path))
      .map((name): HclFile => {
        const file = files.read(posix.join(below, name));
        const text = file.ok ? file.text : undefined;
        return { name, source: new Source(name, text ?? ""), text };
      });
    this.#folders.set(key, read);
    return read;
  }
}

/** Where a subject is declared, seen from the folder of a file; undefined for one that no module declares. */
function positionOf(place: Place | undefined, { shown }: LocatedFile): HclPosition | "elsewhere" | undefined {
  if (place?.kind !== "file" || place.whole === true || !isModuleFile.test(place.source.path)) return undefined;
  if (posix.dirname(place.source.path) !== posix.dirname(shown)) return "elsewhere";
  return { name: posix.basename(place.source.path), offset: place.offset };
}
