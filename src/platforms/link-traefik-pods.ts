/**
 * Traefiks of a cluster that arguments or variables tell where their dynamic files lie: what those files define is served
 * by the entry points of the arguments. One that a file starts is read from that file, as everywhere.
 */
import { knownValue } from "../facts/fact.ts";
import type { AnySubject, RepositoryFile, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ConfigInput } from "../formats/config-format.ts";
import type { Opener } from "../formats/proxy/included-files.ts";
import { option, textFact } from "../formats/traefik/options.ts";
import { Registry } from "../formats/traefik/registry.ts";
import { traefikRoutes } from "../formats/traefik/routes.ts";
import { routeSubjectsOf } from "../formats/traefik/subjects.ts";
import { type DynamicFiles, dynamicFiles, unseenBy } from "../formats/traefik/traefik-format.ts";
import type { Source } from "../lib/place.ts";
import type { Cluster } from "./kubernetes/read/cluster.ts";
import type { ClusterFile } from "./kubernetes/read/cluster-files.ts";
import { type ClusterContext, fieldsOf } from "./kubernetes/read/context.ts";
import { type TraefikPod, traefikPodConfiguration, traefikPods } from "./kubernetes/read/routes/traefik-pods.ts";
import { TraefikObjects } from "./kubernetes/read/routes/traefik-routes.ts";

/** One such Traefik. */
export interface TraefikPodStart {
  readonly pod: TraefikPod;
  readonly context: ClusterContext;
  /** What Traefik's own kinds define: `NAMESPACE-NAME@kubernetescrd`. */
  readonly objects: TraefikObjects | undefined;
}

/** By the name of the container. */
export function traefikPodStarts(system: System, cluster: Cluster): ReadonlyMap<string, TraefikPodStart> {
  const { context } = cluster;
  const told = traefikPods(context, system.subjects).filter(
    ({ own: { file, settings } }) => file === undefined && option(settings.root, "providers", "file") !== undefined,
  );
  return new Map(
    told.map((pod) => {
      const objects = TraefikObjects.of(context, { settings: pod.own.settings, published: undefined });
      return [pod.container.ref.name, { pod, context, objects }] as const;
    }),
  );
}

/** The files of a container as its Traefik opens them. */
export interface TraefikPodFiles {
  readonly opener: Opener;
  /** Where the texts lie in the container. */
  readonly held: ReadonlyMap<string, ClusterFile>;
}

export interface StartedTraefik {
  readonly subjects: readonly AnySubject[];
  /** What Traefik does as a whole, in place of what its arguments alone say of that. */
  readonly settings: RepositoryFile | undefined;
  readonly problems: DynamicFiles["problems"];
  readonly read: readonly Source[];
}

/** What the dynamic files come to; undefined where none of them is seen. */
export function startedTraefik(
  { pod, context, objects }: TraefikPodStart,
  { opener, held }: TraefikPodFiles,
  workload: Workload,
  around: { readonly system: System } & Pick<ConfigInput, "find" | "resolve">,
): StartedTraefik | undefined {
  const { settings } = pod.own;
  const { system } = around;
  const seen = dynamicFiles(settings, literally(opener, pod));
  if (seen.read.length === 0) return undefined;
  const dynamic = { ...seen, unseen: seen.unseen ?? whyMore(pod, held, system, context) };
  const crds = objects?.cluster.registry;
  const registry = new Registry(dynamic.sources, unseenBy(dynamic), (provider, name) =>
    provider === "kubernetescrd" ? crds?.find("http", "middlewares", name, provider) : undefined,
  );
  const routes = traefikRoutes({ settings, registry, edge: workload, portOf: () => undefined });
  return {
    subjects: routeSubjectsOf(routes, {
      system: system.name,
      lens: system.lens,
      // What the files say is the program's own: no Gateway has a part in it.
      platform: "files",
      edge: workload.ref,
      find: around.find,
      ...(around.resolve === undefined ? {} : { resolve: around.resolve }),
    }),
    settings: traefikPodConfiguration(pod, registry, context),
    problems: dynamic.problems,
    read: dynamic.read,
  };
}

/** In a container a path is what it says: a file of that name in another folder is another one. */
function literally(opener: Opener, { own }: TraefikPod): Opener {
  const isAbsolute = ["directory", "filename"].some((name) => writtenPath(own.settings.root, name)?.startsWith("/"));
  return isAbsolute
    ? { ...opener, locate: (path) => (path.startsWith("/") ? opener.locate(path) : undefined) }
    : opener;
}

function writtenPath(root: TraefikPod["own"]["settings"]["root"], name: string): string | undefined {
  const node = option(root, "providers", "file", name);
  return node === undefined ? undefined : knownValue(textFact(node, node.place));
}

/** Why the folder of the file provider may hold more than is seen, as a clause; undefined where it does not. */
function whyMore(
  { own, container }: TraefikPod,
  held: ReadonlyMap<string, ClusterFile>,
  system: System,
  context: ClusterContext,
): string | undefined {
  const written = writtenPath(own.settings.root, "directory")?.replace(/\/+$/, "");
  if (written === undefined) return undefined;
  const folder = written.startsWith("/") ? written : `/${written}`;
  const targets = system.ownedBy(container.ref, "mount").map(({ target }) => knownValue(target)?.replace(/\/+$/, ""));
  for (const target of targets) {
    if (target === undefined) return "where something is mounted is not resolved";
    if (!isBelow(target, folder) && !isBelow(folder, target)) continue;
    const inner = targets.filter((other) => other !== undefined && other !== target && isBelow(other, target));
    const files = [...held].filter(
      ([path]) => isBelow(path, target) && !inner.some((other) => other !== undefined && isBelow(path, other)),
    );
    if (files.length === 0) return `what is mounted at \`${target}\` is not seen`;
    const open = files.map(([, file]) => unreadKey(file, context)).find((key) => key !== undefined);
    if (open !== undefined) return `\`${open}\` is not resolved`;
  }
  return undefined;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** A key of the same object whose text is not known, since something is put into it later. */
function unreadKey({ kind, namespace, name }: ClusterFile, context: ClusterContext): string | undefined {
  const object = kind === "HelmRelease" ? undefined : context.object("", kind, name, namespace);
  if (object === undefined) return undefined;
  const data = fieldsOf(object).fields(kind === "Secret" ? "stringData" : "data");
  return data.entries.find(({ value }) => value.kind !== "scalar" || value.unresolved !== undefined)?.key;
}
