import type { Attempt, Measurement } from "../../contracts/probe.ts";
import type { ResolvedRoute, ResolvedStack } from "../../contracts/resolved.ts";
import { stated, unknown } from "../../facts/fact.ts";
import { type AnySubject, type PolicyRule, type Ref, refKey } from "../../facts/subjects.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import type { Place } from "../../lib/place.ts";
import type { Secret } from "../../secrets/secret.ts";
import type { Agents } from "./agents.ts";
import type { FoundServices } from "./find-services.ts";
import { kernelFacts } from "./kernel.ts";
import { measureNames } from "./names.ts";
import { makeOutsideWorld, type OutsideWorld } from "./outside.ts";
import { type MeasuredFlow, measureReachability } from "./reachability.ts";
import { type EdgeDoor, type MeasuredRoute, measureRoute } from "./routes.ts";
import type { RunningService } from "./running.ts";
import { measureSecrets } from "./secrets.ts";
import { type MeasuredSurroundings, measureSurroundings } from "./surroundings.ts";

export interface MeasureOptions {
  readonly agents: Agents;
  readonly timeoutMs: number;
  readonly parallel: number;
  /** Random, different for every run; what the probe's own listeners answer with. */
  readonly token: string;
  /** Secret values by name, as far as the store has them. */
  readonly values: ReadonlyMap<string, Secret>;
  /** Where an edge is published, as the world beyond the host sees it; undefined when it is not. */
  readonly doorOf: (edge: string, world: OutsideWorld) => EdgeDoor | undefined;
  readonly routeRef: (route: ResolvedRoute) => Ref<"route">;
  readonly networkRef: (name: string) => Ref<"network">;
  readonly progress?: (text: string) => void;
}

/**
 * Measures a running stack: who reaches whom, the host and the outside; what the kernel enforces; what each route
 * answers; where secret values show. Changes nothing that lasts: listeners and the namespace beyond the host are its own
 * and are removed again. Needs root on the engine's host.
 */
export async function measureStack(
  stack: ResolvedStack,
  found: FoundServices,
  options: MeasureOptions,
): Promise<Measurement> {
  const { services } = found;
  const progress = options.progress ?? (() => undefined);
  const subjects: AnySubject[] = [];
  const attempts: Attempt[] = [];
  const blind: string[] = [...missingServices(stack, services), ...found.blind];

  progress("what the kernel enforces");
  const overrides = kernelOverrides(services, blind);

  progress("who reaches whom");
  const trying = {
    agents: options.agents,
    token: options.token,
    timeoutMs: options.timeoutMs,
    parallel: options.parallel,
  };
  const reach = await measureReachability(
    { targets: services, strangers: found.strangers, networks: found.networks, declaredPorts: declaredPorts(stack) },
    { ...trying, progress: (done, total) => progress(`who reaches whom: ${done} of ${total}`) },
  );
  subjects.push(...reach.flows.map((flow) => policyRule(stack, flow)));
  attempts.push(...reach.attempts);
  blind.push(...reach.blind);

  progress("names, the host, the outside and the routes");
  const names = await measureNames(stack, services, trying);
  attempts.push(...names.attempts);
  blind.push(...names.blind);
  const world = await makeOutsideWorld();
  try {
    const [around, routes] = await Promise.all([
      measureSurroundings(services, found.networks, world, trying),
      inParallel(stack.routes, 4, (route) => measureFromBeyond(route, stack, world, options)),
    ]);
    subjects.push(...routes.flatMap(({ facts }) => facts ?? []));
    attempts.push(...routes.flatMap((route) => route.attempts));
    blind.push(...routes.flatMap((route) => route.blind));
    subjects.push(...around.ways.flatMap((way) => outsideRules(stack, way)));
    for (const [key, value] of hostAccess(stack, services, around.ways, options)) overrides.set(key, value);
    attempts.push(...around.attempts);
    blind.push(...around.blind);
  } finally {
    await options.agents.leave({ kind: "named", name: world.namespace });
    await world.close();
  }

  progress("where secrets show");
  const uses = new Map(stack.services.map((service) => [service.name, service.secrets]));
  subjects.push(
    ...measureSecrets(
      services.map((service) => ({ ...service, uses: uses.get(service.service) ?? [] })),
      options.values,
      { system: stack.name, platform: stack.platform },
    ),
  );
  return { subjects, overrides, attempts, blind };
}

/** What the kernel enforces for each container, by its ref. */
function kernelOverrides(
  services: readonly RunningService[],
  blind: string[],
): Map<string, Readonly<Record<string, unknown>>> {
  const overrides = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { container, service, pid } of services) {
    const key = refKey(container);
    if (overrides.has(key))
      blind.push(`${service} runs beside another of its kind; what the kernel enforces was read of the first.`);
    else overrides.set(key, { ...kernelFacts(pid, service) });
  }
  return overrides;
}

async function measureFromBeyond(
  route: ResolvedRoute,
  stack: ResolvedStack,
  world: OutsideWorld,
  options: MeasureOptions,
): Promise<Omit<MeasuredRoute, "facts"> & { readonly facts?: MeasuredRoute["facts"] }> {
  const door = options.doorOf(route.edge, world);
  if (door === undefined) {
    const why = `${route.host}: its edge ${route.edge} publishes nothing that can be seen from beyond the host.`;
    return { attempts: [], blind: [why] };
  }
  return await measureRoute(route, door, world, {
    agents: options.agents,
    timeoutMs: Math.max(options.timeoutMs, 5_000),
    system: stack.name,
    platform: stack.platform,
    refOf: options.routeRef,
  });
}

function missingServices(stack: ResolvedStack, services: readonly RunningService[]): string[] {
  const running = new Set(services.map((service) => service.service));
  return stack.services
    .filter((service) => !running.has(service.name))
    .map((service) => `${service.name} does not run, so nothing of it was measured.`);
}

function declaredPorts(
  stack: ResolvedStack,
): ReadonlyMap<string, readonly { protocol: "tcp" | "udp"; port: number }[]> {
  return new Map(
    stack.services.map((service) => [service.name, service.ports.map(({ protocol, port }) => ({ protocol, port }))]),
  );
}

/** Whether the stack lets the two share a network; on Docker a pair that may talk at all may talk on every port. */
function pairDeclared(stack: ResolvedStack, from: string, to: string): boolean {
  return stack.networks.some((network) => network.members.includes(from) && network.members.includes(to));
}

function policyRule(stack: ResolvedStack, flow: MeasuredFlow): PolicyRule {
  const place: Place = { kind: "object", locator: `probe ${flow.from} → ${flow.to} ${flow.protocol}/${flow.port}` };
  return {
    kind: "policy-rule",
    ref: {
      kind: "policy-rule",
      system: stack.name,
      name: `${flow.from} → ${flow.to}:${flow.listener === "probe" ? "any" : flow.port}/${flow.protocol}`,
    },
    lens: "measured",
    platform: stack.platform,
    place,
    from: flow.from,
    to: flow.to,
    port: stated(flow.listener === "probe" ? "any" : flow.port, place),
    protocol: stated(flow.protocol, place),
    action:
      flow.outcome === "inconclusive"
        ? unknown(flow.evidence, place)
        : stated(flow.outcome === "blocked" ? "deny" : "allow", place),
    declared: stated(pairDeclared(stack, flow.from, flow.to), place),
  };
}

/** The way to outside; the way to the host is a fact of the networks. */
function outsideRules(stack: ResolvedStack, way: MeasuredSurroundings): PolicyRule[] {
  const place: Place = { kind: "object", locator: `probe ${way.service} → outside` };
  const service = stack.services.find((one) => one.name === way.service);
  return [
    {
      kind: "policy-rule",
      ref: { kind: "policy-rule", system: stack.name, name: `${way.service} → outside:any` },
      lens: "measured",
      platform: stack.platform,
      place,
      from: way.service,
      to: "outside",
      port: stated("any", place),
      protocol: stated("any", place),
      action:
        way.outside.outcome === "inconclusive"
          ? unknown(way.outside.evidence, place)
          : stated(way.outside.outcome === "open" ? "allow" : "deny", place),
      declared: stated(service?.outbound === true, place),
    },
  ];
}

/**
 * Which networks lead to the host's own listeners. An answer through a network's gateway counts for that network; one
 * through another address of the host counts for every network of the service that is not internal, or for all of them
 * where it has none such.
 */
function hostAccess(
  stack: ResolvedStack,
  services: readonly RunningService[],
  ways: readonly MeasuredSurroundings[],
  options: Pick<MeasureOptions, "networkRef">,
): ReadonlyMap<string, Record<string, unknown>> {
  const open = new Map<string, string>();
  const undecided = new Map<string, string>();
  const measured = new Set<string>();
  for (const way of ways) {
    const networks = [
      ...new Set(
        services.find((one) => one.service === way.service)?.addresses.map((address) => address.network) ?? [],
      ),
    ];
    const forwarding = networks.filter((name) =>
      stack.networks.some((network) => network.name === name && !network.internal),
    );
    for (const network of networks) {
      measured.add(network);
      if (way.host.outcome === "inconclusive") undecided.set(network, way.host.evidence);
    }
    for (const { address, gatewayOf } of way.host.through) {
      const blamed =
        gatewayOf !== undefined && networks.includes(gatewayOf)
          ? [gatewayOf]
          : forwarding.length > 0
            ? forwarding
            : networks;
      for (const network of blamed) open.set(network, `${way.service} reached a listener of the host at ${address}`);
    }
  }
  return new Map(
    [...measured].map((network) => {
      const why = open.get(network);
      const doubt = undecided.get(network);
      const place: Place = {
        kind: "object",
        locator: why === undefined ? `probe of network ${network}` : `probe: ${why}`,
      };
      const fact =
        why !== undefined
          ? stated(true, place)
          : doubt !== undefined
            ? unknown<boolean>(doubt, place)
            : stated(false, place);
      return [refKey(options.networkRef(network)), { hostAccess: fact }];
    }),
  );
}
