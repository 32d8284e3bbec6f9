import { inParallel } from "../../lib/in-parallel.ts";
import type { EngineClient } from "../../platforms/compose/engine/client.ts";
import {
  containerListSchema,
  containerSchema,
  type EngineContainer,
  type EngineNetwork,
  type EngineVolume,
  imageSchema,
  networkListSchema,
  volumeListSchema,
} from "../../platforms/compose/engine/schemas.ts";
import type { ComposeResources } from "../../platforms/compose/resources.ts";

/** What of an engine a deployment must know: all of its objects, since names, ports and subnets are shared. */
export interface EngineState {
  /** Every container of the engine, running or not. */
  readonly containers: readonly EngineContainer[];
  readonly networks: readonly EngineNetwork[];
  readonly volumes: readonly EngineVolume[];
  /** The engine's id of each image that the resources name; absent for one that the engine does not have. */
  readonly imageIds: ReadonlyMap<string, string>;
}

/** Reads the engine by GET alone. */
export async function readEngineState(client: EngineClient, resources: ComposeResources): Promise<EngineState> {
  const images = [...new Set(resources.services.map((service) => service.image))];
  const [listed, networks, volumes, found] = await Promise.all([
    client.get("/containers/json", containerListSchema, { all: 1 }),
    client.get("/networks", networkListSchema),
    client.get("/volumes", volumeListSchema),
    inParallel(images, 8, (image) => client.find(`/images/${encodeURI(image)}/json`, imageSchema)),
  ]);
  const containers = await inParallel(listed, 8, ({ Id }) => client.find(`/containers/${Id}/json`, containerSchema));
  return {
    containers: containers.flatMap((container) => container ?? []),
    networks,
    volumes: volumes.Volumes,
    imageIds: new Map(
      found.flatMap((image, index) => (image === undefined ? [] : [[images[index] ?? image.Id, image.Id] as const])),
    ),
  };
}
