import type { EngineContainer } from "../../platforms/compose/engine/schemas.ts";
import { composeLabels } from "../../platforms/compose/engine/snapshot.ts";
import { type Deployment, deliveryFolder, deploymentDeliveries } from "./deployment.ts";
import { readEngineState } from "./engine-state.ts";
import { serviceContainers } from "./plan-services.ts";
import { seenDelivery, startedBefore } from "./seen-deliveries.ts";
import type { LiveReload } from "./tell.ts";
import { readTold } from "./told.ts";

/** A service that runs and has not taken what was delivered last. */
export interface ServiceBehind {
  readonly service: string;
  readonly container: EngineContainer;
  /** How it takes it while it runs; undefined when it has to be made anew. */
  readonly reload: LiveReload | undefined;
}

/** Services whose container started before the delivery of a secret, and was not told of it since; by name. */
export async function servicesBehind(deployment: Deployment): Promise<readonly ServiceBehind[]> {
  const { resources, client } = deployment;
  const { containers } = await readEngineState(client, resources);
  const behind: ServiceBehind[] = [];
  for (const container of serviceContainers(containers, resources.project)) {
    const service = container.Config.Labels[composeLabels.service] ?? "";
    const found = await behindIn(deployment, service, container);
    if (found !== undefined) behind.push(found);
  }
  return behind.sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** One service by its container; undefined when it has taken everything. */
export async function behindIn(
  deployment: Deployment,
  service: string,
  container: EngineContainer,
): Promise<ServiceBehind | undefined> {
  const deliveries = deploymentDeliveries(deployment).filter(
    (delivery) => delivery.service === service && delivery.kind === "secret",
  );
  const told = await readTold(deliveryFolder(deployment), service);
  const seen = await Promise.all(deliveries.map((delivery) => seenDelivery(delivery, container, told)));
  const missed = seen.filter((one) => startedBefore(one, container));
  if (missed.length === 0) return undefined;
  const reload = deployment.stack.services.find(({ name }) => name === service)?.reload ?? "restart";
  return { service, container, reload: reload === "restart" || missed.some(({ live }) => !live) ? undefined : reload };
}
