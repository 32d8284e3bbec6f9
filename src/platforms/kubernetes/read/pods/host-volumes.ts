import type { Fields } from "../../../../formats/fields.ts";
import { type ClusterContext, specOf, textIn } from "../context.ts";

/**
 * The PersistentVolumes that are a path of a node, by the claim that is bound to them. A claim on one mounts the node's
 * path as `hostPath` does, and no Pod Security level sees it.
 *
 * Source: Kubernetes documentation "Persistent Volumes": `claimRef` of a volume and `volumeName` of a claim bind them to one
 * another; what else binds (class, size, selector) is decided by the cluster.
 */
export class HostVolumes {
  readonly #byClaim = new Map<string, Fields>();

  constructor(cluster: ClusterContext) {
    const paths = new Map<string, Fields>();
    for (const object of cluster.ofKind("", "PersistentVolume")) {
      const spec = specOf(object);
      const key = ["hostPath", "local"].find((each) => spec.node(each) !== undefined);
      if (key === undefined) continue;
      paths.set(object.name, spec.fields(key));
      const claim = spec.fields("claimRef");
      const name = textIn(claim, "name");
      if (name !== undefined) this.#byClaim.set(`${textIn(claim, "namespace") ?? "default"}/${name}`, spec.fields(key));
    }
    if (paths.size === 0) return;
    for (const object of cluster.ofKind("", "PersistentVolumeClaim")) {
      const path = paths.get(textIn(specOf(object), "volumeName") ?? "");
      if (path !== undefined) this.#byClaim.set(`${cluster.namespaceOf(object)}/${object.name}`, path);
    }
  }

  /** The fields that hold the `path` of the node behind a claim; undefined for every other claim. */
  behind(namespace: string, claim: string): Fields | undefined {
    return this.#byClaim.get(`${namespace}/${claim}`);
  }
}
