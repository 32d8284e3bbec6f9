import { inParallel } from "../../../lib/in-parallel.ts";
import type { EngineClient } from "./client.ts";
import {
  containerListSchema,
  containerSchema,
  type EngineContainer,
  type EngineDescription,
  type EngineImage,
  type EngineNetwork,
  type EngineVolume,
  imageSchema,
  infoSchema,
  networkListSchema,
  volumeListSchema,
} from "./schemas.ts";

/** All that an engine tells of its objects at one moment, as it tells it. */
export interface EngineSnapshot {
  readonly info: EngineDescription;
  /** Ordered by name. */
  readonly containers: readonly EngineContainer[];
  readonly networks: readonly EngineNetwork[];
  readonly volumes: readonly EngineVolume[];
  /** By the engine's own id. */
  readonly images: ReadonlyMap<string, EngineImage>;
}

/** The labels that Docker Compose puts on what it makes. */
export const composeLabels = {
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  number: "com.docker.compose.container-number",
  oneOff: "com.docker.compose.oneoff",
  configHash: "com.docker.compose.config-hash",
  network: "com.docker.compose.network",
  volume: "com.docker.compose.volume",
  dependsOn: "com.docker.compose.depends_on",
  workingFolder: "com.docker.compose.project.working_dir",
} as const;

/**
 * Reads the engine by GET alone: its containers (of one project, when it is named), every network and volume, and the
 * images of those containers. What disappears while it is read is left out.
 */
export async function readSnapshot(client: EngineClient, project?: string): Promise<EngineSnapshot> {
  const filters =
    project === undefined ? undefined : JSON.stringify({ label: [`${composeLabels.project}=${project}`] });
  const [info, listed, networks, volumes] = await Promise.all([
    client.get("/info", infoSchema),
    client.get("/containers/json", containerListSchema, { all: 1, filters }),
    client.get("/networks", networkListSchema),
    client.get("/volumes", volumeListSchema),
  ]);
  const found = await inParallel(listed, 8, ({ Id }) => client.find(`/containers/${Id}/json`, containerSchema));
  const containers = found
    .flatMap((container) => container ?? [])
    .sort((a, b) => (a.Name < b.Name ? -1 : a.Name > b.Name ? 1 : 0));
  return { info, containers, networks, volumes: volumes.Volumes, images: await imagesOf(client, containers) };
}

async function imagesOf(
  client: EngineClient,
  containers: readonly EngineContainer[],
): Promise<ReadonlyMap<string, EngineImage>> {
  const ids = [...new Set(containers.map((container) => container.Image))];
  const images = await inParallel(ids, 8, (id) => client.find(`/images/${id}/json`, imageSchema));
  return new Map(images.flatMap((image, index) => (image === undefined ? [] : [[ids[index] ?? image.Id, image]])));
}

/** The name of a container as people write it, without the engine's leading slash. */
export function containerName(container: Pick<EngineContainer, "Name">): string {
  return container.Name.replace(/^\//, "");
}
