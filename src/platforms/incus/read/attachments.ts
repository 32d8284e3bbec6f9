import type { Fact } from "../../../facts/fact.ts";
import {
  complete,
  defaulted,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../facts/fact.ts";
import type { Attachment, NetworkMode } from "../../../facts/subjects.ts";
import type { IncusDevice } from "../load/composition.ts";
import { namesIn } from "../load/nodes.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";
import { type InstanceContext, refOf } from "./context.ts";
import { asSetText } from "./values.ts";

/** Where one interface leads. */
export interface Interface {
  readonly device: IncusDevice;
  /** The network's name in this system. */
  readonly network: string;
  /** The described network; undefined for one that is made elsewhere. */
  readonly object: IncusObject | undefined;
  /** What it stands on where no managed network is named: `bridged`, `macvlan`, `physical`, … */
  readonly nictype: string | undefined;
}

/** The interfaces of an instance, and why there may be others or their networks cannot be told. */
export interface Interfaces {
  readonly found: readonly Interface[];
  readonly doubt: string | undefined;
}

const known = new WeakMap<InstanceContext, Interfaces>();

/** Looked for once for each instance: every network, zone and rule asks. */
export function interfacesOf(instance: InstanceContext): Interfaces {
  const before = known.get(instance);
  if (before !== undefined) return before;
  const interfaces = findInterfaces(instance);
  known.set(instance, interfaces);
  return interfaces;
}

function findInterfaces({ composition, objects }: InstanceContext): Interfaces {
  const found: Interface[] = [];
  let doubt = composition.incomplete;
  for (const device of composition.devices) {
    if (device.type === undefined) doubt ??= device.doubt;
    if (device.type !== "nic") continue;
    const one = interfaceOf(device, objects);
    if (typeof one === "string") doubt ??= one;
    else if (one !== undefined) found.push(one);
    // What it stands on decides whether it is on the local network.
    const kinds = [
      device.properties.fact("nictype", asSetText, "a kind", unstated),
      typeof one === "string" ? undefined : one?.object?.fields.fact("type", asSetText, "a text", unstated),
    ];
    for (const kind of kinds) if (kind?.kind === "unknown") doubt ??= kind.why;
  }
  return { found, doubt };
}

/** `network`, or `nictype` with `parent`; a clause for what cannot be told. */
function interfaceOf(device: IncusDevice, objects: IncusObjects): Interface | string | undefined {
  const { properties } = device;
  const node = properties.node("network") ?? properties.node("parent");
  const nictype = knownValue(properties.fact("nictype", asSetText, "a kind", unstated));
  if (node === undefined) {
    if (properties.hidden !== undefined) return properties.hidden;
    return nictype === "p2p" || nictype === "routed" ? undefined : "an interface names no network";
  }
  const object = objects.at(namesIn(node), "network");
  if (node.kind !== "scalar") return "the network of an interface is no text";
  const name = object === undefined ? undefined : knownValue(object.name);
  if (node.unresolved !== undefined && object === undefined) return node.unresolved;
  const written = name ?? (node.value === null ? undefined : String(node.value)) ?? object?.resource.address ?? "?";
  return { device, network: written, object: object ?? objects.named("network", written), nictype };
}

export function readAttachments(context: InstanceContext): FactList<Attachment> {
  const { system, name, place } = context;
  const { found, doubt } = interfacesOf(context);
  const items = found.map(({ device, network }): Attachment => {
    const address = knownValue(device.properties.fact("ipv4.address", asSetText, "an address", unstated));
    return {
      network: refOf("network", system, network),
      aliases: [name, `${name}.incus`, `${name}.lxd`],
      ...(address === undefined || address === "none" ? {} : { address }),
      place: device.place,
    };
  });
  return doubt === undefined ? complete(items, place) : incomplete(items, doubt, place);
}

export function readNetworkMode(context: InstanceContext): Fact<NetworkMode> {
  const { found, doubt } = interfacesOf(context);
  const { place } = context;
  if (found.length > 0) return stated({ kind: "networks" }, place);
  return doubt === undefined ? defaulted({ kind: "none" }, "platform", place) : unknown(doubt, place);
}
