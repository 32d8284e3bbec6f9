import { oncePer } from "../../../facts/once.ts";
import type { Ref } from "../../../facts/subjects.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import type { ScalarNode, TreeNode } from "../../../formats/tree.ts";
import { append } from "../../../lib/append.ts";
import type { Place } from "../../../lib/place.ts";
import type { FileFailure } from "../../../repository/file-failure.ts";
import { decode } from "../../../repository/files.ts";
import type { KubernetesObject } from "../objects.ts";
import { type ClusterContext, fieldsOf, itemsIn, specOf, textIn } from "./context.ts";
import { podKinds, podTemplateOf } from "./pods/template.ts";

/** Where a file that an object holds lies in one container. */
export interface ClusterFileMount {
  readonly workload: Ref<"workload">;
  readonly container: Ref<"container">;
  /** Its path inside the container: `/etc/caddy/Caddyfile`. */
  readonly path: string;
}

/** A text that an object of a cluster holds as a file. */
export interface ClusterFile {
  readonly kind: "ConfigMap" | "Secret" | "HelmRelease";
  readonly namespace: string;
  /** The object's name. */
  readonly name: string;
  /** The file's name: a key of the data, or for a value of a chart the way to it (`configMaps/main/data/Caddyfile`). */
  readonly key: string;
  /** The text and where it begins. Nothing of it is unresolved. */
  readonly node: ScalarNode;
  readonly text: string;
  /** It stands there as base64 (`binaryData`), so that no place in it has one in the file. */
  readonly isEncoded?: true;
  /** Every container that sees it; none where nothing among the files mounts the object. */
  readonly mounts: readonly ClusterFileMount[];
}

/**
 * The files that a cluster's objects hold in the clear: the data of ConfigMaps, also as base64 where that is text,
 * `stringData` of Secrets, and texts among the values of a HelmRelease, of which its chart makes either. What a substitution
 * may change is left out, and so is a key that none of the pods which mount the object takes.
 */
export const clusterFiles = oncePer((context: ClusterContext): readonly ClusterFile[] => {
  const encoded = encodedIn(context).flatMap(({ object, key, node, answer }): readonly Held[] =>
    "text" in answer ? [{ object, kind: "ConfigMap", key, node, text: answer.text, isEncoded: true }] : [],
  );
  const held = [
    ...context.ofKind("", "ConfigMap").flatMap((object) => heldBy(object, "ConfigMap", "data")),
    ...encoded,
    ...context.ofKind("", "Secret").flatMap((object) => heldBy(object, "Secret", "stringData")),
  ];
  const mounts = held.length === 0 ? undefined : mountsByObject(context);
  const files = held.flatMap(({ object, ...file }): readonly ClusterFile[] => {
    const namespace = context.namespaceOf(object);
    const ofObject = mounts?.get(`${file.kind}/${namespace}/${object.name}`) ?? [];
    const own = ofObject.flatMap((mount) => mountOf(mount, file.key));
    if (own.length === 0 && ofObject.length > 0) return [];
    return [{ ...file, namespace, name: object.name, mounts: own }];
  });
  return [...files, ...releaseFiles(context)];
});

/** A key of `binaryData` that holds no text. */
export interface UnreadFile {
  readonly object: KubernetesObject;
  readonly key: string;
  /** How the file is called: `the key nginx.conf of ConfigMap edge/proxy`. */
  readonly shown: string;
  readonly failure: FileFailure | "no base64";
  readonly place: Place;
  /** Whether a pod here mounts the object. */
  readonly isMounted: boolean;
}

export const unreadFiles = oncePer((context: ClusterContext): readonly UnreadFile[] => {
  const failed = encodedIn(context).flatMap((each) => ("failure" in each.answer ? [{ ...each, ...each.answer }] : []));
  if (failed.length === 0) return [];
  const mounts = mountsByObject(context);
  return failed.map(({ object, key, node, failure, shown }) => {
    const ofObject = mounts.get(`ConfigMap/${context.namespaceOf(object)}/${object.name}`) ?? [];
    const isMounted = ofObject.some((mount) => mountOf(mount, key).length > 0);
    return { object, key, shown, failure, place: node.place, isMounted };
  });
});

interface Encoded {
  readonly object: KubernetesObject;
  readonly key: string;
  readonly node: ScalarNode;
  readonly shown: string;
  readonly answer: { readonly text: string } | { readonly failure: FileFailure | "no base64" };
}

/** An object of the API holds no more. Source: Kubernetes documentation, "ConfigMaps" (1 MiB). */
const mostBytes = 1024 * 1024;

/** `binaryData`: base64 as Go reads it, which passes over the ends of lines. */
const encodedIn = oncePer((context: ClusterContext): readonly Encoded[] =>
  context.ofKind("", "ConfigMap").flatMap((object) => {
    if (object.encrypted) return [];
    return fieldsOf(object)
      .fields("binaryData")
      .entries.flatMap(({ key, value }): readonly Encoded[] => {
        const written = wholeText(value);
        if (written === undefined || written.length > mostBytes * 1.5) return [];
        const shown = `the key ${key} of ConfigMap ${context.namespaceOf(object)}/${object.name}`;
        return [{ object, key, node: value as ScalarNode, shown, answer: decoded(written, shown) }];
      });
  }),
);

function decoded(written: string, shown: string): Encoded["answer"] {
  const base64 = written.replace(/[\r\n]+/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return { failure: "no base64" };
  const file = decode(shown, Buffer.from(base64, "base64"), undefined);
  return file.ok ? { text: file.text } : { failure: file };
}

interface Held {
  readonly object: KubernetesObject;
  readonly kind: "ConfigMap" | "Secret";
  readonly key: string;
  readonly node: ScalarNode;
  readonly text: string;
  readonly isEncoded?: true;
}

function heldBy(object: KubernetesObject, kind: Held["kind"], field: string): readonly Held[] {
  if (object.encrypted) return [];
  return fieldsOf(object)
    .fields(field)
    .entries.flatMap(({ key, value }): readonly Held[] => {
      const text = wholeText(value);
      return text === undefined ? [] : [{ object, kind, key, node: value as ScalarNode, text }];
    });
}

function wholeText(node: TreeNode): string | undefined {
  return node.kind === "scalar" && node.unresolved === undefined ? asText(node) : undefined;
}

/** How deep values of a chart go. */
const deepestValue = 12;

/** Texts of several lines among the values of a HelmRelease; a Go template is nothing that a program reads. */
function releaseFiles(context: ClusterContext): readonly ClusterFile[] {
  return context.ofKind("helm.toolkit.fluxcd.io", "HelmRelease").flatMap((object) => {
    const found: ClusterFile[] = [];
    const shared = { kind: "HelmRelease", namespace: context.namespaceOf(object), name: object.name } as const;
    const visit = (node: TreeNode | undefined, keys: readonly string[]): void => {
      if (node === undefined || keys.length > deepestValue) return;
      if (node.kind === "mapping") for (const { key, value } of node.entries.values()) visit(value, [...keys, key]);
      if (node.kind !== "scalar") return;
      const text = wholeText(node);
      if (text?.includes("\n") !== true || text.includes("{{")) return;
      found.push({ ...shared, key: keys.join("/"), node, text, mounts: [] });
    };
    visit(specOf(object).node("values"), []);
    return found;
  });
}

/** An object as one container mounts it: whole, single keys under other names, or one key as one file. */
interface VolumeMount {
  readonly workload: Ref<"workload">;
  readonly container: Ref<"container">;
  readonly mountPath: string;
  readonly subPath: string | undefined;
  /** Key to path; undefined for every key under its own name. */
  readonly items: ReadonlyMap<string, string> | undefined;
}

function mountOf(
  { workload, container, mountPath, subPath, items }: VolumeMount,
  key: string,
): readonly ClusterFileMount[] {
  const name = items === undefined ? key : items.get(key);
  if (name === undefined) return [];
  if (subPath !== undefined) return subPath === name ? [{ workload, container, path: mountPath }] : [];
  return [{ workload, container, path: `${mountPath.replace(/\/$/, "")}/${name}` }];
}

const mountsByObject = oncePer((context: ClusterContext): ReadonlyMap<string, readonly VolumeMount[]> => {
  const kinds = new Set(podKinds);
  const found = new Map<string, VolumeMount[]>();
  for (const object of context.manifests.objects) {
    if (!kinds.has(`${object.group}/${object.kind}`)) continue;
    for (const { source, mount } of volumeMounts(object, context)) {
      append(found, `${source.kind}/${context.namespaceOf(object)}/${source.name}`, mount);
    }
  }
  return found;
});

function volumeMounts(object: KubernetesObject, context: ClusterContext) {
  const spec = podTemplateOf(object)?.spec;
  if (spec === undefined) return [];
  const volumes = new Map(itemsIn(spec, "volumes").flatMap((volume) => sourcesOf(volume)));
  if (volumes.size === 0) return [];
  return ["containers", "initContainers"].flatMap((list) =>
    itemsIn(spec, list).flatMap((container) =>
      itemsIn(container, "volumeMounts").flatMap((fields) => {
        const sources = volumes.get(textIn(fields, "name") ?? "") ?? [];
        const mountPath = textIn(fields, "mountPath");
        if (mountPath === undefined) return [];
        return sources.map((source) => ({
          source,
          mount: {
            workload: context.workloadRef(object),
            container: context.containerRef(object, textIn(container, "name") ?? ""),
            mountPath,
            subPath: textIn(fields, "subPath"),
            items: source.items,
          },
        }));
      }),
    ),
  );
}

interface VolumeSource {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly items: ReadonlyMap<string, string> | undefined;
}

/** A volume of one object, or a projected one of several. A Secret is `secretName` in a volume, `name` in a projection. */
function sourcesOf(volume: Fields): readonly (readonly [volume: string, sources: readonly VolumeSource[]])[] {
  const projected = itemsIn(volume.fields("projected"), "sources");
  const sources = [volume, ...projected].flatMap((fields) => [
    ...sourceIn(fields, "configMap", "ConfigMap", "name"),
    ...sourceIn(fields, "secret", "Secret", "secretName"),
    ...sourceIn(fields, "secret", "Secret", "name"),
  ]);
  const name = textIn(volume, "name");
  return name === undefined || sources.length === 0 ? [] : [[name, sources]];
}

function sourceIn(fields: Fields, key: string, kind: VolumeSource["kind"], nameKey: string): readonly VolumeSource[] {
  if (fields.node(key) === undefined) return [];
  const own = fields.fields(key);
  const name = textIn(own, nameKey);
  return name === undefined ? [] : [{ kind, name, items: itemsOf(own) }];
}

function itemsOf(fields: Fields): ReadonlyMap<string, string> | undefined {
  const items = itemsIn(fields, "items");
  if (items.length === 0) return undefined;
  return new Map(
    items.flatMap((item) => {
      const key = textIn(item, "key");
      const path = textIn(item, "path");
      return key === undefined || path === undefined ? [] : [[key, path] as const];
    }),
  );
}
