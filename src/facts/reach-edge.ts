import { listed } from "../lib/listed.ts";
import type { Place } from "../lib/place.ts";
import { type PortSpans, type Protocol, type Ref, refKey } from "./subjects.ts";

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
  /** Of one that stands for many ports the stretches of them, in one of which `port` lies; `any` where they cannot be told. */
  readonly ports?: PortSpans | "any";
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

/** What opens every port of a workload to the outside. */
export function everyPortFromOutside(
  to: Ref<"workload">,
  opened: Pick<ReachEdge, "through" | "allowedBy" | "place" | "certain">,
): ReachEdge {
  return { from: { kind: "outside" }, to: { kind: "workload", ref: to }, port: "any", protocol: "any", ...opened };
}

/** Whether it leads to one of some ports, or may: what is not narrowed to ports leads to each of them. */
export function leadsTo({ port, ports }: Pick<ReachEdge, "port" | "ports">, wanted: readonly number[]): boolean {
  if (port === "any" || ports === "any" || wanted.includes(port)) return true;
  return ports?.some(([first, last]) => wanted.some((each) => first <= each && each <= last)) === true;
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

/** Ports of a workload, as what is said of it: `its port 80`, `its ports 80 and 443`. */
export function describePorts(ports: readonly number[]): string {
  return `its port${ports.length === 1 ? "" : "s"} ${listed(ports.map(String))}`;
}
