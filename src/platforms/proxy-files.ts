import { posix } from "node:path";
import type { ConfigFormat, ConfigInput } from "../formats/config-format.ts";
import { append } from "../lib/append.ts";
import { normalise, type TextFile } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";

/** An address that a proxy passes requests on to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A proxy's file of a repository, as far as it matters to others. */
export interface ProxyFile {
  readonly path: string;
  readonly format: ConfigFormat;
  /** The addresses that it leads to. */
  readonly asked: readonly Address[];
  /** The further files of the repository that it reads: `conf.d/*.conf` with `nginx.conf`. */
  readonly includes: readonly string[];
}

/** Every file of a repository that a proxy reads, found by where it lies and by where it leads. */
export class ProxyFiles {
  readonly all: readonly ProxyFile[];
  readonly #byFolder = new Map<string, ProxyFile[]>();
  readonly #byHost = new Map<string, ProxyFile[]>();
  readonly #byPort = new Map<number, ProxyFile[]>();

  constructor(all: readonly ProxyFile[]) {
    this.all = all;
    for (const proxy of all) {
      if (proxy.asked.length === 0) continue;
      for (const folder of foldersAbove(proxy.path)) append(this.#byFolder, folder, proxy);
      for (const host of new Set(proxy.asked.map(({ host }) => host.toLowerCase()))) append(this.#byHost, host, proxy);
      for (const port of new Set(proxy.asked.map(({ port }) => port))) append(this.#byPort, port, proxy);
    }
  }

  /** Those that lie in a folder or below it, and lead anywhere. */
  below(folder: string): readonly ProxyFile[] {
    return this.#byFolder.get(folder) ?? [];
  }

  /** Those that lead to a host by a name or address. */
  leadingTo(host: string): readonly ProxyFile[] {
    return this.#byHost.get(host.toLowerCase()) ?? [];
  }

  /** Those that lead to a port, of whatever host. */
  onPort(port: number): readonly ProxyFile[] {
    return this.#byPort.get(port) ?? [];
  }
}

const made = new WeakMap<Repository, ProxyFiles>();

/** The proxies' files of a repository, each read once for all who ask. */
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
  if (!file.ok || format === undefined) return undefined;
  const asked: Address[] = [];
  const resolve = (host: string, port: number) => {
    asked.push({ host, port });
    return undefined;
  };
  const { sources } = format.read({ ...alone(repository, file, path), resolve });
  const includes = sources.map((source) => repository.pathOf(source.path)).filter((other) => other !== path);
  return { path, format, asked, includes };
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
    locate: (wanted) => (wanted.startsWith("/") ? undefined : normalise(posix.join(posix.dirname(path), wanted))),
    find: () => undefined,
  };
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = path; folder !== ""; ) {
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
    folders.push(folder);
  }
  return folders;
}
