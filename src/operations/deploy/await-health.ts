import type { Deployment } from "./deployment.ts";
import { redactor } from "./redact.ts";
import { waitHealthy } from "./wait-healthy.ts";

/** Waits until every service of a deployment is well; throws what `waitHealthy` throws. No secret is told. */
export async function awaitHealth(
  { client, resources, values, surroundings }: Deployment,
  timeout: number,
  progress: (text: string) => void,
): Promise<void> {
  await waitHealthy(client, resources.project, {
    services: resources.services.map((service) => service.name),
    timeout,
    clock: surroundings.clock,
    sleep: surroundings.sleep,
    progress,
    redact: redactor(values.values()),
    ...(surroundings.signal === undefined ? {} : { signal: surroundings.signal }),
  });
}
