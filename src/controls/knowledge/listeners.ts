import { knownValue } from "../../facts/fact.ts";
import { serviceNamed, serviceOnPort } from "../../facts/knowledge/services.ts";
import { oncePerKey } from "../../facts/once.ts";
import { underWhich } from "../../facts/reach-published.ts";
import type { Listener } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { administrationAt, type SeenAdministration } from "./administration-login.ts";
import { nodeAgentOf } from "./node-agents.ts";
import { directServices, plaintextServices } from "./ports.ts";
import { productOf } from "./products.ts";

/** What a listener is, as far as its owner's image and its port tell; exactly one control judges its publication. */
export type ListenerUse =
  | { readonly kind: "datastore" }
  | { readonly kind: "engine" }
  | { readonly kind: "administration"; readonly interface: SeenAdministration }
  | { readonly kind: "plaintext"; readonly protocol: string; readonly instead: string }
  | { readonly kind: "edge" }
  | { readonly kind: "direct"; readonly protocol: string }
  /** `maybe`: an admin interface, where settings that cannot be told open one. */
  | { readonly kind: "service"; readonly maybe?: SeenAdministration }
  /** A program that a node of a cluster cannot do without listens on the node. */
  | { readonly kind: "node"; readonly agent: string }
  /** The owner's image cannot be resolved, and the port says nothing. */
  | { readonly kind: "unknown"; readonly why: string };

/** Container ports on which proxies take visitors; others of a proxy are not its front door. */
const edgePorts = new Set([80, 443, 8080, 8443, 8000, 4443, 8448]);
/** Ports that a Service publishes and that are a proxy's front door, whatever port it listens on behind them. */
const frontDoors = new Set([80, 443]);
const engineServices = new Set(["docker-api", "docker-api-tls"]);
/** Brokers of MQTT: devices outside are what they are published for; how they are asked who they are is judged elsewhere. */
const devicesComeTo = /^(?:eclipse-)?mosquitto$|^emqx|^vernemq/;

/** Several controls ask for the same listener. */
export const useOf = oncePerKey<Listener, ListenerUse>(derive);

function derive(listener: Listener, system: System): ListenerUse {
  const owner = system.workload(listener.owner);
  if (owner === undefined) return { kind: "unknown", why: "the service that listens is not described" };
  // What a Service publishes has visitors, whatever listens on the node.
  const isNodes = owner.platform === "kubernetes" && listener.publishedBy === undefined;
  const agent = isNodes ? nodeAgentOf(owner, system) : undefined;
  if (agent !== undefined) return { kind: "node", agent: agent.name };
  const { roles, doubt, image, known } = productOf(owner, system);
  const port = knownValue(listener.port);
  const protocol = knownValue(listener.protocol);
  const service = serviceName(listener, port, protocol);
  if (roles.has("socket-proxy") || (service !== undefined && engineServices.has(service))) return { kind: "engine" };
  const administration = administrationAt(owner, port, system);
  const mayBeOpen = administration?.openedIn !== undefined;
  if (administration !== undefined && !mayBeOpen) return { kind: "administration", interface: administration };
  const plaintext = service === undefined ? undefined : plaintextServices.get(service);
  if (plaintext !== undefined) return { kind: "plaintext", ...plaintext };
  const direct = service === undefined ? undefined : directServices.get(service);
  if (direct !== undefined) return { kind: "direct", protocol: direct };
  const stores = roles.has("datastore") || (roles.has("broker") && !devicesComeTo.test(image));
  // An image that is not known serves one datastore's port; its other ports may be anything.
  if (stores && (known || isInternalService(service))) return { kind: "datastore" };
  if (port === undefined || protocol === undefined) return { kind: "unknown", why: "its port cannot be resolved" };
  const asService: ListenerUse = { kind: "service", ...(administration && { maybe: administration }) };
  if (roles.has("proxy")) return isFrontDoor(listener, port) ? { kind: "edge" } : asService;
  return doubt === undefined ? asService : { kind: "unknown", why: doubt };
}

function isFrontDoor({ hostPort, publishedBy }: Listener, port: number): boolean {
  if (publishedBy === undefined || hostPort === undefined) return edgePorts.has(port);
  return edgePorts.has(port) || frontDoors.has(knownValue(hostPort) ?? 0);
}

function isInternalService(service: string | undefined): boolean {
  return service !== undefined && serviceNamed(service)?.internalOnly === true;
}

/** What a listener's port is known for: `minecraft`. */
export function serviceOf(listener: Listener): string | undefined {
  return serviceName(listener, knownValue(listener.port), knownValue(listener.protocol));
}

function serviceName(listener: Listener, port: number | undefined, protocol: string | undefined): string | undefined {
  if (listener.service !== undefined) return listener.service;
  return port === undefined || protocol === undefined ? undefined : serviceOnPort(port, protocol)?.name;
}

/** How a published listener is reached, in words: `port 8080 is published on every address`. */
export function publishedWhere(listener: Listener): string {
  const port =
    (listener.hostPort === undefined ? undefined : knownValue(listener.hostPort)) ?? knownValue(listener.port);
  const range = listener.publishedRange;
  const shown = port === undefined ? "a port" : range === undefined ? `port ${port}` : portInRange(port, range);
  const address = listener.hostAddress === undefined ? undefined : knownValue(listener.hostAddress);
  if (listener.publishedBy !== undefined) {
    const audience = listener.audience === undefined ? undefined : knownValue(listener.audience);
    const to = audience?.kind === "networks" ? ` to ${audience.cidrs.join(", ")}` : "";
    const on = knownValue(listener.reach) === "one-address" && address !== undefined ? ` on ${address}` : "";
    return `${shown} ${isOrAre(listener)} published by ${listener.publishedBy}${on}${to}`;
  }
  return knownValue(listener.reach) === "one-address"
    ? `${shown} ${isOrAre(listener)} published on ${address ?? "one address"}`
    : `${shown} ${isOrAre(listener)} published on every address${underWhich(listener)}`;
}

function portInRange(port: number, { ports, stands }: NonNullable<Listener["publishedRange"]>): string {
  return stands ? `the ports ${ports}` : `port ${port} (of ${ports})`;
}

function isOrAre({ publishedRange }: Listener): "is" | "are" {
  return publishedRange?.stands === true ? "are" : "is";
}
