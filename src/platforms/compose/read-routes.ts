import { knownValue } from "../../facts/fact.ts";
import { softwareOfImage } from "../../facts/knowledge/roles.ts";
import {
  type AnySubject,
  type Container,
  type Listener,
  type Ref,
  type Route,
  sameRef,
  type Workload,
} from "../../facts/subjects.ts";
import { caddyRoutes } from "./read-caddy-labels.ts";
import type { ProjectContext } from "./read-context.ts";

/** The project's workloads as the readers of labels need them. */
export interface LabelledProject {
  readonly context: ProjectContext;
  readonly workloads: readonly Workload[];
  /** The port that a proxy takes when no label names one: the lowest that is known; undefined when none is. */
  portOf(workload: Workload): number | undefined;
  /** The proxy of the project by its software's name, with its container. */
  proxy(software: string): { readonly ref: Ref<"workload">; readonly container: Container } | undefined;
}

/**
 * The routes that the labels of services ask caddy-docker-proxy for. Those of Traefik are read together with Traefik's
 * own files (`link-traefik.ts`).
 */
export function readRoutes(context: ProjectContext, subjects: readonly AnySubject[]): readonly Route[] {
  const workloads = subjects.filter((subject) => subject.kind === "workload");
  const labelled = workloads.some((workload) => workload.labels.items.some((label) => /^caddy/i.test(label.name)));
  return labelled ? caddyRoutes(labelledProject(context, workloads, subjects)) : [];
}

function labelledProject(
  context: ProjectContext,
  workloads: readonly Workload[],
  subjects: readonly AnySubject[],
): LabelledProject {
  const lowest = new Map<string, number>();
  for (const listener of subjects) if (listener.kind === "listener") note(lowest, listener);
  const proxies = new Map<string, Container>();
  for (const image of subjects) {
    const software = image.kind === "image" ? softwareOfImage(image)?.name : undefined;
    if (image.kind !== "image" || software === undefined || proxies.has(software)) continue;
    const container = subjects.find((other) => other.kind === "container" && sameRef(other.ref, image.usedBy));
    if (container?.kind === "container") proxies.set(software, container);
  }
  return {
    context,
    workloads,
    portOf: (workload) => lowest.get(workload.ref.name),
    proxy: (software) => {
      const container = proxies.get(software);
      return container === undefined ? undefined : { ref: container.workload, container };
    },
  };
}

function note(lowest: Map<string, number>, listener: Listener): void {
  const port = knownValue(listener.port);
  if (port === undefined || knownValue(listener.protocol) === "udp") return;
  lowest.set(listener.owner.name, Math.min(port, lowest.get(listener.owner.name) ?? port));
}
