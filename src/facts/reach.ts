import { append } from "../lib/append.ts";
import type { Place } from "../lib/place.ts";
import { type Fact, knownValue, stated } from "./fact.ts";
import { tunnelOf } from "./knowledge/tunnels.ts";
import { isNarrowed } from "./narrowed.ts";
import { type Crossing, Crossings, crossingEdge, openers, reached } from "./reach-crossings.ts";
import type { Listener, Network, Protocol, Reach, Ref, Route, Workload } from "./subjects.ts";
import { refKey } from "./subjects.ts";
import type { System } from "./system.ts";

/** A point of the graph: the world, the machine itself, or a workload. */
export type ReachNode =
  /** Whoever can route to the host's addresses: the internet, or the local network behind a router. */
  | { readonly kind: "outside" }
  /** Processes and people on the host itself. */
  | { readonly kind: "host" }
  | { readonly kind: "workload"; readonly ref: Ref<"workload"> };

/** One way to open a connection. */
export interface ReachEdge {
  readonly from: ReachNode;
  readonly to: ReachNode;
  /** `any` when nothing narrows the port. */
  readonly port: number | "any";
  readonly protocol: Protocol | "any";
  /**
   * What opens it: a binding to the host, a proxy's route, a common network, a common network namespace, or a connection
   * that the workload itself keeps open to somebody outside.
   */
  readonly through: "publishing" | "route" | "network" | "shared-namespace" | "tunnel";
  /** What allows it, as a clause: `port 8080 is published on every address`. */
  readonly allowedBy: string;
  readonly place: Place;
  /** False when the edge rests on something that could not be resolved. */
  readonly certain: boolean;
  /** It is published to stated networks, or to a tailnet, and to nobody else. */
  readonly limited?: true;
}

/** How exposed a workload is, from worst to best. */
export type Exposure =
  /** A port of its own is published on every address, or it shares the host's network. */
  | "published"
  /** A proxy that is published leads to it, or it is the end of a tunnel that visitors come in by. */
  | "proxied"
  /** Published on the host's loopback, or on one address, only. */
  | "local"
  /** It shares a network with something that is published, or may share one with something that is not described. */
  | "neighbour"
  /** Nothing outside leads to it but through two or more workloads. */
  | "internal"
  /** It has no network. */
  | "none";

export interface Exposed {
  readonly exposure: Exposure;
  /** A clause for people. */
  readonly why: string;
  /** What opens it may not let anybody in; of a neighbour: nothing published is seen beside it, and may be there. */
  readonly inDoubt?: true;
  /** Every port of it that is published is published to stated networks, or to a tailnet, only. */
  readonly limited?: true;
  /** Visitors come in by a tunnel, and by nothing that is published. */
  readonly byTunnel?: true;
}

/**
 * Who can reach whom in one system, and by what way from outside. What networks let through is kept as lists of members,
 * so that a network of thousands does not become millions of edges unless somebody asks for them all.
 */
export class ReachGraph {
  readonly #explicit: readonly ReachEdge[];
  readonly #byTarget = new Map<string, ReachEdge[]>();
  readonly #bySource = new Map<string, ReachEdge[]>();
  readonly #crossings: Crossings;
  #all: readonly ReachEdge[] | undefined;
  #cameBy: ReadonlyMap<string, ReachEdge> | undefined;

  private constructor(explicit: readonly ReachEdge[], crossings: Crossings) {
    this.#explicit = explicit;
    this.#crossings = crossings;
    for (const edge of explicit) {
      append(this.#byTarget, nodeKey(edge.to), edge);
      append(this.#bySource, nodeKey(edge.from), edge);
    }
  }

  /** Builds the graph from listeners, routes and networks. */
  static of(system: System): ReachGraph {
    // Of two ways of one length the first is told: a published port is plainer than a tunnel.
    const explicit = [...publishedEdges(system), ...sharedEdges(system), ...routeEdges(system), ...tunnelEdges(system)];
    return new ReachGraph(explicit, new Crossings(system));
  }

  /** Every edge. Members of a network have one to each other member that they may reach. */
  get edges(): readonly ReachEdge[] {
    this.#all ??= [...this.#explicit, ...this.#crossings.all.flatMap(crossingEdges)];
    return this.#all;
  }

  /** The edges that no network gives: ports, routes, shared namespaces. There are few of them. */
  get doors(): readonly ReachEdge[] {
    return this.#explicit;
  }

  into(workload: Ref<"workload">): readonly ReachEdge[] {
    const key = nodeKey({ kind: "workload", ref: workload });
    const crossed = [...this.#crossings.accepting(key)].flatMap(({ crossing, member }) =>
      openers(crossing).flatMap((other) => (other.key === key ? [] : crossingEdge(crossing, other, member))),
    );
    return [...(this.#byTarget.get(key) ?? []), ...crossed];
  }

  outOf(workload: Ref<"workload">): readonly ReachEdge[] {
    const key = nodeKey({ kind: "workload", ref: workload });
    const crossed = [...this.#crossings.openedBy(key)].flatMap(({ crossing, member }) =>
      reached(crossing).flatMap((other) => (other.key === key ? [] : crossingEdge(crossing, member, other))),
    );
    return [...(this.#bySource.get(key) ?? []), ...crossed];
  }

  /** The shortest way from outside to a workload, empty for none; the first edge starts outside. */
  pathFromOutside(workload: Ref<"workload">): readonly ReachEdge[] {
    this.#cameBy ??= this.#search();
    return walkBack(this.#cameBy, nodeKey({ kind: "workload", ref: workload }));
  }

  /** How exposed a workload is, with the explanation. */
  exposure(workload: Workload): Exposed {
    const key = nodeKey({ kind: "workload", ref: workload.ref });
    const direct = this.#byTarget.get(key) ?? [];
    // Asked first: an Incus proxy device leads into an instance that has no network.
    const doors = direct.filter((edge) => edge.from.kind === "outside" && edge.through === "publishing");
    const sure = doors.filter(({ certain }) => certain);
    const published = sure.find(({ limited }) => limited !== true) ?? sure[0] ?? doors[0];
    if (published !== undefined) {
      const { allowedBy: why, certain, limited } = published;
      return { exposure: "published", why, ...(certain ? {} : { inDoubt: true }), ...(limited && { limited }) };
    }
    if (knownValue(workload.networkMode)?.kind === "none") return { exposure: "none", why: "it has no network" };
    const path = this.pathFromOutside(workload.ref);
    const last = path.at(-1);
    if (last !== undefined && last.through === "route") return { exposure: "proxied", why: last.allowedBy };
    if (last?.through === "tunnel") return { exposure: "proxied", why: last.allowedBy, byTunnel: true };
    const fromHost = direct.find((edge) => edge.from.kind === "host");
    if (fromHost !== undefined) return { exposure: "local", why: fromHost.allowedBy };
    const [first] = path;
    if (last !== undefined && path.length === 2 && first?.through === "tunnel")
      return { exposure: "neighbour", why: besideTunnel(first, last), byTunnel: true };
    if (last !== undefined && path.length === 2) return { exposure: "neighbour", why: last.allowedBy };
    const hidden = this.#crossings.hiddenNeighbours(key);
    if (hidden !== undefined) return { exposure: "neighbour", why: hidden, inDoubt: true };
    if (path.length > 2) {
      const opening = first?.through === "tunnel" ? "a tunnel that visitors come in by" : "a published service";
      return { exposure: "internal", why: `it is ${path.length - 1} steps behind ${opening}` };
    }
    return { exposure: "internal", why: "nothing published leads to it" };
  }

  /**
   * One search for all workloads, step by step: by which edge each is first reached from outside. Of ways of one length
   * the one by a port or route is told, and not that by a network: it is what somebody opened. A crossing is passed once.
   */
  #search(): ReadonlyMap<string, ReachEdge> {
    const cameBy = new Map<string, ReachEdge>();
    const crossed = new Set<Crossing>();
    const seen = new Set(["outside"]);
    let step: readonly string[] = ["outside"];
    while (step.length > 0) {
      const next: string[] = [];
      const visit = (edge: ReachEdge) => {
        const key = nodeKey(edge.to);
        if (seen.has(key)) return;
        seen.add(key);
        cameBy.set(key, edge);
        next.push(key);
      };
      for (const key of step) for (const edge of this.#bySource.get(key) ?? []) visit(edge);
      for (const key of step) {
        for (const { crossing, member } of this.#crossings.openedBy(key)) {
          if (crossed.has(crossing)) continue;
          crossed.add(crossing);
          for (const to of reached(crossing)) if (!seen.has(to.key)) visit(crossingEdge(crossing, member, to));
        }
      }
      step = next;
    }
    return cameBy;
  }
}

function crossingEdges(crossing: Crossing): readonly ReachEdge[] {
  const to = reached(crossing);
  return openers(crossing).flatMap((from) =>
    to.flatMap((each) => (from.key === each.key ? [] : crossingEdge(crossing, from, each))),
  );
}

function walkBack(cameBy: ReadonlyMap<string, ReachEdge>, goal: string): readonly ReachEdge[] {
  const path: ReachEdge[] = [];
  for (let edge = cameBy.get(goal); edge !== undefined; edge = cameBy.get(nodeKey(edge.from))) path.unshift(edge);
  return path;
}

export function nodeKey(node: ReachNode): string {
  return node.kind === "workload" ? refKey(node.ref) : node.kind;
}

/** `outside`, `the host`, or the workload's name. */
export function describeNode(node: ReachNode): string {
  switch (node.kind) {
    case "outside":
      return "outside";
    case "host":
      return "the host";
    case "workload":
      return node.ref.name;
  }
}

function besideTunnel(first: ReachEdge, last: ReachEdge): string {
  return `${last.allowedBy}, and ${describeNode(first.to)} ${first.allowedBy.replace(/^it /, "")}`;
}

/** Where a tunnel leads is told by its routes; one without any is led from outside, and may lead to each of its networks. */
function tunnelEdges(system: System): ReachEdge[] {
  const relayed = new Map<string, string>();
  for (const { relay, edge, audience } of system.all("route")) {
    if (relay === undefined || edge === undefined) continue;
    // Of two by which visitors come the one counts that lets more of them in.
    const key = refKey(edge);
    if (knownValue(audience)?.kind !== "networks" || !relayed.has(key)) relayed.set(key, relay);
  }
  return system.all("workload").flatMap((workload): ReachEdge[] => {
    const relay = relayed.size === 0 ? undefined : relayed.get(refKey(workload.ref));
    const tunnel = relay === undefined ? tunnelOf(workload, system) : { what: `is the end of a tunnel from ${relay}` };
    if (tunnel === undefined || (tunnel.ownNamespace === true && !sharesNamespace(workload, system))) return [];
    const where = relay === undefined ? "; where that leads is not in these files" : "";
    return [
      {
        from: { kind: "outside" },
        to: { kind: "workload", ref: workload.ref },
        port: "any",
        protocol: "any",
        through: "tunnel",
        allowedBy: `it ${tunnel.what}, by which visitors come in${where}`,
        place: workload.place,
        certain: true,
      },
    ];
  });
}

/** Whether another is in a workload's network namespace, or it in another's. */
function sharesNamespace(workload: Workload, system: System): boolean {
  if (knownValue(workload.networkMode)?.kind === "shared") return true;
  return system.all("workload").some(({ networkMode }) => {
    const mode = knownValue(networkMode);
    return mode?.kind === "shared" && mode.with === workload.ref.name;
  });
}

function publishedEdges(system: System): ReachEdge[] {
  const edges: ReachEdge[] = [];
  for (const listener of system.all("listener")) {
    const edge = publishedEdge(listener);
    if (edge !== undefined) edges.push(edge);
  }
  for (const workload of system.all("workload")) {
    if (knownValue(workload.networkMode)?.kind !== "host") continue;
    edges.push({
      from: { kind: "outside" },
      to: { kind: "workload", ref: workload.ref },
      port: "any",
      protocol: "any",
      through: "publishing",
      allowedBy: "it shares the host's network, so every port that it opens is the host's",
      place: workload.networkMode.place,
      certain: true,
    });
  }
  return [...edges, ...localNetworkEdges(system)];
}

/**
 * A macvlan or ipvlan gives each member an address of its own on the local network: every port that it opens is there.
 * So may a network of which that cannot be told.
 */
function localNetworkEdges(system: System): ReachEdge[] {
  return system.all("network").flatMap((network) => {
    const local = localAddresses(network);
    const certain = knownValue(local) === true;
    if (!certain && local.kind !== "unknown") return [];
    const gives = certain ? "gives" : "may give";
    const allowedBy = `the network ${network.ref.name} ${gives} it an address of its own on the local network`;
    return system.all("workload").flatMap((workload): ReachEdge[] => {
      const attachment = workload.attachments.items.find((item) => refKey(item.network) === refKey(network.ref));
      if (attachment === undefined) return [];
      return [
        {
          from: { kind: "outside" },
          to: { kind: "workload", ref: workload.ref },
          port: "any",
          protocol: "any",
          through: "publishing",
          allowedBy,
          place: attachment.place,
          certain,
        },
      ];
    });
  });
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
    protocol: knownValue(listener.protocol) ?? "any",
    through: "publishing",
    allowedBy,
    place: listener.place,
    certain: reach !== undefined,
    ...(isNarrowed(listener) ? { limited: true } : {}),
  };
}

/** To whom a port is published, and by what where that is no part of its owner. */
function publishedTo(listener: Listener, reach: Reach | undefined, address: string | undefined): string {
  const by = listener.publishedBy === undefined ? "" : ` by ${listener.publishedBy}`;
  const audience = listener.audience === undefined ? undefined : knownValue(listener.audience);
  if (audience?.kind === "networks") return `to ${audience.cidrs.join(", ")}${by}`;
  if (reach === "loopback") return `on the host's loopback${by}`;
  if (reach === "one-address") {
    const on = address === undefined ? "one address" : address;
    return `on ${on}${isNarrowed(listener) ? ", an address of a tailnet" : ""}${by}`;
  }
  if (reach === "everywhere") return by === "" ? "on every address" : by.trim();
  const { reach: hidden } = listener;
  return by === "" || hidden.kind !== "unknown"
    ? `on an address that cannot be resolved here${by}`
    : `${by.trim()}, and whether that is reached cannot be told: ${hidden.why}`;
}

/** Of two routes to one workload the one that asks nobody who comes is told before the one that does: it is the way in. */
function routeEdges(system: System): ReachEdge[] {
  const routes = system.all("route");
  const guarded = new Set(routes.flatMap((route) => (isGuarded(route) ? [doorOf(route)] : [])));
  const openFirst = [...routes.filter((route) => !isGuarded(route)), ...routes.filter(isGuarded)];
  return openFirst.flatMap((route): ReachEdge[] => {
    const known = knownValue(route.target);
    const target = known ?? (route.owner === undefined ? undefined : { workload: route.owner, port: "any" as const });
    if (target === undefined || isForTailnet(route)) return [];
    const host = whereRouted(route, guarded);
    return [
      {
        from: route.edge === undefined ? { kind: "outside" } : { kind: "workload", ref: route.edge },
        to: { kind: "workload", ref: target.workload },
        port: target.port,
        protocol: "tcp",
        through: "route",
        allowedBy: `${host} is routed to it`,
        place: route.place,
        certain: known !== undefined,
      },
    ];
  });
}

/** Where the end of a tunnel is not among the workloads, only one's own devices come by it as long as nothing opens it to all. */
function isForTailnet({ relay, edge, audience }: Route): boolean {
  return relay === "Tailscale" && edge === undefined && knownValue(audience)?.kind === "networks";
}

/** Whether a sign-in stands before a route for certain. */
function isGuarded({ authentication, delegation }: Route): boolean {
  const known = knownValue(authentication);
  return known === undefined ? delegation?.says !== undefined : known !== "none";
}

/** What routes of one host to one workload have in common. */
function doorOf({ host, target, owner }: Route): string {
  const to = knownValue(target)?.workload ?? owner;
  return `${knownValue(host) ?? ""} ${to === undefined ? "" : refKey(to)}`;
}

/** The host name, with who is asked; with the path where that is a way past a sign-in on others of its paths. */
function whereRouted(route: Route, guarded: ReadonlySet<string>): string {
  const name = knownValue(route.host) ?? "a host name";
  const says = route.delegation?.says;
  if (says !== undefined) return `${name}, where ${says},`;
  const path = knownValue(route.path);
  if (path?.startsWith("/") !== true || isGuarded(route) || !guarded.has(doorOf(route))) return name;
  const why = knownValue(route.authentication) === "none" ? "nobody is asked who comes" : "no sign-in is seen";
  return `${name}${path}, where ${why},`;
}

/**
 * A workload in another's network namespace is reached by whatever reaches that one: the port is published by the one,
 * and either may be the one that listens.
 */
function sharedEdges(system: System): ReachEdge[] {
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
