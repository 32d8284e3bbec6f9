/**
 * Whether packets get from one managed bridge into another. The server routes between its bridges; ACLs on a network
 * filter at its edge. An ACL's rules are tried in the order drop, reject, allow; what none takes meets the default, which
 * is reject once an ACL is there (Incus, `doc/howto/network_acls.md`, `doc/reference/network_bridge.md`).
 */
import type { IncusNetworkRoute } from "../../../facts/extensions-incus.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../facts/fact.ts";
import { asText } from "../../../formats/fields.ts";
import type { TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { namesIn } from "../load/nodes.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";
import { rulesOf } from "./acl-rules.ts";
import { type IncusContext, refOf } from "./context.ts";
import { asIncusBoolean, asSetText, listed } from "./values.ts";

/** A managed bridge with what decides over its edge. */
export interface Bridge {
  readonly name: string;
  readonly object: IncusObject;
  readonly subnets: readonly string[];
  /** Why it neither sends nor takes what is routed: routing is off; undefined where it does. */
  readonly closed: Place | undefined;
  /** Why it may be no managed bridge, or may not route. */
  readonly uncertain: string | undefined;
  readonly acls: readonly IncusObject[];
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

function bridgeOf(object: IncusObject, objects: IncusObjects, type: Fact<string>): Bridge {
  const config = object.fields.fields("config");
  const routing = config.fact("ipv4.routing", asIncusBoolean, "true or false", (at) => defaulted(true, "platform", at));
  const address = config.fact("ipv4.address", asSetText, "an address", unstated);
  const unclear = [type, routing, address].find((fact) => fact.kind === "unknown");
  const off = knownValue(routing) === false || knownValue(address) === "none";
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
  const subnets = knownValue(address);
  return {
    name: knownValue(object.name) ?? object.resource.address,
    object,
    subnets: subnets === undefined || subnets === "none" || subnets === "auto" ? [] : [subnets],
    closed: off ? routing.place : undefined,
    uncertain: unclear?.kind === "unknown" ? unclear.why : undefined,
    acls: found,
    doubt,
    ingress: action("ingress"),
    egress: action("egress"),
    place: object.resource.place,
  };
}

/** From which other bridges packets may come into one. Empty for a network that is no managed bridge. */
export function routesInto(
  name: string,
  bridges: readonly Bridge[],
  system: string,
  place: Place,
): FactList<IncusNetworkRoute> {
  const into = bridges.find((bridge) => bridge.name === name);
  if (into === undefined) return complete([], place);
  const items = bridges
    .filter((other) => other !== into)
    .map((other) => ({ from: refOf("network", system, other.name), open: isOpen(other, into), place: into.place }));
  return complete(items, place);
}

/**
 * OVN networks whose members reach a network because each of the two names the other as its peer; one side alone opens
 * nothing (Incus, `doc/howto/network_ovn_peers.md`).
 */
export function peersOf(object: IncusObject, context: IncusContext): FactList<IncusNetworkRoute> {
  const { objects, system } = context;
  const named = objects.all("network-peer").flatMap(({ fields, resource }) => {
    const from = networkAt(fields.node("network"), objects);
    const to = networkAt(fields.node("target_network"), objects);
    return from === undefined || to === undefined || from === to ? [] : [{ from, to, place: resource.place }];
  });
  const into = ovnOf(object, objects);
  const items = named.flatMap(({ from, to, place }) => {
    const mutual = named.some((other) => other.from === to && other.to === from);
    if (from !== object || !mutual) return [];
    const other = ovnOf(to, objects);
    return [{ from: refOf("network", system, other.name), open: isOpen(other, into), place }];
  });
  return complete(items, object.resource.place);
}

function networkAt(node: TreeNode | undefined, objects: IncusObjects): IncusObject | undefined {
  const direct = objects.at(namesIn(node), "network");
  if (direct !== undefined || node?.kind !== "scalar" || node.unresolved !== undefined) return direct;
  return objects.named("network", String(node.value));
}

function ovnOf(object: IncusObject, objects: IncusObjects): Bridge {
  return bridgeOf(object, objects, stated("ovn", object.resource.place));
}

function isOpen(from: Bridge, into: Bridge): Fact<boolean> {
  if (from.closed !== undefined) return stated(false, from.closed);
  if (into.closed !== undefined) return stated(false, into.closed);
  const sides = [passes(into, "ingress", from), passes(from, "egress", into)];
  const shut = sides.find((side) => knownValue(side) === false);
  if (shut !== undefined) return shut;
  const uncertain = from.uncertain ?? into.uncertain;
  if (uncertain !== undefined) return unknown(uncertain, into.place);
  return sides.find((side) => side.kind === "unknown") ?? stated(true, into.place);
}

/**
 * Whether a bridge's edge lets everything through that comes from, or goes to, another. A rule that names the other's
 * addresses, or single ports, is a way that somebody opened on purpose and leaves the edge closed.
 */
function passes(bridge: Bridge, direction: "ingress" | "egress", other: Bridge): Fact<boolean> {
  if (bridge.acls.length === 0) {
    return bridge.doubt === undefined ? stated(true, bridge.place) : unknown(bridge.doubt, bridge.place);
  }
  const rules = bridge.acls.flatMap((acl) => rulesOf(acl, direction, bridge.subnets));
  const blocking = rules.filter((rule) => rule.action !== "allow" && rule.covers(other.subnets));
  const shut = blocking.find(({ protocol }) => protocol === "any");
  if (shut !== undefined) return stated(false, shut.place);
  const open = rules.find(
    (rule) => rule.action === "allow" && rule.coversAll && !blocking.some(({ protocol }) => protocol === rule.protocol),
  );
  if (open !== undefined) return stated(true, open.place);
  const unclear = rules.find((rule) => rule.doubt !== undefined);
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
  const rules = bridge.acls.flatMap((acl) => rulesOf(acl, "egress", bridge.subnets));
  const open = rules.find((rule) => rule.action === "allow" && (rule.coversAll || rule.reachesOutside));
  if (open !== undefined) return stated(true, open.place);
  const unclear = rules.find((rule) => rule.doubt !== undefined);
  if (unclear?.doubt !== undefined) return unknown(unclear.doubt, unclear.place);
  if (bridge.doubt !== undefined) return unknown(bridge.doubt, bridge.place);
  if (bridge.egress.kind === "unknown") return unknown(bridge.egress.why, bridge.egress.place);
  return stated(knownValue(bridge.egress) === "allow", bridge.egress.place);
}
