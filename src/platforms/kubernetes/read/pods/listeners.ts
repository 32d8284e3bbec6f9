import { reachOfBinding } from "../../../../facts/binding-reach.ts";
import { defaulted, type Fact, knownValue, mapFact, unknown, unstated } from "../../../../facts/fact.ts";
import { softwareOfImage } from "../../../../facts/knowledge/roles.ts";
import { serviceOnPort } from "../../../../facts/knowledge/services.ts";
import type { KnownPort } from "../../../../facts/knowledge/software.ts";
import type { Image, Listener, Protocol, Reach } from "../../../../facts/subjects.ts";
import { asText, type Fields, type ScalarParser } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import { textsIn } from "../context.ts";
import type { PodContainer, PodContext } from "./context.ts";
import { asWhole, members } from "./scalars.ts";

/**
 * Where the containers of a pod listen: `ports`, then what their images are known to listen on. A `hostPort` is
 * published on the node; on the node's own network every port is.
 */
export function readListeners(pod: PodContext, images: readonly Image[]): readonly Listener[] {
  const found = new Map<string, Listener>();
  const add = (listener: Listener) => {
    if (!found.has(listener.ref.name)) found.set(listener.ref.name, listener);
  };
  const staying = pod.containers.filter(({ role }) => role === "main" || role === "sidecar");
  for (const container of staying) {
    const known = knownPorts(container, images);
    const ports = members(container.fields, "ports");
    const listeners = ports.items.map((port) => portListener(pod, port, known));
    for (const listener of listeners) add(listener);
    if (!ports.complete) add(hiddenListener(pod, ports.why, ports.place));
    for (const port of known) {
      if (!listeners.some((listener) => serves(listener, port))) add(imageListener(pod, port, container.place));
    }
  }
  return [...found.values()];
}

function knownPorts({ ref, fields }: PodContainer, images: readonly Image[]): readonly KnownPort[] {
  const image = images.find((each) => each.usedBy.name === ref.name);
  const software = image && softwareOfImage(image);
  if (image === undefined || software === undefined) return [];
  return software.name === "docker-in-docker" && startsNoEngine(fields, image) ? [] : software.ports;
}

/**
 * Docker's own image is its client too: `docker:28-cli` holds no engine, and a command of one's own takes the engine's
 * place. Source: docker-library/docker, `28/cli/Dockerfile` and `28/dind/dockerd-entrypoint.sh`.
 */
function startsNoEngine(fields: Fields, { reference }: Image): boolean {
  if (/(?:^|-)cli$/.test(knownValue(reference)?.tag ?? "")) return true;
  if (fields.node("script") !== undefined) return true;
  const [first] = textsIn(fields, "command");
  return first !== undefined && !/(?:^|\/)(?:dockerd|dockerd-entrypoint\.sh|docker-entrypoint\.sh)$|^-|sh$/.test(first);
}

function serves(listener: Listener, port: KnownPort): boolean {
  return knownValue(listener.port) === port.port && knownValue(listener.protocol) === port.protocol;
}

interface PortFacts {
  readonly port: Fact<number>;
  readonly protocol: Fact<Protocol>;
  /** Undefined for one that is not published. */
  readonly onNode: { readonly port: Fact<number>; readonly address: Fact<string> } | undefined;
  readonly service: string | undefined;
  readonly place: Place;
}

function portListener(pod: PodContext, fields: Fields, known: readonly KnownPort[]): Listener {
  const port = fields.fact("containerPort", asPort, "a port", unstated);
  const protocol = fields.fact("protocol", asProtocol, "`TCP`, `UDP` or `SCTP`", (at) =>
    defaulted("tcp", "platform", at),
  );
  const hostPort = fields.fact("hostPort", asWhole, "a port", unstated);
  const isPublished = hostPort.kind === "unknown" || (hostPort.kind === "stated" && hostPort.value !== 0);
  const address = fields.fact("hostIP", asText, "an address", (at) => defaulted("0.0.0.0", "platform", at));
  const onNode = isPublished ? { port: hostPort, address } : onNodeNetwork(pod, port);
  return listener(pod, { port, protocol, onNode, service: useOf(port, protocol, known), place: fields.place });
}

/** On the node's network the port of the container is the node's. */
function onNodeNetwork({ hostNetwork }: PodContext, port: Fact<number>): PortFacts["onNode"] {
  if (knownValue(hostNetwork) !== true) return undefined;
  return { port, address: defaulted("0.0.0.0", "platform", hostNetwork.place) };
}

function imageListener(pod: PodContext, { port, protocol, service }: KnownPort, place: Place): Listener {
  const known: Fact<number> = defaulted(port, "image", place);
  return listener(pod, {
    port: known,
    protocol: defaulted(protocol, "image", place),
    onNode: onNodeNetwork(pod, known),
    service,
    place,
  });
}

function hiddenListener(pod: PodContext, why: string, place: Place): Listener {
  const fact = unknown<never>(why, place);
  return listener(pod, {
    port: fact,
    protocol: fact,
    onNode: { port: fact, address: fact },
    service: undefined,
    place,
  });
}

function listener(pod: PodContext, { port, protocol, onNode, service, place }: PortFacts): Listener {
  const shown = `${knownValue(port) ?? "?"}/${knownValue(protocol) ?? "?"}`;
  const name =
    onNode === undefined ? shown : `${knownValue(onNode.address) ?? "?"}:${knownValue(onNode.port) ?? "?"}→${shown}`;
  return {
    kind: "listener",
    ref: { kind: "listener", system: pod.workload.system, name: `${pod.workload.name}/${name}` },
    lens: pod.cluster.lens,
    platform: "kubernetes",
    place,
    owner: pod.workload,
    protocol,
    port,
    ...(onNode === undefined ? {} : { hostPort: onNode.port, hostAddress: onNode.address }),
    reach: onNode === undefined ? insideReach(pod, place) : mapFact(onNode.address, reachOfBinding),
    ...(service === undefined ? {} : { service }),
  };
}

function insideReach({ hostNetwork }: PodContext, place: Place): Fact<Reach> {
  if (hostNetwork.kind === "unknown") return hostNetwork;
  return defaulted("networks", "platform", place);
}

function useOf(port: Fact<number>, protocol: Fact<Protocol>, known: readonly KnownPort[]): string | undefined {
  const number = knownValue(port);
  const transport = knownValue(protocol);
  if (number === undefined || transport === undefined) return undefined;
  const own = known.find((candidate) => candidate.port === number && candidate.protocol === transport);
  return own?.service ?? serviceOnPort(number, transport)?.name;
}

const asPort: ScalarParser<number> = (node) => {
  const port = asWhole(node);
  return port !== undefined && port > 0 && port < 65_536 ? port : undefined;
};

const asProtocol: ScalarParser<Protocol> = (node) => {
  const text = asText(node);
  return text === "TCP" ? "tcp" : text === "UDP" ? "udp" : text === "SCTP" ? "sctp" : undefined;
};
