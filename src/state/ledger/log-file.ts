import { constants, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { syncFolder, writeFailure } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { codeOf } from "../../lib/system-error.ts";

/** What the file grows by at once: writing into room that is there costs one write of the disk, growing costs several. */
const room = 256 * 1024;
const newline = 0x0a;

/**
 * A file of lines that only grows, with zero bytes behind the last line. Whatever `append` has ended with is on the disk;
 * what a crash cut short is whatever stands behind `end`.
 */
export class LogFile {
  readonly path: string;
  readonly #file: FileHandle;
  #allocated: number;

  private constructor(path: string, file: FileHandle, allocated: number) {
    this.path = path;
    this.#file = file;
    this.#allocated = allocated;
  }

  /** Opens the file for reading and appending, 0600; makes it where it is missing. Refuses a link. */
  static async open(path: string): Promise<LogFile> {
    try {
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
      const file = await open(path, flags, 0o600);
      const { size } = await file.stat();
      if (size === 0) await syncFolder(path.slice(0, path.lastIndexOf("/")));
      return new LogFile(path, file, size);
    } catch (error) {
      throw writeFailure(path, error);
    }
  }

  /** Opens a file that is there for reading alone, also where nothing can be written. Refuses a link. */
  static async openToRead(path: string): Promise<LogFile> {
    try {
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      return new LogFile(path, file, (await file.stat()).size);
    } catch (error) {
      const code = codeOf(error) ?? "unknown error";
      const why = code === "ELOOP" ? "it is a link" : code === "EACCES" ? "this user has no permission" : code;
      throw new RingwallError("permission", `${path} cannot be read: ${why}.`, {
        hint: "Run this command as whoever runs Ringwall there, or take an export: `ringwall ledger export`.",
        cause: error,
      });
    }
  }

  /** Writes bytes at a place where none stand and waits until the disk has them. On failure nothing of them stays. */
  async append(bytes: Uint8Array, at: number): Promise<void> {
    const before = (await this.#file.stat()).size;
    this.#allocated = before;
    try {
      if (at + bytes.length > this.#allocated) await this.#makeRoom(at + bytes.length);
      await writeAll(this.#file, bytes, at);
      await this.#file.datasync();
    } catch (error) {
      await this.erase(at, before).catch(() => undefined);
      throw writeFailure(this.path, error);
    }
  }

  async #makeRoom(needed: number): Promise<void> {
    const grown = Math.ceil((needed + 1) / room) * room;
    try {
      await writeAll(this.#file, Buffer.alloc(grown - this.#allocated), this.#allocated);
      this.#allocated = grown;
    } catch {
      // No room for more than what is needed: that itself may still fit.
      await this.#file.truncate(this.#allocated);
    }
  }

  /** Puts zeros from a place on, and the file's size back to what it was. */
  async erase(from: number, size: number): Promise<void> {
    if (size > from) await writeAll(this.#file, Buffer.alloc(size - from), from);
    await this.#file.truncate(size);
    await this.#file.datasync();
    this.#allocated = size;
  }

  /** Whether anything stands at a place: then somebody else has appended since. */
  hasByteAt(place: number): boolean {
    const byte = Buffer.alloc(1);
    return readSync(this.#file.fd, byte, 0, 1, place) === 1 && byte[0] !== 0;
  }

  /** The whole lines from a place up to the first zero byte, each with where it ends; without their newlines. */
  async *lines(from: number): AsyncGenerator<{ readonly bytes: Buffer; readonly end: number }> {
    let start = from;
    for await (const { buffer, first, last } of lineBlocks(this.#file, from)) {
      for (let at = first; at < last; ) {
        const end = buffer.indexOf(newline, at);
        start += end + 1 - at;
        yield { bytes: buffer.subarray(at, end), end: start };
        at = end + 1;
      }
    }
  }

  /** How many bytes there are before the zeros, and the last of them, at most `most`. */
  async tail(most: number): Promise<{ readonly end: number; readonly bytes: Buffer }> {
    const { size } = await this.#file.stat();
    let end = size;
    while (end > 0) {
      const from = Math.max(0, end - room);
      const part = await this.#read(from, end);
      let used = part.length;
      while (used > 0 && part[used - 1] === 0) used--;
      end = from + used;
      if (used > 0) break;
    }
    return { end, bytes: await this.#read(Math.max(0, end - most), end) };
  }

  async #read(from: number, to: number): Promise<Buffer> {
    const buffer = Buffer.alloc(to - from);
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, from);
    if (bytesRead === buffer.length) return buffer;
    throw new RingwallError("conflict", `${this.path} was cut while it was read.`);
  }

  size(): Promise<number> {
    return this.#file.stat().then(({ size }) => size);
  }

  /** The whole lines up to a place, in large blocks, for whoever goes through millions of them. */
  blocks(to: number): AsyncGenerator<LineBlock> {
    return lineBlocks(this.#file, 0, to);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Bytes that hold whole lines, each with its newline, from `first` up to `last`. One byte stands before the first line
 * and may be overwritten, as all of the block may.
 */
export interface LineBlock {
  readonly buffer: Buffer;
  readonly first: number;
  readonly last: number;
}

const blockSize = 4 * 1024 * 1024;

/** A line may have this many bytes; a longer one is none that Ringwall has written. */
const longestLine = 1024 * 1024;

/** The lines of a file in blocks, up to the first zero byte; what stands behind the last newline is left out. */
export async function* lineBlocks(
  file: FileHandle,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<LineBlock> {
  let carried = Buffer.alloc(0);
  for (let place = from; place < to; ) {
    if (carried.length > longestLine)
      throw new RingwallError("too-large", "A line of the ledger is longer than 1 MiB.");
    const buffer = Buffer.allocUnsafe(1 + carried.length + blockSize);
    buffer.set(carried, 1);
    const { bytesRead } = await file.read(buffer, 1 + carried.length, Math.min(blockSize, to - place), place);
    if (bytesRead === 0) return;
    place += bytesRead;
    const read = 1 + carried.length + bytesRead;
    const zero = buffer.subarray(0, read).indexOf(0, 1 + carried.length);
    const used = zero < 0 ? read : zero;
    const last = buffer.lastIndexOf(newline, used - 1) + 1;
    if (last > 1) yield { buffer, first: 1, last };
    if (zero >= 0) return;
    carried = Buffer.from(buffer.subarray(Math.max(1, last), used));
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
