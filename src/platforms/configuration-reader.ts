import { posix } from "node:path";
import { System } from "../facts/system.ts";
import type { ConfigFormat, ConfigInput } from "../formats/config-format.ts";
import { configFormats } from "../formats/config-formats.ts";
import { RingwallError } from "../lib/error.ts";
import { normalise, type TextFile } from "../repository/files.ts";
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
  const found = repository.paths.flatMap((path) => {
    const format = formatOf(repository, path);
    return format === undefined ? [] : [{ path, format }];
  });
  const included = new Set(found.flatMap(({ path, format }) => includedBy(repository, path, format)));
  const projects = found.filter(({ path }) => !included.has(path)).map(({ path }) => ({ files: [path] }));
  return { projects, problems: [] };
}

/** The files that a proxy reads with one of its own: `conf.d/*.conf` with `nginx.conf`. They are no systems of their own. */
function includedBy(repository: Repository, path: string, format: ConfigFormat): readonly string[] {
  const file = format.leadsOn === true ? repository.files.read(path) : undefined;
  if (file?.ok !== true) return [];
  const { sources } = format.read(inputFor(repository, file, path));
  return sources.map((source) => repository.pathOf(source.path)).filter((included) => included !== path);
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
  const facts = format.read({ ...inputFor(repository, file, path), system: name });
  const empty = new System({ name, lens: "written", platform: "files", subjects: [] });
  return { system: merged(empty, [facts]), sources: [file.source, ...facts.sources] };
}

function inputFor(repository: Repository, file: TextFile, path: string): ConfigInput {
  return {
    file,
    path,
    files: repository.files,
    paths: repository.paths,
    system: path,
    lens: "written",
    platform: "files",
    owner: undefined,
    locate: (wanted) => (wanted.startsWith("/") ? undefined : normalise(posix.join(posix.dirname(path), wanted))),
    find: () => undefined,
  };
}
