import type { KubernetesDataValue } from "../../../../facts/configuration/kubernetes-data.ts";
import {
  complete,
  type Fact,
  type FactList,
  incomplete,
  mapFact,
  stated,
  unknown,
  unstated,
} from "../../../../facts/fact.ts";
import { Sensitive } from "../../../../facts/sensitive.ts";
import type { RepositoryFile } from "../../../../facts/subjects.ts";
import { asText, Fields, scalarFact } from "../../../../formats/fields.ts";
import type { MappingEntry } from "../../../../formats/tree.ts";
import { isEncryptedText } from "../../load/sealed.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { ClusterContext } from "../context.ts";

/** A Secret or ConfigMap among the files. */
export interface DataObject {
  readonly kind: "Secret" | "ConfigMap";
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly values: FactList<KubernetesDataValue>;
}

/** The Secrets and ConfigMaps of a cluster's files, read once. */
export class DataObjects {
  readonly all: readonly DataObject[];
  readonly #byName = new Map<string, DataObject>();

  constructor(cluster: ClusterContext) {
    this.all = (["Secret", "ConfigMap"] as const).flatMap((kind) =>
      cluster.ofKind("", kind).map((object) => ({
        kind,
        object,
        namespace: cluster.namespaceOf(object),
        values: valuesOf(kind, object),
      })),
    );
    for (const each of this.all) {
      const key = `${each.kind}/${each.namespace}/${each.object.name}`;
      if (!this.#byName.has(key)) this.#byName.set(key, each);
    }
  }

  /** The object of a name, or undefined when something else makes it. */
  find(kind: DataObject["kind"], namespace: string, name: string): DataObject | undefined {
    return this.#byName.get(`${kind}/${namespace}/${name}`);
  }
}

/** `data` and, in a Secret, `stringData`, which wins. */
export function valuesOf(kind: DataObject["kind"], object: KubernetesObject): FactList<KubernetesDataValue> {
  const root = Fields.of(object.node, object.place, kind);
  const data = root.fields("data");
  const texts = root.fields("stringData");
  const found = new Map<string, KubernetesDataValue>();
  for (const entry of data.entries) found.set(entry.key, dataValue(entry, kind === "Secret"));
  if (kind === "Secret") for (const entry of texts.entries) found.set(entry.key, dataValue(entry, false));
  const hidden = data.hidden ?? (kind === "Secret" ? texts.hidden : undefined);
  const items = [...found.values()];
  return hidden === undefined ? complete(items, object.place) : incomplete(items, hidden, object.place);
}

function dataValue({ key, value }: MappingEntry, isBase64: boolean): KubernetesDataValue {
  const text: Fact<string> = scalarFact(value, (node) => asText(node) ?? "", `\`${key}\` is not a text`);
  // The loader says of what SOPS encrypted that it cannot be told; here it matters that it is.
  const encrypted = value.kind === "scalar" && typeof value.value === "string" && isEncryptedText(value.value);
  const readable = encrypted || !isBase64 ? text : decoded(text, key);
  return { key, encrypted, place: value.place, value: mapFact(readable, (content) => new Sensitive(content)) };
}

/** What is not base64 the API server refuses. */
function decoded(text: Fact<string>, key: string): Fact<string> {
  if (text.kind !== "stated") return text;
  const plain = text.value.replace(/\s+/g, "");
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) {
    return unknown(`\`${key}\` is not base64`, text.place);
  }
  return stated(Buffer.from(plain, "base64").toString("utf8"), text.place);
}

/** Each Secret and ConfigMap as a subject, for what it holds in the clear. */
export function readDataObjects(cluster: ClusterContext, data: DataObjects): readonly RepositoryFile[] {
  return data.all.map(({ kind, object, namespace, values }) => {
    const { place } = object;
    const type = Fields.of(object.node, place, kind).fact("type", asText, "a text", unstated);
    return {
      kind: "repository-file",
      ref: { kind: "repository-file", system: cluster.system, name: `${namespace}/${kind}/${object.name}` },
      lens: cluster.lens,
      platform: "kubernetes",
      place,
      path: place.kind === "file" ? place.source.path : object.name,
      role: "configuration",
      configuration: { software: "kubernetes", kind, name: `${namespace}/${object.name}`, type, values },
      mode: unstated(place),
      ignored: unstated(place),
      tracked: unstated(place),
      secretNames: complete([], place),
    };
  });
}
