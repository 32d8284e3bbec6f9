import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RenderedFile } from "../../contracts/platform.ts";
import { RingwallError } from "../../lib/error.ts";
import { compareRendered, type RenderChange } from "./compare.ts";
import { contentHash, type Manifest, manifestName, writeManifest } from "./manifest.ts";
import { stageFiles } from "./stage.ts";

/**
 * Makes a folder hold the files of a render, and returns what was done to each.
 *
 * Everything is written beside its place before anything is renamed: on a full disk the folder is as it was. After a
 * crash between two renames the next run finishes, for the manifest names both contents until the last is in place.
 * Files of an earlier render that are no longer rendered are removed. What somebody else wrote or changed is neither
 * replaced nor removed but refused as a conflict, unless `force` is given; other files in the folder are left alone.
 */
export async function writeRendered(
  folder: string,
  files: readonly RenderedFile[],
  options: { readonly force?: boolean } = {},
): Promise<readonly RenderChange[]> {
  const force = options.force ?? false;
  const { changes, manifest, present } = await compareRendered(folder, files, { distrust: force });
  const foreign = changes.filter((change) => change.foreign !== undefined && !(force && change.foreign.forcible));
  if (foreign.length > 0) throw conflict(folder, foreign);

  const next = new Map(files.map((file) => [file.path, contentHash(file.content)]));
  const finished: Manifest = { files: next, replacing: new Map() };
  const touched = changes.filter((change) => change.action !== "keep");
  if (touched.length === 0 && sameManifest(manifest, finished)) return changes;

  const renewed = new Set(touched.filter((change) => change.action !== "remove").map((change) => change.path));
  const staged = await stageFiles(
    folder,
    files.filter((file) => renewed.has(file.path)),
  );
  try {
    await replaceManifest(folder, { files: new Map([...manifest.files, ...next]), replacing: present });
    await staged.commit();
  } catch (error) {
    await staged.discard();
    throw error;
  }
  await removeObsolete(folder, touched);
  await replaceManifest(folder, finished);
  return changes;
}

function sameManifest(a: Manifest, b: Manifest): boolean {
  return writeManifest(a) === writeManifest(b);
}

function conflict(folder: string, foreign: readonly RenderChange[]): RingwallError {
  const [first] = foreign;
  const rest = foreign.length - 1;
  const others =
    rest === 0
      ? ""
      : ` The same goes for ${rest} more: ${foreign
          .slice(1)
          .map(({ path }) => path)
          .join(", ")}.`;
  const what = first?.action === "remove" ? "removed" : "replaced";
  return new RingwallError(
    "conflict",
    `${join(folder, first?.path ?? "")} is not ${what}: ${first?.foreign?.why ?? "it is not Ringwall's"}.${others}`,
    {
      hint: foreign.every((change) => change.foreign?.forcible)
        ? "Take the change into stack.yaml, or run with --force to lose it. Nothing was written."
        : "Move it out of the way and run again. Nothing was written.",
    },
  );
}

async function replaceManifest(folder: string, manifest: Manifest): Promise<void> {
  const staged = await stageFiles(folder, [{ path: manifestName, content: writeManifest(manifest), mode: 0o644 }]);
  await staged.commit();
}

async function removeObsolete(folder: string, changes: readonly RenderChange[]): Promise<void> {
  for (const change of changes) {
    if (change.action !== "remove") continue;
    await rm(join(folder, change.path), { force: true });
    for (let parent = dirname(change.path); parent !== "."; parent = dirname(parent)) {
      // Not empty, or gone already: both are as it should be.
      await rmdir(join(folder, parent)).catch(() => undefined);
    }
  }
}
