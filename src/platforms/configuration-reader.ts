import { type InputProblem, System } from "../facts/system.ts";
import type { ConfigFormat } from "../formats/config-format.ts";
import { configFormats } from "../formats/config-formats.ts";
import { RingwallError } from "../lib/error.ts";
import type { TextFile } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import { merged } from "./link-configurations.ts";
import { alone, proxyFilesOf } from "./proxy-files.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "./reader.ts";
import { noText } from "./unread-configuration.ts";

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

function discover(repository: Repository, isDone: (path: string) => boolean): Discovery {
  const problems: InputProblem[] = [];
  const found = repository.paths.flatMap((path) => {
    if (isDone(path) || !configFormats.some((format) => format.mayBe(path))) return [];
    const file = repository.files.glance(path);
    if (!file.ok) problems.push(...noText(file, path, repository.nameOf(path), "warning"));
    const format = file.ok ? formatOf(path, file.text) : undefined;
    return format === undefined || !file.ok ? [] : [{ path, format, file }];
  });
  // What a program reads with one of its own files is no system of its own.
  const formats = new Map(found.map(({ path, format }) => [path, format]));
  const included = new Set([
    ...proxyFilesOf(repository, configFormats).all.flatMap(({ path, format, includes }) =>
      isDone(path) || formats.get(path) === format ? [...includes] : [],
    ),
    ...found.flatMap((each) => readWith(each, repository)),
  ]);
  const projects = found.filter(({ path }) => !included.has(path)).map(({ path }) => ({ files: [path] }));
  return { projects, problems };
}

/** The further files that a program which is no proxy reads with one of its own, where its format tells which texts do. */
function readWith(
  { path, format, file }: { readonly path: string; readonly format: ConfigFormat; readonly file: TextFile },
  repository: Repository,
): readonly string[] {
  if (format.leadsOn === true || format.readsOthers?.(file.text) !== true) return [];
  const { sources } = format.read(alone(repository, file, path));
  return sources.map((source) => repository.pathOf(source.path)).filter((other) => other !== path);
}

function formatOf(path: string, text: string): ConfigFormat | undefined {
  return configFormats.find((format) => format.mayBe(path) && format.recognises(path, text));
}

function read(repository: Repository, project: FoundProject, options: ReadProjectOptions): ReadProject | RingwallError {
  const path = project.files[0] ?? "";
  const file = repository.files.read(path);
  if (!file.ok) return new RingwallError(file.code, file.message);
  const format = formatOf(path, file.text);
  if (format === undefined) return new RingwallError("invalid", `${path} is of no format that Ringwall reads.`);
  const name = options.name(path);
  const facts = format.read({ ...alone(repository, file, path), system: name });
  const empty = new System({ name, lens: "written", platform: "files", subjects: [] });
  return { system: merged(empty, [facts]), sources: [file.source, ...facts.sources] };
}
