import { readdirSync, readFileSync } from "node:fs";
import { parseCgroups } from "./proc.ts";

/** Reads one file of the host; undefined when it is not there or may not be read. */
export type ReadFile = (path: string) => string | undefined;

/** The folders in a folder of the host; empty when there are none or it may not be read. */
export type ListFolders = (path: string) => readonly string[];

export const readHostFile: ReadFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

export const listHostFolders: ListFolders = (path) => {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
};

/**
 * Every process of a container, as the host numbers them: those of its control group and of the groups within, where
 * an engine inside the container would put its own. The main process is always among them while it runs.
 */
export function containerProcesses(
  pid: number,
  read: ReadFile = readHostFile,
  list: ListFolders = listHostFolders,
): readonly number[] {
  const folder = cgroupFolder(parseCgroups(read(`/proc/${pid}/cgroup`) ?? ""));
  const found = new Set(folder === undefined ? [] : processesBelow(folder, read, list, 0));
  if (read(`/proc/${pid}/status`) !== undefined) found.add(pid);
  return [...found];
}

/** The deepest that groups are followed; a container may nest as many as it likes. */
const deepest = 16;

function processesBelow(folder: string, read: ReadFile, list: ListFolders, depth: number): number[] {
  const own = (read(`${folder}/cgroup.procs`) ?? "").split("\n").filter(Boolean).map(Number);
  if (depth >= deepest) return own;
  return [...own, ...list(folder).flatMap((name) => processesBelow(`${folder}/${name}`, read, list, depth + 1))];
}

/** Undefined for the root group: there stand the host's own processes, which are none of the container's. */
function cgroupFolder(paths: ReadonlyMap<string, string>): string | undefined {
  for (const controller of ["memory", "pids"]) {
    const path = paths.get(controller);
    if (path !== undefined && path !== "/") return `/sys/fs/cgroup/${controller}${path}`;
  }
  const unified = paths.get("");
  return unified === undefined || unified === "/" ? undefined : `/sys/fs/cgroup${unified}`;
}
