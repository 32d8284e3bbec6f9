import { knownValue } from "../../../facts/fact.ts";
import type { Lens, Ref, SubjectKind } from "../../../facts/subjects.ts";
import { asText, Fields } from "../../../formats/fields.ts";
import { append } from "../../../lib/append.ts";
import type { KubernetesManifests, KubernetesObject, UnseenObjects } from "../objects.ts";
import { type Answer, type Labels, labelsOf, or } from "./labels.ts";
import { withPodsApart } from "./pods/custom-pods.ts";
import { finderIn } from "./pods/made-pods.ts";

/** What every reader of a cluster's objects gets. */
export class ClusterContext {
  readonly system: string;
  readonly lens: Lens;
  readonly manifests: KubernetesManifests;
  /** See `oncePer`. */
  readonly memos = new Map<unknown, unknown>();
  /** By kind and then by group: a key of both would be put together for each of some fifty questions. */
  readonly #byKind = new Map<string, Map<string, KubernetesObject[]>>();
  /** By kind and then by name, made when the first of a kind is asked for. */
  readonly #byName = new Map<string, ReadonlyMap<string, readonly KubernetesObject[]>>();
  readonly #namespaceLabels = new Map<string, Labels>();
  readonly #unseenIn = new Map<string, readonly UnseenObjects[]>();

  constructor(manifests: KubernetesManifests, system: string, lens: Lens) {
    const find = finderIn(manifests.objects);
    const objects = manifests.objects.flatMap((object) => withPodsApart(object, find)).map(named);
    this.manifests = { ...manifests, objects };
    this.system = system;
    this.lens = lens;
    for (const object of this.manifests.objects) {
      const groups = this.#byKind.get(object.kind) ?? new Map<string, KubernetesObject[]>();
      this.#byKind.set(object.kind, groups);
      append(groups, object.group, object);
    }
  }

  /** The objects of one kind in any version; the core group is the empty text. */
  ofKind(group: string, kind: string): readonly KubernetesObject[] {
    return this.#byKind.get(kind)?.get(group) ?? [];
  }

  /** One object by its name; in the namespace that is given, where its kind has one. */
  object(group: string, kind: string, name: string, namespace?: string): KubernetesObject | undefined {
    const key = `${group}/${kind}`;
    const names = this.#byName.get(key) ?? Map.groupBy(this.ofKind(group, kind), (object) => object.name);
    this.#byName.set(key, names);
    return names.get(name)?.find((object) => namespace === undefined || this.namespaceOf(object) === namespace);
  }

  /** Says that something is not here, as a clause: nothing of what is elsewhere in the repository. */
  absent(what: string): string {
    return `${what} is not ${this.manifests.isKustomization === true ? "in this kustomization" : "among the files"}`;
  }

  /** `default` for a namespaced object that states none, as `kubectl apply` without `-n` puts it. */
  namespaceOf(object: KubernetesObject): string {
    return object.namespace ?? "default";
  }

  /** What makes objects in a namespace that are not seen here; what says no namespace may make them anywhere. */
  unseenIn(namespace: string): readonly UnseenObjects[] {
    const known =
      this.#unseenIn.get(namespace) ??
      this.manifests.unseen.filter((unseen) => unseen.namespace === undefined || unseen.namespace === namespace);
    this.#unseenIn.set(namespace, known);
    return known;
  }

  /**
   * The labels of a namespace. Every one has its own name as `kubernetes.io/metadata.name`; those of one whose object is
   * not among the files are not known.
   */
  namespaceLabels(namespace: string): Labels {
    const known = this.#namespaceLabels.get(namespace) ?? this.#readNamespaceLabels(namespace);
    this.#namespaceLabels.set(namespace, known);
    return known;
  }

  #readNamespaceLabels(namespace: string): Labels {
    const object = this.object("", "Namespace", namespace);
    const own: Labels =
      object === undefined
        ? { values: new Map(), unresolved: new Map(), hidden: this.absent(`the namespace ${namespace}`) }
        : labelsOf(metadataOf(object));
    return { ...own, values: new Map([...own.values, ["kubernetes.io/metadata.name", namespace]]) };
  }

  ref<K extends SubjectKind>(kind: K, name: string): Ref<K> {
    return { kind, system: this.system, name };
  }

  /** What every subject of a cluster begins with. */
  subject<K extends SubjectKind>(kind: K, name: string, place: KubernetesObject["place"]) {
    return { kind, ref: this.ref(kind, name), lens: this.lens, platform: "kubernetes", place } as const;
  }

  /** `media/Deployment/plex`: unique in a cluster. */
  workloadRef(object: KubernetesObject): Ref<"workload"> {
    return this.ref("workload", `${this.namespaceOf(object)}/${object.kind}/${object.name}`);
  }

  /** `media/Deployment/plex/main`. */
  containerRef(object: KubernetesObject, container: string): Ref<"container"> {
    return this.ref("container", `${this.workloadRef(object).name}/${container}`);
  }
}

/** An object whose name was forgotten is spoken of all the same; no cluster takes it as it is. */
function named(object: KubernetesObject): KubernetesObject {
  return object.name === "" ? { ...object, name: "(no name)" } : object;
}

/** The fields of an object. */
export function fieldsOf(object: KubernetesObject): Fields {
  return Fields.of(object.node, object.place, object.kind);
}

export function specOf(object: KubernetesObject): Fields {
  return fieldsOf(object).fields("spec");
}

export function metadataOf(object: KubernetesObject): Fields {
  return fieldsOf(object).fields("metadata");
}

/** A text field that is stated and resolved; undefined otherwise. */
export function textIn(fields: Fields, key: string): string | undefined {
  return knownValue(fields.fact(key, asText, "a text", (place) => ({ kind: "unstated", place })));
}

/** The members of a list that are mappings, as fields; `hidden` of each is set where they cannot be resolved. */
export function itemsIn(fields: Fields, key: string): readonly Fields[] {
  const node = fields.node(key);
  return node?.kind === "sequence" ? node.items.map((item) => Fields.of(item, item.place, key)) : [];
}

/** The texts of a list that are resolved. */
export function textsIn(fields: Fields, key: string): readonly string[] {
  const node = fields.node(key);
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item) =>
    item.kind === "scalar" && item.unresolved === undefined && item.value !== null ? [String(item.value)] : [],
  );
}

/** The first text that is not resolved in a list, or why the list may not be whole; undefined for a whole one. */
export function whyIncomplete(fields: Fields, key: string): string | undefined {
  const node = fields.node(key);
  if (node === undefined) return fields.hidden;
  if (node.kind !== "sequence")
    return (node.kind === "scalar" ? node.unresolved : node.incomplete) ?? `\`${key}\` is not a list`;
  if (node.incomplete !== undefined) return node.incomplete;
  for (const item of node.items) if (item.kind === "scalar" && item.unresolved !== undefined) return item.unresolved;
  return undefined;
}

/** The same of a list of texts, where a member of another kind is none. */
export function whyTextsIncomplete(fields: Fields, key: string): string | undefined {
  const why = whyIncomplete(fields, key);
  const node = fields.node(key);
  if (why !== undefined || node?.kind !== "sequence") return why;
  const isWrong = node.items.some((item) => item.kind !== "scalar");
  return isWrong ? `\`${key}\` holds something that is no text` : undefined;
}

/** Whether something holds of one of a list of mappings at least. */
export function anyOf(fields: Fields, key: string, holds: (each: Fields) => Answer): Answer {
  const why = whyIncomplete(fields, key);
  return itemsIn(fields, key)
    .map(holds)
    .reduce<Answer>(or, why === undefined ? "no" : { doubt: why });
}
