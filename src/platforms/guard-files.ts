/**
 * What a repository holds of the guards that proxies ask (forward authentication), beyond the system at hand: another
 * project's service of a name, and the configurations of Authelia.
 */
import { posix } from "node:path";
import type { AccessPolicy } from "../facts/configuration/access-policy.ts";
import type { RepositoryFile } from "../facts/subjects.ts";
import { autheliaFormat } from "../formats/authelia/index.ts";
import { child, type TreeNode } from "../formats/tree.ts";
import { parseYaml } from "../formats/yaml/parse.ts";
import { append } from "../lib/append.ts";
import { folderOf } from "../lib/folder-of.ts";
import type { Repository } from "../repository/repository.ts";
import { looksLikeCompose } from "./compose/load/sniff.ts";
import { alone } from "./proxy-files.ts";

/** A service of some Compose file, as far as its image tells what it is. */
export interface NamedService {
  readonly image: string | undefined;
  /** The folder of the file that it stands in. */
  readonly folder: string;
}

/** A configuration of Authelia, or the part of one that says whom it lets pass. */
export interface AutheliaFile {
  readonly path: string;
  readonly access: AccessPolicy;
}

export interface GuardFiles {
  /** The services of a name, in all Compose files. */
  named(name: string): readonly NamedService[];
  readonly authelias: readonly AutheliaFile[];
}

const cache = new WeakMap<Repository, GuardFiles>();

export function guardFilesOf(repository: Repository): GuardFiles {
  const known = cache.get(repository);
  if (known !== undefined) return known;
  const byName = new Map<string, readonly NamedService[]>();
  let all: ReadonlyMap<string, readonly NamedService[]> | undefined;
  let authelias: readonly AutheliaFile[] | undefined;
  const made: GuardFiles = {
    named: (name) => {
      const wanted = name.toLowerCase();
      // A few are looked for in the texts; where projects each have a guard of their own, everything is read once.
      if (byName.size >= few) all ??= servicesByName(repository);
      const found =
        byName.get(wanted) ?? all?.get(wanted) ?? (all === undefined ? servicesNamed(wanted, repository) : []);
      if (all === undefined) byName.set(wanted, found);
      return found;
    },
    get authelias() {
      authelias ??= unambiguous(repository.paths.flatMap((path) => autheliaAt(path, repository)));
      return authelias;
    },
  };
  cache.set(repository, made);
  return made;
}

/** What a subject says whom it lets pass; undefined for one that is no guard's configuration. */
export function accessOf({ configuration }: RepositoryFile): AccessPolicy | undefined {
  return configuration?.software === "authelia" ? configuration.access : undefined;
}

/** Files that show others how to write one. */
const isExample = /(?:^|[/._-])(?:examples?|samples?|templates?|dist|tests?|default)(?:[/._-]|$)/i;

interface FoundAuthelia extends AutheliaFile {
  /** Whether the rest of the configuration stands in other files. */
  readonly isPart: boolean;
}

/**
 * Where a configuration stands in several files of a folder and who reads them is not seen, none that says whom it lets
 * pass can be told to have the last word, unless it is the only one.
 */
function unambiguous(found: readonly FoundAuthelia[]): readonly AutheliaFile[] {
  const byFolder = Map.groupBy(found, ({ path }) => posix.dirname(path));
  return [...byFolder.values()].flatMap((files) =>
    files.length > 1 && files.some(({ isPart }) => isPart) ? [] : files,
  );
}

/** `access_control` by itself: Authelia reads it together with other files. */
function isRules(text: string): boolean {
  return /^access_control:/m.test(text) && /^[ \t]+(?:default_policy|rules):/m.test(text);
}

function autheliaAt(path: string, repository: Repository): readonly FoundAuthelia[] {
  if (!autheliaFormat.mayBe(path) || isExample.test(path)) return [];
  const file = repository.files.glance(path);
  if (!file.ok) return [];
  const isPart = !autheliaFormat.recognises(path, file.text);
  if (isPart && !isRules(file.text)) return [];
  return autheliaFormat.read(alone(repository, file, path)).subjects.flatMap((subject) => {
    const access = subject.kind === "repository-file" ? accessOf(subject) : undefined;
    return access === undefined ? [] : [{ path, access, isPart }];
  });
}

/** Names that are looked for one by one. */
const few = 5;

function servicesNamed(name: string, repository: Repository): readonly NamedService[] {
  return repository.paths.flatMap((path) =>
    servicesIn(path, repository, (text) => text.toLowerCase().includes(name)).flatMap(({ names, service }) =>
      names.has(name) ? [service] : [],
    ),
  );
}

function servicesByName(repository: Repository): ReadonlyMap<string, readonly NamedService[]> {
  const index = new Map<string, NamedService[]>();
  for (const path of repository.paths)
    for (const { names, service } of servicesIn(path, repository, () => true))
      for (const name of names) append(index, name, service);
  return index;
}

/** The services of a Compose file with what each is called, in lower case; none of a text that is not worth it. */
function servicesIn(path: string, repository: Repository, isWorth: (text: string) => boolean) {
  if (!/\.ya?ml$/i.test(path) || !looksLikeCompose(repository.files, path)) return [];
  const file = repository.files.glance(path);
  if (!file.ok || !isWorth(file.text)) return [];
  const services = child(parseYaml(file.source, file.text).documents[0], "services");
  if (services?.kind !== "mapping") return [];
  const folder = folderOf(path);
  return [...services.entries.values()].map(({ key, value }) => {
    const service: NamedService = { image: textOf(child(value, "image")), folder };
    return { names: namesOf(key, value), service };
  });
}

function namesOf(key: string, service: TreeNode): ReadonlySet<string> {
  const others = ["container_name", "hostname"].flatMap((each) => textOf(child(service, each)) ?? []);
  return new Set([key, ...others].map((each) => each.toLowerCase()));
}

function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}
