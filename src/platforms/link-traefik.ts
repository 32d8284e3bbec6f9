/**
 * What a system's Traefik is told: by a file, by arguments or variables, by the files of its file provider, and by the
 * labels of the containers beside it. All of it is read together, since each names what the others define.
 */

import { startWords } from "../facts/command-words.ts";
import type { ProxyDoor } from "../facts/configuration/proxy.ts";
import type { TraefikConfiguration } from "../facts/configuration/traefik.ts";
import { complete, knownValue } from "../facts/fact.ts";
import { softwareOfImage } from "../facts/knowledge/roles.ts";
import type { AnySubject, Container, RepositoryFile, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ConfigFacts } from "../formats/config-format.ts";
import { configurationFile } from "../formats/configuration-file.ts";
import { isDynamic, readTraefikFile } from "../formats/traefik/files.ts";
import { entriesOf, flagFact, OptionTree, option } from "../formats/traefik/options.ts";
import { type DynamicSource, Registry } from "../formats/traefik/registry.ts";
import { type TraefikRoute, traefikRoutes } from "../formats/traefik/routes.ts";
import { traefikSettings } from "../formats/traefik/settings.ts";
import { fromLabels } from "../formats/traefik/sources.ts";
import type { TraefikStatic } from "../formats/traefik/static.ts";
import { routeSubjectsOf } from "../formats/traefik/subjects.ts";
import { type DynamicFiles, dynamicFiles, unseenBy } from "../formats/traefik/traefik-format.ts";
import type { Place, Source } from "../lib/place.ts";
import type { TextFile } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import type { MountedFile, MountedFiles } from "./mounted-files.ts";
import { NameFinder } from "./name-finder.ts";
import { middlewaresElsewhere } from "./traefik-elsewhere.ts";
import { type OwnStatic, ownStatic, unseen } from "./traefik-static.ts";

/** How files are opened; without it what depends on them is unknown. */
export interface TraefikFiles {
  readonly repository: Repository;
  readonly mounted: MountedFiles;
  readonly all: readonly MountedFile[];
}

const none: ConfigFacts = { subjects: [], problems: [], sources: [] };

/** The routes of labels and of Traefik's files, and what Traefik does as a whole. Nothing where neither is there. */
export function linkTraefik(system: System, files: TraefikFiles | undefined): ConfigFacts {
  const labelled = system.all("workload").flatMap((workload) => labelSource(workload));
  const proxies = traefiksOf(system).map((proxy) => ({ proxy, own: staticOf(proxy, system, files) }));
  const [first] = proxies;
  if (first === undefined && labelled.length === 0) return none;
  const reader = proxies.find(({ own }) => readsLabels(own.settings));
  const found =
    first === undefined
      ? [linkOne(system, undefined, staticOf(undefined, system, files), labelled, files)]
      : proxies.map((each) => linkOne(system, each.proxy, each.own, each === reader ? labelled : [], files));
  return {
    subjects: found.flatMap(({ subjects }) => subjects),
    problems: found.flatMap(({ problems }) => problems),
    sources: found.flatMap(({ sources }) => sources),
  };
}

interface Proxy {
  readonly workload: Workload;
  readonly container: Container;
}

function traefiksOf(system: System): readonly Proxy[] {
  return system.all("image").flatMap((image): Proxy[] => {
    if (softwareOfImage(image)?.name !== "traefik") return [];
    const container = system.get(image.usedBy);
    const workload = container?.kind === "container" ? system.workload(container.workload) : undefined;
    return container?.kind !== "container" || workload === undefined ? [] : [{ workload, container }];
  });
}

/** The labels of one container, unless they say that Traefik shall leave it alone. */
function labelSource(workload: Workload): readonly DynamicSource[] {
  const labels = workload.labels.items;
  if (!labels.some(({ name }) => /^traefik\./i.test(name))) return [];
  const enabled = labels.find(({ name }) => name.toLowerCase() === "traefik.enable");
  if (enabled !== undefined && knownValue(enabled.value)?.toLowerCase() === "false") return [];
  const routed = labels.some(({ name }) => /^traefik\.(?:http|tcp)\.routers\./i.test(name));
  if (!routed && enabled !== undefined)
    return [{ provider: "docker", root: impliedRouter(workload, enabled.place), owner: workload }];
  const root = fromLabels(labels, workload.place);
  return root === undefined ? [] : [{ provider: "docker", root, owner: workload }];
}

/** A container that is enabled without a router of its own gets one from Traefik's default rule. */
function impliedRouter(workload: Workload, place: Place): DynamicSource["root"] {
  const tree = new OptionTree(place);
  tree.set(["http", "routers", workload.ref.name], "", place);
  return tree.root;
}

/**
 * Whether labels come to Traefik: not where it is seen to be told of files alone. Other providers (Docker, Swarm, Redis
 * with what fills it) may bring them; Traefik 1 had them at the top of its configuration.
 */
function readsLabels({ root }: TraefikStatic): boolean {
  if (root === undefined || option(root, "docker") !== undefined) return true;
  return entriesOf(option(root, "providers")).some(
    ({ key, value }) =>
      !/^(?:file|kubernetes.*|providersThrottleDuration|precedence)$/i.test(key) &&
      knownValue(flagFact(value, value.place)) !== false,
  );
}

function linkOne(
  system: System,
  proxy: Proxy | undefined,
  own: OwnStatic,
  labelled: readonly DynamicSource[],
  files: TraefikFiles | undefined,
): ConfigFacts {
  const dynamic = proxy === undefined ? noFiles(own.settings) : dynamicOf(own.settings, proxy, files);
  const elsewhere = files === undefined ? undefined : middlewaresElsewhere(files.repository);
  const registry = new Registry([...labelled, ...dynamic.sources], unseenBy(dynamic), elsewhere);
  const routes = traefikRoutes({
    settings: own.settings,
    registry,
    edge: proxy?.workload,
    portOf: (workload) => lowestPort(workload, system),
  });
  return {
    subjects: [...subjectsOf(routes, proxy, system), ...settingsOf(own, registry, proxy, system)],
    problems: [...own.problems, ...dynamic.problems],
    sources: [...(own.file === undefined ? [] : [own.file.source]), ...dynamic.read],
  };
}

function subjectsOf(routes: readonly TraefikRoute[], proxy: Proxy | undefined, system: System): readonly AnySubject[] {
  const finder = new NameFinder(system);
  return routeSubjectsOf(routes, {
    system: system.name,
    lens: system.lens,
    platform: system.platform,
    edge: proxy?.workload.ref,
    find: (host) => finder.find(host, proxy?.workload),
    resolve: (host, port) => finder.resolve(host, port, proxy?.workload),
  });
}

/** What a Traefik is told to begin with; nothing is seen of one that is not seen. */
function staticOf(proxy: Proxy | undefined, system: System, files: TraefikFiles | undefined): OwnStatic {
  const elsewhere: Place = { kind: "nowhere", why: "no Traefik is seen" };
  if (proxy === undefined)
    return unseen("whether its entry point encrypts and redirects is set in Traefik's own configuration", elsewhere);
  const { workload, container } = proxy;
  return ownStatic({
    ...startWords(container),
    environment: container.environment,
    place: workload.place,
    open: (path) => openedAt(path, workload, files) ?? (hidden(path, proxy, system, files) ? "hidden" : undefined),
  });
}

function openedAt(path: string, workload: Workload, files: TraefikFiles | undefined): TextFile | undefined {
  const found = files?.mounted.locate(path, workload);
  const file = found === undefined ? undefined : files?.repository.files.read(found);
  return file?.ok === true ? file : undefined;
}

/** Whether a mount that cannot be looked into may hold the file. */
function hidden(
  path: string,
  { workload, container }: Proxy,
  system: System,
  files: TraefikFiles | undefined,
): boolean {
  if (files !== undefined) return files.mounted.hides(path, workload);
  return system.ownedBy(container.ref, "mount").some((mount) => {
    const target = knownValue(mount.target);
    return target === undefined || path === target || path.startsWith(`${target.replace(/\/$/, "")}/`);
  });
}

/** What the file provider reads. Where the static configuration is not seen, every mounted file that looks like it counts. */
function dynamicOf(settings: TraefikStatic, { workload }: Proxy, files: TraefikFiles | undefined): DynamicFiles {
  if (files === undefined) return noFiles(settings);
  const { repository, mounted, all } = files;
  const opener = {
    files: repository.files,
    paths: repository.paths,
    locate: (path: string) =>
      path.startsWith("/") ? mounted.locate(path, workload) : mounted.locate(`/${path}`, workload),
  };
  if (settings.root !== undefined) return dynamicFiles(settings, opener);
  const found = all
    .filter(({ owner, inside }) => owner === workload && /\.(?:ya?ml|toml)$/i.test(inside))
    .flatMap(({ path, inside }) => {
      const file = repository.files.read(path);
      return file.ok && isDynamic(file.text) ? [{ file, inside }] : [];
    });
  const read = found.map(({ file, inside }) => readTraefikFile(file, inside));
  return {
    sources: read.flatMap(({ root }) => (root === undefined ? [] : [{ provider: "file" as const, root }])),
    read: found.map(({ file }): Source => file.source),
    problems: read.flatMap(({ problems }) => problems),
    unseen: settings.why,
  };
}

function noFiles({ why, root }: TraefikStatic): DynamicFiles {
  const unread =
    option(root, "providers", "file") === undefined ? undefined : "the files of Traefik's file provider are not read";
  return { sources: [], read: [], problems: [], unseen: why ?? unread };
}

function lowestPort(workload: Workload, system: System): number | undefined {
  const ports = system.ownedBy(workload.ref, "listener").flatMap((listener) => {
    const port = knownValue(listener.port);
    return port === undefined || knownValue(listener.protocol) === "udp" ? [] : [port];
  });
  return ports.length === 0 ? undefined : Math.min(...ports);
}

/** The static configuration as a subject: its file, or where its arguments or variables stand. */
function settingsOf(
  own: OwnStatic,
  registry: Registry,
  proxy: Proxy | undefined,
  system: System,
): readonly RepositoryFile[] {
  const { settings, file } = own;
  if (proxy === undefined || settings.root === undefined) return [];
  const around = { system: system.name, lens: system.lens, platform: system.platform, owner: proxy.workload };
  const configuration = traefikSettings(settings, registry, []);
  if (file !== undefined) return [configurationFile({ ...around, file, path: file.path }, configuration)];
  const { place } = settings;
  if (place.kind !== "file") return [];
  const text: TextFile = { ok: true, path: place.source.path, text: "", source: place.source, mode: undefined };
  // What arguments and variables open is judged with the container's other switches.
  const shut: TraefikConfiguration = { ...configuration, doors: complete<ProxyDoor>([], place) };
  const subject = configurationFile({ ...around, file: text, path: `${proxy.workload.ref.name}'s arguments` }, shut);
  return [{ ...subject, place }];
}
