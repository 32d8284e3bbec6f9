import { knownValue } from "./fact.ts";
import type { Image, Workload } from "./subjects.ts";
import type { System } from "./system.ts";

/**
 * The repository by which an image is told: `library/postgres`, also of `postgres:${TAG}` and of a local image that stands
 * in for it. Undefined where nothing tells it. Not for judging where the image comes from.
 */
export function repositoryOf(image: Image | undefined): string | undefined {
  return image && (image.likelyRepository ?? knownValue(image.reference)?.repository);
}

/** Those of all containers of a workload that are known. */
export function repositoriesOf(workload: Workload, system: System): readonly string[] {
  return system
    .containersOf(workload)
    .flatMap(({ image }) => (image === undefined ? [] : (repositoryOf(system.get(image)) ?? [])));
}
