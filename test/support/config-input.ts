import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Workload } from "../../src/facts/subjects.ts";
import type { ConfigInput } from "../../src/formats/config-format.ts";
import { ConfinedFiles, normalise } from "../../src/repository/files.ts";

/** What a reader of a configuration file gets, for files that are given as texts by their path; the first one is read. */
export function configInput(texts: Readonly<Record<string, string>>, more: Partial<ConfigInput> = {}): ConfigInput {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-config-"));
  try {
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const files = new ConfinedFiles(folder);
    // They are kept once they are read, so that the folder can go.
    for (const path of Object.keys(texts)) files.read(path);
    files.walked({ files: Object.keys(texts), folders: foldersOf(Object.keys(texts)), others: [] });
    return inputOf(files, Object.keys(texts), more);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function foldersOf(paths: readonly string[]): readonly string[] {
  return ["", ...new Set(paths.map((path) => dirname(path)).filter((folder) => folder !== "."))];
}

/** The same for files that lie in a folder already. */
export function inputOf(files: ConfinedFiles, paths: readonly string[], more: Partial<ConfigInput> = {}): ConfigInput {
  const path = paths[0] ?? "";
  const file = files.read(path);
  if (!file.ok) throw new Error(file.message);
  const base = dirname(path);
  return {
    file,
    path,
    files,
    paths,
    system: "shop",
    lens: "written",
    platform: "files",
    owner: undefined,
    locate: (wanted) => (wanted.startsWith("/") ? undefined : normalise(join(base, wanted))),
    find: () => undefined,
    ...more,
  };
}

/** A workload of which only the name matters. */
export function namedWorkload(name: string): Workload {
  const place = { kind: "nowhere", why: "a test made it" } as const;
  return {
    kind: "workload",
    ref: { kind: "workload", system: "shop", name },
    lens: "written",
    platform: "compose",
    place,
    containers: [],
    networkMode: { kind: "unstated", place },
    attachments: { items: [], complete: true, place },
    hostPid: { kind: "unstated", place },
    hostIpc: { kind: "unstated", place },
    hostUts: { kind: "unstated", place },
    hostUsers: { kind: "unstated", place },
    cgroupParent: { kind: "unstated", place },
    restart: { kind: "unstated", place },
    isolation: { kind: "unstated", place },
    onlyWith: [],
    labels: { items: [], complete: true, place },
    replicas: { kind: "unstated", place },
    dependsOn: [],
  };
}
