import { posix } from "node:path";
import type { AnySubject, Container } from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import { byFolder } from "../../formats/hcl/module/by-folder.ts";
import type { TofuConfiguration } from "../../formats/hcl/module/configuration.ts";
import { evaluateConfiguration } from "../../formats/hcl/module/evaluate-configuration.ts";
import { RingwallError } from "../../lib/error.ts";
import type { Place } from "../../lib/place.ts";
import type { Repository } from "../../repository/repository.ts";
import { rootModules } from "../opentofu/discover.ts";
import { readOpenTofuFile } from "../opentofu/read-configuration.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "../reader.ts";
import { kindOf } from "./load/kinds.ts";
import { readIncus } from "./read/read.ts";

/**
 * OpenTofu and Terraform configurations: what they ask Incus or LXD for, and what every one of them says of its
 * providers, its state and its secrets. A configuration that asks neither for anything is a system of files.
 */
export const incusReader: PlatformReader = { name: "incus", discover, read };

function discover(repository: Repository): Discovery {
  if (!repository.paths.some((path) => /\.(?:tf|tofu)(?:\.json)?$/.test(path))) return { projects: [], problems: [] };
  const roots = rootModules(repository);
  const owned = new Set(roots.flatMap(({ calls }) => calls).flatMap((folder) => moduleFiles(repository, folder)));
  return { projects: roots.map(({ files }) => ({ files })), problems: [], owned: [...owned] };
}

function moduleFiles(repository: Repository, folder: string): readonly string[] {
  return repository.paths.filter((path) => folderOf(path) === folder && /\.(?:tf|tofu)(?:\.json)?$/.test(path));
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function read(repository: Repository, project: FoundProject, options: ReadProjectOptions): ReadProject | RingwallError {
  const [first] = project.files;
  if (first === undefined) return new RingwallError("invalid", "The module has no file.");
  const folder = folderOf(first);
  const { files, paths } = repository;
  const configuration = evaluateConfiguration({ files, paths, byFolder: byFolder(paths) }, folder);
  const name = options.name(nameOf(folder, repository));
  const facts = () => systemOf(configuration, repository, name);
  const system = options.profile === undefined ? facts() : options.profile.time("facts", facts);
  const sources = configuration.sources.filter(({ path }) => !options.claimed.has(repository.pathOf(path)));
  return { system, sources };
}

const generic = /^(?:terraform|tofu|opentofu|infra(?:structure)?|incus|lxd|iac|main|root|src|deploy(?:ment)?)$/i;

/** The folder's name, or the repository's where the folder's says nothing. */
function nameOf(folder: string, repository: Repository): string {
  const own = posix.basename(folder);
  return own === "" || generic.test(own) ? repository.name : own;
}

function systemOf(configuration: TofuConfiguration, repository: Repository, name: string): System {
  const isIncus = configuration.resources.some(({ type }) => kindOf(type) !== undefined);
  const platform = isIncus ? "incus" : "files";
  const made = isIncus ? readIncus(configuration, { system: name }) : undefined;
  const uses = usesOf(made?.subjects ?? []);
  const file = readOpenTofuFile({
    configuration,
    repository,
    system: name,
    lens: "written",
    platform,
    usedAs: (place) => uses.get(placeKey(place)) ?? [],
    judgedElsewhere: (place) => uses.get(placeKey(place)) !== undefined && !isDefault(place, configuration),
  });
  const subjects = [...(made?.subjects ?? []), ...(file === undefined ? [] : [file])];
  const problems = made?.problems ?? configuration.problems;
  return new System({ name, lens: "written", platform, subjects, problems });
}

function placeKey(place: Place): string {
  return place.kind === "file" ? `${place.source.path}\0${place.offset}` : "";
}

function isDefault(place: Place, { variables }: TofuConfiguration): boolean {
  return variables.some(({ otherwise }) => otherwise !== undefined && placeKey(otherwise.place) === placeKey(place));
}

/** The names of the environment variables whose value stands at a place. */
function usesOf(subjects: readonly AnySubject[]): ReadonlyMap<string, readonly string[]> {
  const uses = new Map<string, string[]>();
  for (const subject of subjects) {
    if (subject.kind !== "container") continue;
    for (const { name, place } of (subject satisfies Container).environment.items) {
      uses.set(placeKey(place), [...(uses.get(placeKey(place)) ?? []), name]);
    }
  }
  return uses;
}
