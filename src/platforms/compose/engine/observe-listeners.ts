import { reachOfBinding } from "../../../facts/binding-reach.ts";
import { stated } from "../../../facts/fact.ts";
import type { Listener, Protocol } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import { insideListenerRef, publishedListenerRef, workloadRef } from "../refs.ts";
import type { EngineContainer } from "./schemas.ts";

interface Binding {
  readonly port: number;
  readonly protocol: Protocol;
  readonly address: string;
  readonly hostPort: number;
}

/** Ports of a container: those bound on the host, and those that the image or the author says it listens on inside. */
export function observeListeners(system: string, name: string, container: EngineContainer, place: Place): Listener[] {
  const bindings = bindingsOf(container);
  const published = new Set(bindings.map(({ port, protocol }) => `${port}/${protocol}`));
  const inside = Object.keys(container.Config.ExposedPorts).flatMap((text) => {
    const parsed = parsePort(text);
    return parsed === undefined || published.has(`${parsed.port}/${parsed.protocol}`) ? [] : [parsed];
  });
  return [
    ...bindings.map((binding) => publishedListener(system, name, binding, place)),
    ...inside.map((port) => insideListener(system, name, port, place)),
  ];
}

/** What is bound now; for a container that does not run, what will be. The IPv6 twin of an "every address" is one with it. */
function bindingsOf(container: EngineContainer): Binding[] {
  const bound = container.NetworkSettings.Ports;
  const source = Object.values(bound).some((list) => list.length > 0) ? bound : container.HostConfig.PortBindings;
  const all = Object.entries(source).flatMap(([text, list]) => {
    const parsed = parsePort(text);
    if (parsed === undefined) return [];
    return list.map(
      (binding): Binding => ({
        ...parsed,
        address: binding.HostIp === "" ? "0.0.0.0" : binding.HostIp,
        hostPort: Number(binding.HostPort),
      }),
    );
  });
  const everywhere = new Set(all.filter(({ address }) => address === "0.0.0.0").map(keyWithoutAddress));
  return all.filter((binding) => binding.address !== "::" || !everywhere.has(keyWithoutAddress(binding)));
}

function keyWithoutAddress({ port, protocol, hostPort }: Binding): string {
  return `${hostPort}:${port}/${protocol}`;
}

function parsePort(text: string): { port: number; protocol: Protocol } | undefined {
  const match = /^(\d+)(?:\/(tcp|udp|sctp))?$/.exec(text);
  if (match === null) return undefined;
  const protocol = match[2] === "udp" || match[2] === "sctp" ? match[2] : "tcp";
  return { port: Number(match[1]), protocol };
}

function publishedListener(system: string, name: string, binding: Binding, place: Place): Listener {
  const { address, hostPort, port, protocol } = binding;
  return {
    kind: "listener",
    ref: publishedListenerRef(system, name, { address, port: hostPort, protocol }),
    lens: "running",
    platform: "compose",
    place,
    owner: workloadRef(system, name),
    protocol: stated(protocol, place),
    port: stated(port, place),
    hostPort: stated(hostPort, place),
    hostAddress: stated(address, place),
    reach: stated(reachOfBinding(address), place),
  };
}

function insideListener(
  system: string,
  name: string,
  { port, protocol }: { port: number; protocol: Protocol },
  place: Place,
): Listener {
  return {
    kind: "listener",
    ref: insideListenerRef(system, name, port, protocol),
    lens: "running",
    platform: "compose",
    place,
    owner: workloadRef(system, name),
    protocol: stated(protocol, place),
    port: stated(port, place),
    reach: stated("networks", place),
  };
}
