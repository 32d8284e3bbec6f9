/** Files that others wrote, copied until there are as many lines as are wanted. */
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export interface Copies {
  readonly copies: number;
  readonly files: number;
  readonly lines: number;
}

/** Copies the folders side by side below `target`, as often as it takes for `lines` lines of text or a few more. */
export function writeCopies(folders: readonly string[], target: string, lines: number): Copies {
  const once = folders
    .map(sizeOf)
    .reduce((sum, one) => ({ files: sum.files + one.files, lines: sum.lines + one.lines }));
  const copies = Math.ceil(lines / Math.max(once.lines, 1));
  for (let copy = 0; copy < copies; copy++) {
    for (const folder of folders)
      cpSync(folder, join(target, `copy-${String(copy).padStart(4, "0")}`, basename(folder)), { recursive: true });
  }
  return { copies, files: once.files * copies, lines: once.lines * copies };
}

function sizeOf(folder: string): { readonly files: number; readonly lines: number } {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const lines = files.map((file) => readFileSync(join(file.parentPath, file.name), "utf8").split("\n").length - 1);
  return { files: files.length, lines: lines.reduce((sum, count) => sum + count, 0) };
}
