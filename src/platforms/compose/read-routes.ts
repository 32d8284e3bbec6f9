import type { AnySubject, Route } from "../../facts/subjects.ts";
import type { ProjectContext } from "./read-context.ts";

/** The routes that the labels of services ask a proxy for. */
export function readRoutes(_project: ProjectContext, _subjects: readonly AnySubject[]): readonly Route[] {
  return [];
}
