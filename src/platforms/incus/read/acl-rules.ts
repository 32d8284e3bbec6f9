import ipaddr from "ipaddr.js";
import { type Fact, knownValue, unstated } from "../../../facts/fact.ts";
import { asText, Fields } from "../../../formats/fields.ts";
import type { MappingNode } from "../../../formats/tree.ts";
import { cidrOf } from "../../../lib/cidr.ts";
import type { Place } from "../../../lib/place.ts";
import { blocks } from "../load/nodes.ts";
import type { IncusObject } from "../load/objects.ts";
import { listed } from "./values.ts";

/** The addresses of one family on a network; without a range where the server chooses one, or where it cannot be told. */
export interface Addresses {
  readonly family: "ipv4" | "ipv6";
  readonly cidr?: string;
}

/** One rule of an ACL, as far as it decides whether packets of one family get from one network to another. */
export interface Rule {
  readonly action: "allow" | "deny";
  /** `any` takes `icmp4` and what else there is as well. */
  readonly protocol: string;
  /** Whether it takes all packets of its protocol and the family, wherever they come from. */
  readonly coversAll: boolean;
  /** Whether some of what it takes is an address that is not private, whatever the port. */
  readonly reachesOutside: boolean;
  /** Whether it takes all packets of its protocol that come from some addresses of the family, or go to them. */
  covers(other: Addresses): boolean;
  /** Whether it says from, or to, which addresses of others; and which of the network's own. */
  readonly namesOthers: boolean;
  readonly namesMembers: boolean;
  readonly doubt: string | undefined;
  readonly place: Place;
}

export type Direction = "ingress" | "egress";

/**
 * The rules of one direction that are in force for one family at the edge of a network with these addresses. `0.0.0.0/0` is
 * everybody of IPv4 and `::/0` of IPv6, as no `source` is both, and `1-65535` every port, as no `destination_port` is
 * (Incus, `doc/howto/network_acls.md`).
 */
export function rulesOf(acl: IncusObject, direction: Direction, own: Addresses): readonly Rule[] {
  const written = blocks(acl.resource.attributes.entries.get(direction)?.value);
  const rules = written.items.flatMap((node) => ruleOf(node, direction, own));
  if (written.incomplete === undefined) return rules;
  const hidden: Rule = {
    action: "allow",
    protocol: "any",
    coversAll: false,
    reachesOutside: false,
    covers: () => false,
    namesOthers: false,
    namesMembers: false,
    doubt: written.incomplete,
    place: acl.resource.place,
  };
  return [...rules, hidden];
}

function ruleOf(node: MappingNode, direction: Direction, own: Addresses): readonly Rule[] {
  const fields = Fields.of(node, node.place, direction);
  const text = (key: string) => textAt(fields, key);
  // One that is `logged` is in force as well.
  const state = text("state");
  if (knownValue(state) === "disabled") return [];
  const action = text("action");
  const [others, inside] = direction === "ingress" ? ["source", "destination"] : ["destination", "source"];
  const subjects = text(others);
  const members = text(inside);
  const protocol = text("protocol");
  const ports = [text("source_port"), text("destination_port")];
  const icmp = [text("icmp_type"), text("icmp_code")];
  const doubt = [state, action, subjects, members, protocol, ...ports, ...icmp].find((fact) => fact.kind === "unknown");
  const named = listed(knownValue(subjects) ?? "");
  const whole =
    doubt === undefined &&
    ports.every(isEveryPort) &&
    icmp.every((fact) => fact.kind === "unstated") &&
    (members.kind === "unstated" || holds(listed(knownValue(members) ?? ""), own));
  const everybody = subjects.kind === "unstated" || holds(named, { family: own.family });
  return [
    {
      action: /^allow/.test(knownValue(action) ?? "") ? "allow" : "deny",
      protocol: knownValue(protocol) ?? "any",
      // What lets nothing but pings through opens nothing.
      coversAll: whole && everybody && !/^icmp/.test(knownValue(protocol) ?? ""),
      reachesOutside: state.kind !== "unknown" && (subjects.kind === "unstated" || named.some(isPublic)),
      covers: (other) => whole && (subjects.kind === "unstated" || holds(named, other)),
      namesOthers: subjects.kind !== "unstated",
      namesMembers: members.kind !== "unstated",
      doubt: doubt?.kind === "unknown" ? doubt.why : undefined,
      place: node.place,
    },
  ];
}

/** A plan has an empty text for what nobody stated. */
function textAt(fields: Fields, key: string): Fact<string> {
  const fact = fields.fact(key, asText, "a text", unstated);
  return fact.kind === "stated" && fact.value === "" ? unstated(fact.place) : fact;
}

function isEveryPort(ports: Fact<string>): boolean {
  if (ports.kind === "unstated") return true;
  return listed(knownValue(ports) ?? "").some((range) => /^[01]-65535$/.test(range));
}

/** Whether ranges hold all of some addresses; of those whose range nobody states, only all of the family is sure to. */
function holds(ranges: readonly string[], { family, cidr }: Addresses): boolean {
  const all = family === "ipv4" ? "0.0.0.0/0" : "::/0";
  return ranges.some((range) => contains(range, cidr ?? all));
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
