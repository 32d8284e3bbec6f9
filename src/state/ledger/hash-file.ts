import { constants, ftruncateSync, readSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { writeFailure } from "../../lib/atomic-write.ts";
import type { Hash } from "./merkle.ts";

const width = 32;

/** The hashes of all complete subtrees (`stored-hashes.ts`). It follows from the log, and is made anew where it is not right. */
export class HashFile {
  readonly path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  static async open(path: string): Promise<HashFile> {
    try {
      return new HashFile(path, await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
    } catch (error) {
      throw writeFailure(path, error);
    }
  }

  /** The hash at a position; zeros where none is written. */
  read(position: number): Hash {
    const hash = Buffer.alloc(width);
    readSync(this.#file.fd, hash, 0, width, position * width);
    return hash;
  }

  /** Writes hashes from a position on. Not waited for: a lost write is found by the root, and made good. */
  write(hashes: readonly Hash[], position: number): void {
    try {
      writeSync(this.#file.fd, Buffer.concat(hashes), 0, hashes.length * width, position * width);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  clear(): void {
    ftruncateSync(this.#file.fd, 0);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
