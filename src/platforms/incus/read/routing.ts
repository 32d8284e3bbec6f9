/**
 * Whether packets get from one managed bridge into another. The server routes between its bridges; ACLs on a network
 * filter at its edge. An ACL's rules are tried in the order drop, reject, allow; what none takes meets the default, which
 * is reject once an ACL is there (Incus, `doc/howto/network_acls.md`, `doc/reference/network_bridge.md`).
 */
import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../../facts/fact.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import type { Place } from "../../../lib/place.ts";
import { namesIn } from "../load/nodes.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";
import { type Addresses, type Direction, type Rule, rulesOf } from "./acl-rules.ts";
import type { IncusContext } from "./context.ts";
import { asIncusBoolean, asSetText, listed } from "./values.ts";

/** Addresses that are routed, and why they may not be. */
interface RoutedFamily extends Addresses {
  readonly doubt: string | undefined;
}

/** A managed bridge with what decides over its edge. */
export interface Bridge {
  readonly name: string;
  readonly object: IncusObject;
  /** The families that it sends and takes when they are routed; none where routing is off. */
  readonly routed: readonly RoutedFamily[];
  /** Where routing is switched off, or the network stands. */
  readonly routing: Place;
  /** Why it may be no managed bridge. */
  readonly uncertain: string | undefined;
  readonly acls: readonly IncusObject[];
  /** The rules at its edge for one family. */
  rules(direction: Direction, own: Addresses): readonly Rule[];
  /** Why ACLs may be missing. */
  readonly doubt: string | undefined;
  readonly ingress: Fact<string>;
  readonly egress: Fact<string>;
  readonly place: Place;
}

export function bridgesOf({ objects }: IncusContext): readonly Bridge[] {
  return objects.all("network").flatMap((object) => {
    const type = object.fields.fact("type", asSetText, "a text", (at) => defaulted("bridge", "platform", at));
    if (type.kind !== "unknown" && knownValue(type) !== "bridge") return [];
    return [bridgeOf(object, objects, type)];
  });
}

export function bridgeOf(object: IncusObject, objects: IncusObjects, type: Fact<string>): Bridge {
  const config = object.fields.fields("config");
  const families = (["ipv4", "ipv6"] as const).map((family) => familyOf(family, config));
  const written = config.fact("security.acls", asSetText, "a list", unstated);
  const names = listed(knownValue(written) ?? "");
  const direct = objects.at(namesIn(config.node("security.acls")), "acl");
  const acls = names.flatMap((name) => objects.named("acl", name, object.project) ?? []);
  const missing = names.find((name) => objects.named("acl", name, object.project) === undefined);
  const found = acls.length === 0 && direct !== undefined ? [direct] : acls;
  const doubt =
    written.kind === "unknown" && direct === undefined
      ? written.why
      : missing === undefined
        ? config.hidden
        : `the ACL ${missing} is not described in these files`;
  const action = (direction: string) =>
    config.fact(`security.acls.default.${direction}.action`, asText, "an action", (at) =>
      defaulted("reject", "platform", at),
    );
  return {
    name: knownValue(object.name) ?? object.resource.address,
    object,
    routed: families.flatMap(({ routed }) => routed ?? []),
    routing: families.find(({ off }) => off !== undefined)?.off ?? config.place,
    uncertain: type.kind === "unknown" ? type.why : undefined,
    acls: found,
    rules: rulesOnce(found),
    doubt,
    ingress: action("ingress"),
    egress: action("egress"),
    place: object.resource.place,
  };
}

/** Each rule is read once for a bridge, not once for every other. */
function rulesOnce(acls: readonly IncusObject[]): Bridge["rules"] {
  const known = new Map<string, readonly Rule[]>();
  return (direction, own) => {
    const key = `${direction} ${own.family}`;
    const rules = known.get(key) ?? acls.flatMap((acl) => rulesOf(acl, direction, own));
    known.set(key, rules);
    return rules;
  };
}

/** What of a family is routed; where no address is stated, the server chooses one when it makes the network. */
function familyOf(
  family: Addresses["family"],
  config: Fields,
): { readonly routed?: RoutedFamily; readonly off?: Place } {
  const routing = config.fact(`${family}.routing`, asIncusBoolean, "true or false", (at) =>
    defaulted(true, "platform", at),
  );
  const address = config.fact(`${family}.address`, asSetText, "an address", unstated);
  if (knownValue(routing) === false) return { off: routing.place };
  if (knownValue(address) === "none") return { off: address.place };
  const unclear = [routing, address].find((fact) => fact.kind === "unknown");
  const doubt = unclear?.kind === "unknown" ? unclear.why : undefined;
  const cidr = knownValue(address);
  return { routed: { family, doubt, ...(cidr === undefined || cidr === "auto" ? {} : { cidr }) } };
}

/** Whether packets of any family get from one bridge into another. */
export function isOpen(from: Bridge, into: Bridge): Fact<boolean> {
  const ways = into.routed.flatMap((own) => {
    const others = from.routed.find(({ family }) => family === own.family);
    return others === undefined ? [] : [isOpenFor(from, others, into, own)];
  });
  const open = ways.find((way) => knownValue(way) === true);
  const shut = ways[0] ?? stated(false, from.routed.length === 0 ? from.routing : into.routing);
  return open ?? ways.find((way) => way.kind === "unknown") ?? shut;
}

function isOpenFor(from: Bridge, others: RoutedFamily, into: Bridge, own: RoutedFamily): Fact<boolean> {
  const sides = [passes(into, "ingress", own, others), passes(from, "egress", others, own)];
  const shut = sides.find((side) => knownValue(side) === false);
  if (shut !== undefined) return shut;
  const uncertain = from.uncertain ?? into.uncertain ?? others.doubt ?? own.doubt;
  if (uncertain !== undefined) return unknown(uncertain, into.place);
  return sides.find((side) => side.kind === "unknown") ?? stated(true, into.place);
}

/**
 * Whether a bridge's edge lets everything of one family through that comes from, or goes to, another. A rule that names the
 * other's addresses, or single ports, is a way that somebody opened on purpose and leaves the edge closed.
 */
function passes(bridge: Bridge, direction: Direction, own: Addresses, other: Addresses): Fact<boolean> {
  if (bridge.acls.length === 0) {
    return bridge.doubt === undefined ? stated(true, bridge.place) : unknown(bridge.doubt, bridge.place);
  }
  const rules = bridge.rules(direction, own);
  const blocking = rules.filter((rule) => rule.action !== "allow" && rule.covers(other));
  const shut = blocking.find(({ protocol }) => protocol === "any");
  if (shut !== undefined) return stated(false, shut.place);
  const unclear = rules.find((rule) => rule.doubt !== undefined);
  const open = rules.find(
    (rule) => rule.action === "allow" && rule.coversAll && !blocking.some(({ protocol }) => protocol === rule.protocol),
  );
  // A rule that refuses comes before all that allow.
  const perhapsShut = rules.find((rule) => rule.action !== "allow" && rule.doubt !== undefined);
  if (open !== undefined && perhapsShut === undefined) return stated(true, open.place);
  if (unclear?.doubt !== undefined) return unknown(unclear.doubt, unclear.place);
  const otherwise = direction === "ingress" ? bridge.ingress : bridge.egress;
  if (otherwise.kind === "unknown") return unknown(otherwise.why, otherwise.place);
  if (bridge.doubt !== undefined) return unknown(bridge.doubt, bridge.place);
  return stated(knownValue(otherwise) === "allow", otherwise.place);
}

/** Whether members may open connections to outside: the edge lets out what goes anywhere. */
export function leadsOutside(bridge: Bridge): Fact<boolean> {
  if (bridge.acls.length === 0) {
    return bridge.doubt === undefined ? stated(true, bridge.place) : unknown(bridge.doubt, bridge.place);
  }
  const rules = bridge.routed.flatMap((own) => bridge.rules("egress", own));
  const open = rules.find((rule) => rule.action === "allow" && (rule.coversAll || rule.reachesOutside));
  if (open !== undefined) return stated(true, open.place);
  const unclear = rules.find((rule) => rule.doubt !== undefined);
  if (unclear?.doubt !== undefined) return unknown(unclear.doubt, unclear.place);
  if (bridge.doubt !== undefined) return unknown(bridge.doubt, bridge.place);
  if (bridge.egress.kind === "unknown") return unknown(bridge.egress.why, bridge.egress.place);
  return stated(knownValue(bridge.egress) === "allow", bridge.egress.place);
}
