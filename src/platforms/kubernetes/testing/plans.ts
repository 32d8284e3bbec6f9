/** A folder on the disk with some files, and what is made of it. For tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { toPlain } from "../../../formats/tree.ts";
import { openRepository } from "../../../repository/repository.ts";
import { planClusters } from "../load/plan.ts";
import type { KubernetesManifests, KubernetesObject } from "../objects.ts";

const folders: string[] = [];

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export type Files = Readonly<Record<string, string>>;

export function folderOf(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-manifests-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

export interface Planned {
  readonly clusters: readonly (KubernetesManifests & { readonly files: readonly string[] })[];
  readonly problems: readonly string[];
  readonly owned: readonly string[];
}

/** The clusters that a folder's files are for. */
export function planned(files: Files, below = ""): Planned {
  const plan = planClusters(openRepository(join(folderOf(files), below)));
  return {
    clusters: plan.clusters.map(({ project, load }) => ({ ...load(), files: project.files })),
    problems: plan.problems.map(({ message }) => message),
    owned: plan.owned,
  };
}

/** `Deployment media/plex` of every object, sorted. */
export function namesOf({ objects }: KubernetesManifests): readonly string[] {
  return objects
    .map(({ kind, namespace, name }) => `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`)
    .sort();
}

export function plainOf(object: KubernetesObject | undefined): unknown {
  return object === undefined ? undefined : toPlain(object.node);
}
