import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What stands at a path: a text, bytes, or something that is made there. */
export type Hostile = string | Uint8Array | ((path: string) => void);

/** A folder of its own with these files in it; the caller removes it. */
export function folderOf(files: Readonly<Record<string, Hostile>>): string {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-hostile-"));
  putInto(folder, files);
  return folder;
}

/** Puts files into a folder that is there. */
export function putInto(folder: string, files: Readonly<Record<string, Hostile>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === "function") content(path);
    else writeFileSync(path, content);
  }
}

export const aFolder: Hostile = (path) => {
  mkdirSync(path);
};
export const aPipe: Hostile = (path) => {
  execFileSync("mkfifo", [path]);
};
export const aLinkTo =
  (target: string): Hostile =>
  (path) => {
    symlinkSync(target, path);
  };
export const unreadable =
  (text: string): Hostile =>
  (path) => {
    writeFileSync(path, text);
    chmodSync(path, 0);
  };

/** Ten letters that each stand for nine of the one before: 3.5 thousand million values in 400 bytes. */
export function growingAliases(): string {
  const names = "abcdefghijk";
  const lines = [...names].map((name, index) => {
    const before = names[index - 1];
    return `x-${name}: &${name} [${Array(9)
      .fill(before === undefined ? "x" : `*${before}`)
      .join(", ")}]`;
  });
  return `${lines.join("\n")}\nservices: { app: { image: "x:1", command: *k } }\n`;
}

/** Every path below a folder with what it is and holds, so that two moments can be set against one another. */
export function contentOf(folder: string, below = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(folder, below))) {
    const entry = join(below, name);
    const path = join(folder, entry);
    const is = lstatSync(path);
    found[entry] = is.isDirectory() ? "folder" : is.isSymbolicLink() ? `to ${readlinkSync(path)}` : "other";
    if (is.isFile()) found[entry] = `${(is.mode & 0o777).toString(8)} ${readFileSync(path).toString("base64")}`;
    if (is.isDirectory()) Object.assign(found, contentOf(folder, entry));
  }
  return found;
}

/** A file system of 64 kB at a path, or why there can be none. Only root may mount one. */
export function smallDisk(path: string): { readonly remove: () => void } | { readonly missing: string } {
  if (process.getuid?.() !== 0) return { missing: "only root can mount a small file system" };
  try {
    mkdirSync(path, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=0755", "tmpfs", path], { stdio: "pipe" });
  } catch {
    return { missing: "no small file system can be mounted here" };
  }
  return {
    remove: () => {
      execFileSync("umount", [path]);
    },
  };
}

/** Fills the file system of a folder to its last byte. */
export function fillUp(folder: string): void {
  try {
    writeFileSync(join(folder, "filler"), new Uint8Array(4 * 1024 * 1024));
  } catch {
    // That it does not fit is what is wanted; what fits has been written.
  }
}
