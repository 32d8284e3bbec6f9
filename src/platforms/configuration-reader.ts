import { posix } from "node:path";
import { System } from "../facts/system.ts";
import type { ConfigFormat } from "../formats/config-format.ts";
import { configFormats } from "../formats/config-formats.ts";
import { RingwallError } from "../lib/error.ts";
import { normalise } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import { merged } from "./link-configurations.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "./reader.ts";

/**
 * Configuration files that no project of a platform is seen to use: each is a system of its own, named by its path. It
 * comes after the platforms, which take the files that their workloads mount.
 */
export const configurationReader: PlatformReader = {
  name: "configuration",
  leavesClaimed: true,
  discover,
  read,
};

function discover(repository: Repository): Discovery {
  const paths = repository.paths.filter((path) => formatOf(repository, path) !== undefined);
  return { projects: paths.map((path) => ({ files: [path] })), problems: [] };
}

function formatOf(repository: Repository, path: string): ConfigFormat | undefined {
  const candidates = configFormats.filter((format) => format.mayBe(path));
  if (candidates.length === 0) return undefined;
  const file = repository.files.read(path);
  return file.ok ? candidates.find((format) => format.recognises(path, file.text)) : undefined;
}

function read(repository: Repository, project: FoundProject, options: ReadProjectOptions): ReadProject | RingwallError {
  const path = project.files[0] ?? "";
  const file = repository.files.read(path);
  if (!file.ok) return new RingwallError(file.code, file.message);
  const format = formatOf(repository, path);
  if (format === undefined) return new RingwallError("invalid", `${path} is of no format that Ringwall reads.`);
  const name = options.name(path);
  const facts = format.read({
    file,
    path,
    files: repository.files,
    paths: repository.paths,
    system: name,
    lens: "written",
    platform: "files",
    owner: undefined,
    locate: (wanted) => (wanted.startsWith("/") ? undefined : normalise(posix.join(posix.dirname(path), wanted))),
    find: () => undefined,
  });
  const empty = new System({ name, lens: "written", platform: "files", subjects: [] });
  return { system: merged(empty, [facts]), sources: [file.source, ...facts.sources] };
}
