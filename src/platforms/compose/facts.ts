import type { ResolvedStack } from "../../contracts/resolved.ts";
import { System } from "../../facts/system.ts";
import { containerFacts } from "./resource-facts-container.ts";
import { indexOf } from "./resource-facts-index.ts";
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
  const index = indexOf(resources, stack);
  const ofServices = resources.services.flatMap((service) => {
    const place = index.declared.get(service.name)?.place ?? stack.place;
    return [
      workloadFacts(index, service, place),
      ...containerFacts(index, service, place),
      ...listenerFacts(index, service, place),
      ...mountFacts(index, service, place),
      ...secretFacts(index, service, place),
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
