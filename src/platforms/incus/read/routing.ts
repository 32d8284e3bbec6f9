/**
 * Whether packets get from one managed bridge into another. The server routes between its bridges; ACLs on a network
 * filter at its edge. An ACL's rules are tried in the order drop, reject, allow; what none takes meets the default, which
 * is reject once an ACL is there (Incus, `doc/howto/network_acls.md`, `doc/reference/network_bridge.md`).
 */
import ipaddr from "ipaddr.js";
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
import { asText, Fields } from "../../../formats/fields.ts";
import { cidrOf } from "../../../lib/cidr.ts";
import type { Place } from "../../../lib/place.ts";
import { blocks, namesIn } from "../load/nodes.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";
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
  const rules = bridge.acls.flatMap((acl) => rulesOf(acl, direction));
  const blocking = rules.find((rule) => rule.action !== "allow" && rule.covers(other.subnets));
  if (blocking !== undefined) return stated(false, blocking.place);
  const open = rules.find((rule) => rule.action === "allow" && rule.coversAll);
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
  const rules = bridge.acls.flatMap((acl) => rulesOf(acl, "egress"));
  const open = rules.find((rule) => rule.action === "allow" && (rule.coversAll || rule.reachesOutside));
  if (open !== undefined) return stated(true, open.place);
  const unclear = rules.find((rule) => rule.doubt !== undefined);
  if (unclear?.doubt !== undefined) return unknown(unclear.doubt, unclear.place);
  if (bridge.doubt !== undefined) return unknown(bridge.doubt, bridge.place);
  if (bridge.egress.kind === "unknown") return unknown(bridge.egress.why, bridge.egress.place);
  return stated(knownValue(bridge.egress) === "allow", bridge.egress.place);
}

interface Rule {
  readonly action: "allow" | "deny";
  /** Whether it takes all packets, wherever they come from. */
  readonly coversAll: boolean;
  /** Whether some of what it takes is an address that is not private, whatever the port. */
  readonly reachesOutside: boolean;
  /** Whether it takes all packets of some networks. */
  covers(subnets: readonly string[]): boolean;
  readonly doubt: string | undefined;
  readonly place: Place;
}

/** The rules of one direction that are in force. */
export function rulesOf(acl: IncusObject, direction: "ingress" | "egress"): readonly Rule[] {
  const written = blocks(acl.resource.attributes.entries.get(direction)?.value);
  const rules = written.items.flatMap((node): Rule[] => {
    const fields = Fields.of(node, node.place, direction);
    const state = knownValue(fields.fact("state", asText, "a state", unstated)) ?? "enabled";
    if (state === "disabled") return [];
    const action = fields.fact("action", asText, "an action", unstated);
    const subjects = fields.fact(direction === "ingress" ? "source" : "destination", asSetText, "addresses", unstated);
    const narrowed = ["protocol", "destination_port", "source_port", "icmp_type"].some(
      (key) => fields.node(key) !== undefined,
    );
    const named = listed(knownValue(subjects) ?? "");
    const doubt = [action, subjects].find((fact) => fact.kind === "unknown");
    return [
      {
        action: /^allow/.test(knownValue(action) ?? "") ? "allow" : "deny",
        coversAll: !narrowed && subjects.kind === "unstated",
        reachesOutside: subjects.kind === "unstated" || named.some(isPublic),
        covers: (subnets) =>
          !narrowed &&
          doubt === undefined &&
          (named.length === 0
            ? subjects.kind === "unstated"
            : subnets.length > 0 && subnets.every((subnet) => named.some((range) => contains(range, subnet)))),
        doubt: doubt?.kind === "unknown" ? doubt.why : undefined,
        place: node.place,
      },
    ];
  });
  if (written.incomplete === undefined) return rules;
  const hidden: Rule = {
    action: "allow",
    coversAll: false,
    reachesOutside: false,
    covers: () => false,
    doubt: written.incomplete,
    place: acl.resource.place,
  };
  return [...rules, hidden];
}

/** Whether a rule's subject holds addresses of the internet; names and sets of addresses are taken for such. */
function isPublic(subject: string): boolean {
  const host = subject.replace(/\/\d+$|-.*$/, "");
  if (/\/0$/.test(subject) || !ipaddr.isValid(host)) return true;
  return ipaddr.parse(host).range() === "unicast";
}

/** Whether a range in CIDR notation holds the network that an address with a prefix lies in. */
function contains(range: string, network: string): boolean {
  const within = cidrOf(network);
  const around = cidrOf(range);
  if (within === undefined || around === undefined) return false;
  const [inner, innerBits] = within;
  const [outer, outerBits] = around;
  return outer.kind() === inner.kind() && outerBits <= innerBits && inner.match(outer, outerBits);
}
