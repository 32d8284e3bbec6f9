import {
  containerListSchema,
  containerSchema,
  type EngineContainer,
} from "../../../platforms/compose/engine/schemas.ts";
import { composeLabels } from "../../../platforms/compose/engine/snapshot.ts";
import type { Deployment } from "../../deploy/deployment.ts";
import { serviceContainers } from "../../deploy/plan-services.ts";

/** The container of a service that runs now; undefined when none does. Asked anew each time, since it may be made anew. */
export async function findContainer(
  { client, resources }: Pick<Deployment, "client" | "resources">,
  service: string,
): Promise<EngineContainer | undefined> {
  const label = [`${composeLabels.project}=${resources.project}`, `${composeLabels.service}=${service}`];
  const filters = JSON.stringify({ label, status: ["running"] });
  const listed = await client.get("/containers/json", containerListSchema, { filters });
  for (const { Id } of listed) {
    const container = await client.find(`/containers/${Id}/json`, containerSchema);
    if (container === undefined || container.State.Status !== "running" || container.State.Pid === 0) continue;
    const [own] = serviceContainers([container], resources.project);
    if (own !== undefined) return own;
  }
  return undefined;
}
