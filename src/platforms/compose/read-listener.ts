import { reachOfBinding } from "../../facts/binding-reach.ts";
import { defaulted, type Fact, knownValue, mapFact, stated, unknown, unstated } from "../../facts/fact.ts";
import { softwareOfImage } from "../../facts/knowledge/roles.ts";
import { serviceOnPort } from "../../facts/knowledge/services.ts";
import type { KnownPort } from "../../facts/knowledge/software.ts";
import type { Image, Listener, Protocol, Reach } from "../../facts/subjects.ts";
import { asInteger, asText, Fields, type ScalarParser } from "../../formats/fields.ts";
import type { TreeNode } from "../../formats/tree.ts";
import type { Place } from "../../lib/place.ts";
import type { ServiceContext } from "./read-context.ts";
import { insideListenerRef, publishedListenerRef, workloadRef } from "./refs.ts";

/**
 * Where a service listens: every entry of `ports`, then what `expose` names, then what the Dockerfile exposes that it is
 * built from, then the ports that its image is known to listen on and that none of them names.
 */
export function readListeners(context: ServiceContext, image: Image): readonly Listener[] {
  const known = softwareOfImage(image)?.ports ?? [];
  const published = readPorts(context, known);
  const covered = new Set(published.map(portKey));
  const inside = [
    ...readExpose(context, known),
    ...builtListeners(context, known),
    ...known.map((port) => knownListener(context, port, image)),
  ];
  const listeners = [...published];
  for (const listener of inside) {
    const key = portKey(listener);
    if (key !== undefined && covered.has(key)) continue;
    covered.add(key);
    listeners.push(listener);
  }
  return listeners;
}

function portKey(listener: Listener): string | undefined {
  const port = knownValue(listener.port);
  return port === undefined ? undefined : `${port}/${knownValue(listener.protocol) ?? "tcp"}`;
}

function readPorts(context: ServiceContext, known: readonly KnownPort[]): readonly Listener[] {
  // Without a network nothing is published: the engine leaves the ports out.
  if (knownValue(context.networkMode)?.kind === "none") return [];
  const node = context.fields.node("ports");
  if (node === undefined) {
    return context.fields.hidden === undefined ? [] : [hiddenListener(context, context.fields.hidden, context.place)];
  }
  if (node.kind !== "sequence") return [hiddenListener(context, whyOf(node), node.place)];
  const listeners = node.items.map((item) => publishedListener(context, item, known));
  return node.incomplete === undefined
    ? listeners
    : [...listeners, hiddenListener(context, node.incomplete, node.place)];
}

function whyOf(node: TreeNode): string {
  return (node.kind === "scalar" ? node.unresolved : node.incomplete) ?? "`ports` is not a list of ports";
}

/** A published port of which nothing can be told. */
function hiddenListener(context: ServiceContext, why: string, place: Place): Listener {
  const { system, service, lens } = context;
  return {
    kind: "listener",
    ref: publishedListenerRef(system, service, { address: "?", port: "?", protocol: "?" }),
    lens,
    platform: "compose",
    place,
    owner: workloadRef(system, service),
    protocol: unknown(why, place),
    port: unknown(why, place),
    hostPort: unknown(why, place),
    hostAddress: unknown(why, place),
    reach: unknown(why, place),
  };
}

function publishedListener(context: ServiceContext, node: TreeNode, known: readonly KnownPort[]): Listener {
  if (node.kind !== "mapping") return hiddenListener(context, whyOf(node), node.place);
  const { system, service, lens } = context;
  const fields = Fields.of(node, node.place, "ports");
  const protocol = readProtocol(fields);
  const port = fields.fact("target", asPort, "a port", unstated);
  const onHost = context.networkMode.kind === "stated" && context.networkMode.value.kind === "host";
  const hostPort = onHost ? port : fields.fact("published", asPort, "one port", unstated);
  const hostAddress = readHostAddress(fields, onHost);
  const name = {
    address: knownValue(hostAddress) ?? "?",
    port: knownValue(hostPort) ?? writtenPort(fields) ?? (hostPort.kind === "unstated" ? "any" : "?"),
    protocol: knownValue(protocol) ?? "?",
  };
  // Without a port on the host, several entries would share a name: the port inside tells them apart.
  const named = typeof name.port === "number" ? name : { ...name, port: `${name.port}:${knownValue(port) ?? "?"}` };
  const use = serviceName(port, protocol, known);
  const range = onHost ? undefined : writtenRange(fields);
  return {
    kind: "listener",
    ref: publishedListenerRef(system, service, named),
    lens,
    platform: "compose",
    place: node.place,
    owner: workloadRef(system, service),
    protocol,
    port,
    hostPort,
    ...(range === undefined ? {} : { hostPortRange: range }),
    hostAddress,
    reach: mapFact(hostAddress, reachOfBinding),
    ...(use === undefined ? {} : { service: use }),
  };
}

function writtenPort(fields: Fields): string | undefined {
  const text = fields.fact("published", asText, "a port", unstated);
  return text.kind === "stated" && text.value !== "" ? text.value : undefined;
}

/** `published: "5440-5442"`. */
function writtenRange(fields: Fields): readonly [first: number, last: number] | undefined {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(writtenPort(fields) ?? "") ?? [];
  return first === undefined ? undefined : [Number(first), Number(last)];
}

function readProtocol(fields: Fields): Fact<Protocol> {
  return fields.fact("protocol", asProtocol, "`tcp`, `udp` or `sctp`", (at) => defaulted("tcp", "platform", at));
}

/** Docker binds to every address unless told otherwise; in the host's network the program itself decides. */
function readHostAddress(fields: Fields, onHost: boolean): Fact<string> {
  if (onHost) return defaulted("0.0.0.0", "platform", fields.place);
  const written = fields.fact("host_ip", asText, "an address", (at) => defaulted("0.0.0.0", "platform", at));
  if (written.kind === "stated" && written.value.trim() === "") return defaulted("0.0.0.0", "platform", written.place);
  return mapFact(written, (address) => address.replace(/^\[|\]$/g, ""));
}

const asProtocol: ScalarParser<Protocol> = (node) => {
  const text = asText(node)?.toLowerCase();
  return text === "tcp" || text === "udp" || text === "sctp" ? text : undefined;
};

const asPort: ScalarParser<number> = (node) => {
  const port = asInteger(node);
  return port !== undefined && port > 0 && port < 65_536 ? port : undefined;
};

const maximumExposed = 2_000;

/** `expose`: `"3000"`, `"5000-5010/udp"`. A range that is longer than 2,000 ports is one listener of unknown port. */
function readExpose(context: ServiceContext, known: readonly KnownPort[]): readonly Listener[] {
  const node = context.fields.node("expose");
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item): readonly Listener[] => {
    if (item.kind !== "scalar" || item.unresolved !== undefined) {
      const why = item.kind === "scalar" ? (item.unresolved ?? "") : "an entry of `expose` is not a port";
      return [insideListener(context, unknown(why, item.place), unknown(why, item.place), item.place, undefined)];
    }
    const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(asText(item) ?? "");
    const why = "an entry of `expose` is not a port";
    if (match === null) {
      return [insideListener(context, unknown(why, item.place), unknown(why, item.place), item.place, undefined)];
    }
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    const protocol = stated<Protocol>(match[3] === "udp" || match[3] === "sctp" ? match[3] : "tcp", item.place);
    if (last - first >= maximumExposed) {
      const tooMany = `\`expose\` names ${last - first + 1} ports`;
      return [insideListener(context, unknown(tooMany, item.place), protocol, item.place, undefined)];
    }
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
      const port = stated(first + index, item.place);
      return insideListener(context, port, protocol, item.place, serviceName(port, protocol, known));
    });
  });
}

/** `EXPOSE` of the Dockerfile that the service is built from. */
function builtListeners(context: ServiceContext, known: readonly KnownPort[]): readonly Listener[] {
  return (context.built?.exposed ?? []).map((exposed) => {
    const port = defaulted(exposed.port, "image", exposed.place);
    const protocol = defaulted(exposed.protocol, "image", exposed.place);
    return insideListener(context, port, protocol, exposed.place, serviceName(port, protocol, known));
  });
}

function knownListener(context: ServiceContext, port: KnownPort, image: Image): Listener {
  return insideListener(
    context,
    defaulted(port.port, "image", image.place),
    defaulted(port.protocol, "image", image.place),
    image.place,
    port.service,
  );
}

function insideListener(
  context: ServiceContext,
  port: Fact<number>,
  protocol: Fact<Protocol>,
  place: Place,
  use: string | undefined,
): Listener {
  const { system, service, lens, networkMode } = context;
  return {
    kind: "listener",
    ref: insideListenerRef(system, service, knownValue(port) ?? "?", knownValue(protocol) ?? "?"),
    lens,
    platform: "compose",
    place,
    owner: workloadRef(system, service),
    protocol,
    port,
    ...(knownValue(networkMode)?.kind === "host"
      ? { hostPort: port, hostAddress: defaulted("0.0.0.0", "platform", networkMode.place) as Fact<string> }
      : {}),
    reach: insideReach(context),
    ...(use === undefined ? {} : { service: use }),
  };
}

function insideReach({ networkMode, place }: ServiceContext): Fact<Reach> {
  if (networkMode.kind === "unknown") return networkMode;
  if (knownValue(networkMode)?.kind === "host") return defaulted("everywhere", "platform", networkMode.place);
  return defaulted("networks", "platform", place);
}

/** What the image is known to serve on the port, or what usually listens on it. */
function serviceName(port: Fact<number>, protocol: Fact<Protocol>, known: readonly KnownPort[]): string | undefined {
  const number = knownValue(port);
  const transport = knownValue(protocol);
  if (number === undefined || transport === undefined) return undefined;
  const own = known.find((candidate) => candidate.port === number && candidate.protocol === transport);
  return own?.service ?? serviceOnPort(number, transport)?.name;
}
