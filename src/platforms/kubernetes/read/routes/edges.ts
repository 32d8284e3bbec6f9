import { knownValue } from "../../../../facts/fact.ts";
import { softwareOfImage } from "../../../../facts/knowledge/roles.ts";
import type { AnySubject, Ref } from "../../../../facts/subjects.ts";
import { type ControllerName, softwareOfController } from "./controllers.ts";

/**
 * Finds the workload that serves for a controller. Only one that is seen to be published is given: a route whose proxy is
 * not seen to have a door leads straight from outside, for a door it has.
 */
export class EdgeFinder {
  readonly #bySoftware = new Map<string, Map<string, Ref<"workload">>>();

  /** `subjects`: the workloads of the cluster with their containers, images and listeners. */
  constructor(subjects: readonly AnySubject[]) {
    const published = new Set<string>();
    const workloads = new Map<string, Ref<"workload">>();
    for (const subject of subjects) {
      if (subject.kind === "listener" && knownValue(subject.reach) !== "networks") published.add(subject.owner.name);
      if (subject.kind === "workload" && knownValue(subject.networkMode)?.kind === "host")
        published.add(subject.ref.name);
      if (subject.kind === "container") workloads.set(subject.ref.name, subject.workload);
    }
    for (const subject of subjects) {
      if (subject.kind !== "image") continue;
      const name = softwareOfImage(subject)?.name;
      const workload = workloads.get(subject.usedBy.name);
      if (name === undefined || workload === undefined || !published.has(workload.name)) continue;
      const known = this.#bySoftware.get(name) ?? new Map<string, Ref<"workload">>();
      this.#bySoftware.set(name, known.set(workload.name, workload));
    }
  }

  /** `serves`: whether a workload of that software may be the one. Undefined where several may. */
  of(
    controller: ControllerName | undefined,
    serves: (workload: Ref<"workload">) => boolean = () => true,
  ): Ref<"workload"> | undefined {
    for (const name of controller === undefined ? [] : (softwareOfController[controller] ?? [])) {
      const [found, ...others] = [...(this.#bySoftware.get(name)?.values() ?? [])].filter(serves);
      if (found !== undefined) return others.length === 0 ? found : undefined;
    }
    return undefined;
  }
}
