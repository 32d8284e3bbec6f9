import { complete, type FactList } from "../../../facts/fact.ts";
import type { AnySubject, Attachment } from "../../../facts/subjects.ts";
import type { KubernetesObject } from "../objects.ts";
import type { ClusterContext } from "./context.ts";

/** The networks that the pods of one object are on. */
export type AttachmentsOf = (object: KubernetesObject) => FactList<Attachment>;

/** Workloads with their containers, images, mounts, ports and secrets, of everything that makes pods. */
export function readPods(
  _context: ClusterContext,
  _attachmentsOf: AttachmentsOf = (object) => complete([], object.place),
): readonly AnySubject[] {
  return [];
}
