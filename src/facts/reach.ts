import { append } from "../lib/append.ts";
import { knownValue } from "./fact.ts";
import { type Crossing, Crossings, crossingEdge, type Member, openers, reached } from "./reach-crossings.ts";
import { describeNode, describePorts, leadsTo, nodeKey, type ReachEdge } from "./reach-edge.ts";
import { publishedEdges, sharedEdges } from "./reach-published.ts";
import { routeEdges } from "./reach-routes.ts";
import { tunnelEdges } from "./reach-tunnels.ts";
import { sureFirst, WaysToPorts, walkBack } from "./reach-ways.ts";
import type { Ref, Workload } from "./subjects.ts";
import type { Dormancy } from "./subjects-workload.ts";
import type { System } from "./system.ts";

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
  /**
   * Whether it is so cannot be told: of what is published, whether that lets anybody in; of a neighbour, whether what is not
   * described is beside it.
   */
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
  readonly #asleep: ReadonlyMap<string, Dormancy>;
  #all: readonly ReachEdge[] | undefined;
  #cameBy: ReadonlyMap<string, ReachEdge> | undefined;
  #toPorts: WaysToPorts | undefined;

  private constructor(explicit: readonly ReachEdge[], crossings: Crossings, asleep: ReadonlyMap<string, Dormancy>) {
    this.#explicit = explicit;
    this.#crossings = crossings;
    this.#asleep = asleep;
    for (const edge of explicit) {
      append(this.#byTarget, nodeKey(edge.to), edge);
      append(this.#bySource, nodeKey(edge.from), edge);
    }
  }

  /** Builds the graph from listeners, routes and networks. */
  static of(system: System): ReachGraph {
    // Of two ways of one length the first is told: a published port is plainer than a tunnel.
    const explicit = [...publishedEdges(system), ...sharedEdges(system), ...routeEdges(system), ...tunnelEdges(system)];
    const asleep = new Map(
      system
        .all("workload")
        .flatMap(({ ref, dormant }) => (dormant === undefined ? [] : [[nodeKey({ kind: "workload", ref }), dormant]])),
    );
    // And one through what runs before one through what a plain start leaves out.
    const isAsleep = ({ to }: ReachEdge) => asleep.has(nodeKey(to));
    const awakeFirst =
      asleep.size === 0 ? explicit : [...explicit.filter((edge) => !isAsleep(edge)), ...explicit.filter(isAsleep)];
    return new ReachGraph(awakeFirst, new Crossings(system), asleep);
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

  /** The shortest way from outside to a workload, or to these ports of it; empty for none. The first edge starts outside. */
  pathFromOutside(workload: Ref<"workload">, ports?: readonly number[]): readonly ReachEdge[] {
    this.#cameBy ??= this.#search();
    const key = nodeKey({ kind: "workload", ref: workload });
    if (ports === undefined) return walkBack(this.#cameBy, key);
    this.#toPorts ??= new WaysToPorts(this.#cameBy, this.#crossings);
    return this.#toPorts.to(key, this.#byTarget.get(key) ?? [], ports);
  }

  /** How exposed a workload is, or these ports of it, with the explanation. */
  exposure(workload: Workload, ports?: readonly number[]): Exposed {
    const key = nodeKey({ kind: "workload", ref: workload.ref });
    const every = this.#byTarget.get(key) ?? [];
    const direct = ports === undefined ? every : every.filter((edge) => leadsTo(edge, ports));
    // Asked first: an Incus proxy device leads into an instance that has no network.
    const doors = direct.filter((edge) => edge.from.kind === "outside" && edge.through === "publishing");
    const sure = doors.filter(({ certain }) => certain);
    const published = sure.find(({ limited }) => limited !== true) ?? sure[0] ?? doors[0];
    if (published !== undefined) {
      const { allowedBy: why, certain, limited } = published;
      return { exposure: "published", why, ...(certain ? {} : { inDoubt: true }), ...(limited && { limited }) };
    }
    if (knownValue(workload.networkMode)?.kind === "none") return { exposure: "none", why: "it has no network" };
    const path = this.pathFromOutside(workload.ref, ports);
    const last = path.at(-1);
    if (last !== undefined && last.through === "route") return { exposure: "proxied", why: last.allowedBy };
    if (last?.through === "tunnel") return { exposure: "proxied", why: last.allowedBy, byTunnel: true };
    const fromHost = direct.find((edge) => edge.from.kind === "host");
    if (fromHost !== undefined) return { exposure: "local", why: fromHost.allowedBy };
    const [first] = path;
    if (last !== undefined && path.length === 2 && first?.through === "tunnel")
      return { exposure: "neighbour", why: besideTunnel(first, last), byTunnel: true };
    if (last !== undefined && path.length === 2) {
      const asleep = this.#dormant(first?.to, workload);
      if (asleep !== undefined) return { exposure: "internal", why: asleep };
      if (first?.certain !== false || first.through !== "publishing")
        return { exposure: "neighbour", why: last.allowedBy };
      const why = `it shares a network with ${describeNode(first.to)}, of which it cannot be told whether it is published`;
      return { exposure: "neighbour", why, inDoubt: true };
    }
    const hidden = this.#crossings.hiddenNeighbours(key);
    if (hidden !== undefined) return { exposure: "neighbour", why: hidden, inDoubt: true };
    if (path.length > 2) {
      const opening = first?.through === "tunnel" ? "a tunnel that visitors come in by" : "a published service";
      const what = ports === undefined ? "it is" : `${describePorts(ports)} ${ports.length === 1 ? "is" : "are"}`;
      return { exposure: "internal", why: `${what} ${path.length - 1} steps behind ${opening}` };
    }
    // To some ports a way through others may lead of which not every one is looked for.
    const where = ports === undefined ? "to it" : `straight to ${describePorts(ports)}`;
    return { exposure: "internal", why: `nothing published leads ${where}` };
  }

  /** Of a way through something that a plain start leaves out, to something else: that nothing else leads there. */
  #dormant(by: ReachEdge["to"] | undefined, workload: Workload): string | undefined {
    if (by?.kind !== "workload" || workload.dormant !== undefined) return undefined;
    const dormant = this.#asleep.get(nodeKey(by));
    return dormant === undefined ? undefined : `only ${by.ref.name} leads to it, ${dormant.which}`;
  }

  /**
   * One search for all workloads, step by step: by which edge each is first reached from outside. Of ways of one length
   * the one by a port or route is told, and not that by a network: it is what somebody opened; and what is open for sure
   * before what may be. A crossing is passed once, and so is a list that crossings share.
   */
  #search(): ReadonlyMap<string, ReachEdge> {
    const cameBy = new Map<string, ReachEdge>();
    const crossed = new Set<Crossing>();
    const told = new Set<readonly Member[]>();
    const visited = new Set<readonly Member[]>();
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
      for (const key of step) for (const edge of sureFirst(this.#bySource.get(key) ?? [])) visit(edge);
      for (const key of step) {
        for (const { crossing, member } of this.#crossings.openedBy(key, told)) {
          if (crossed.has(crossing) || visited.has(crossing.to)) continue;
          crossed.add(crossing);
          for (const to of reached(crossing)) if (!seen.has(to.key)) visit(crossingEdge(crossing, member, to));
          if (crossing.notTo === undefined) visited.add(crossing.to);
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

function besideTunnel(first: ReachEdge, last: ReachEdge): string {
  return `${last.allowedBy}, and ${describeNode(first.to)} ${first.allowedBy.replace(/^it /, "")}`;
}
