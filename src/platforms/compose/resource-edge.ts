import type { ResolvedRoute, ResolvedStack } from "../../contracts/resolved.ts";

/** Whether the edge of a route is built to limit rates; without it the declared limits are a gap, not a fact. */
export function limitsRates(stack: ResolvedStack, route: Pick<ResolvedRoute, "edge">): boolean {
  return stack.services.find((service) => service.name === route.edge)?.settings.rateLimitModule === true;
}
