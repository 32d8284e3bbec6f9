import { readFile, stat } from "node:fs/promises";
import { sopsFormatOf } from "../../formats/sops/document/formats.ts";
import {
  decryptSops,
  editSops,
  encryptSops,
  type ReadOptions,
  rotateDataKey,
  type SopsFile,
  type UpdatedKeys,
  updateKeys,
} from "../../formats/sops/document/operations.ts";
import type { PlainFile } from "../../formats/sops/document/plain-file.ts";
import { encryptedFormat } from "../../formats/sops/read-encrypted.ts";
import { writeFileAtomic } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { isMissing } from "../../lib/system-error.ts";
import { SopsFiles, type SopsFilesOptions } from "./sops-files.ts";

/** Writing waits for the disk, so that several files are under way. */
const filesAtOnce = 8;

export type KeysChange = Omit<UpdatedKeys, "text">;

/** What became of one of many files. */
export type KeysOutcome =
  | { readonly path: string; readonly changed: KeysChange }
  | { readonly path: string; readonly failure: RingwallError };

/**
 * Whole SOPS files on the disk, of any of its formats, told by the file's name as SOPS does. Each change is made under
 * the lock and the file exchanged as a whole; a plain document is in memory alone.
 */
export class SopsEditor {
  readonly #files: SopsFiles;

  constructor(options: SopsFilesOptions) {
    this.#files = new SopsFiles(options);
  }

  async decrypt(path: string, options: ReadOptions = {}): Promise<PlainFile> {
    return await decryptSops(await this.#file(path), await this.#files.identities(), options);
  }

  /** Encrypts a plain file in its place, for whom its rule names. */
  async encrypt(path: string): Promise<void> {
    const rule = await this.#files.ruleFor(path);
    await this.#files.locked(async () => {
      const content = await bytesOf(path);
      refuseTwice(path, content);
      const text = await encryptSops({ path, format: sopsFormatOf(path), content }, rule, this.#files.context);
      if (Buffer.compare(content, await bytesOf(path)) !== 0) throw changedMeanwhile(path);
      await writeFileAtomic(path, text, { mode: (await stat(path)).mode & 0o777 });
    });
  }

  /**
   * Gives the plain document to `edit`, outside of the lock since a person may take long, and encrypts what comes back.
   * Throws `conflict`, and writes nothing, when somebody else changed the file meanwhile. True when something changed.
   */
  async edit(path: string, edit: Parameters<typeof editSops>[2], options: ReadOptions = {}): Promise<boolean> {
    const before = await this.#file(path);
    const text = await editSops(before, await this.#files.identities(), edit, this.#files.context, options);
    if (text === before.text) return false;
    await this.#files.change(path, async (now) => {
      if (now !== before.text) throw changedMeanwhile(path);
      return text;
    });
    return true;
  }

  /** Brings recipients in line with the nearest `.sops.yaml`. Who is taken out costs a new data key. */
  async updateKeys(path: string): Promise<KeysChange> {
    return await this.#files.locked(() => this.#updateKeys(path));
  }

  /**
   * The same for many files, as when somebody leaves. A file that cannot be brought in line keeps what it is, and its
   * failure is told beside the outcome of the others.
   */
  async updateKeysOf(paths: readonly string[]): Promise<readonly KeysOutcome[]> {
    return await this.#files.locked(() =>
      inParallel(paths, filesAtOnce, async (path) => {
        try {
          return { path, changed: await this.#updateKeys(path) };
        } catch (failure) {
          if (failure instanceof RingwallError) return { path, failure };
          throw failure;
        }
      }),
    );
  }

  /**
   * Who would be taken out of any of these files, which are only read: what is to be kept in mind before it is done. A
   * file that cannot be brought in line adds nobody.
   */
  async leavingOf(paths: readonly string[]): Promise<readonly string[]> {
    const identities = await this.#files.identities();
    const leaving = await inParallel(paths, filesAtOnce, async (path) => {
      try {
        const file = await this.#file(path);
        return (await updateKeys(file, await this.#files.ruleFor(path), identities, this.#files.context)).removed;
      } catch (error) {
        if (error instanceof RingwallError) return [];
        throw error;
      }
    });
    return [...new Set(leaving.flat())].sort();
  }

  async #updateKeys(path: string): Promise<KeysChange> {
    const rule = await this.#files.ruleFor(path);
    const identities = await this.#files.identities();
    let told: KeysChange = { added: [], removed: [], rotated: false };
    await this.#files.changeUnderLock(path, async (before) => {
      if (before === undefined) throw missing(path);
      const file = { path, format: sopsFormatOf(path), text: before };
      const { text, ...rest } = await updateKeys(file, rule, identities, this.#files.context);
      told = rest;
      return text;
    });
    return told;
  }

  /** A new data key, for the same recipients. */
  async rotate(path: string): Promise<void> {
    await this.#change(path, async (file) => rotateDataKey(file, await this.#files.identities(), this.#files.context));
  }

  async #change(path: string, change: (file: SopsFile) => Promise<string>): Promise<void> {
    await this.#files.change(path, async (text) => {
      if (text === undefined) throw missing(path);
      return await change({ path, format: sopsFormatOf(path), text });
    });
  }

  async #file(path: string): Promise<SopsFile> {
    const text = await this.#files.read(path);
    if (text === undefined) throw missing(path);
    return { path, format: sopsFormatOf(path), text };
  }
}

/** A binary file that is encrypted already is bytes like any other; nobody means to do it twice. */
function refuseTwice(path: string, content: Uint8Array): void {
  const text = Buffer.from(content).toString("utf8");
  if (sopsFormatOf(path) !== "binary" || encryptedFormat(text) !== "json") return;
  throw new RingwallError("conflict", `${path} is encrypted already.`, { hint: "Edit it instead." });
}

function missing(path: string): RingwallError {
  return new RingwallError("not-found", `${path} is not there.`, { hint: "Look at its name and folder." });
}

function changedMeanwhile(path: string): RingwallError {
  return new RingwallError("conflict", `${path} was changed by somebody else meanwhile; nothing was written.`, {
    hint: "Look at what it is now, and do it again.",
  });
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) throw missing(path);
    throw new RingwallError("unreadable", `${path} cannot be read.`, { cause: error });
  }
}
