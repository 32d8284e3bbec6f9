import { z } from "zod";
import { inParallel } from "../../lib/in-parallel.ts";
import type { EngineClient } from "../../platforms/compose/engine/client.ts";
import { networkKey } from "../../platforms/compose/engine/observe-network.ts";
import { containerSchema, type EngineContainer, type EngineNetwork } from "../../platforms/compose/engine/schemas.ts";
import { composeLabels, containerName } from "../../platforms/compose/engine/snapshot.ts";
import { containerRef } from "../../platforms/compose/refs.ts";
import { withoutFrames } from "../deploy/container-logs.ts";
import type { ProbeNetwork, RunningService } from "./running.ts";
import { ipv6AddressesIn, type TargetAddress } from "./target.ts";

/** Of a log, this much of its newest part is looked through; what is older is said not to have been. */
export const mostLog = 16 * 1024 * 1024;

/** What of a stack runs, as probes need it. */
export interface FoundServices {
  readonly services: readonly RunningService[];
  /** Containers of others that stand on one of the stack's networks. */
  readonly strangers: readonly RunningService[];
  readonly networks: readonly ProbeNetwork[];
  /** What could not be seen, as sentences. */
  readonly blind: readonly string[];
}

const members = z.object({ Containers: z.record(z.string(), z.unknown()).nullish() });

/** Finds the running containers of a project, and whoever else is on its networks. Sends nothing but GET. */
export async function findServices(
  client: EngineClient,
  project: string,
  containers: readonly EngineContainer[],
  networks: readonly EngineNetwork[],
): Promise<FoundServices> {
  const blind: string[] = [];
  const running = containers.filter((one) => one.State.Status === "running" && one.State.Pid > 0);
  const services = await inParallel(running, 8, (one) => runningService(client, project, one, networks, blind));
  const own = new Set(containers.map((one) => one.Id));
  const ofStack = networks.filter((network) => network.Labels[composeLabels.project] === project);
  const there = await inParallel(ofStack, 8, (network) => client.find(`/networks/${network.Id}`, members));
  const foreign = new Set(
    there.flatMap((network) => Object.keys(network?.Containers ?? {})).filter((id) => !own.has(id)),
  );
  const found = await inParallel([...foreign], 8, (id) => client.find(`/containers/${id}/json`, containerSchema));
  const strangers = await inParallel(
    found.flatMap((one) => (one !== undefined && one.State.Pid > 0 ? [one] : [])),
    8,
    (one) => runningService(client, project, one, networks, blind),
  );
  return {
    services: named(services, containers),
    strangers,
    networks: ofStack.map((network) => probeNetwork(network, project)),
    blind,
  };
}

/** Replicas are told apart by their number, since each is a target of its own. */
function named(services: readonly RunningService[], containers: readonly EngineContainer[]): RunningService[] {
  const seen = new Set<string>();
  return services.map((service) => {
    if (!seen.has(service.service)) {
      seen.add(service.service);
      return service;
    }
    const container = containers.find((one) => one.Id === service.containerId);
    return { ...service, service: `${service.service} ${container?.Config.Labels[composeLabels.number] ?? "again"}` };
  });
}

async function runningService(
  client: EngineClient,
  project: string,
  container: EngineContainer,
  networks: readonly EngineNetwork[],
  blind: string[],
): Promise<RunningService> {
  const own = container.Config.Labels[composeLabels.project] === project;
  const ofProject = own ? container.Config.Labels[composeLabels.service] : undefined;
  const service = ofProject ?? `container ${containerName(container)}`;
  const [inspect, log] = await Promise.all([
    client.bytes(`/containers/${container.Id}/json`).then((bytes) => bytes.toString("utf8")),
    logOf(client, container).catch(() => undefined),
  ]);
  if (log === undefined) blind.push(`The log of ${service} could not be read.`);
  else if (log.cut)
    blind.push(`Of the log of ${service}, only the newest ${mostLog / 1024 ** 2} MiB were looked through.`);
  return {
    service,
    containerId: container.Id,
    pid: container.State.Pid,
    addresses: addressesOf(project, container, networks),
    container: containerRef(project, service),
    inspect,
    log: log?.text,
    mounts: container.Mounts.map((mount) => ({ type: mount.Type, source: mount.Source, target: mount.Destination })),
  };
}

async function logOf(client: EngineClient, container: EngineContainer): Promise<{ text: string; cut: boolean }> {
  const query = { stdout: 1, stderr: 1, tail: 100_000 };
  const bytes = await client.bytes(`/containers/${container.Id}/logs`, query, mostLog);
  const text = container.Config.Tty ? bytes : withoutFrames(bytes);
  return { text: text.toString("utf8"), cut: bytes.length >= mostLog };
}

function addressesOf(
  project: string,
  container: EngineContainer,
  networks: readonly EngineNetwork[],
): readonly TargetAddress[] {
  const told = Object.entries(container.NetworkSettings.Networks).flatMap(([name, end]): TargetAddress[] => {
    const network = networks.find((one) => one.Id === end.NetworkID || one.Name === name);
    const key = network === undefined ? name : networkKey(network, project);
    const four = { address: end.IPAddress, family: 4 as const, network: key, gateway: gatewayOf(network, 4) };
    const six = {
      address: end.GlobalIPv6Address,
      family: 6 as const,
      network: key,
      gateway: gatewayOf(network, 6),
    };
    return [four, six].filter(({ address }) => address !== "");
  });
  const known = new Set(told.map(({ address }) => address));
  const untold = ipv6AddressesIn(container.State.Pid)
    .filter((address) => !known.has(address))
    .map((address): TargetAddress => ({ address, family: 6, network: "no network of the engine", gateway: undefined }));
  return [...told, ...untold];
}

/** An internal network's container has no gateway, but the bridge may have the address all the same. */
function gatewayOf(network: EngineNetwork | undefined, family: 4 | 6): string | undefined {
  return network?.IPAM.Config.map(({ Gateway }) => Gateway).find(
    (gateway) => gateway !== "" && gateway.includes(":") === (family === 6),
  );
}

function probeNetwork(network: EngineNetwork, project: string): ProbeNetwork {
  return {
    key: networkKey(network, project),
    bridge: network.Options["com.docker.network.bridge.name"] ?? `br-${network.Id.slice(0, 12)}`,
    subnets: network.IPAM.Config.map(({ Subnet }) => Subnet).filter((subnet) => subnet !== ""),
  };
}
