import { isIP } from "node:net";
import type { LoginAttempt, Vantage } from "../../../contracts/rotator.ts";
import type { EngineContainer } from "../../../platforms/compose/engine/schemas.ts";
import type { Deployment } from "../../deploy/deployment.ts";
import type { Agents, NetworkPlace } from "../../probes/agents.ts";
import { resolveFrom } from "../../probes/namespace.ts";
import { findContainer } from "./find-container.ts";

/** From where a login is tried, and at which address; or why it cannot be. */
export type PlacedLogin =
  | { readonly place: NetworkPlace; readonly address: string; readonly port: number }
  | { readonly missing: string };

interface Surroundings {
  readonly deployment: Deployment;
  readonly agents: Agents;
  readonly timeoutMs: number;
}

/** Docker's resolver inside each container's own network (docs.docker.com/engine/network, "DNS services"). */
const resolver = "127.0.0.11";

/** Finds the address that the vantage knows the host by. */
export async function placeLogin(
  from: Vantage,
  attempt: Pick<LoginAttempt, "host" | "port">,
  around: Surroundings,
): Promise<PlacedLogin> {
  return from.kind === "host" ? fromHost(attempt, around) : fromService(from.service, attempt, around);
}

async function fromService(
  service: string,
  { host, port }: Pick<LoginAttempt, "host" | "port">,
  around: Surroundings,
): Promise<PlacedLogin> {
  const { deployment } = around;
  const container = await findContainer(deployment, service);
  if (container === undefined) return { missing: `${service} does not run` };
  const place: NetworkPlace = { kind: "process", pid: container.State.Pid };
  if (isIP(host) !== 0) return { place, address: host, port };
  if (!deployment.stack.services.some(({ name }) => name === host)) {
    const found = await resolveFrom(place, [host], { ...around, server: resolver });
    const [address] = found.get(host)?.addresses ?? [];
    return address === undefined ? { missing: `the name ${host} is not known there` } : { place, address, port };
  }
  const target = await findContainer(deployment, host);
  if (target === undefined) return { missing: `${host} does not run` };
  const address = sharedAddress(container, target);
  return address === undefined ? { missing: `it shares no network with ${host}` } : { place, address, port };
}

/** An address of the target on a network that both are on; a service reaches itself by its own. */
function sharedAddress(container: EngineContainer, target: EngineContainer): string | undefined {
  const own = new Set(Object.values(container.NetworkSettings.Networks).map(({ NetworkID }) => NetworkID));
  return Object.values(target.NetworkSettings.Networks)
    .filter(({ NetworkID }) => own.has(NetworkID))
    .flatMap(({ IPAddress, GlobalIPv6Address }) => [IPAddress, GlobalIPv6Address])
    .find((address) => address !== "");
}

/**
 * A service of the stack is reached where it publishes the port, as whoever is outside reaches it. One that publishes
 * nothing has no user out there: its own network is the nearest to try from, by the address that others know it by, since
 * a server may trust its own loopback.
 */
async function fromHost(
  { host, port }: Pick<LoginAttempt, "host" | "port">,
  { deployment }: Surroundings,
): Promise<PlacedLogin> {
  const place: NetworkPlace = { kind: "host" };
  const service = deployment.resources.services.find(({ name }) => name === host);
  if (service === undefined) return { place, address: host, port };
  const published = service.ports.find((one) => one.port === port && one.protocol === "tcp")?.host;
  if (published !== undefined) return { place, address: reachable(published.address), port: published.port };
  const target = await findContainer(deployment, host);
  const address = target === undefined ? undefined : sharedAddress(target, target);
  if (target === undefined || address === undefined) return { missing: `${host} does not run` };
  return { place: { kind: "process", pid: target.State.Pid }, address, port };
}

/** A port on every address answers on the loopback. */
function reachable(address: string): string {
  if (address === "" || address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}
