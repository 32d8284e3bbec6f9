/**
 * Proxies that are no workload of a system and lead to one all the same: a Caddy, nginx or Traefik on the machine itself,
 * or in another project on a network that both are on.
 */
import { posix } from "node:path";
import { knownValue } from "../facts/fact.ts";
import type { Route, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { Asking, ConfigFacts, ConfigFormat } from "../formats/config-format.ts";
import { leadsToItself } from "../lib/own-address.ts";
import type { Repository } from "../repository/repository.ts";
import { type ComposeTexts, composeTexts } from "./compose-texts.ts";
import { hostNames, type NameFinder } from "./name-finder.ts";
import { type ProxyFile, type ProxyFiles, proxyFilesOf } from "./proxy-files.ts";

const none: ConfigFacts = { subjects: [], problems: [], sources: [] };

/** The files that a system's workloads see. */
export interface SeenProxyFiles {
  /** Those that they read. */
  readonly own: ReadonlySet<string>;
  /** Those and what they only have at hand, as a backup does. */
  readonly atHand: ReadonlySet<string>;
}

/**
 * The routes by which proxies outside of a system lead to its workloads. What the proxy itself does (TLS, headers, limits)
 * is judged where the file is read as a whole; here it counts who gets in.
 */
export function linkOtherProxies(
  system: System,
  repository: Repository,
  finder: NameFinder,
  formats: readonly ConfigFormat[],
  seen: SeenProxyFiles,
): ConfigFacts {
  if (system.platform !== "compose") return none;
  const proxies = proxyFilesOf(repository, formats);
  if (proxies.all.length === 0) return none;
  const folder = folderOf(system, repository);
  const near = mayLeadInto(system, proxies, finder, composeTexts(repository), folder).filter(
    ({ path }) => !seen.own.has(path),
  );
  const subjects = withoutIncluded(near).flatMap((proxy) => {
    const around: Around = { folder, isOnlyAtHand: seen.atHand.has(proxy.path) };
    return routesInto(proxy, system, repository, finder, around);
  });
  return subjects.length === 0 ? none : { ...none, subjects };
}

/** The proxies that come into question: what lies beside the system, and what asks for a name or port of no other. */
function mayLeadInto(
  system: System,
  proxies: ProxyFiles,
  finder: NameFinder,
  texts: ComposeTexts,
  folder: string | undefined,
): readonly ProxyFile[] {
  const found = new Set<ProxyFile>();
  for (const port of finder.hostPorts()) {
    if (texts.publishing(port) <= 1) for (const proxy of proxies.onPort(port)) found.add(proxy);
  }
  if (system.all("network").some(({ external }) => knownValue(external) === true)) {
    for (const name of finder.names()) {
      if (texts.naming(name) <= 1) for (const proxy of proxies.leadingTo(name)) found.add(proxy);
    }
  }
  if (folder !== undefined) for (const proxy of proxies.below(folder, finder, [...found])) found.add(proxy);
  return [...found].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What another of them includes is read with that one. */
function withoutIncluded(proxies: readonly ProxyFile[]): readonly ProxyFile[] {
  const including = proxies.filter(({ includes }) => includes.size > 0);
  return proxies.filter(
    ({ path, includes }) => !including.some((other) => other.includes.has(path) && !includes.has(other.path)),
  );
}

/** How a proxy's file lies to a system. */
interface Around {
  readonly folder: string | undefined;
  /** Whether the system's workloads see the file, and none of them reads it. */
  readonly isOnlyAtHand: boolean;
}

function routesInto(
  proxy: ProxyFile,
  system: System,
  repository: Repository,
  finder: NameFinder,
  around: Around,
): readonly Route[] {
  const resolve = resolver(proxy, system, finder, composeTexts(repository), around);
  if (resolve === undefined) return [];
  const { name, lens, platform } = system;
  const asking: Asking = { system: name, lens, platform, find: () => undefined, resolve };
  return proxy
    .leadsTo(finder)
    .flatMap((lead) =>
      lead
        .routesIn(asking)
        .flatMap((route) => (knownValue(route.target) === undefined ? [] : [elsewhere(route, proxy.path)])),
    );
}

/** Named after the file as a whole, since the proxy's own system may name it by its last part. */
function elsewhere(route: Route, path: string): Route {
  const shown = route.ref.name.slice(route.ref.name.indexOf("/") + 1);
  return { ...route, ref: { ...route.ref, name: `${path}: ${shown}` }, elsewhere: true };
}

type Resolve = (host: string, port: number) => { readonly workload: Workload; readonly port: number } | undefined;

/** How a proxy that is not part of the system finds its workloads; undefined where it is part of it. */
function resolver(
  { path, format }: ProxyFile,
  system: System,
  finder: NameFinder,
  texts: ComposeTexts,
  { folder, isOnlyAtHand }: Around,
): Resolve | undefined {
  const mountedBy = texts.mounting(path, format.readBy).filter((project) => !isOnlyAtHand || project !== folder);
  if (folder !== undefined && mountedBy.some((project) => project === folder)) return undefined;
  const isNear = folder !== undefined && isWithin(path, folder);
  const onMachine = mountedBy.length === 0;
  return (host, port) => {
    if (leadsToItself(host) || hostNames.test(host)) {
      if (!onMachine && leadsToItself(host)) return undefined;
      const found = finder.onHost(port, leadsToItself(host));
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
