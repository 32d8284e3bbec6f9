import type { AnySubject } from "../../../facts/subjects.ts";
import type { ClusterContext } from "./context.ts";

/** Workloads with their containers, images, mounts, ports and secrets, of everything that makes pods. */
export function readPods(_context: ClusterContext): readonly AnySubject[] {
  return [];
}
