import type { IncusNetworkRoute } from "../../../facts/extensions-incus.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  knownValue,
  mapFact,
  stated,
  unknown,
  unstated,
} from "../../../facts/fact.ts";
import type { Network, NetworkFlow, Ref } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import type { IncusObject } from "../load/objects.ts";
import { type Interface, interfacesOf } from "./attachments.ts";
import { type IncusContext, refOf } from "./context.ts";
import { Memberships, refsOf } from "./memberships.ts";
import { Peers, peersOf } from "./peers.ts";
import { Routes } from "./routes.ts";
import { type Bridge, bridgesOf, leadsOutside } from "./routing.ts";
import { asIncusBoolean, asSetText } from "./values.ts";

/** What a network is called and where it stands, for one that is described and one that is only named. */
interface Seen {
  readonly name: string;
  readonly object: IncusObject | undefined;
  readonly nictype: string | undefined;
  readonly place: Place;
}

/** What decides over all networks together, read once. */
interface All {
  readonly bridges: ReadonlyMap<IncusObject, Bridge>;
  readonly routes: Routes;
  readonly peers: Peers;
  readonly members: Memberships;
}

/** Every network that is described, or that an interface leads to. */
export function readNetworks(context: IncusContext): readonly Network[] {
  const bridges = bridgesOf(context);
  const all: All = {
    bridges: new Map(bridges.map((bridge) => [bridge.object, bridge])),
    routes: new Routes(bridges, context.system),
    peers: new Peers(context),
    members: new Memberships(context),
  };
  return [...seenNetworks(context).values()].map((seen) => networkOf(seen, context, all));
}

function seenNetworks(context: IncusContext): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const object of context.objects.all("network")) {
    const name = knownValue(object.name) ?? object.resource.address;
    if (!seen.has(name)) seen.set(name, { name, object, nictype: undefined, place: object.resource.place });
  }
  for (const instance of context.instances) {
    for (const { network, object, nictype, device } of interfacesOf(instance).found) {
      if (!seen.has(network)) seen.set(network, { name: network, object, nictype, place: device.place });
    }
  }
  return seen;
}

function networkOf(seen: Seen, context: IncusContext, { bridges, routes, peers, members }: All): Network {
  const { name, object, place } = seen;
  const off = defaulted(false, "platform", place) as Fact<boolean>;
  const ref = refOf("network", context.system, name);
  const driver = driverOf(seen);
  const isOvn = object !== undefined && knownValue(driver) === "ovn";
  const routedFrom = isOvn ? peersOf(object, peers, context) : routes.into(name, place);
  return {
    kind: "network",
    ref,
    lens: context.lens,
    platform: "incus",
    place,
    driver,
    localAddresses: localAddressesOf(driver),
    internal: object === undefined ? unknown("it is made elsewhere", place) : isInternal(object, bridges.get(object)),
    external: stated(object === undefined, place),
    subnets: subnetsOf(object, place),
    attachable: off,
    memberTraffic: defaulted(true, "platform", place),
    hostAccess: defaulted(!isLocal(knownValue(driver)), "platform", place),
    ...(isLocal(knownValue(driver)) ? {} : { flows: flowsOf(name, members, routedFrom, place) }),
    incus: { acls: aclsOf(object, place), routedFrom },
  };
}

/**
 * `bridge` for a managed network of no other type, and for the one that `incus admin init` makes (`incusbr0`); `macvlan`
 * for all that give a member an address on the local network.
 */
function driverOf({ name, object, nictype, place }: Seen): Fact<string> {
  if (object !== undefined) {
    const type = object.fields.fact("type", asSetText, "a text", (at) => defaulted("bridge", "platform", at));
    return type.kind === "stated" && (type.value === "sriov" || type.value === "physical")
      ? stated("macvlan", type.place)
      : type;
  }
  // A bridge that Incus does not manage is one on which the host itself stands, most often with the local network.
  if (nictype !== undefined && ["macvlan", "ipvlan", "physical", "sriov", "routed"].includes(nictype)) {
    return stated("macvlan", place);
  }
  if (/^(?:incus|lxd)br\d*$/.test(name)) return defaulted("bridge", "platform", place);
  if (nictype === "bridged") return stated("macvlan", place);
  return unknown("it is made elsewhere", place);
}

/** One that is made elsewhere may be of any type. */
function localAddressesOf(driver: Fact<string>): Fact<boolean> {
  return mapFact(driver, isLocal);
}

function isLocal(driver: string | undefined): boolean {
  return driver === "macvlan" || driver === "ipvlan";
}

/** No way out by forwarding: routing is off, the family has no address, or an ACL at the edge lets nothing out. */
function isInternal({ fields }: IncusObject, bridge: Bridge | undefined): Fact<boolean> {
  const config = fields.fields("config");
  const ways = ["ipv4", "ipv6"].map((family): Fact<boolean> => {
    const address = config.fact(`${family}.address`, asSetText, "an address", unstated);
    if (address.kind === "unknown") return unknown(address.why, address.place);
    if (knownValue(address) === "none") return stated(true, address.place);
    const routing = config.fact(`${family}.routing`, asIncusBoolean, "true or false", (at) =>
      defaulted(true, "platform", at),
    );
    if (routing.kind === "unknown") return routing;
    return knownValue(routing) === false ? stated(true, routing.place) : defaulted(false, "platform", routing.place);
  });
  const open = ways.find((way) => knownValue(way) === false);
  if (open !== undefined && bridge !== undefined) {
    const outward = leadsOutside(bridge);
    if (knownValue(outward) !== true) {
      return outward.kind === "unknown" ? outward : ({ ...outward, value: true } as Fact<boolean>);
    }
  }
  return open ?? ways.find((way) => way.kind === "unknown") ?? ways[0] ?? unstated(config.place);
}

/** `ipv4.address` and `ipv6.address` of the bridge, as ranges; where none is stated the server chooses a free one. */
function subnetsOf(object: IncusObject | undefined, place: Place): FactList<Fact<string>> {
  if (object === undefined) return complete([], place);
  const config = object.fields.fields("config");
  const items = ["ipv4.address", "ipv6.address"].flatMap((key): Fact<string>[] => {
    const address = config.fact(key, asSetText, "an address", unstated);
    if (address.kind === "unknown") return [address];
    const text = knownValue(address);
    return text === undefined || text === "none" || text === "auto" ? [] : [address];
  });
  return complete(items, config.place);
}

function aclsOf(object: IncusObject | undefined, place: Place): FactList<string> {
  if (object === undefined) return complete([], place);
  const acls = object.fields.fields("config").fact("security.acls", asSetText, "a list", unstated);
  if (acls.kind === "unknown") return { items: [], complete: false, why: acls.why, place: acls.place };
  return complete(
    (knownValue(acls) ?? "")
      .split(",")
      .map((acl) => acl.trim())
      .filter((acl) => acl !== ""),
    acls.place,
  );
}

/**
 * Who may open connections into a network: its members to one another, and members of the networks from which the server
 * routes into it. Interfaces that are isolated from one another do not meet, and one with an ACL of its own is met by
 * those that a rule names, which is told by the rule and not here.
 */
function flowsOf(
  name: string,
  everybody: Memberships,
  routedFrom: FactList<IncusNetworkRoute>,
  place: Place,
): readonly NetworkFlow[] {
  const all = everybody.refsOn(name);
  const members = everybody.on(name).filter(({ one }) => !hasOwnRules(one));
  const met = refsOf(members);
  const isolated = refsOf(members.filter(({ one }) => isIsolated(one)));
  const free = refsOf(members.filter(({ one }) => !isIsolated(one)));
  const flow = (
    from: readonly Ref<"workload">[],
    to: readonly Ref<"workload">[],
    allowedBy: string,
    certain: boolean,
    at: Place,
  ) =>
    from.length === 0 || to.length === 0
      ? []
      : [{ from, to, port: "any" as const, protocol: "any" as const, allowedBy, place: at, certain }];
  const same = `both are on the network ${name}`;
  return [
    ...flow(all, free, same, true, place),
    ...flow(free, isolated, same, true, place),
    ...routedFrom.items.flatMap(({ from, open, place: at }) => {
      if (knownValue(open) === false) return [];
      const [only, second] = from;
      const where = second === undefined ? `the network ${only?.name}` : "other networks";
      const certain = open.kind !== "unknown";
      return flow(everybody.refsOnAny(from), met, `Incus routes from ${where} into ${name}`, certain, at).map((one) => {
        const here = second === undefined ? [] : everybody.onlyOn(name, from);
        return here.length === 0 ? one : { ...one, notFrom: here };
      });
    }),
  ];
}

/** Whether an ACL stands at the interface itself, which refuses what no rule lets in. */
function hasOwnRules({ device }: Interface): boolean {
  const acls = device.properties.fact("security.acls", asSetText, "a list", unstated);
  const action = device.properties.fact("security.acls.default.ingress.action", asSetText, "an action", unstated);
  return acls.kind === "stated" && (action.kind === "unstated" || knownValue(action) !== "allow");
}

function isIsolated({ device }: Interface): boolean {
  const fact = device.properties.fact("security.port_isolation", asIncusBoolean, "true or false", unstated);
  return knownValue(fact) === true;
}
