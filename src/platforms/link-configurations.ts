/**
 * What the configuration files that a system's workloads see say: facts that cross formats. A Caddyfile that a service
 * mounts gives routes to the services beside it, a Prometheus configuration says who is scraped; and a proxy's file that
 * nobody here mounts may lead to a service all the same.
 */
import { posix } from "node:path";
import { seenStart } from "../facts/command-words.ts";
import { knownValue, unknown } from "../facts/fact.ts";
import { repositoryOf } from "../facts/image-repository.ts";
import type { AnySubject, SubjectKind, Workload } from "../facts/subjects.ts";
import { refKey } from "../facts/subjects.ts";
import { type InputProblem, System } from "../facts/system.ts";
import { autheliaFormat } from "../formats/authelia/index.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../formats/config-format.ts";
import { configFormats } from "../formats/config-formats.ts";
import { Source } from "../lib/place.ts";
import { normalise, type TextFile } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import { linkAuthelia } from "./link-authelia.ts";
import { linkOtherProxies } from "./link-other-proxies.ts";
import { linkTraefik } from "./link-traefik.ts";
import { type BuiltFile, type InlineFile, type MountedFile, MountedFiles } from "./mounted-files.ts";
import { NameFinder } from "./name-finder.ts";
import { readByTheirOwners } from "./proxy-owners.ts";
import { isStartedFrom } from "./started-from.ts";
import { inFile } from "./text-in-file.ts";
import { noText, nothingIn } from "./unread-configuration.ts";
import { environmentVariable } from "./workload-environment.ts";

export interface Linked {
  readonly system: System;
  /** Every configuration file that was read. */
  readonly sources: readonly Source[];
}

export interface LinkOptions {
  readonly formats?: readonly ConfigFormat[];
  /** Texts that are handed over as files. */
  readonly inline?: readonly InlineFile[];
  /** Files that images are built with. */
  readonly built?: readonly BuiltFile[];
}

/** The system with what its configuration files say. The same system where there are none. */
export function linkConfigurations(system: System, repository: Repository, options: LinkOptions = {}): Linked {
  const linking = new Linking(system, repository, options);
  return linking.run();
}

/** A file that a workload sees, with what it is. */
interface RecognisedFile extends MountedFile {
  readonly isOwn: boolean;
  readonly file: TextFile;
  readonly format: ConfigFormat;
}

/** One file that was read, with who sees it. */
interface ReadFile {
  readonly key: string;
  readonly owner: Workload;
  readonly format: ConfigFormat;
  readonly inside: string;
  readonly source: Source;
  readonly facts: ConfigFacts;
}

class Linking {
  readonly #system: System;
  readonly #repository: Repository;
  readonly #options: LinkOptions;
  readonly #formats: readonly ConfigFormat[];
  readonly #mounted: MountedFiles;
  readonly #finder: NameFinder;
  readonly #unread: InputProblem[] = [];
  readonly #unreadSources: Source[] = [];

  constructor(system: System, repository: Repository, options: LinkOptions) {
    this.#system = system;
    this.#repository = repository;
    this.#options = options;
    this.#formats = options.formats ?? configFormats;
    this.#mounted = new MountedFiles(system, repository, {
      built: options.built,
      mayCount: (path, inside) =>
        /\.(?:ya?ml|toml)$/i.test(path) || this.#formats.some((format) => format.mayBe(path) || format.mayBe(inside)),
      isProxyPlace: (inside) => this.#formats.some(({ readBy }) => readBy?.places.test(inside) === true),
    });
    this.#finder = new NameFinder(system);
  }

  run(): Linked {
    const all = this.#mounted.all();
    const traefik = linkTraefik(this.#system, { repository: this.#repository, mounted: this.#mounted, all });
    const authelia = linkAuthelia(this.#system, this.#repository, all, this.#options.inline ?? []);
    const known = new Set(traefik.sources.map(({ path }) => this.#repository.pathOf(path)));
    const recognised = all.flatMap((mounted) => (known.has(mounted.path) ? [] : (this.#recognised(mounted) ?? [])));
    const seen = readByTheirOwners(recognised, this.#system);
    const used = this.#used([
      ...seen.flatMap((each) => this.#readMounted(each)),
      ...(this.#options.inline ?? []).flatMap((inline) => this.#readInline(inline) ?? []),
    ]);
    const read = used.filter(({ owner, format }) => format !== autheliaFormat || !authelia.owners.has(owner));
    const own = new Set([...seen.map(({ path }) => path), ...known]);
    const others = linkOtherProxies(this.#system, this.#repository, this.#finder, this.#formats, {
      own,
      atHand: new Set(recognised.map(({ path }) => path)),
    });
    const left: ConfigFacts = { subjects: [], problems: [...this.#mounted.problems, ...this.#unread], sources: [] };
    const found = [traefik, ...authelia.facts, ...read.map(({ facts }) => facts), others, left].filter(saysSomething);
    const sources = [
      ...this.#unreadSources,
      ...[traefik, ...authelia.facts].flatMap((facts) => facts.sources),
      ...read.flatMap(({ source, facts }) => [source, ...facts.sources]),
    ];
    return found.length === 0 ? { system: this.#system, sources } : { system: merged(this.#system, found), sources };
  }

  /** Of the files that a workload sees those that its program reads: not what others include, nor what lies beside the one it starts from. */
  #used(read: readonly ReadFile[]): readonly ReadFile[] {
    const included = new Set(
      read.flatMap(({ owner, source, facts, format }) =>
        format.leadsOn === true
          ? facts.sources
              .filter((other) => other.path !== source.path)
              .map(({ path }) => `${refKey(owner.ref)}\0${path}`)
          : [],
      ),
    );
    const started = new Map<string, Set<string>>();
    for (const each of read) {
      if (!isStartedFrom(each.inside, each.format, each.owner, this.#system)) continue;
      const key = `${refKey(each.owner.ref)}\0${each.format.name}`;
      started.set(key, (started.get(key) ?? new Set()).add(each.inside));
    }
    return read.filter(({ owner, format, inside, source }) => {
      if (included.has(`${refKey(owner.ref)}\0${source.path}`)) return false;
      const starts = started.get(`${refKey(owner.ref)}\0${format.name}`);
      return starts === undefined || starts.has(inside);
    });
  }

  #recognised(mounted: MountedFile): RecognisedFile | undefined {
    const { path, inside } = mounted;
    const candidates = this.#formats.filter((format) => format.mayBe(path) || format.mayBe(inside));
    if (candidates.length === 0) return undefined;
    const file = this.#repository.files.read(path);
    if (!file.ok) {
      const named = this.#repository.nameOf(path);
      const told = noText(file, inside, named, "error");
      this.#unread.push(...told);
      // It is told here, so that it is no file that nobody uses.
      if (told.length > 0) this.#unreadSources.push(new Source(named, ""));
      return undefined;
    }
    const format = candidates.find((one) => one.recognises(path, file.text) || one.recognises(inside, file.text));
    if (format === undefined) this.#unread.push(...nothingIn(file, mounted, candidates, this.#system));
    return format === undefined ? undefined : { ...mounted, isOwn: mounted.isBuilt === true, file, format };
  }

  #readMounted(seen: RecognisedFile): readonly ReadFile[] {
    const key = `${refKey(seen.owner.ref)}\0${seen.path}`;
    return this.#read(seen.file, seen, seen.format, (wanted) => this.#locate(wanted, seen), key);
  }

  #readInline({ service, inside, file, placeOf, hidden }: InlineFile): readonly ReadFile[] | undefined {
    const owner = this.#system.workload({ kind: "workload", system: this.#system.name, name: service });
    if (owner === undefined) return undefined;
    const format = this.#formats.find(
      (one) => one.mayBe(inside) && (one.recognises(file.path, file.text) || one.recognises(inside, file.text)),
    );
    if (format === undefined) return undefined;
    const mounted: MountedFile = { owner, path: file.path, inside };
    const locate = (wanted: string) =>
      this.#mounted.locate(wanted.startsWith("/") ? wanted : posix.join(posix.dirname(inside), wanted), owner);
    return this.#read(file, mounted, format, locate, `${refKey(owner.ref)}\0${inside}`, hidden).map((read) => ({
      ...read,
      facts: inFile(read.facts, `${file.path}: ${inside}`, placeOf),
      source: file.source,
    }));
  }

  #read(
    file: TextFile,
    { owner, path, inside }: MountedFile,
    format: ConfigFormat,
    locate: ConfigInput["locate"],
    key: string,
    hidden: InlineFile["hidden"] = new Map(),
  ): readonly ReadFile[] {
    const facts = format.read({
      file,
      path,
      inside,
      files: this.#repository.files,
      paths: this.#repository.paths,
      system: this.#system.name,
      lens: this.#system.lens,
      platform: this.#system.platform,
      owner,
      locate,
      find: (host) => this.#finder.find(host, owner),
      resolve: (host, port) => this.#finder.resolve(host, port, owner),
      environment: (name) => {
        const why = hidden.get(name);
        return why === undefined ? environmentVariable(name, owner, this.#system) : unknown(why, owner.place);
      },
      ...imageOf(owner, this.#system),
      ...wordsOf(owner, this.#system),
    });
    return [{ key, owner, format, inside, source: file.source, facts }];
  }

  #locate(wanted: string, { owner, path, inside }: MountedFile): string | undefined {
    const absolute = wanted.startsWith("/") ? wanted : posix.join(posix.dirname(inside), wanted);
    const found = this.#mounted.locate(absolute, owner);
    if (found !== undefined || wanted.startsWith("/")) return found;
    return normalise(posix.join(posix.dirname(path), wanted));
  }
}

/** Whether a file gave anything at all. */
export function saysSomething({ subjects, problems, amend }: ConfigFacts): boolean {
  return subjects.length > 0 || problems.length > 0 || amend !== undefined;
}

/** The words that a workload's containers start with, entrypoint and command, as far as they are known. */
export function wordsOf({ containers }: Workload, system: System): Pick<ConfigInput, "words" | "unseenWords"> {
  const seen = containers.flatMap((ref) => {
    const container = system.get(ref);
    return container === undefined ? [] : seenStart(container);
  });
  const unseen = seen.flatMap(({ hidden, open }) => hidden ?? open[0] ?? []);
  return { words: seen.flatMap(({ words }) => words), unseenWords: unseen[0]?.why };
}

/** The repository and the tag of the image that a workload's first container runs. */
export function imageOf(owner: Workload, system: System): Pick<ConfigInput, "image" | "imageTag"> {
  const [container] = system.containersOf(owner);
  const image = container?.image === undefined ? undefined : system.get(container.image);
  return { image: repositoryOf(image), imageTag: image === undefined ? undefined : knownValue(image.reference)?.tag };
}

/** A system with the subjects of configuration files added, and its workloads amended by what they say. */
export function merged(system: System, found: readonly ConfigFacts[]): System {
  const amending = found.filter(({ amend }) => amend !== undefined);
  const amended = system.subjects.map((subject): AnySubject => {
    if (subject.kind !== "workload") return subject;
    return amending.reduce((workload: Workload, facts) => facts.amend?.(workload) ?? workload, subject);
  });
  const problems: InputProblem[] = [...system.problems, ...found.flatMap((facts) => facts.problems)];
  const subjects = withDistinctNames([...amended, ...found.flatMap((facts) => facts.subjects)]);
  return new System({ name: system.name, lens: system.lens, platform: system.platform, subjects, problems });
}

/** Of two subjects of one kind and name the second gets `#2`: both count. */
function withDistinctNames(subjects: readonly AnySubject[]): readonly AnySubject[] {
  // By kind and name apart: a key put together of both would be made, and looked up, for every subject.
  const counts = new Map<SubjectKind, Map<string, number>>();
  return subjects.map((subject) => {
    const ofKind = counts.get(subject.kind) ?? new Map<string, number>();
    counts.set(subject.kind, ofKind);
    const { name } = subject.ref;
    const count = (ofKind.get(name) ?? 0) + 1;
    ofKind.set(name, count);
    return count === 1 ? subject : ({ ...subject, ref: { ...subject.ref, name: `${name}#${count}` } } as AnySubject);
  });
}
