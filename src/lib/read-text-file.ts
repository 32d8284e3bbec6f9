import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { RingwallError } from "./error.ts";
import { codeOf } from "./system-error.ts";
import { isUtf16 } from "./utf16.ts";

/**
 * The text of a file that the user named or keeps beside the stack: a regular file, UTF-8, of at most `largest` bytes,
 * without a byte order mark. Undefined when nothing is there. Links are followed; a pipe is refused and never waited for.
 * Throws a `RingwallError` that calls the file `shownAs`.
 */
export async function readTextFile(path: string, shownAs: string, largest: number): Promise<string | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // Without waiting: a pipe that nobody writes to would hang the command.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = codeOf(error) ?? "unknown error";
    if (code === "ENOENT") return undefined;
    throw new RingwallError("unreadable", `${shownAs} cannot be read${whys[code] ?? ` (${code})`}.`, { cause: error });
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new RingwallError("unreadable", `${shownAs} is ${kindOf(found)}, not a regular file.`);
    if (found.size > largest) {
      throw new RingwallError("too-large", `${shownAs} is larger than ${largest / 1024 ** 2} MiB; it is not read.`);
    }
    return decode(await handle.readFile(), shownAs);
  } catch (error) {
    if (error instanceof RingwallError) throw error;
    throw new RingwallError("unreadable", `${shownAs} cannot be read (${codeOf(error) ?? "unknown error"}).`, {
      cause: error,
    });
  } finally {
    await handle.close();
  }
}

function decode(bytes: Uint8Array, shownAs: string): string {
  if (bytes.includes(0)) {
    if (isUtf16(bytes)) throw new RingwallError("not-text", `${shownAs} is UTF-16 text; save it as UTF-8.`);
    throw new RingwallError("not-text", `${shownAs} is a binary file (it has a zero byte); expected UTF-8 text.`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new RingwallError("not-text", `${shownAs} is not valid UTF-8; save it as UTF-8 text.`, { cause: error });
  }
}

const whys: Readonly<Record<string, string>> = {
  EACCES: ": this user has no permission",
  EPERM: ": this user has no permission",
  ENOTDIR: ": a part of its path is not a folder",
  ELOOP: ": its links lead in a circle",
  ENXIO: ": it is a socket or a device",
};

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  return found.isFIFO() ? "a pipe" : "a device";
}
