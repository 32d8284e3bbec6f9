import { posix } from "node:path";
import type { RepositoryFile } from "../../facts/subjects.ts";
import type { InputProblem } from "../../facts/system.ts";
import { configFormats } from "../../formats/config-formats.ts";
import { dockerfileFormat } from "../../formats/dockerfile/index.ts";
import { child } from "../../formats/tree.ts";
import { parseYaml } from "../../formats/yaml/parse.ts";
import { RingwallError } from "../../lib/error.ts";
import type { TextFile } from "../../repository/files.ts";
import { readRepositoryFile } from "../../repository/read-repository-files.ts";
import type { Repository } from "../../repository/repository.ts";
import { type Linked, linkConfigurations } from "../link-configurations.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "../reader.ts";
import { withEngineLog } from "./engine-log.ts";
import { handedFiles } from "./handed-files.ts";
import { discoverComposeProjects } from "./load/discover.ts";
import { loadComposeProject, normaliseProjectName } from "./load/load.ts";
import { passOver } from "./load/sniff.ts";
import type { ComposeProject } from "./project.ts";
import { readComposeProject } from "./read.ts";
import { ServiceBuilds } from "./read-build.ts";

/** Docker Compose projects in the files of a repository. */
export const composeReader: PlatformReader = { name: "compose", discover, read };

const composeName = /^(?:docker-)?compose(?:[.-][^/]*)?\.ya?ml$/;

/** Whether a file may be meant as Compose whatever its name, of which a folder would take no notice; so may YAML that is broken. */
export function mayBeCompose(path: string, { source, text }: TextFile): boolean {
  if (composeName.test(path.slice(path.lastIndexOf("/") + 1))) return true;
  if (text.trimStart().startsWith("{") && /"(?:services|include)"\s*:/.test(text)) return true;
  if (/^["']?(?:services|include)["']?[ \t]*:/m.test(text)) return true;
  return /\.ya?ml$/i.test(path) && parseYaml(source, text).problems.some(({ severity }) => severity === "error");
}

function discover(repository: Repository, isDone: (path: string) => boolean): Discovery {
  const { files, paths } = repository;
  for (const path of paths) if (isDone(path)) passOver(files, path);
  const projects = discoverComposeProjects(
    files,
    paths.filter((path) => !isDone(path)),
  );
  return { projects, problems: repository.others.flatMap((path) => unreadable(repository, path)) };
}

/** A link, pipe or folder where a Compose file is expected is said, not passed over. */
function unreadable(repository: Repository, path: string): readonly InputProblem[] {
  if (!composeName.test(path.slice(path.lastIndexOf("/") + 1))) return [];
  const answer = repository.files.read(path);
  if (answer.ok) return [];
  return [{ severity: "error", message: answer.message, place: { kind: "object", locator: answer.path } }];
}

function read(repository: Repository, project: FoundProject, options: ReadProjectOptions): ReadProject | RingwallError {
  const loaded = loadComposeProject(repository.files, project.files);
  if (loaded instanceof RingwallError) return loaded;
  const facts = () =>
    factsOf(repository, loaded, options.name(loaded.name, isNamedByRoot(loaded, repository)), options.claimed);
  const { system, sources } = options.profile === undefined ? facts() : options.profile.time("facts", facts);
  return { system, sources: [...loaded.files, ...loaded.environmentFiles, ...sources] };
}

/** Whether a project has no other name than the folder that is checked. */
function isNamedByRoot({ name, folder, root }: ComposeProject, repository: Repository): boolean {
  const isAtRoot = folder === "" || folder === ".";
  return isAtRoot && name === normaliseProjectName(repository.name) && root.entries.get("name")?.implied === true;
}

function factsOf(
  repository: Repository,
  project: ComposeProject,
  systemName: string,
  claimed: ReadonlySet<string>,
): Linked {
  const builds = new ServiceBuilds(repository, claimed);
  const system = readComposeProject(project, {
    systemName,
    builds,
    linkedLater: true,
    findFile: (path) => findFile(repository, path),
    readFile: (path) => readFile(repository, path),
    more: filesOf(repository, project, systemName, claimed),
  });
  const [first] = project.files;
  const folder = first === undefined ? "" : posix.dirname(repository.pathOf(first.path)).replace(/^\.$/, "");
  const linked = linkConfigurations(withEngineLog(system, repository, folder), repository, {
    formats: mountedFormats,
    ...handedFiles(project, repository),
  });
  return { system: linked.system, sources: [...builds.sources, ...linked.sources] };
}

/** A Dockerfile in a folder that is mounted is nothing that the service reads. */
const mountedFormats = configFormats.filter((format) => format !== dockerfileFormat);

function findFile(repository: Repository, path: string): string | undefined {
  const within = repository.files.within(path);
  return within !== undefined && repository.files.exists(within) ? repository.nameOf(within) : undefined;
}

function readFile(repository: Repository, path: string): string | undefined {
  const within = repository.files.within(path);
  const file = within === undefined ? undefined : repository.files.read(within);
  return file?.ok === true ? file.text : undefined;
}

/** The project's own files as subjects: environment files with what they keep, those that secrets are read from, Compose files with who may write them. */
function filesOf(
  repository: Repository,
  project: ComposeProject,
  system: string,
  claimed: ReadonlySet<string>,
): readonly RepositoryFile[] {
  const subject = (role: RepositoryFile["role"]) => (source: { readonly path: string }) => {
    const path = repository.pathOf(source.path);
    return claimed.has(path) ? [] : (readRepositoryFile(repository, path, role, { system }) ?? []);
  };
  const secrets = secretSources(project, repository).flatMap((path) =>
    claimed.has(path) || !repository.files.exists(path)
      ? []
      : (readRepositoryFile(repository, path, "secret", { system }) ?? []),
  );
  return [
    ...project.files.flatMap(subject("compose")),
    ...project.environmentFiles.flatMap(subject("environment")),
    ...secrets,
  ];
}

/** The files within the root that the project's `secrets:` are kept in, each once. */
function secretSources(project: ComposeProject, repository: Repository): readonly string[] {
  const secrets = child(project.root, "secrets");
  if (secrets?.kind !== "mapping") return [];
  const paths = [...secrets.entries.values()].flatMap(({ value }) => {
    const file = child(value, "file");
    if (file?.kind !== "scalar" || file.unresolved !== undefined || typeof file.value !== "string") return [];
    return repository.files.within(file.value) ?? [];
  });
  return [...new Set(paths)];
}
