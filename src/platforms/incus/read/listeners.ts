import { reachOfBinding } from "../../../facts/binding-reach.ts";
import { defaulted, type Fact, knownValue, mapFact, stated, unknown, unstated } from "../../../facts/fact.ts";
import type { Listener, PortSpans, Protocol } from "../../../facts/subjects.ts";
import { Fields, type ScalarParser } from "../../../formats/fields.ts";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import type { IncusDevice } from "../load/composition.ts";
import { blocks, namesIn } from "../load/nodes.ts";
import type { IncusObject } from "../load/objects.ts";
import { type IncusContext, type InstanceContext, refOf } from "./context.ts";
import { portsTold, spansOf } from "./port-spans.ts";
import { endpointOf } from "./proxy-address.ts";
import { asSetText } from "./values.ts";

/** Ports of the host that lead into an instance: proxy devices, network forwards and load balancers. */
export function readListeners(context: IncusContext): readonly Listener[] {
  return withOwnNames([
    ...context.instances.flatMap((instance) =>
      instance.composition.devices.flatMap((device) => ofProxy(device, instance)),
    ),
    ...context.objects.all("forward").flatMap((forward) => ofForward(forward, context)),
    ...context.objects.all("load-balancer").flatMap((balancer) => ofBalancer(balancer, context)),
  ]);
}

/** A proxy device listens on the host unless it binds inside. */
function ofProxy(device: IncusDevice, instance: InstanceContext): readonly Listener[] {
  if (device.type !== "proxy") return [];
  const { properties, place } = device;
  const bind = properties.fact("bind", asSetText, "a side", unstated);
  if (bind.kind === "stated" && bind.value !== "host") return [];
  const listen = properties.fact("listen", asSetText, "an address", unstated);
  const connect = properties.fact("connect", asSetText, "an address", unstated);
  if (listen.kind === "unknown") return [hiddenListener(instance, device.name, listen.why, listen.place)];
  const from = endpointOf(knownValue(listen) ?? "");
  if (from === undefined) return [hiddenListener(instance, device.name, "`listen` is no address", place)];
  if (from.kind === "unix") return [];
  const to = endpointOf(knownValue(connect) ?? "");
  const inside = to?.kind === "network" ? to.ports : undefined;
  return portsTold(from.ports, inside, from.protocol).map(({ hostPort, port, publishedRange }) => {
    const known = to?.kind === "unix" ? hostPort : port;
    const fact: Fact<number> =
      connect.kind === "unknown"
        ? unknown(connect.why, connect.place)
        : known === undefined
          ? unknown("`connect` is no address", connect.place)
          : stated(known, connect.place);
    const { protocol, address } = from;
    const at = { protocol: stated(protocol, listen.place), address: stated(address, listen.place) };
    return published(instance, { ...at, hostPort, port: fact, place: listen.place, publishedRange });
  });
}

interface Published {
  readonly protocol: Fact<Protocol>;
  readonly address: Fact<string>;
  readonly hostPort: number;
  readonly port: Fact<number>;
  readonly place: Place;
  readonly publishedBy?: string;
  readonly publishedRange?: Listener["publishedRange"];
}

function published(
  instance: InstanceContext,
  { protocol, address, hostPort, port, place, publishedBy, publishedRange }: Published,
): Listener {
  const shown = publishedRange?.stands === true ? publishedRange.ports : hostPort;
  return {
    ...bare(instance, `${knownValue(address) ?? "?"}:${shown}/${knownValue(protocol) ?? "?"}`, place),
    protocol,
    port,
    hostPort: stated(hostPort, place),
    hostAddress: address,
    // A forward has one address of its own, also where it is not known which.
    reach: address.kind === "unknown" ? stated("one-address", place) : mapFact(address, reachOfBinding),
    ...(publishedBy === undefined ? {} : { publishedBy }),
    ...(publishedRange === undefined ? {} : { publishedRange }),
  };
}

function bare({ system, lens, name }: InstanceContext, what: string, place: Place) {
  return {
    kind: "listener" as const,
    ref: refOf("listener", system, `${name}/${what}`),
    lens,
    platform: "incus" as const,
    place,
    owner: refOf("workload", system, name),
  };
}

function hiddenListener(instance: InstanceContext, what: string, why: string, place: Place): Listener {
  return {
    ...bare(instance, what, place),
    protocol: unknown(why, place),
    port: unknown(why, place),
    hostPort: unknown(why, place),
    hostAddress: unknown(why, place),
    reach: unknown(why, place),
  };
}

/** `ports` of a forward, and `config.target_address`, to which everything else goes. */
function ofForward(forward: IncusObject, context: IncusContext): readonly Listener[] {
  const { fields, resource } = forward;
  const listen = listenAddressOf(fields);
  const named = `the network forward ${knownValue(listen) ?? resource.address}`;
  const rows = blocks(resource.attributes.entries.get("ports")?.value).items.flatMap((row) => {
    const owner = instanceAt(row.entries.get("target_address")?.value, context);
    return owner === undefined ? [] : ofRow(row, owner, listen, named);
  });
  const target = fields.fields("config").node("target_address");
  const owner = instanceAt(target, context);
  if (owner === undefined || target === undefined) return rows;
  const every: Listener = {
    ...bare(owner, `${knownValue(listen) ?? "?"}:*`, target.place),
    protocol: stated("tcp", target.place),
    port: unknown("a network forward leads every port to it", target.place),
    hostAddress: listen,
    reach: stated("one-address", target.place),
    publishedBy: `${named} with every port`,
  };
  return [...rows, every];
}

function listenAddressOf(fields: Fields): Fact<string> {
  const listen = fields.fact("listen_address", asSetText, "an address", unstated);
  return listen.kind === "unstated" ? unknown("no address is stated", listen.place) : listen;
}

function ofRow(
  row: MappingNode,
  owner: InstanceContext,
  address: Fact<string>,
  publishedBy: string,
): readonly Listener[] {
  const fields = Fields.of(row, row.place, "ports");
  const protocol = fields.fact("protocol", asProtocol, "a protocol", (at) => defaulted("tcp", "platform", at));
  const from = portsOf(fields, "listen_port");
  if (from.kind !== "stated") {
    const why = from.kind === "unknown" ? from.why : "no port is stated";
    return [hiddenListener(owner, `${knownValue(address) ?? "?"}:?`, why, row.place)];
  }
  const to = portsOf(fields, "target_port");
  const { place } = from;
  // To the same ports, unless the row names others.
  const inside = to.kind === "unstated" ? from.value : knownValue(to);
  return portsTold(from.value, inside, knownValue(protocol) ?? "tcp").map((told) => {
    const { hostPort, publishedRange } = told;
    const port: Fact<number> = to.kind === "unknown" ? unknown(to.why, to.place) : stated(told.port ?? hostPort, place);
    return published(owner, { protocol, address, hostPort, port, place, publishedBy, publishedRange });
  });
}

const asProtocol: ScalarParser<Protocol> = ({ value }) => (value === "tcp" || value === "udp" ? value : undefined);

/** What is no port is unknown: the rest of the row still leads to somebody. */
function portsOf(fields: Fields, key: string): Fact<PortSpans> {
  const ports = fields.fact(key, asSetText, "a port", unstated);
  if (ports.kind !== "stated") return ports.kind === "unknown" ? ports : unstated(ports.place);
  const spans = spansOf(ports.value);
  return spans === undefined || spans.length === 0
    ? unknown(`\`${key}\` is no list of ports`, ports.place)
    : stated(spans, ports.place);
}

function ofBalancer(balancer: IncusObject, context: IncusContext): readonly Listener[] {
  const { fields, resource } = balancer;
  const address = listenAddressOf(fields);
  const by = `the load balancer ${knownValue(address) ?? resource.address}`;
  const backends = blocks(resource.attributes.entries.get("backend")?.value).items;
  return blocks(resource.attributes.entries.get("port")?.value).items.flatMap((row) => {
    const wanted = row.entries.get("target_backend")?.value;
    const names = wanted?.kind === "sequence" ? wanted.items.map(textOf) : [textOf(wanted)];
    return backends
      .filter((backend) => names.includes(textOf(backend.entries.get("name")?.value)))
      .flatMap((backend) => {
        const owner = instanceAt(backend.entries.get("target_address")?.value, context);
        return owner === undefined ? [] : ofRow(row, owner, address, by);
      });
  });
}

function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === "scalar" && node.value !== null ? String(node.value) : undefined;
}

/** The instance at an address: by the resource that the address is taken from, or by an address of its own. */
function instanceAt(node: TreeNode | undefined, { instances, objects }: IncusContext): InstanceContext | undefined {
  const direct = objects.at(namesIn(node), "instance");
  if (direct !== undefined) return instances.find(({ object }) => object === direct);
  const address = textOf(node);
  if (address === undefined) return undefined;
  return instances.find(({ composition }) =>
    composition.devices.some(
      ({ type, properties }) =>
        type === "nic" &&
        [properties.node("ipv4.address"), properties.node("ipv6.address")].some((own) => textOf(own) === address),
    ),
  );
}

/** Of two listeners of one name the second gets `#2`. */
function withOwnNames(listeners: readonly Listener[]): readonly Listener[] {
  const counts = new Map<string, number>();
  return listeners.map((listener) => {
    const count = (counts.get(listener.ref.name) ?? 0) + 1;
    counts.set(listener.ref.name, count);
    return count === 1 ? listener : { ...listener, ref: { ...listener.ref, name: `${listener.ref.name}#${count}` } };
  });
}
