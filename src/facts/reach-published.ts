import { append } from "../lib/append.ts";
import type { Place } from "../lib/place.ts";
import { type Fact, knownValue, stated } from "./fact.ts";
import { isNarrowed } from "./narrowed.ts";
import { everyPortFromOutside, type ReachEdge } from "./reach-edge.ts";
import { type Listener, type Network, type Reach, refKey, type Workload } from "./subjects.ts";
import type { System } from "./system.ts";

/** What is published on the host, or has an address of its own beside it. */
export function publishedEdges(system: System): ReachEdge[] {
  const edges: ReachEdge[] = [];
  for (const listener of system.all("listener")) {
    const edge = publishedEdge(listener);
    if (edge !== undefined) edges.push(edge);
  }
  for (const workload of system.all("workload")) {
    if (knownValue(workload.networkMode)?.kind !== "host" || workload.kubernetes?.opensNoPort === true) continue;
    const { place } = workload.networkMode;
    const allowedBy = "it shares the host's network, so every port that it opens is the host's";
    edges.push(everyPortFromOutside(workload.ref, { through: "publishing", allowedBy, place, certain: true }));
  }
  return [...edges, ...localNetworkEdges(system)];
}

/**
 * A macvlan or ipvlan gives each member an address of its own on the local network: every port that it opens is there.
 * So may a network of which that cannot be told.
 */
function localNetworkEdges(system: System): ReachEdge[] {
  const networks = system.all("network");
  const members = networks.length === 0 ? new Map<string, Attached[]>() : attachedByNetwork(system);
  return networks.flatMap((network) => {
    const local = localAddresses(network);
    const certain = knownValue(local) === true;
    if (!certain && local.kind !== "unknown") return [];
    const gives = certain ? "gives" : "may give";
    const allowedBy = `the network ${network.ref.name} ${gives} it an address of its own on the local network`;
    return (members.get(refKey(network.ref)) ?? []).map(({ workload, place }) =>
      everyPortFromOutside(workload.ref, { through: "publishing", allowedBy, place, certain }),
    );
  });
}

/** A workload on a network, with the place of the first of its attachments to it. */
interface Attached {
  readonly workload: Workload;
  readonly place: Place;
}

function attachedByNetwork(system: System): ReadonlyMap<string, readonly Attached[]> {
  const members = new Map<string, Attached[]>();
  for (const workload of system.all("workload")) {
    const seen = new Set<string>();
    for (const { network, place } of workload.attachments.items) {
      const key = refKey(network);
      if (seen.has(key)) continue;
      seen.add(key);
      append(members, key, { workload, place });
    }
  }
  return members;
}

/** Where nothing tells more, only a driver that is known to is taken to give them. */
function localAddresses({ localAddresses, driver, place }: Network): Fact<boolean> {
  return localAddresses ?? stated(/^(?:mac|ip)vlan$/.test(knownValue(driver) ?? ""), place);
}

function publishedEdge(listener: Listener): ReachEdge | undefined {
  const reach = knownValue(listener.reach);
  if (reach === "networks" || (reach === undefined && listener.hostPort === undefined)) return undefined;
  const hostPort = listener.hostPort === undefined ? undefined : knownValue(listener.hostPort);
  const address = listener.hostAddress === undefined ? undefined : knownValue(listener.hostAddress);
  const number = hostPort ?? knownValue(listener.port);
  const shown = number === undefined ? "a port" : `port ${number}`;
  const allowedBy = `${shown} is published ${publishedTo(listener, reach, address)}`;
  return {
    from: { kind: reach === "loopback" ? "host" : "outside" },
    to: { kind: "workload", ref: listener.owner },
    port: knownValue(listener.port) ?? "any",
    // The known ones of them have no listener of their own where there are too many.
    ...(listener.publishedRange?.stands === true ? { ports: listener.publishedRange.inside ?? "any" } : {}),
    protocol: knownValue(listener.protocol) ?? "any",
    through: "publishing",
    allowedBy,
    place: listener.place,
    certain: reach !== undefined,
    ...(isNarrowed(listener) ? { limited: true } : {}),
  };
}

/** Of a port of Compose that is published without a number on the host, that the engine picks one; else nothing. */
export function underWhich({ hostPort, platform }: Listener): string {
  return platform === "compose" && hostPort?.kind === "unstated" ? ", under a port that the engine picks" : "";
}

/** To whom a port is published, and by what where that is no part of its owner. */
function publishedTo(listener: Listener, reach: Reach | undefined, address: string | undefined): string {
  const by = listener.publishedBy === undefined ? "" : ` by ${listener.publishedBy}`;
  const audience = listener.audience === undefined ? undefined : knownValue(listener.audience);
  if (audience?.kind === "networks") return `to ${audience.cidrs.join(", ")}${by}`;
  if (reach === "loopback") return `on the host's loopback${by}`;
  if (reach === "one-address") {
    return `on ${address ?? "one address"}${isNarrowed(listener) ? ", an address of a tailnet" : ""}${by}`;
  }
  if (reach === "everywhere") return by === "" ? `on every address${underWhich(listener)}` : by.trim();
  const { reach: hidden } = listener;
  return by === "" || hidden.kind !== "unknown"
    ? `on an address that cannot be resolved here${by}`
    : `${by.trim()}, and whether that is reached cannot be told: ${hidden.why}`;
}

/**
 * A workload in another's network namespace is reached by whatever reaches that one: the port is published by the one,
 * and either may be the one that listens.
 */
export function sharedEdges(system: System): ReachEdge[] {
  return system.all("workload").flatMap((workload): ReachEdge[] => {
    const mode = knownValue(workload.networkMode);
    const holder =
      mode?.kind === "shared"
        ? system.workload({ kind: "workload", system: workload.ref.system, name: mode.with })
        : undefined;
    if (holder === undefined) return [];
    const published = system.ownedBy(holder.ref, "listener").flatMap((listener): ReachEdge[] => {
      const edge = publishedEdge(listener);
      if (edge === undefined) return [];
      const allowedBy = `it shares the network of ${holder.ref.name}, where ${edge.allowedBy}`;
      return [{ ...edge, to: { kind: "workload", ref: workload.ref }, allowedBy, certain: false }];
    });
    const between = (from: Workload, to: Workload): ReachEdge => ({
      from: { kind: "workload", ref: from.ref },
      to: { kind: "workload", ref: to.ref },
      port: "any",
      protocol: "any",
      through: "shared-namespace",
      allowedBy: `${workload.ref.name} shares the network of ${holder.ref.name}`,
      place: workload.networkMode.place,
      certain: true,
    });
    return [...published, between(holder, workload), between(workload, holder)];
  });
}
