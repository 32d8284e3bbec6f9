import type { Lens, Ref } from "../../../facts/subjects.ts";
import { append } from "../../../lib/append.ts";
import type { KubernetesManifests, KubernetesObject } from "../objects.ts";

/** What every reader of a cluster's objects gets. */
export class ClusterContext {
  readonly system: string;
  readonly lens: Lens;
  readonly manifests: KubernetesManifests;
  readonly #byKind = new Map<string, KubernetesObject[]>();

  constructor(manifests: KubernetesManifests, system: string, lens: Lens) {
    this.manifests = manifests;
    this.system = system;
    this.lens = lens;
    for (const object of manifests.objects) append(this.#byKind, `${object.group}/${object.kind}`, object);
  }

  /** The objects of one kind in any version; the core group is the empty text. */
  ofKind(group: string, kind: string): readonly KubernetesObject[] {
    return this.#byKind.get(`${group}/${kind}`) ?? [];
  }

  /** `default` for a namespaced object that states none, as `kubectl apply` without `-n` puts it. */
  namespaceOf(object: KubernetesObject): string {
    return object.namespace ?? "default";
  }

  /** `media/Deployment/plex`: unique in a cluster. */
  workloadRef(object: KubernetesObject): Ref<"workload"> {
    return {
      kind: "workload",
      system: this.system,
      name: `${this.namespaceOf(object)}/${object.kind}/${object.name}`,
    };
  }

  /** `media/Deployment/plex/main`. */
  containerRef(object: KubernetesObject, container: string): Ref<"container"> {
    return { kind: "container", system: this.system, name: `${this.workloadRef(object).name}/${container}` };
  }
}
