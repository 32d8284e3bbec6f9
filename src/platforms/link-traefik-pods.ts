/**
 * Traefiks of a cluster that arguments or variables tell where their dynamic files lie: what those files define is served
 * by the entry points of the arguments. One that a file starts is read from that file, as everywhere.
 */
import { knownValue } from "../facts/fact.ts";
import type { AnySubject, RepositoryFile, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ConfigInput } from "../formats/config-format.ts";
import { option } from "../formats/traefik/options.ts";
import { Registry } from "../formats/traefik/registry.ts";
import { traefikRoutes } from "../formats/traefik/routes.ts";
import { routeSubjectsOf } from "../formats/traefik/subjects.ts";
import { type DynamicFiles, unseenBy } from "../formats/traefik/traefik-format.ts";
import type { Source } from "../lib/place.ts";
import type { Cluster } from "./kubernetes/read/cluster.ts";
import type { ClusterContext } from "./kubernetes/read/context.ts";
import { podDynamicFiles, type TraefikPodFiles } from "./kubernetes/read/routes/traefik-pod-files.ts";
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
  files: Omit<TraefikPodFiles, "targets">,
  workload: Workload,
  around: { readonly system: System } & Pick<ConfigInput, "find" | "resolve">,
): StartedTraefik | undefined {
  const { settings } = pod.own;
  const { system } = around;
  const targets = system.ownedBy(pod.container.ref, "mount").map(({ target }) => knownValue(target));
  const dynamic = podDynamicFiles(pod, { ...files, targets }, context);
  if (dynamic.read.length === 0) return undefined;
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
