import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join, posix } from "node:path";
import { ConfinedFiles } from "../../repository/files.ts";
import type { Repository } from "../../repository/repository.ts";

/** A file within a folder that was checked. */
export interface LocatedFile {
  /** The folder on this machine, absolute and without links. */
  readonly folder: string;
  /** Within it. */
  readonly path: string;
  /** As places and people name it. */
  readonly shown: string;
}

/** A file as it lies on the disk now. */
export interface FileOnDisk {
  readonly bytes: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** How many names it has. */
  readonly links: number;
}

/** Finds the files that findings name. */
export class LocatedFiles {
  readonly #repositories: Repository[] = [];

  add(repository: Repository): void {
    this.#repositories.push(repository);
  }

  /** The file that a place names; undefined for one that is in none of the folders, or, unless it may be, not there. */
  locate(shown: string, mayBeMissing = false): LocatedFile | undefined {
    for (const repository of this.#repositories) {
      const path = repository.pathOf(shown);
      if (repository.nameOf(path) === shown && (mayBeMissing || repository.files.exists(path))) {
        return { folder: repository.folder, path, shown };
      }
    }
    return undefined;
  }

  /** The `.gitignore` that is to speak of a file: of the nearest working tree, or of the folder that was checked. */
  ignoreFileFor({ folder, path, shown }: LocatedFile): LocatedFile {
    const prefix = shown.slice(0, shown.length - path.length);
    for (let below = posix.dirname(path); below !== "."; below = posix.dirname(below)) {
      if (!existsSync(join(folder, below, ".git"))) continue;
      return { folder, path: `${below}/.gitignore`, shown: `${prefix}${below}/.gitignore` };
    }
    return { folder, path: ".gitignore", shown: `${prefix}.gitignore` };
  }
}

/** Whether it is one of the templates of a Helm chart, with and without something for Helm to fill in. */
export function isChartTemplate({ folder, path }: LocatedFile): boolean {
  const parts = path.split("/");
  return parts.some(
    (part, index) => part === "templates" && existsSync(join(folder, ...parts.slice(0, index), "Chart.yaml")),
  );
}

/**
 * A file as it is now, read as everything that is checked is: no link in any part of its path is followed. Undefined when
 * nothing is there; a clause when it cannot be changed.
 */
export function readOnDisk({ folder, path }: LocatedFile): FileOnDisk | { readonly why: string } | undefined {
  const answer = new ConfinedFiles(folder).read(path);
  if (!answer.ok) return answer.reason === "missing" ? undefined : { why: answer.message.replace(/\.$/, "") };
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const descriptor = openSync(join(folder, path), flags);
  try {
    const { mode, uid, gid, nlink, size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(size);
    const length = size === 0 ? 0 : readSync(descriptor, bytes, 0, size, 0);
    return { bytes: bytes.subarray(0, length), mode: mode & 0o7777, uid, gid, links: nlink };
  } finally {
    closeSync(descriptor);
  }
}
