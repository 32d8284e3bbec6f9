/**
 * The Traefiks that run in a cluster's own pods, with what each is started with: a file that a ConfigMap holds, arguments,
 * or variables. What a chart makes of its values is not among them.
 */
import { startWords } from "../../../../facts/command-words.ts";
import type { ProxyDoor } from "../../../../facts/configuration/proxy.ts";
import { complete, knownValue } from "../../../../facts/fact.ts";
import { softwareOfImage } from "../../../../facts/knowledge/roles.ts";
import {
  type AnySubject,
  type Container,
  type Listener,
  type Mount,
  type RepositoryFile,
  refKey,
} from "../../../../facts/subjects.ts";
import { configurationFile } from "../../../../formats/configuration-file.ts";
import { relocate } from "../../../../formats/relocate.ts";
import { option } from "../../../../formats/traefik/options.ts";
import { Registry } from "../../../../formats/traefik/registry.ts";
import { traefikSettings } from "../../../../formats/traefik/settings.ts";
import { readStatic, type TraefikStatic, unseenStatic } from "../../../../formats/traefik/static.ts";
import { toPlain } from "../../../../formats/tree.ts";
import { type Place, Source } from "../../../../lib/place.ts";
import type { TextFile } from "../../../../repository/files.ts";
import { type OwnStatic, ownStatic } from "../../../traefik-static.ts";
import { type ClusterFile, clusterFiles } from "../cluster-files.ts";
import type { ClusterContext } from "../context.ts";

/** One container that runs Traefik. */
export interface TraefikPod {
  readonly container: Container;
  readonly own: OwnStatic;
}

/** `subjects`: the cluster's workloads with their containers, images and mounts. */
export function traefikPods(context: ClusterContext, subjects: readonly AnySubject[]): readonly TraefikPod[] {
  const names = new Set(
    subjects.flatMap((each) =>
      each.kind === "image" && softwareOfImage(each)?.name === "traefik" ? [each.usedBy.name] : [],
    ),
  );
  if (names.size === 0) return [];
  const mounts = Map.groupBy(
    subjects.filter((each): each is Mount => each.kind === "mount" && names.has(each.owner.name)),
    ({ owner }) => refKey(owner),
  );
  const held = mounts.size === 0 ? [] : clusterFiles(context);
  return subjects.flatMap((each): readonly TraefikPod[] => {
    if (each.kind !== "container" || !names.has(each.ref.name)) return [];
    const open = (path: string) => openedAt(path, each, held, mounts.get(refKey(each.ref)) ?? []);
    const { environment, place } = each;
    return [{ container: each, own: ownStatic({ ...startWords(each), environment, place, open }) }];
  });
}

/**
 * Container ports on which the cluster's Traefiks answer outside of it; undefined where any may be one: no publication is
 * among the files, a port is not resolved, or they are on their nodes' own network.
 */
export function publishedPorts(
  pods: readonly TraefikPod[],
  subjects: readonly AnySubject[],
): ReadonlySet<number> | undefined {
  const owners = new Set(pods.map(({ container }) => container.workload.name));
  if (owners.size === 0) return undefined;
  const ports = new Set<number>();
  for (const subject of subjects) {
    if (subject.kind === "workload" && owners.has(subject.ref.name)) {
      if (knownValue(subject.networkMode)?.kind !== "networks") return undefined;
    }
    if (subject.kind !== "listener" || !owners.has(subject.owner.name) || isInside(subject)) continue;
    const port = knownValue(subject.port);
    if (port === undefined) return undefined;
    ports.add(port);
  }
  return ports.size === 0 ? undefined : ports;
}

function isInside({ reach }: Listener): boolean {
  const known = knownValue(reach);
  return known === "networks" || known === "loopback";
}

function openedAt(
  path: string,
  { ref }: Container,
  held: readonly ClusterFile[],
  mounts: readonly Mount[],
): TextFile | "hidden" | undefined {
  const seen = held.flatMap((file) =>
    file.mounts.filter(({ container }) => container.name === ref.name).map((mount) => ({ file, at: mount.path })),
  );
  const found = seen.find(({ at }) => at === path);
  if (found !== undefined) return textOf(found.file, path);
  const covers = mounts.some(({ target }) => {
    const at = knownValue(target)?.replace(/\/+$/, "");
    if (at === undefined) return true;
    // Of an object that is among the files all keys are known.
    const isKnown = seen.some((file) => file.at === at || file.at.startsWith(`${at}/`));
    return !isKnown && (path === at || path.startsWith(`${at}/`));
  });
  return covers ? "hidden" : undefined;
}

function textOf({ node, text, name }: ClusterFile, path: string): TextFile {
  const shown = node.place.kind === "file" ? node.place.source.path : name;
  return { ok: true, path, text, source: new Source(shown, text), mode: undefined };
}

/**
 * What the cluster's Traefik is told, where there is one, or where all are told the same: objects do not say which of
 * several serves them.
 */
export function sharedStatic(pods: readonly TraefikPod[], place: Place): TraefikStatic {
  const [first, ...others] = pods;
  if (first === undefined) return unseenStatic("Traefik's own configuration is not seen", place);
  const shown = JSON.stringify(plainOf(first));
  if (others.some((each) => JSON.stringify(plainOf(each)) !== shown))
    return unseenStatic("several Traefiks run here, each with a configuration of its own", place);
  const { settings, file } = first.own;
  // A place in the held text is none in the manifest: the container stands for it.
  const { place: at } = first.container;
  if (file === undefined) return settings;
  return settings.root === undefined ? { ...settings, place: at } : readStatic(relocate(settings.root, () => at));
}

function plainOf({ own }: TraefikPod): unknown {
  const { root } = own.settings;
  return root === undefined ? undefined : toPlain(root);
}

/** Arguments and variables of each as a subject, where the files of the file provider are not read. */
export function traefikPodConfigurations(
  pods: readonly TraefikPod[],
  context: ClusterContext,
): readonly RepositoryFile[] {
  return pods.flatMap((pod): readonly RepositoryFile[] => {
    const filed = option(pod.own.settings.root, "providers", "file") === undefined ? [] : [["file", unread] as const];
    const found = traefikPodConfiguration(pod, new Registry([], new Map(filed)), context);
    return found === undefined ? [] : [found];
  });
}

const unread = "the files of Traefik's file provider are not read";

/**
 * Arguments and variables of one as a subject, as a file's would be, with what its dynamic files define. What they open is
 * judged with the container's other switches; a file in a ConfigMap is read with all others.
 */
export function traefikPodConfiguration(
  { container, own: { settings, file } }: TraefikPod,
  registry: Registry,
  context: ClusterContext,
): RepositoryFile | undefined {
  const { root, place } = settings;
  if (root === undefined || file !== undefined || place.kind !== "file") return undefined;
  const configuration = traefikSettings(settings, registry, []);
  const text: TextFile = { ok: true, path: place.source.path, text: "", source: place.source, mode: undefined };
  const path = `${container.workload.name}'s arguments`;
  const around = { ...context, platform: "kubernetes", owner: { ref: container.workload }, file: text, path } as const;
  const shut = { ...configuration, doors: complete<ProxyDoor>([], place) };
  return { ...configurationFile(around, shut), place };
}
