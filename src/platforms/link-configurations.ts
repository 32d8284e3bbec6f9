/**
 * What the configuration files that a system's workloads mount say: facts that cross formats. A Caddyfile that a service
 * mounts gives routes to the services beside it, a Prometheus configuration says who is scraped.
 */
import { posix } from "node:path";
import { knownValue } from "../facts/fact.ts";
import type { AnySubject, Mount, Workload } from "../facts/subjects.ts";
import { refKey } from "../facts/subjects.ts";
import { type InputProblem, System } from "../facts/system.ts";
import type { ConfigFacts, ConfigFormat } from "../formats/config-format.ts";
import { configFormats } from "../formats/config-formats.ts";
import type { Source } from "../lib/place.ts";
import { normalise } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";

export interface Linked {
  readonly system: System;
  /** Every configuration file that was read. */
  readonly sources: readonly Source[];
}

/** A file of the repository as one workload sees it. */
interface MountedFile {
  readonly owner: Workload;
  readonly path: string;
  /** Its path inside the container. */
  readonly inside: string;
}

/** The system with what its mounted configuration files say. The same system where there are none. */
export function linkConfigurations(
  system: System,
  repository: Repository,
  formats: readonly ConfigFormat[] = configFormats,
): Linked {
  const found: ConfigFacts[] = [];
  const sources: Source[] = [];
  const find = finderOf(system);
  const seen = new Set<string>();
  for (const mounted of mountedFiles(system, repository)) {
    const { owner, path, inside } = mounted;
    const key = `${refKey(owner.ref)}\0${path}`;
    const candidates = formats.filter((format) => format.mayBe(path) || format.mayBe(inside));
    if (candidates.length === 0 || seen.has(key)) continue;
    seen.add(key);
    const file = repository.files.read(path);
    if (!file.ok) continue;
    const format = candidates.find((one) => one.recognises(path, file.text) || one.recognises(inside, file.text));
    if (format === undefined) continue;
    const facts = format.read({
      file,
      path,
      files: repository.files,
      paths: repository.paths,
      system: system.name,
      lens: system.lens,
      platform: system.platform,
      owner,
      locate: (wanted) => locate(wanted, mounted, system, repository),
      find: (host) => find(host, owner),
    });
    found.push(facts);
    sources.push(file.source, ...facts.sources);
  }
  return found.length === 0 ? { system, sources } : { system: merged(system, found), sources };
}

/** A system with the subjects of configuration files added, and its workloads amended by what they say. */
export function merged(system: System, found: readonly ConfigFacts[]): System {
  const amended = system.subjects.map((subject): AnySubject => {
    if (subject.kind !== "workload") return subject;
    return found.reduce((workload: Workload, facts) => facts.amend?.(workload) ?? workload, subject);
  });
  const problems: InputProblem[] = [...system.problems, ...found.flatMap((facts) => facts.problems)];
  const subjects = withDistinctNames([...amended, ...found.flatMap((facts) => facts.subjects)]);
  return new System({ name: system.name, lens: system.lens, platform: system.platform, subjects, problems });
}

/** Of two subjects of one kind and name the second gets `#2`: both count. */
function withDistinctNames(subjects: readonly AnySubject[]): readonly AnySubject[] {
  const counts = new Map<string, number>();
  return subjects.map((subject) => {
    const key = refKey(subject.ref);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count === 1
      ? subject
      : ({ ...subject, ref: { ...subject.ref, name: `${subject.ref.name}#${count}` } } as AnySubject);
  });
}

/** A folder that is mounted is looked through as deep as configuration goes, and no further than this many files. */
const mostFilesOfAMount = 200;

function mountedFiles(system: System, repository: Repository): readonly MountedFile[] {
  return system.all("mount").flatMap((mount): readonly MountedFile[] => {
    const owner = system.workloadOf(mount);
    const source = sourceWithin(mount);
    const target = knownValue(mount.target);
    if (owner === undefined || source === undefined || target === undefined) return [];
    if (repository.files.exists(source)) return [{ owner, path: source, inside: target }];
    const below = source === "" ? "" : `${source}/`;
    return repository.paths
      .filter((path) => path.startsWith(below))
      .slice(0, mostFilesOfAMount)
      .map((path) => ({ owner, path, inside: posix.join(target, path.slice(below.length)) }));
  });
}

/** The path within the root that is mounted; undefined for what lies elsewhere, and for the whole root. */
function sourceWithin(mount: Mount): string | undefined {
  const source = knownValue(mount.source);
  if (source === undefined || source.startsWith("/") || source.startsWith("~")) return undefined;
  const kind = knownValue(mount.type);
  if (kind !== "bind" && kind !== "other") return undefined;
  const path = normalise(source);
  return path === "" ? undefined : path;
}

function locate(
  wanted: string,
  { owner, path, inside }: MountedFile,
  system: System,
  repository: Repository,
): string | undefined {
  const absolute = wanted.startsWith("/") ? posix.normalize(wanted) : posix.join(posix.dirname(inside), wanted);
  for (const container of system.containersOf(owner)) {
    for (const mount of system.ownedBy(container.ref, "mount")) {
      const source = sourceWithin(mount);
      const target = knownValue(mount.target);
      if (source === undefined || target === undefined) continue;
      if (absolute === target && repository.files.exists(source)) return source;
      const below = target.endsWith("/") ? target : `${target}/`;
      if (absolute.startsWith(below)) return normalise(posix.join(source, absolute.slice(below.length)));
    }
  }
  return wanted.startsWith("/") ? undefined : normalise(posix.join(posix.dirname(path), wanted));
}

/** Who answers under a name: services by name, alias and container name; `localhost` is the one that asks. */
function finderOf(system: System): (host: string, owner: Workload) => Workload | undefined {
  const byName = new Map<string, Workload>();
  for (const workload of system.all("workload")) {
    const names = [
      workload.ref.name,
      ...workload.attachments.items.flatMap((attachment) => attachment.aliases),
      ...(workload.compose === undefined ? [] : [knownValue(workload.compose.containerName) ?? workload.ref.name]),
    ];
    for (const name of names) if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), workload);
  }
  return (host, owner) => (/^(?:localhost|127\.|::1$)/.test(host) ? owner : byName.get(host.toLowerCase()));
}
