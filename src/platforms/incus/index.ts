import { posix } from "node:path";
import type { AnySubject, Container, PlatformName, RepositoryFile } from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import { byFolder } from "../../formats/hcl/module/by-folder.ts";
import type { TofuConfiguration } from "../../formats/hcl/module/configuration.ts";
import { evaluateConfiguration } from "../../formats/hcl/module/evaluate-configuration.ts";
import { isShown, readShown } from "../../formats/hcl/shown/read-shown.ts";
import { RingwallError } from "../../lib/error.ts";
import { folderOf } from "../../lib/folder-of.ts";
import type { Place } from "../../lib/place.ts";
import type { Repository } from "../../repository/repository.ts";
import { type Linked, linkConfigurations, merged } from "../link-configurations.ts";
import { rootModules } from "../opentofu/discover.ts";
import { firstStartsOf } from "../opentofu/first-starts.ts";
import { isTemplate } from "../opentofu/is-template.ts";
import { readOpenTofuFile } from "../opentofu/read-configuration.ts";
import { talosPatchesOf } from "../opentofu/talos-patches.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "../reader.ts";
import { handedFiles } from "./handed-files.ts";
import { kindOf } from "./load/kinds.ts";
import { readIncus } from "./read/read.ts";

/**
 * OpenTofu and Terraform configurations: what they ask Incus or LXD for, and what every one of them says of its
 * providers, its state and its secrets. A configuration that asks neither for anything is a system of files.
 */
export const incusReader: PlatformReader = { name: "incus", discover, read };

function discover(repository: Repository): Discovery {
  const shown = shownFiles(repository);
  if (!repository.paths.some((path) => modulePath.test(path))) return { projects: shown, problems: [] };
  const roots = rootModules(repository);
  const folders = new Set(roots.flatMap(({ folder, calls }) => [folder, ...calls]));
  const owned = repository.paths.filter((path) => belongsTo(path, folders));
  return { projects: [...roots.map(({ files }) => ({ files })), ...shown], problems: [], owned };
}

const modulePath = /\.(?:tf|tofu)(?:\.json)?$/;

/** Files of modules, and templates below them, which are read as what they come to. */
function belongsTo(path: string, folders: ReadonlySet<string>): boolean {
  if (modulePath.test(path)) return folders.has(folderOf(path));
  if (!isTemplate.test(path)) return false;
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    if (folders.has(folder)) return true;
    if (folder === "") return false;
  }
}

/** What `tofu show -json` prints, under a name that says so, or the one file that was named. */
function shownFiles(repository: Repository): readonly FoundProject[] {
  const named = repository.paths.length === 1;
  return repository.paths.flatMap((path) => {
    if (!path.endsWith(".json") || modulePath.test(path)) return [];
    if (!named && !/plan|state|tofu|terraform|show/i.test(posix.basename(path))) return [];
    const file = repository.files.glance(path);
    return file.ok && isShown(file.text) ? [{ files: [path] }] : [];
  });
}

function read(repository: Repository, project: FoundProject, options: ReadProjectOptions): ReadProject | RingwallError {
  const [first] = project.files;
  if (first === undefined) return new RingwallError("invalid", "The module has no file.");
  const configuration = configurationOf(first, repository);
  if (configuration instanceof RingwallError) return configuration;
  const own = isModule(first) ? nameOf(folderOf(first)) : posix.basename(first);
  const name = options.name(own ?? repository.name, own === undefined);
  const facts = () => systemOf(configuration, repository, name, isModule(first));
  const linked = options.profile === undefined ? facts() : options.profile.time("facts", facts);
  const sources = [...configuration.sources, ...linked.sources];
  return {
    system: linked.system,
    sources: sources.filter(({ path }) => !options.claimed.has(repository.pathOf(path))),
  };
}

function isModule(path: string): boolean {
  return modulePath.test(path) || path.endsWith(".tfvars") || path.endsWith(".tfvars.json");
}

function configurationOf(first: string, repository: Repository): TofuConfiguration | RingwallError {
  const { files, paths } = repository;
  if (isModule(first)) return evaluateConfiguration({ files, paths, byFolder: byFolder(paths) }, folderOf(first));
  const file = files.read(first);
  return file.ok ? readShown(file.source, file.text) : new RingwallError(file.code, file.message);
}

const generic = /^(?:terraform|tofu|opentofu|infra(?:structure)?|incus|lxd|iac|main|root|src|deploy(?:ment)?)$/i;

/** The folder's name; undefined where it says nothing, and the repository's has to do. */
function nameOf(folder: string): string | undefined {
  const own = posix.basename(folder);
  return own === "" || generic.test(own) ? undefined : own;
}

/** `written`: whether it is a configuration of somebody's, not what the program printed of one. */
function systemOf(configuration: TofuConfiguration, repository: Repository, name: string, written: boolean): Linked {
  const isIncus = configuration.resources.some(({ type }) => kindOf(type) !== undefined);
  const linked = isIncus ? instancesOf(configuration, repository, name) : undefined;
  const made = linked?.system.subjects ?? [];
  const file = written ? fileOf(configuration, repository, name, isIncus ? "incus" : "files", made) : undefined;
  const system = new System({
    name,
    lens: "written",
    platform: isIncus ? "incus" : "files",
    subjects: [...made, ...(file === undefined ? [] : [file])],
    problems: linked?.system.problems ?? configuration.problems,
  });
  const isRead = (type: string) => kindOf(type) !== undefined;
  const told = [
    firstStartsOf({ configuration, repository, system: name, isRead }),
    talosPatchesOf({ configuration, repository, system: name }),
  ];
  const facts = told.flatMap((each) => each.facts);
  return {
    system: facts.length === 0 ? system : merged(system, facts),
    sources: [...(linked?.sources ?? []), ...told.flatMap(({ sources }) => sources)],
  };
}

/** What Incus is asked for, with what the files say that are put into its instances. */
function instancesOf(configuration: TofuConfiguration, repository: Repository, name: string): Linked {
  const { system, instances } = readIncus(configuration, name);
  return linkConfigurations(system, repository, handedFiles(instances, configuration.folder, repository));
}

function fileOf(
  configuration: TofuConfiguration,
  repository: Repository,
  system: string,
  platform: PlatformName,
  made: readonly AnySubject[],
): RepositoryFile | undefined {
  const uses = usesOf(made);
  return readOpenTofuFile({
    configuration,
    repository,
    system,
    lens: "written",
    platform,
    usedAs: (place) => uses.get(placeKey(place)) ?? [],
    judgedElsewhere: (place) => uses.get(placeKey(place)) !== undefined && !isDefault(place, configuration),
  });
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
