import { compareSeverity, type Finding, type Severity } from "../contracts/verdict.ts";
import type { NamespaceExtension } from "../facts/extensions-cluster.ts";
import { knownValue } from "../facts/fact.ts";
import type { Exposure } from "../facts/reach.ts";
import { type Network, type Ref, refKey, type Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import { append } from "../lib/append.ts";

/** One service on the network map. */
export interface MapNode {
  readonly id: string;
  readonly name: string;
  /** What stands in its box: the name without what the box says already. */
  readonly label: string;
  /** `443`, `127.0.0.1:5432`: where the host leads to it. */
  readonly published: readonly string[];
  readonly exposure: Exposure;
  readonly exposureWhy: string;
  /** Steps from outside, 1 for a published service; undefined when no way leads there. */
  readonly depth: number | undefined;
  readonly worst: Severity | undefined;
  readonly findings: number;
}

/**
 * Services drawn in one box: those of a zone or of a network, who reach one another, those of a cluster's namespace, or one
 * that stands by itself.
 */
export interface MapGroup {
  readonly id: string;
  readonly name: string;
  readonly kind: "zone" | "network" | "junction" | "host" | "apart";
  /** A clause below the name: `no way to outside`. */
  readonly note: string;
  readonly nodes: readonly MapNode[];
}

/** `in`: from outside. `route`: a proxy leads there. `network`: both are on it. */
export interface MapLink {
  readonly kind: "in" | "route" | "network" | "surplus" | "missing";
  /** A node's or group's id, or `outside`. */
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export interface MapModel {
  readonly system: string;
  /** What its services are called where it runs. */
  readonly noun: "service" | "workload";
  readonly groups: readonly MapGroup[];
  readonly links: readonly MapLink[];
}

/** A service on at least so many networks joins them and gets a box of its own. */
const junctionFrom = 4;

/** A difference between what may reach whom and what a probe found, to be drawn on the map. */
export interface ReachDifference {
  readonly kind: "surplus" | "missing";
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** What the map of one system shows. Deterministic; the order of services is that of the system. */
export function mapModel(
  system: System,
  findings: readonly Finding[],
  differences: readonly ReachDifference[] = [],
): MapModel {
  const found = findingsByWorkload(findings, system);
  const nodes = new Map(
    system.all("workload").map((workload) => [workload, nodeOf(workload, system, found.get(workload) ?? [])] as const),
  );
  const places = new Placement(system);
  const groups = new Map<string, { group: Omit<MapGroup, "nodes">; nodes: MapNode[] }>();
  for (const [workload, node] of nodes) {
    const group = places.of(workload);
    const entry = groups.get(group.id) ?? { group, nodes: [] };
    groups.set(group.id, entry);
    entry.nodes.push(node);
  }
  const links: MapLink[] = [...linksFromOutside(system), ...routeLinks(system)];
  for (const network of system.all("network")) links.push(...networkLinks(network, system, places, groups));
  for (const { kind, from, to, why } of differences) {
    links.push({ kind, from: differenceEnd(from, system), to: differenceEnd(to, system), why });
  }
  const drawn = [...groups.values()].map(({ group, nodes: members }) => ({ ...group, nodes: members }));
  const known = new Set(["outside", ...drawn.flatMap((group) => [group.id, ...group.nodes.map((node) => node.id)])]);
  return {
    system: system.name,
    noun: system.platform === "kubernetes" ? "workload" : "service",
    groups: drawn,
    links: unique(links.filter((link) => known.has(link.from) && known.has(link.to))),
  };
}

function unique(links: readonly MapLink[]): readonly MapLink[] {
  return [...new Map(links.map((link) => [`${link.kind} ${link.from} ${link.to}`, link] as const)).values()];
}

function nodeId(ref: Ref): string {
  return `service ${ref.name}`;
}

function differenceEnd(name: string, system: System): string {
  return name.startsWith("outside") ? "outside" : nodeId({ kind: "workload", system: system.name, name });
}

/** The findings that nobody accepted, by the workload that each concerns. */
function findingsByWorkload(findings: readonly Finding[], system: System): ReadonlyMap<Workload, readonly Finding[]> {
  const found = new Map<Workload, Finding[]>();
  for (const finding of findings) {
    if (finding.waiver !== undefined || finding.subject.system !== system.name) continue;
    const subject = system.get(finding.subject);
    const workload = subject === undefined ? undefined : system.workloadOf(subject);
    if (workload !== undefined) append(found, workload, finding);
  }
  return found;
}

/** `findings` are its own. */
function nodeOf(workload: Workload, system: System, findings: readonly Finding[]): MapNode {
  const { exposure, why } = system.reach.exposure(workload);
  const path = system.reach.pathFromOutside(workload.ref);
  let worst: Severity | undefined;
  for (const { severity } of findings)
    if (worst === undefined || compareSeverity(severity, worst) > 0) worst = severity;
  return {
    id: nodeId(workload.ref),
    name: workload.ref.name,
    label: isInCluster(workload) ? (workload.ref.name.split("/").at(-1) ?? "") : workload.ref.name,
    published: publishedPorts(workload, system),
    exposure,
    exposureWhy: why,
    depth: path.length === 0 ? undefined : path.length,
    worst,
    findings: findings.length,
  };
}

function isInCluster({ platform, ref }: Workload): boolean {
  return platform === "kubernetes" && ref.name.includes("/");
}

function publishedPorts(workload: Workload, system: System): readonly string[] {
  const ports = system.ownedBy(workload.ref, "listener").flatMap((listener) => {
    if (knownValue(listener.reach) === "networks") return [];
    if (listener.hostPort === undefined) return [];
    const port = String(knownValue(listener.hostPort) ?? "?");
    const address = listener.hostAddress === undefined ? undefined : knownValue(listener.hostAddress);
    return [knownValue(listener.reach) === "everywhere" || address === undefined ? port : `${address}:${port}`];
  });
  return [...new Set(ports)];
}

/** Decides in which box each service is drawn. */
class Placement {
  readonly #system: System;
  readonly #members = new Map<string, Set<Workload>>();
  readonly #boxes = new Map<Workload, Omit<MapGroup, "nodes">>();
  readonly #weights = new Map<string, number>();
  readonly #zoneOf = new Map<string, Omit<MapGroup, "nodes">>();

  constructor(system: System) {
    this.#system = system;
    for (const workload of system.all("workload")) {
      for (const { network } of workload.attachments.items) {
        const members = this.#members.get(refKey(network)) ?? new Set();
        this.#members.set(refKey(network), members.add(workload));
      }
    }
    for (const zone of system.all("zone")) {
      const outside = knownValue(zone.outside);
      const note = outside === "none" ? "no way in or out" : zone.purpose;
      const group = { id: `zone ${zone.ref.name}`, name: zone.ref.name, kind: "zone", note } as const;
      for (const network of zone.networks) this.#zoneOf.set(refKey(network), group);
    }
  }

  members(network: Network): readonly Workload[] {
    return [...(this.#members.get(refKey(network.ref)) ?? [])];
  }

  of(workload: Workload): Omit<MapGroup, "nodes"> {
    const box = this.#boxes.get(workload) ?? this.#placed(workload);
    this.#boxes.set(workload, box);
    return box;
  }

  #placed(workload: Workload): Omit<MapGroup, "nodes"> {
    const mode = knownValue(workload.networkMode)?.kind;
    if (isInCluster(workload)) return mode === "host" ? nodesGroup : this.#namespaceGroup(workload);
    if (mode === "host")
      return { id: "host", name: "the host's network", kind: "host", note: "every port is the host's" };
    const attached = workload.attachments.items.map((attachment) => attachment.network);
    for (const network of attached) {
      const zone = this.#zoneOf.get(refKey(network));
      if (zone !== undefined) return zone;
    }
    const home = this.#home(attached);
    if (home !== undefined && !this.#isJunction(workload)) return this.#networkGroup(home);
    if (home !== undefined) {
      const note = `joins ${attached.length} networks`;
      return { id: `junction ${workload.ref.name}`, name: workload.ref.name, kind: "junction", note };
    }
    const shared = knownValue(workload.networkMode);
    if (shared?.kind === "shared") {
      const owner = this.#system.get({ kind: "workload", system: this.#system.name, name: shared.with });
      if (owner !== undefined && owner !== workload && knownValue(owner.networkMode)?.kind !== "shared")
        return this.of(owner);
    }
    return {
      id: "apart",
      name: mode === "none" ? "no network" : "apart",
      kind: "apart",
      note: "on no network with others",
    };
  }

  #namespaceGroup({ ref }: Workload): Omit<MapGroup, "nodes"> {
    const name = ref.name.slice(0, ref.name.indexOf("/"));
    const zone = this.#system.get({ kind: "zone", system: this.#system.name, name });
    return { id: `namespace ${name}`, name, kind: "zone", note: closedBy(zone?.kubernetes) };
  }

  #isJunction(workload: Workload): boolean {
    return workload.attachments.items.length >= junctionFrom;
  }

  /** The network that says most about a service: shared with others, and with as few as possible. */
  #home(attached: readonly Ref<"network">[]): Ref<"network"> | undefined {
    let best: { network: Ref<"network">; weight: number } | undefined;
    for (const network of attached) {
      const weight = this.#weightOf(network);
      if (best === undefined || weight < best.weight) best = { network, weight };
    }
    return best?.network;
  }

  /** How many a network joins, those that join many networks left out; one alone says least. */
  #weightOf(network: Ref<"network">): number {
    const key = refKey(network);
    const known = this.#weights.get(key);
    if (known !== undefined) return known;
    let peers = 0;
    for (const member of this.#members.get(key) ?? []) if (!this.#isJunction(member)) peers++;
    const weight = peers >= 2 ? peers : Number.MAX_SAFE_INTEGER;
    this.#weights.set(key, weight);
    return weight;
  }

  #networkGroup(ref: Ref<"network">): Omit<MapGroup, "nodes"> {
    const network = this.#system.get(ref);
    const note =
      network === undefined
        ? ""
        : knownValue(network.external) === true
          ? "made elsewhere"
          : knownValue(network.internal) === true
            ? "internal, no way out"
            : "";
    return { id: `network ${ref.name}`, name: ref.name, kind: "network", note };
  }
}

/** Pods that share the network of the node they run on. */
const nodesGroup = {
  id: "host",
  name: "the nodes' network",
  kind: "host",
  note: "every port is the node's",
} as const satisfies Omit<MapGroup, "nodes">;

/** Whether policies keep others from a namespace's pods; nothing where that is not known. */
function closedBy(namespace: NamespaceExtension | undefined): string {
  const answers = namespace?.pods.items.map(({ ingressDenied }) => knownValue(ingressDenied)) ?? [];
  if (answers.length === 0 || answers.includes(undefined)) return "";
  if (answers.every((denied) => denied === true)) return "closed by policies";
  return answers.includes(true) ? "partly closed by policies" : "open to every pod";
}

function linksFromOutside(system: System): readonly MapLink[] {
  return system.reach.doors.flatMap((edge): MapLink[] =>
    edge.from.kind === "outside" && edge.to.kind === "workload"
      ? [{ kind: "in", from: "outside", to: nodeId(edge.to.ref), why: edge.allowedBy }]
      : [],
  );
}

function routeLinks(system: System): readonly MapLink[] {
  return system.all("route").flatMap((route): MapLink[] => {
    const target = knownValue(route.target);
    if (target === undefined || route.edge === undefined) return [];
    const why = `${knownValue(route.host) ?? "a host name"} is routed to ${target.workload.name}:${target.port}`;
    return [{ kind: "route", from: nodeId(route.edge), to: nodeId(target.workload), why }];
  });
}

/** What a network adds beyond the box that its members stand in. */
function networkLinks(
  network: Network,
  system: System,
  places: Placement,
  groups: Map<string, { group: Omit<MapGroup, "nodes">; nodes: MapNode[] }>,
): readonly MapLink[] {
  // What a cluster's own network leads to, its policies say: a line from every pod to it would tell nothing.
  if (knownValue(network.memberTraffic) === false || network.flows !== undefined) return [];
  const members = places.members(network);
  const boxes = new Set(members.map((member) => places.of(member).id));
  if (boxes.size < 2) return [];
  const why = `both are on the network ${network.ref.name}`;
  const own = `network ${network.ref.name}`;
  if (!groups.has(own)) {
    const [first, second, third] = members;
    if (first !== undefined && second !== undefined && third === undefined) {
      const [from, to] = orderedByDepth(first, second, system);
      return [{ kind: "network", from: nodeId(from.ref), to: nodeId(to.ref), why }];
    }
    groups.set(own, { group: { id: own, name: network.ref.name, kind: "network", note: "" }, nodes: [] });
  }
  return members
    .filter((member) => places.of(member).id !== own)
    .map((member) => ({
      kind: "network",
      from: nodeId(member.ref),
      to: own,
      why: `${member.ref.name} is on the network ${network.ref.name}`,
    }));
}

function orderedByDepth(a: Workload, b: Workload, system: System): readonly [Workload, Workload] {
  const depth = (workload: Workload) => system.reach.pathFromOutside(workload.ref).length || Number.MAX_SAFE_INTEGER;
  return depth(a) <= depth(b) ? [a, b] : [b, a];
}
