/**
 * The dynamic files that a Traefik of the cluster reads, as its container sees them: what they define may be named by
 * objects too (`secured@file`).
 */
import { knownValue } from "../../../../facts/fact.ts";
import { type AnySubject, refKey } from "../../../../facts/subjects.ts";
import type { Opener } from "../../../../formats/proxy/included-files.ts";
import { relocate } from "../../../../formats/relocate.ts";
import { option, textFact } from "../../../../formats/traefik/options.ts";
import { type DynamicFiles, dynamicFiles } from "../../../../formats/traefik/traefik-format.ts";
import { toPlain } from "../../../../formats/tree.ts";
import type { Source } from "../../../../lib/place.ts";
import { type ClusterFile, clusterFiles, unreadFiles } from "../cluster-files.ts";
import { type ClusterContext, fieldsOf } from "../context.ts";
import { asRelative, HeldFiles } from "../held-files.ts";
import type { TraefikPod } from "./traefik-pods.ts";

/** The files of a container as its Traefik opens them. */
export interface TraefikPodFiles {
  readonly opener: Opener;
  /** Where the texts lie in the container. */
  readonly held: ReadonlyMap<string, ClusterFile>;
  /** Where something is mounted; undefined for a place that is not resolved. */
  readonly targets: readonly (string | undefined)[];
}

/** What its file provider reads. */
export function podDynamicFiles(pod: TraefikPod, files: TraefikPodFiles, context: ClusterContext): DynamicFiles {
  const seen = dynamicFiles(pod.own.settings, literally(files.opener, pod));
  if (seen.read.length === 0) return seen;
  return { ...seen, unseen: seen.unseen ?? whyMore(pod, files, context) };
}

const nothing: DynamicFiles = { sources: [], read: [], problems: [], unseen: undefined };

/**
 * What the files define of the one Traefik that runs here, or of all where they read the same: objects do not say which of
 * several serves them. Each definition stands where its file begins.
 *
 * Source: Traefik 3.7, "Middleware" of the provider `kubernetescrd`: a name with `@` is another provider's; the option
 * `crossProviderNamespaces` says who may name such.
 */
export function sharedFiles(
  pods: readonly TraefikPod[],
  subjects: readonly AnySubject[],
  context: ClusterContext,
): DynamicFiles {
  const mayRead = pods.some(({ own: { settings } }) => option(settings.root, "providers", "file") !== undefined);
  if (!mayRead) return nothing;
  const held = clusterFiles(context);
  const [first, ...others] = pods.map((pod) => ownFiles(pod, held, subjects, context));
  if (first === undefined) return nothing;
  const shown = shownOf(first);
  return others.some((each) => shownOf(each) !== shown)
    ? { ...nothing, unseen: "several Traefiks run here, each with files of its own" }
    : first;
}

function shownOf({ sources, unseen }: DynamicFiles): string {
  return JSON.stringify([unseen, sources.map(({ root }) => toPlain(root))]);
}

function ownFiles(
  pod: TraefikPod,
  all: readonly ClusterFile[],
  subjects: readonly AnySubject[],
  context: ClusterContext,
): DynamicFiles {
  const { container, own } = pod;
  const crds = option(own.settings.root, "providers", "kubernetesCRD");
  if (option(crds, "crossProviderNamespaces") !== undefined)
    return { ...nothing, unseen: "`crossProviderNamespaces` decides who may name what its files define" };
  const held = new Map(
    all.flatMap((file) =>
      file.mounts.filter((mount) => mount.container.name === container.ref.name).map(({ path }) => [path, file]),
    ),
  );
  const opened = new Map<Source, ClusterFile>();
  const byPath = new Map([...held].map(([path, file]) => [asRelative(path), file] as const));
  const files = new HeldFiles(byPath, (source, file) => opened.set(source, file));
  const opener: Opener = { files, paths: [...byPath.keys()], locate: asRelative };
  const key = refKey(container.ref);
  const targets = subjects.flatMap((each) =>
    each.kind === "mount" && refKey(each.owner) === key ? [knownValue(each.target)] : [],
  );
  const found = podDynamicFiles(pod, { opener, held, targets }, context);
  const sources = found.sources.map((source) => {
    const { place } = source.root;
    const file = place.kind === "file" ? opened.get(place.source) : undefined;
    return file === undefined ? source : { ...source, root: relocate(source.root, () => file.node.place) };
  });
  return { ...found, sources };
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
function whyMore({ own }: TraefikPod, { held, targets }: TraefikPodFiles, context: ClusterContext): string | undefined {
  const written = writtenPath(own.settings.root, "directory")?.replace(/\/+$/, "");
  if (written === undefined) return undefined;
  const folder = written.startsWith("/") ? written : `/${written}`;
  const mounted = targets.map((target) => target?.replace(/\/+$/, ""));
  for (const target of mounted) {
    if (target === undefined) return "where something is mounted is not resolved";
    if (!isBelow(target, folder) && !isBelow(folder, target)) continue;
    const inner = mounted.filter((other) => other !== undefined && other !== target && isBelow(other, target));
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
  const open = data.entries.find(({ value }) => value.kind !== "scalar" || value.unresolved !== undefined);
  if (open !== undefined) return open.key;
  const unread = unreadFiles(context).filter((file) => file.object === object);
  return unread.find(({ key }) => /\.(?:ya?ml|toml)$/i.test(key))?.key;
}
