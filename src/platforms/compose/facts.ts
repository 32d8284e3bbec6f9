import type { ResolvedStack } from "../../contracts/resolved.ts";
import { System } from "../../facts/system.ts";
import { containerFacts } from "./resource-facts-container.ts";
import { listenerFacts, networkFacts } from "./resource-facts-network.ts";
import { policyFacts, routeFacts, zoneFacts } from "./resource-facts-stack.ts";
import { mountFacts, secretFacts } from "./resource-facts-storage.ts";
import { workloadFacts } from "./resource-facts-workload.ts";
import type { ComposeResources } from "./resources.ts";

/**
 * What a stack's resources say, under the lens `declared`. Derived from the resources and the stack alone, and sharing
 * no code with the reader of Compose files: that the two agree on a rendered folder is a test that can fail.
 * Places are those of the declaration.
 */
export function composeFacts(resources: ComposeResources, stack: ResolvedStack): System {
  const placeOf = new Map(stack.services.map((service) => [service.name, service.place]));
  const ofServices = resources.services.flatMap((service) => {
    const place = placeOf.get(service.name) ?? stack.place;
    return [
      workloadFacts(resources, stack, service, place),
      ...containerFacts(resources, service, place),
      ...listenerFacts(resources, service, place),
      ...mountFacts(resources, service, place),
      ...secretFacts(resources, service, place),
    ];
  });
  return new System({
    name: resources.project,
    lens: "declared",
    platform: "compose",
    subjects: [
      ...ofServices,
      ...networkFacts(resources, stack),
      ...zoneFacts(resources, stack),
      ...routeFacts(stack),
      ...policyFacts(stack),
    ],
  });
}

export { declaredRouteRef } from "./resource-facts-stack.ts";
