import { knownValue, unstated } from "../../../../facts/fact.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, metadataOf } from "../context.ts";
import { members } from "./scalars.ts";
import { podTemplateOf } from "./template.ts";

/**
 * Tells of an object whether another one made it that is judged itself. A dump of a cluster has the Deployment, its
 * ReplicaSet and its Pods; of a Prometheus that an operator turns into a StatefulSet no pod is judged, so that one is.
 */
export function madeByAnother(cluster: ClusterContext): (object: KubernetesObject) => boolean {
  let makers: ReadonlySet<string> | undefined;
  return (object) => {
    const owners = members(metadataOf(object), "ownerReferences").items;
    if (owners.length === 0) return false;
    makers ??= makersIn(cluster);
    const known = makers;
    return owners.some((owner) =>
      known.has(keyOf(cluster.namespaceOf(object), textOf(owner, "kind"), textOf(owner, "name"))),
    );
  };
}

/** What stands under several names, one for each of its pods, is one object (`custom-pods.ts`). */
function makersIn(cluster: ClusterContext): ReadonlySet<string> {
  const objects = cluster.manifests.objects.filter((object) => podTemplateOf(object) !== undefined);
  return new Set(
    objects.map((object) => keyOf(cluster.namespaceOf(object), object.kind, object.name.replace(/\/.*$/, ""))),
  );
}

function keyOf(namespace: string, kind: string, name: string): string {
  return `${namespace}/${kind}/${name}`;
}

function textOf(owner: Fields, key: string): string {
  return knownValue(owner.fact(key, asText, "a text", unstated)) ?? "";
}
