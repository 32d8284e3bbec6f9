import type { Ref } from "../../../facts/subjects.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import type { ScalarNode } from "../../../formats/tree.ts";
import type { KubernetesObject } from "../objects.ts";
import { type ClusterContext, fieldsOf, itemsIn, textIn } from "./context.ts";
import { podKinds, podTemplateOf } from "./pods/template.ts";

/** Where a file of a ConfigMap lies in one container. */
export interface ConfigMapMount {
  readonly workload: Ref<"workload">;
  readonly container: Ref<"container">;
  /** Its path inside the container: `/etc/caddy/Caddyfile`. */
  readonly path: string;
}

/** One file of a ConfigMap that pods mount. */
export interface ConfigMapFile {
  readonly namespace: string;
  readonly configMap: string;
  readonly key: string;
  /** The text and where it begins; a text that a substitution may change says so by `unresolved`. */
  readonly node: ScalarNode;
  readonly text: string;
  readonly mounts: readonly ConfigMapMount[];
}

/** The files of ConfigMaps that pods mount: configuration that the programs in them read. */
export function configMapFiles(context: ClusterContext): readonly ConfigMapFile[] {
  const mounts = mountsByFile(context);
  return context.ofKind("", "ConfigMap").flatMap((object) => {
    const namespace = context.namespaceOf(object);
    return fieldsOf(object)
      .fields("data")
      .entries.flatMap(({ key, value }): readonly ConfigMapFile[] => {
        const own = [...(mounts.get(`${namespace}/${object.name}`) ?? [])].flatMap((mount) => mountOf(mount, key));
        if (value.kind !== "scalar" || own.length === 0) return [];
        const text = asText(value) ?? "";
        return [{ namespace, configMap: object.name, key, node: value, text, mounts: own }];
      });
  });
}

/** A ConfigMap as one container mounts it: whole, single keys under other names, or one key as one file. */
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
): readonly ConfigMapMount[] {
  const name = items === undefined ? key : items.get(key);
  if (name === undefined) return [];
  if (subPath !== undefined) return subPath === name ? [{ workload, container, path: mountPath }] : [];
  return [{ workload, container, path: `${mountPath.replace(/\/+$/, "")}/${name}` }];
}

function mountsByFile(context: ClusterContext): ReadonlyMap<string, readonly VolumeMount[]> {
  const kinds = new Set(podKinds);
  const found = new Map<string, VolumeMount[]>();
  for (const object of context.manifests.objects) {
    if (!kinds.has(`${object.group}/${object.kind}`)) continue;
    for (const { configMap, mount } of volumeMounts(object, context)) {
      const key = `${context.namespaceOf(object)}/${configMap}`;
      found.set(key, [...(found.get(key) ?? []), mount]);
    }
  }
  return found;
}

function volumeMounts(object: KubernetesObject, context: ClusterContext) {
  const spec = podTemplateOf(object)?.spec;
  if (spec === undefined) return [];
  const volumes = new Map(itemsIn(spec, "volumes").flatMap((volume) => configMapsOf(volume)));
  return ["containers", "initContainers"].flatMap((list) =>
    itemsIn(spec, list).flatMap((container) =>
      itemsIn(container, "volumeMounts").flatMap((fields) => {
        const sources = volumes.get(textIn(fields, "name") ?? "") ?? [];
        const mountPath = textIn(fields, "mountPath");
        if (mountPath === undefined) return [];
        return sources.map(({ name, items }) => ({
          configMap: name,
          mount: {
            workload: context.workloadRef(object),
            container: context.containerRef(object, textIn(container, "name") ?? ""),
            mountPath,
            subPath: textIn(fields, "subPath"),
            items,
          },
        }));
      }),
    ),
  );
}

interface Source {
  readonly name: string;
  readonly items: ReadonlyMap<string, string> | undefined;
}

/** A volume of one ConfigMap, or a projected one of several. */
function configMapsOf(volume: Fields): readonly (readonly [volume: string, sources: readonly Source[]])[] {
  const own = volume.node("configMap") === undefined ? [] : [volume.fields("configMap")];
  const projected = itemsIn(volume.fields("projected"), "sources").flatMap((source) =>
    source.node("configMap") === undefined ? [] : [source.fields("configMap")],
  );
  const sources = [...own, ...projected].flatMap((fields): readonly Source[] => {
    const name = textIn(fields, "name");
    return name === undefined ? [] : [{ name, items: itemsOf(fields) }];
  });
  const name = textIn(volume, "name");
  return name === undefined || sources.length === 0 ? [] : [[name, sources]];
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
