import type { ResolvedNetwork, ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import { firstAddress } from "./resource-address.ts";
import type {
  ComposeNetwork,
  ComposeResources,
  ComposeService,
  ComposeSettings,
  ComposeVolume,
} from "./resource-model.ts";
import { defaultComposeSettings } from "./resource-model.ts";
import { bridgeName, byName, compareText, engineName, labelNames } from "./resource-names.ts";
import { deliverSecrets, type SecretDelivery } from "./resource-secrets.ts";
import { composeService } from "./resource-service.ts";

/**
 * The complete desired state of a stack on Docker Compose. Pure: equal stacks give equal resources, in one order.
 * What Compose cannot do of a stack is said by `composeObstacles`, and not looked for here.
 */
export function composeResources(
  stack: ResolvedStack,
  settings: ComposeSettings = defaultComposeSettings,
): ComposeResources {
  const services = [...stack.services].sort(byName((service) => service.name));
  const byServiceName = new Map(services.map((service) => [service.name, service]));
  const deliveries = services.map((service) => deliverSecrets(settings.deliveryRoot, stack.name, service));
  return {
    project: stack.name,
    services: services.map((service, index) =>
      withSecrets(
        composeService(stack.name, service, (name) => byServiceName.get(name)),
        deliveries[index],
      ),
    ),
    networks: stack.networks.map((network) => composeNetwork(stack.name, network)).sort(byName((n) => n.key)),
    volumes: composeVolumes(stack.name, services),
    secretFiles: deliveries.flatMap((delivery) => delivery.files),
    environmentFiles: deliveries.flatMap((delivery) => delivery.environmentFile ?? []),
    configFiles: services
      .flatMap((service) => service.config.map((file) => ({ service: service.name, ...file })))
      .sort(byName((file) => file.path)),
  };
}

function withSecrets(service: ReturnType<typeof composeService>, delivery: SecretDelivery | undefined): ComposeService {
  const environmentFile = delivery?.environmentFile?.path;
  const labels = Object.entries({ ...service.labels, ...delivery?.labels }).sort(([a], [b]) => compareText(a, b));
  return {
    ...service,
    labels: Object.fromEntries(labels),
    secrets: delivery?.mounts ?? [],
    secretFolder: delivery?.folder,
    environmentFiles: environmentFile === undefined ? [] : [environmentFile],
  };
}

function composeNetwork(stack: string, network: ResolvedNetwork): ComposeNetwork {
  const zone = network.zone === undefined ? {} : { [labelNames.zone]: network.zone };
  return {
    key: network.name,
    name: engineName(stack, network.name),
    zone: network.zone,
    purpose: network.purpose,
    subnet: network.cidr,
    gateway: firstAddress(network.cidr),
    internal: network.internal,
    driverOptions: driverOptions(stack, network),
    labels: { [labelNames.network]: network.name, [labelNames.stack]: stack, ...zone },
  };
}

function driverOptions(stack: string, network: ResolvedNetwork): Record<string, string> {
  return {
    // A published service that may not call out: without masquerading, what it sends on its own finds no way back.
    ...(network.internal || network.outbound ? {} : { "com.docker.network.bridge.enable_ip_masquerade": "false" }),
    // No address of the host on the bridge, so that no member reaches the host's own listeners there.
    ...(network.internal ? { "com.docker.network.bridge.inhibit_ipv4": "true" } : {}),
    "com.docker.network.bridge.name": bridgeName(stack, network.name),
  };
}

/** One volume for each name; services that name the same one share it, and the first by name says whose it is. */
function composeVolumes(stack: string, services: readonly ResolvedService[]): ComposeVolume[] {
  const volumes = new Map<string, ComposeVolume>();
  for (const service of services) {
    for (const { name, uid, gid, mode, backup } of service.volumes) {
      const known = volumes.get(name);
      const usedBy = [...(known?.usedBy ?? []), service.name];
      const labels = { [labelNames.stack]: stack, [labelNames.volume]: name };
      const fresh = { key: name, name: engineName(stack, name), uid, gid, mode, backup, usedBy, labels };
      volumes.set(name, known === undefined ? fresh : { ...known, backup: known.backup || backup, usedBy });
    }
  }
  return [...volumes.values()].sort(byName((volume) => volume.key));
}

export type {
  ComposeConfigFile,
  ComposeEnvironmentFile,
  ComposeHealth,
  ComposeMount,
  ComposeNetwork,
  ComposePort,
  ComposeResources,
  ComposeSecretFile,
  ComposeSecretMount,
  ComposeService,
  ComposeSettings,
  ComposeTemporary,
  ComposeVolume,
  SecretMounting,
} from "./resource-model.ts";
export { defaultComposeSettings } from "./resource-model.ts";
