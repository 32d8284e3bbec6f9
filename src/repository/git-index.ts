/**
 * The names in a Git index, read without Git: what is tracked.
 *
 * Source of the format: gitformat-index(5), versions 2, 3 and 4.
 */

/** Either every tracked path, relative to the working tree, or why they cannot be told (a clause). */
export type TrackedPaths = { readonly paths: ReadonlySet<string> } | { readonly why: string };

const fixedFieldsWithoutHash = 40;

/** `hashBytes` is 20 for SHA-1 repositories and 32 for SHA-256 ones. */
export function readGitIndex(bytes: Buffer, hashBytes: 20 | 32): TrackedPaths {
  if (bytes.length < 12 + hashBytes || bytes.toString("latin1", 0, 4) !== "DIRC")
    return { why: "Git's index is damaged" };
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return { why: `Git's index has version ${version}, which is not known` };
  const count = bytes.readUInt32BE(8);
  const end = bytes.length - hashBytes;
  const paths = new Set<string>();
  let at = 12;
  let previous = Buffer.alloc(0);
  for (let entry = 0; entry < count; entry++) {
    const start = at;
    at += fixedFieldsWithoutHash + hashBytes;
    if (at + 2 > end) return { why: "Git's index is cut off" };
    const extended = (bytes.readUInt16BE(at) & 0x4000) !== 0;
    at += extended ? 4 : 2;
    let kept = 0;
    if (version === 4) {
      const strip = readOffset(bytes, at, end);
      if (strip === undefined || strip.value > previous.length) return { why: "Git's index is damaged" };
      kept = previous.length - strip.value;
      at = strip.next;
    }
    const zero = bytes.indexOf(0, at);
    if (zero === -1 || zero >= end) return { why: "Git's index is cut off" };
    const name = Buffer.concat([previous.subarray(0, kept), bytes.subarray(at, zero)]);
    paths.add(name.toString("utf8"));
    previous = name;
    // Versions 2 and 3 pad each entry with one to eight zero bytes to a multiple of eight.
    at = version === 4 ? zero + 1 : start + ((zero - start + 8) & ~7);
  }
  const why = unreadableExtension(bytes, at, end);
  return why === undefined ? { paths } : { why };
}

/** The variable-length number of version 4 (as in pack files' offsets). */
function readOffset(bytes: Buffer, start: number, end: number): { value: number; next: number } | undefined {
  let at = start;
  let byte = bytes[at++] ?? 0;
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    if (at >= end || at - start > 6) return undefined;
    byte = bytes[at++] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next: at };
}

/** A split or a sparse index keeps names elsewhere: what is tracked cannot be told from this file alone. */
function unreadableExtension(bytes: Buffer, start: number, end: number): string | undefined {
  for (let at = start; at + 8 <= end; ) {
    const name = bytes.toString("latin1", at, at + 4);
    if (name === "link") return "Git's index is split over several files";
    if (name === "sdir") return "Git's index is sparse";
    at += 8 + bytes.readUInt32BE(at + 4);
  }
  return undefined;
}
