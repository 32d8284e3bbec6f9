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
  let authelias: readonly AutheliaFile[] | undefined;
  const made: GuardFiles = {
    named: (name) => {
      const found = byName.get(name) ?? servicesNamed(name.toLowerCase(), repository);
      byName.set(name, found);
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

function servicesNamed(name: string, repository: Repository): readonly NamedService[] {
  return repository.paths.flatMap((path) => {
    if (!/\.ya?ml$/i.test(path) || !looksLikeCompose(repository.files, path)) return [];
    const file = repository.files.glance(path);
    if (!file.ok || !file.text.toLowerCase().includes(name)) return [];
    const services = child(parseYaml(file.source, file.text).documents[0], "services");
    if (services?.kind !== "mapping") return [];
    const folder = posix.dirname(path) === "." ? "" : posix.dirname(path);
    return [...services.entries.values()].flatMap(({ key, value }) =>
      isCalled(name, key, value) ? [{ image: textOf(child(value, "image")), folder }] : [],
    );
  });
}

function isCalled(name: string, key: string, service: TreeNode): boolean {
  const names = [key, ...["container_name", "hostname"].map((each) => textOf(child(service, each)))];
  return names.some((each) => each?.toLowerCase() === name);
}

function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}
