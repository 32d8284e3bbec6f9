import { posix } from "node:path";
import type { Address, ConfigFormat, ConfigInput, Lead } from "../formats/config-format.ts";
import { append } from "../lib/append.ts";
import { folderOf } from "../lib/folder-of.ts";
import type { TextFile } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import { AddressIndex } from "./address-index.ts";
import type { NameFinder } from "./name-finder.ts";

/** What a proxy's file says, as far as it is kept. */
interface Read {
  readonly asked: readonly Address[];
  readonly includes: ReadonlySet<string>;
  /** Which of its leads ask for whom. */
  readonly index: AddressIndex;
}

const nothing: ReadonlySet<string> = new Set();

/**
 * A proxy's file of a repository, as far as it matters to others. It is parsed when somebody asks where it leads, and not
 * before: most lead only to services beside them, which read them themselves.
 */
export class ProxyFile {
  readonly path: string;
  readonly format: ConfigFormat;
  /** Whether it may read further files, told by its text alone. */
  readonly readsOthers: boolean;
  /** Whether it may lead to a port of the machine that it is on, told by its text alone. */
  readonly asksMachine: boolean;
  readonly #repository: Repository;
  #read: Read | undefined;
  #leads: readonly Lead[] | undefined;
  /** Whether a system had routes of it before. */
  #hasLed = false;

  constructor(path: string, format: ConfigFormat, text: string, repository: Repository) {
    this.path = path;
    this.format = format;
    this.readsOthers = format.readsOthers?.(text) ?? true;
    this.asksMachine = this.readsOthers || ownMachine.test(text);
    this.#repository = repository;
  }

  /** The addresses that it leads to, and those that it asks who comes. */
  get asked(): readonly Address[] {
    return (this.#read ?? this.#parsed().read).asked;
  }

  /** The further files of the repository that it reads: `conf.d/*.conf` with `nginx.conf`. */
  get includes(): ReadonlySet<string> {
    return this.readsOthers ? (this.#read ?? this.#parsed().read).includes : nothing;
  }

  /**
   * Its routes that may lead to what a system answers to, in their order. They are kept from the second system on that
   * they may lead to: most lead to one alone, and with them all that the file says would be kept. However many systems
   * ask, it is parsed three times at the most.
   */
  leadsTo(finder: NameFinder): readonly Lead[] {
    const parsed = this.#read === undefined ? this.#parsed() : undefined;
    const found = (this.#read ?? parsed?.read)?.index.at(finder) ?? [];
    if (found.length === 0) return [];
    const leads = this.#leads ?? (parsed ?? this.#parsed()).leads;
    if (this.#hasLed) this.#leads = leads;
    this.#hasLed = true;
    return found.flatMap((at) => leads[at] ?? []);
  }

  #parsed() {
    const parsed = readAlone(this.path, this.format, this.#repository);
    this.#read = parsed.read;
    return parsed;
  }
}

/** What an address of one's own machine is written as, `:8080` too. It may stand for something else, and is looked at then. */
const ownMachine =
  /localhost|\b127\.|\b0\.0\.0\.0\b|::1|(?:host\.(?:docker|containers)|gateway\.docker)\.internal|172\.17\.0\.1|(?:^|[\s"'/,[(]):\d/im;

/** So many files of one folder are all looked at by each system that lies in it. */
const few = 10;

/** The proxies' files in a folder and below it, for the systems that lie there. */
class Neighbours {
  readonly all: ProxyFile[] = [];
  #wasAsked = false;
  #index: AddressIndex | undefined;
  #readers: Map<string, ProxyFile[]> | undefined;

  /**
   * Those that may lead to a system, and those that read one of them or of some others. Who asks first gets all: he reads
   * them then, which costs as much as to look.
   */
  of(finder: NameFinder, others: Iterable<ProxyFile>): Iterable<ProxyFile> {
    const isFirst = !this.#wasAsked;
    this.#wasAsked = true;
    if (isFirst || this.all.length <= few) return this.all;
    this.#index ??= new AddressIndex(this.all.map(({ asked }) => asked));
    const found = new Set(this.#index.at(finder).flatMap((at) => this.all[at] ?? []));
    const read = [...found, ...others];
    for (const { path } of read) for (const reader of this.#readersOf(path)) found.add(reader);
    return found;
  }

  #readersOf(path: string): readonly ProxyFile[] {
    if (this.#readers === undefined) {
      this.#readers = new Map();
      for (const proxy of this.all) for (const other of proxy.includes) append(this.#readers, other, proxy);
    }
    return this.#readers.get(path) ?? [];
  }
}

/** Every file of a repository that a proxy reads, found by where it lies and by where it leads. */
export class ProxyFiles {
  readonly all: readonly ProxyFile[];
  readonly #byFolder = new Map<string, Neighbours>();
  #byHost: Map<string, ProxyFile[]> | undefined;
  #byPort: Map<number, ProxyFile[]> | undefined;

  constructor(all: readonly ProxyFile[]) {
    this.all = all;
    for (const proxy of all) {
      for (const folder of foldersAbove(proxy.path)) {
        const neighbours = this.#byFolder.get(folder) ?? new Neighbours();
        this.#byFolder.set(folder, neighbours);
        neighbours.all.push(proxy);
      }
    }
  }

  /** Those in a folder or below it that may lead to a system, and those that read one of them or of some others. */
  below(folder: string, finder: NameFinder, others: Iterable<ProxyFile>): Iterable<ProxyFile> {
    return this.#byFolder.get(folder)?.of(finder, others) ?? [];
  }

  /** Those that lead to a host by a name or address. */
  leadingTo(host: string): readonly ProxyFile[] {
    this.#byHost ??= indexed(this.all, ({ host }) => host.toLowerCase());
    return this.#byHost.get(host.toLowerCase()) ?? [];
  }

  /** Those that lead to a port of the machine that they are on; some of another machine may be among them. */
  onPort(port: number): readonly ProxyFile[] {
    this.#byPort ??= indexed(
      this.all.filter(({ asksMachine }) => asksMachine),
      (address) => address.port,
    );
    return this.#byPort.get(port) ?? [];
  }
}

function indexed<K>(proxies: readonly ProxyFile[], keyOf: (address: Address) => K): Map<K, ProxyFile[]> {
  const index = new Map<K, ProxyFile[]>();
  for (const proxy of proxies) for (const key of new Set(proxy.asked.map(keyOf))) append(index, key, proxy);
  return index;
}

const made = new WeakMap<Repository, ProxyFiles>();

/** The proxies' files of a repository, found once for all who ask. */
export function proxyFilesOf(repository: Repository, formats: readonly ConfigFormat[]): ProxyFiles {
  const known = made.get(repository);
  if (known !== undefined) return known;
  const leading = formats.filter(({ leadsOn }) => leadsOn === true);
  const files = new ProxyFiles(repository.paths.flatMap((path) => proxyAt(path, repository, leading) ?? []));
  made.set(repository, files);
  return files;
}

function proxyAt(path: string, repository: Repository, formats: readonly ConfigFormat[]): ProxyFile | undefined {
  const candidates = formats.filter((format) => format.mayBe(path));
  if (candidates.length === 0) return undefined;
  const file = repository.files.glance(path);
  const format = file.ok ? candidates.find((each) => each.recognises(path, file.text)) : undefined;
  return file.ok && format !== undefined ? new ProxyFile(path, format, file.text, repository) : undefined;
}

function readAlone(
  path: string,
  format: ConfigFormat,
  repository: Repository,
): { readonly read: Read; readonly leads: readonly Lead[] } {
  const asked: Address[] = [];
  const file = repository.files.glance(path);
  if (!file.ok) return { read: { asked, includes: nothing, index: new AddressIndex([]) }, leads: [] };
  const resolve = (host: string, port: number) => {
    asked.push({ host, port });
    return undefined;
  };
  const facts = format.read({ ...alone(repository, file, path), resolve });
  const includes = new Set(facts.sources.map((source) => repository.pathOf(source.path)));
  includes.delete(path);
  const leads = facts.leads?.() ?? [];
  return { read: { asked, includes, index: new AddressIndex(leads.map(({ addresses }) => addresses)) }, leads };
}

/** A configuration file as it stands by itself: no workload is seen to use it, and nobody answers where it leads. */
export function alone({ files, paths }: Repository, file: TextFile, path: string): ConfigInput {
  return {
    file,
    path,
    files,
    paths,
    system: path,
    lens: "written",
    platform: "files",
    owner: undefined,
    locate: (wanted) => files.within(wanted.startsWith("/") ? wanted : posix.join(posix.dirname(path), wanted)),
    find: () => undefined,
  };
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = path; folder !== ""; ) {
    folder = folderOf(folder);
    folders.push(folder);
  }
  return folders;
}
