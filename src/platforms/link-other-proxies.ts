/**
 * Proxies that are no workload of a system and lead to one all the same: a Caddy, nginx or Traefik on the machine itself,
 * or in another project on a network that both are on.
 */
import { posix } from "node:path";
import { knownValue } from "../facts/fact.ts";
import type { Route, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../formats/config-format.ts";
import { normalise, type TextFile } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import { type ComposeTexts, composeTexts } from "./compose-texts.ts";
import type { NameFinder } from "./name-finder.ts";

/** A proxy's file of a repository. */
interface ProxyFile {
  readonly file: TextFile;
  readonly path: string;
  readonly format: ConfigFormat;
  /** The addresses that it leads to. */
  readonly asked: readonly Address[];
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const none: ConfigFacts = { subjects: [], problems: [], sources: [] };
const loopback = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i;
const hostNames = /^(?:host\.docker\.internal|host\.containers\.internal|172\.17\.0\.1)$/i;

/**
 * The routes by which proxies outside of a system lead to its workloads. What the proxy itself does (TLS, headers, limits)
 * is judged where the file is read as a whole; here it counts who gets in.
 */
export function linkOtherProxies(
  system: System,
  repository: Repository,
  finder: NameFinder,
  formats: readonly ConfigFormat[],
): ConfigFacts {
  if (system.platform !== "compose") return none;
  const folder = folderOf(system, repository);
  const subjects = proxyFiles(repository, formats).flatMap((proxy) =>
    routesInto(proxy, system, repository, finder, folder),
  );
  return subjects.length === 0 ? none : { ...none, subjects };
}

function routesInto(
  proxy: ProxyFile,
  system: System,
  repository: Repository,
  finder: NameFinder,
  folder: string | undefined,
): readonly Route[] {
  const texts = composeTexts(repository);
  const resolve = resolver(proxy, system, finder, texts, folder);
  if (resolve === undefined || !proxy.asked.some(({ host, port }) => resolve(host, port) !== undefined)) return [];
  const { subjects } = proxy.format.read(inputFor(proxy, repository, { system, resolve }));
  return subjects.flatMap((subject): Route[] =>
    subject.kind === "route" && knownValue(subject.target) !== undefined ? [{ ...subject, elsewhere: true }] : [],
  );
}

type Resolve = (host: string, port: number) => { readonly workload: Workload; readonly port: number } | undefined;

/** How a proxy that is not part of the system finds its workloads; undefined where it is part of it. */
function resolver(
  { path }: ProxyFile,
  system: System,
  finder: NameFinder,
  texts: ComposeTexts,
  folder: string | undefined,
): Resolve | undefined {
  const mountedBy = texts.mounting(path);
  if (folder !== undefined && mountedBy.some((project) => project === folder)) return undefined;
  const isNear = folder !== undefined && isWithin(path, folder);
  const onMachine = mountedBy.length === 0;
  return (host, port) => {
    if (loopback.test(host) || hostNames.test(host)) {
      if (!onMachine && loopback.test(host)) return undefined;
      const found = finder.onHost(port, loopback.test(host));
      return found !== undefined && (isNear || texts.publishing(port) <= 1) ? found : undefined;
    }
    const named = finder.find(host, undefined);
    if (named === undefined) return undefined;
    // A name means something to a proxy only where it shares a network with who bears it.
    if (isNear && onMachine) return { workload: named, port };
    return isOnExternalNetwork(named, system) && texts.naming(host) <= 1 ? { workload: named, port } : undefined;
  };
}

function isWithin(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

function isOnExternalNetwork(workload: Workload, system: System): boolean {
  return system.networksOf(workload).some(({ external }) => knownValue(external) === true);
}

/** The folder of the project, told by where its first workload stands. */
function folderOf(system: System, repository: Repository): string | undefined {
  for (const { place } of system.all("workload")) {
    if (place.kind !== "file") continue;
    const folder = posix.dirname(repository.pathOf(place.source.path));
    return folder === "." ? "" : folder;
  }
  return undefined;
}

const cache = new WeakMap<Repository, readonly ProxyFile[]>();

/** Every file of a repository that a proxy reads, with where it leads; looked for once. */
function proxyFiles(repository: Repository, formats: readonly ConfigFormat[]): readonly ProxyFile[] {
  const known = cache.get(repository);
  if (known !== undefined) return known;
  const leading = formats.filter(({ leadsOn }) => leadsOn === true);
  const found = repository.paths.flatMap((path): ProxyFile[] => {
    const candidates = leading.filter((format) => format.mayBe(path));
    if (candidates.length === 0) return [];
    const file = repository.files.read(path);
    const format = file.ok ? candidates.find((each) => each.recognises(path, file.text)) : undefined;
    if (!file.ok || format === undefined) return [];
    const asked: Address[] = [];
    const resolve: Resolve = (host, port) => {
      asked.push({ host, port });
      return undefined;
    };
    format.read(inputFor({ file, path }, repository, { system: undefined, resolve }));
    return asked.length === 0 ? [] : [{ file, path, format, asked }];
  });
  cache.set(repository, found);
  return found;
}

function inputFor(
  { file, path }: Pick<ProxyFile, "file" | "path">,
  { files, paths }: Repository,
  { system, resolve }: { readonly system: System | undefined; readonly resolve: Resolve },
): ConfigInput {
  return {
    file,
    path,
    files,
    paths,
    system: system?.name ?? "",
    lens: "written",
    platform: system?.platform ?? "files",
    owner: undefined,
    locate: (wanted) => (wanted.startsWith("/") ? undefined : normalise(posix.join(posix.dirname(path), wanted))),
    find: () => undefined,
    resolve,
  };
}
