import type { Place } from "../lib/place.ts";
import type { Fact } from "./fact.ts";
import { knownValue } from "./fact.ts";
import type { Listener, Protocol, Ref, Workload } from "./subjects.ts";
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
  /** What allows it, as a clause: `port 8080 is published on every address`. */
  readonly allowedBy: string;
  readonly place: Place;
  /** False when the edge rests on something that could not be resolved. */
  readonly certain: boolean;
}

/** How exposed a workload is, from worst to best. */
export type Exposure =
  /** A port of its own is published on every address, or it shares the host's network. */
  | "published"
  /** A proxy that is published leads to it. */
  | "proxied"
  /** Published on the host's loopback, or on one address, only. */
  | "local"
  /** It shares a network with something that is published. */
  | "neighbour"
  /** Nothing outside leads to it but through two or more workloads. */
  | "internal"
  /** It has no network. */
  | "none";

/** Who can reach whom in one system, and by what way from outside. */
export class ReachGraph {
  readonly edges: readonly ReachEdge[];
  readonly #byTarget = new Map<string, ReachEdge[]>();
  readonly #bySource = new Map<string, ReachEdge[]>();
  readonly #paths = new Map<string, readonly ReachEdge[] | undefined>();

  private constructor(edges: readonly ReachEdge[]) {
    this.edges = edges;
    for (const edge of edges) {
      append(this.#byTarget, nodeKey(edge.to), edge);
      append(this.#bySource, nodeKey(edge.from), edge);
    }
  }

  /** Builds the graph from listeners, routes, shared networks and policy rules. */
  static of(system: System): ReachGraph {
    return new ReachGraph([...publishedEdges(system), ...routeEdges(system), ...networkEdges(system)]);
  }

  into(workload: Ref<"workload">): readonly ReachEdge[] {
    return this.#byTarget.get(nodeKey({ kind: "workload", ref: workload })) ?? [];
  }

  outOf(workload: Ref<"workload">): readonly ReachEdge[] {
    return this.#bySource.get(nodeKey({ kind: "workload", ref: workload })) ?? [];
  }

  /** The shortest way from outside to a workload, empty for none; the first edge starts outside. */
  pathFromOutside(workload: Ref<"workload">): readonly ReachEdge[] {
    const key = refKey(workload);
    if (!this.#paths.has(key)) this.#paths.set(key, this.#search(workload));
    return this.#paths.get(key) ?? [];
  }

  /** How exposed a workload is; the explanation is a clause for people. */
  exposure(workload: Workload): { readonly exposure: Exposure; readonly why: string } {
    const mode = knownValue(workload.networkMode);
    if (mode?.kind === "none") return { exposure: "none", why: "it has no network" };
    const into = this.into(workload.ref);
    const fromOutside = into.find((edge) => edge.from.kind === "outside");
    if (fromOutside !== undefined) return { exposure: "published", why: fromOutside.allowedBy };
    const path = this.pathFromOutside(workload.ref);
    if (path.length === 2 && path[1]?.port !== "any" && path[1] !== undefined) {
      return { exposure: "proxied", why: path[1].allowedBy };
    }
    const fromHost = into.find((edge) => edge.from.kind === "host");
    if (fromHost !== undefined) return { exposure: "local", why: fromHost.allowedBy };
    if (path.length === 2)
      return { exposure: "neighbour", why: path[1]?.allowedBy ?? "it shares a network with a published service" };
    if (path.length > 2)
      return { exposure: "internal", why: `it is ${path.length - 1} steps behind a published service` };
    return { exposure: "internal", why: "nothing published leads to it" };
  }

  #search(target: Ref<"workload">): readonly ReachEdge[] | undefined {
    const goal = nodeKey({ kind: "workload", ref: target });
    const cameBy = new Map<string, ReachEdge>();
    const queue: ReachNode[] = [{ kind: "outside" }];
    const seen = new Set([nodeKey({ kind: "outside" })]);
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      for (const edge of this.#bySource.get(nodeKey(node)) ?? []) {
        const key = nodeKey(edge.to);
        if (seen.has(key)) continue;
        seen.add(key);
        cameBy.set(key, edge);
        if (key === goal) return walkBack(cameBy, key);
        queue.push(edge.to);
      }
    }
    return undefined;
  }
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
      allowedBy: "it shares the host's network, so every port that it opens is the host's",
      place: workload.networkMode.place,
      certain: true,
    });
  }
  return edges;
}

function publishedEdge(listener: Listener): ReachEdge | undefined {
  const reach = knownValue(listener.reach);
  if (reach === "networks" || (reach === undefined && listener.hostPort === undefined)) return undefined;
  const hostPort = listener.hostPort === undefined ? undefined : knownValue(listener.hostPort);
  const address = listener.hostAddress === undefined ? undefined : knownValue(listener.hostAddress);
  const shown = hostPort ?? knownValue(listener.port) ?? "a port";
  const allowedBy =
    reach === "loopback"
      ? `port ${shown} is published on the host's loopback`
      : reach === "one-address"
        ? `port ${shown} is published on ${address ?? "one address"}`
        : reach === "everywhere"
          ? `port ${shown} is published on every address`
          : `port ${shown} is published on an address that cannot be resolved here`;
  return {
    from: { kind: reach === "loopback" ? "host" : "outside" },
    to: { kind: "workload", ref: listener.owner },
    port: knownValue(listener.port) ?? "any",
    protocol: knownValue(listener.protocol) ?? "any",
    allowedBy,
    place: listener.place,
    certain: reach !== undefined,
  };
}

function routeEdges(system: System): ReachEdge[] {
  return system.all("route").flatMap((route): ReachEdge[] => {
    const target = knownValue(route.target);
    if (target === undefined) return [];
    const host = knownValue(route.host) ?? "a host name";
    return [
      {
        from: route.edge === undefined ? { kind: "outside" } : { kind: "workload", ref: route.edge },
        to: { kind: "workload", ref: target.workload },
        port: target.port,
        protocol: "tcp",
        allowedBy: `${host} is routed to it`,
        place: route.place,
        certain: true,
      },
    ];
  });
}

function networkEdges(system: System): ReachEdge[] {
  const members = new Map<string, { workload: Workload; place: Place }[]>();
  for (const workload of system.all("workload")) {
    for (const attachment of workload.attachments.items) {
      append(members, refKey(attachment.network), { workload, place: attachment.place });
    }
  }
  const edges: ReachEdge[] = [];
  for (const network of system.all("network")) {
    const joined = members.get(refKey(network.ref)) ?? [];
    if (isFalse(network.memberTraffic)) continue;
    for (const from of joined) {
      for (const to of joined) {
        if (from === to) continue;
        edges.push({
          from: { kind: "workload", ref: from.workload.ref },
          to: { kind: "workload", ref: to.workload.ref },
          port: "any",
          protocol: "any",
          allowedBy: `both are on the network ${network.ref.name}`,
          place: to.place,
          certain: true,
        });
      }
    }
  }
  return edges;
}

function isFalse(fact: Fact<boolean>): boolean {
  return knownValue(fact) === false;
}

function append<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
