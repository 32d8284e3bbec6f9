import type { AnySubject, Lens } from "../../../facts/subjects.ts";
import { System } from "../../../facts/system.ts";
import type { KubernetesManifests } from "../objects.ts";
import { ClusterContext } from "./context.ts";
import { readPods } from "./pods.ts";

/** The facts of one cluster's objects. */
export function readKubernetes(
  manifests: KubernetesManifests,
  options: { readonly systemName: string; readonly lens?: Lens },
): System {
  const context = new ClusterContext(manifests, options.systemName, options.lens ?? "written");
  const pods = readPods(context);
  const subjects: readonly AnySubject[] = [...pods];
  return new System({
    name: context.system,
    lens: context.lens,
    platform: "kubernetes",
    subjects,
    problems: manifests.problems,
  });
}
