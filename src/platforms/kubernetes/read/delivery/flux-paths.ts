import { complete, type FactList } from "../../../../facts/fact.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, specOf, textIn } from "../context.ts";

/** Which Kustomization applies a file: that whose path is the longest among those that the file lies under. */
export class FluxPaths {
  readonly #byPath = new Map<string, KubernetesObject[]>();

  constructor(kustomizations: readonly KubernetesObject[]) {
    for (const object of kustomizations) {
      const path = pathOf(object);
      if (path === undefined) continue;
      const known = this.#byPath.get(path);
      if (known === undefined) this.#byPath.set(path, [object]);
      else known.push(object);
    }
  }

  appliers(file: string): readonly KubernetesObject[] {
    const folders = file.split("/").slice(0, -1);
    for (let end = folders.length; end > 0; end--) {
      for (let start = 0; start < end; start++) {
        const found = this.#byPath.get(folders.slice(start, end).join("/"));
        if (found !== undefined) return found;
      }
    }
    return [];
  }
}

function pathOf(object: KubernetesObject): string | undefined {
  const path = textIn(specOf(object), "path")
    ?.replace(/^\.?\//, "")
    .replace(/\/+$/, "");
  return path === "" || path === "." ? undefined : path;
}

/** The encrypted files among the objects that a Kustomization applies. */
export function encryptedBy(
  object: KubernetesObject,
  paths: FluxPaths,
  context: ClusterContext,
): FactList<{ readonly path: string; readonly place: Place }> {
  const found = new Map<string, Place>();
  for (const { encrypted, place } of context.manifests.objects) {
    if (!encrypted || place.kind !== "file" || found.has(place.source.path)) continue;
    if (paths.appliers(place.source.path).includes(object)) found.set(place.source.path, place);
  }
  return complete(
    [...found].map(([path, place]) => ({ path, place })),
    object.place,
  );
}
