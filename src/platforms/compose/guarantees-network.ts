import type { Guarantee } from "../../contracts/platform.ts";
import type { ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import { listed } from "../../lib/listed.ts";
import { namesOf, sentence, servicesWith, verb } from "./guarantees-words.ts";

/** What the networks of a stack hold apart. */
export const networkGuarantees: readonly Guarantee[] = [
  {
    id: "network.only-declared-ports-published",
    controls: [
      "network.only-proxy-publishes",
      "network.datastore-unpublished",
      "network.plaintext-unpublished",
      "network.engine-api-unpublished",
      "identity.admin-interface-unpublished",
    ],
    statements: (stack) => {
      const publishers = servicesWith(stack, (service) => publishedPorts(service).length > 0);
      if (publishers.length === 0) return ["No service listens on the host."];
      const lines = publishers.map(
        (service) => `${service.name} listens on the host at ${listed(publishedPorts(service))}.`,
      );
      return [...lines, "No other service of the stack listens on the host."];
    },
  },
  {
    id: "network.services-separated",
    controls: ["network.flow-declared", "network.services-separated"],
    statements: (stack) => {
      if (stack.services.length < 2) return [];
      const pairs = reachablePairs(stack);
      if (pairs.length === 0) return ["No service can connect to another."];
      return [`Only services that share a network can connect: ${listed(pairs)}. Every other pair cannot.`];
    },
  },
  {
    id: "network.zones-separated",
    controls: ["network.zones-separated", "network.flow-declared"],
    statements: (stack) => {
      if (stack.zones.length < 2) return [];
      const crossings = crossingFlows(stack);
      const but = crossings.length === 0 ? "" : ` but for the declared ways ${listed(crossings)}`;
      return [
        `The zones ${namesOf(stack.zones)} share no network${but}.`,
        ...sentence(
          servicesWith(stack, (service) => service.zones.length > 1),
          (services) => `Only ${namesOf(services)} ${verb(services, "stands", "stand")} in more than one zone.`,
        ),
      ];
    },
  },
  {
    id: "network.datastore-reached-by-clients",
    controls: ["network.datastore-separated", "network.datastore-unpublished", "network.flow-declared"],
    statements: (stack) =>
      servicesWith(stack, (service) => service.roles.includes("datastore")).map((store) => {
        const clients = stack.services.filter((client) => client.talksTo.some((flow) => flow.service === store.name));
        return clients.length === 0
          ? `No service is declared to use ${store.name}, and none on another network can connect to it.`
          : `${store.name} can be reached by ${namesOf(clients)} and not from outside.`;
      }),
  },
  {
    id: "network.outbound-closed",
    controls: ["network.flow-declared", "network.datastore-without-outbound"],
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => hasOnlyInternalNetworks(stack, service)),
        (services) => `${namesOf(services)} ${verb(services, "has", "have")} no way to outside.`,
      ),
  },
  {
    id: "network.host-listeners-closed",
    controls: ["network.host-access-closed"],
    statements: (stack) =>
      sentence(
        servicesWith(
          stack,
          (service) => stack.policies.hostAccess === "firewall" || hasOnlyInternalNetworks(stack, service),
        ),
        (services) => `${namesOf(services)} cannot reach what the host itself listens on.`,
      ),
  },
];

/** Whether none of a service's networks leads out of the engine. */
export function hasOnlyInternalNetworks(stack: ResolvedStack, service: ResolvedService): boolean {
  return stack.networks
    .filter((network) => service.networks.includes(network.name))
    .every((network) => network.internal);
}

/** `0.0.0.0:443/tcp`. */
export function publishedPorts(service: ResolvedService): readonly string[] {
  return service.ports.flatMap(({ published, protocol }) => {
    if (published === undefined) return [];
    const address = published.address.includes(":") ? `[${published.address}]` : published.address;
    return [`${address}:${published.port}/${protocol}`];
  });
}

/** `api–db` for each two services that share a network, once. */
export function reachablePairs(stack: ResolvedStack): readonly string[] {
  const pairs = new Set<string>();
  for (const { name } of stack.networks) {
    const members = stack.services.filter((service) => service.networks.includes(name)).map((service) => service.name);
    members.forEach((first, index) => {
      for (const second of members.slice(index + 1)) pairs.add([first, second].sort().join("–"));
    });
  }
  return [...pairs].sort();
}

function crossingFlows(stack: ResolvedStack): readonly string[] {
  const zonesOf = new Map(stack.services.map((service) => [service.name, service.zones]));
  const flows = stack.services.flatMap((service) =>
    service.talksTo
      .filter((flow) => !service.zones.some((zone) => zonesOf.get(flow.service)?.includes(zone)))
      .map((flow) => `${service.name} → ${flow.service}`),
  );
  return [...new Set(flows)].sort();
}
