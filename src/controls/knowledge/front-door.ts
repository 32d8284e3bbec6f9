import { knownValue } from "../../facts/fact.ts";
import type { Route, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { isPrivateAddress } from "../../lib/own-address.ts";

/**
 * Why what a proxy does with a route (TLS, headers, limits) is not asked for here, as a clause; undefined where it is.
 * A proxy that nobody outside reaches has another one before it, and that one answers for these.
 */
export function whyBehindAnother(route: Route, system: System): string | undefined {
  if (route.transport === "tcp") return "no HTTP is spoken there";
  if (route.relay !== undefined) return `${route.relay} takes the requests, and what it does with them is set there`;
  if (route.elsewhere === true) return "it is judged where the proxy's own file is read";
  return whyOutOfReach(route, system);
}

/** Why nobody comes by a route from outside as it stands, as a clause; undefined where somebody may. */
export function whyOutOfReach(route: Route, system: System): string | undefined {
  if (route.relay !== undefined || route.elsewhere === true || route.lens !== "written" || route.whole !== true)
    return undefined;
  if (route.edge !== undefined) {
    const edge = system.workload(route.edge);
    return edge === undefined || isPublished(edge, route, system)
      ? undefined
      : "its proxy is not published, and what stands before it answers for this";
  }
  const host = knownValue(route.host);
  return host !== undefined && host !== "*" && host.includes(".")
    ? undefined
    : "nothing in these files shows that it is reached from outside";
}

function isPublished(edge: Workload, { edgePorts }: Route, system: System): boolean {
  if (system.reach.exposure(edge).exposure !== "published") return false;
  if (edgePorts === undefined || !edgePorts.complete || edgePorts.items.length === 0) return true;
  if (knownValue(edge.networkMode)?.kind !== "networks") return true;
  const open = system.ownedBy(edge.ref, "listener").filter((listener) => {
    const reach = knownValue(listener.reach);
    return listener.hostPort !== undefined && reach !== "loopback" && reach !== "networks";
  });
  // A range, or a port in a variable, may be any of them.
  return open.some(({ port }) => knownValue(port) === undefined || edgePorts.items.includes(knownValue(port) ?? 0));
}

const privateEndings =
  /(?:^|\.)(?:local|lan|home|internal|intranet|private|localdomain|localhost|test|box|corp|home\.arpa|ts\.net)$/i;
/** Names of a service that answers with the address in them. */
const namedAddress = /(?:^|[.-])(\d{1,3}(?:[.-]\d{1,3}){3})\.(?:nip|sslip)\.io$/i;

/** Whether a name means something on one's own network only. */
export function isPrivateName(route: Route): boolean {
  const host = knownValue(route.host);
  if (host === undefined || host === "*") return false;
  const address = namedAddress.exec(host)?.[1]?.replaceAll("-", ".") ?? host;
  return isPrivateAddress(address) || (host.includes(".") ? privateEndings.test(host) : !host.includes(":"));
}

/** Whether only addresses of one's own network are answered. */
export function isForPrivateNetworks({ audience }: Route): boolean {
  const known = knownValue(audience);
  return known?.kind === "networks" && known.cidrs.length > 0 && known.cidrs.every(isPrivateAddress);
}
