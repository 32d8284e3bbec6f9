import { posix } from "node:path";
import type { ConfigFile } from "../contracts/resolved.ts";
import { ConfinedFiles } from "../repository/files.ts";
import type { Declaration } from "../stack/schema.ts";
import type { Problems } from "./problems.ts";

/** A folder of configuration is small; a site of thousands of pages belongs into an image or a volume. */
const mostFiles = 500;
const largestFile = 1024 * 1024;

/**
 * The files that services name under `config`, read from beside the stack: regular text files below its folder, never
 * through a link. Whole folders with all below them, names that begin with a dot left out.
 */
export function readConfigFiles(
  declaration: Declaration,
  folder: string,
  problems: Problems,
): Map<string, ConfigFile[]> {
  const all = new Map<string, ConfigFile[]>();
  let files: ConfinedFiles | undefined;
  for (const [service, declared] of Object.entries(declaration.services)) {
    const found: ConfigFile[] = [];
    declared.config?.forEach((config, index) => {
      const path = ["services", service, "config", index];
      if (config.content !== undefined) {
        found.push({ path: renderedPath(service, config.target), content: config.content, target: config.target });
      } else if (config.file !== undefined) {
        files ??= new ConfinedFiles(folder, { bytes: largestFile });
        found.push(
          ...readOne(files, config.file, config.target, service, (message) => problems.at([...path, "file"], message)),
        );
      }
    });
    checkTargets(service, found, problems);
    all.set(service, found);
  }
  return all;
}

function readOne(
  files: ConfinedFiles,
  written: string,
  target: string,
  service: string,
  fail: (message: string) => void,
): ConfigFile[] {
  const name = posix.normalize(written).replace(/\/$/, "");
  if (files.isFolder(name)) {
    const names = filesBelow(files, name);
    if (names.length === 0) fail(`The folder ${written} holds no files.`);
    if (names.length > mostFiles) {
      fail(`The folder ${written} holds more than ${mostFiles} files; put such content into an image or a volume.`);
      return [];
    }
    return names.flatMap((file) => readOne(files, file, posix.join(target, posix.relative(name, file)), service, fail));
  }
  const read = files.read(name);
  if (read.ok) return [{ path: renderedPath(service, target), content: read.text, target }];
  fail(read.message);
  return [];
}

function filesBelow(files: ConfinedFiles, folder: string): string[] {
  const found: string[] = [];
  for (const name of files.list(folder)) {
    if (name.startsWith(".") || found.length > mostFiles) continue;
    const path = posix.join(folder, name);
    if (files.isFolder(path)) found.push(...filesBelow(files, path));
    else found.push(path);
  }
  return found;
}

/** Where a file of a service lies in the rendered folder: its target below the service's name. */
export function renderedPath(service: string, target: string): string {
  return `config/${service}${posix.normalize(target)}`;
}

function checkTargets(service: string, found: readonly ConfigFile[], problems: Problems): void {
  const seen = new Set<string>();
  for (const file of found) {
    if (seen.has(file.target))
      problems.at(["services", service, "config"], `Two files of "${service}" go to ${file.target}.`);
    seen.add(file.target);
  }
}
