import { type Fact, knownValue, stated, unknown, unstated } from "../../../facts/fact.ts";
import type { Listener, PolicyRule, Protocol, Zone } from "../../../facts/subjects.ts";
import { asText, Fields } from "../../../formats/fields.ts";
import { blocks } from "../load/nodes.ts";
import type { IncusObject } from "../load/objects.ts";
import { interfacesOf } from "./attachments.ts";
import { type IncusContext, type InstanceContext, refOf } from "./context.ts";
import { Memberships } from "./memberships.ts";
import { asSetText } from "./values.ts";

/**
 * The networks that are described, as zones: whoever makes more than one sets them apart on purpose. A zone is open to
 * outside where one of its members that stands in no other zone has a port of the host.
 */
export function readZones(context: IncusContext, listeners: readonly Listener[]): readonly Zone[] {
  const networks = context.objects.all("network");
  if (networks.length < 2) return [];
  const published = new Set(
    listeners.filter(({ reach }) => knownValue(reach) !== "loopback").map(({ owner }) => owner.name),
  );
  const described = new Set(networks.map((network) => knownValue(network.name) ?? ""));
  const members = new Memberships(context);
  return networks.map((object) => zoneOf(object, context, members, published, described));
}

function zoneOf(
  object: IncusObject,
  context: IncusContext,
  members: Memberships,
  published: ReadonlySet<string>,
  described: ReadonlySet<string>,
): Zone {
  const { system, lens } = context;
  const name = knownValue(object.name) ?? object.resource.address;
  const config = object.fields.fields("config");
  return {
    kind: "zone",
    ref: refOf("zone", system, name),
    lens,
    platform: "incus",
    place: object.resource.place,
    purpose: knownValue(object.fields.fact("description", asText, "a text", unstated)) ?? name,
    cidr: config.fact("ipv4.address", asSetText, "an address", unstated),
    outside: outsideOf(name, members, published, described),
    networks: [refOf("network", system, name)],
  };
}

function outsideOf(
  name: string,
  members: Memberships,
  published: ReadonlySet<string>,
  described: ReadonlySet<string>,
): Zone["outside"] {
  const on = [...new Set(members.on(name).map(({ instance }) => instance))];
  const open = on.find((instance) => published.has(instance.name) && !standsElsewhere(instance, name, described));
  const [first] = on;
  const place = (open ?? first)?.place ?? { kind: "nowhere" as const, why: "no instance is on it" };
  if (open !== undefined) return stated("both", place);
  const doubt = on.map((instance) => instance.composition.incomplete).find((why) => why !== undefined);
  return doubt === undefined ? stated("outbound", place) : unknown(doubt, place);
}

/** An instance with an interface in another zone too brings nobody from outside into this one by itself: it is the edge. */
function standsElsewhere(instance: InstanceContext, name: string, described: ReadonlySet<string>): boolean {
  return interfacesOf(instance).found.some(({ network }) => network !== name && described.has(network));
}

/** The rules of every described ACL. */
export function readPolicyRules({ objects, system, lens }: IncusContext): readonly PolicyRule[] {
  return objects.all("acl").flatMap((acl) => {
    const name = knownValue(acl.name) ?? acl.resource.address;
    return (["ingress", "egress"] as const).flatMap((direction) => {
      const { items } = blocks(acl.resource.attributes.entries.get(direction)?.value);
      return items.map((node, at): PolicyRule => {
        const fields = Fields.of(node, node.place, direction);
        const other = fields.fact(direction === "ingress" ? "source" : "destination", asSetText, "addresses", unstated);
        const others = other.kind === "unknown" ? "?" : (knownValue(other) ?? "any");
        return {
          kind: "policy-rule",
          ref: refOf("policy-rule", system, `${name} ${direction} ${at + 1}`),
          lens,
          platform: "incus",
          place: node.place,
          from: direction === "ingress" ? others : name,
          to: direction === "ingress" ? name : others,
          port: portOf(fields),
          protocol: fields.fact(
            "protocol",
            ({ value }) => (value === "tcp" || value === "udp" ? (value as Protocol) : ("any" as const)),
            "a protocol",
            (at) => stated("any", at),
          ),
          action: fields.fact(
            "action",
            ({ value }) => (String(value).startsWith("allow") ? ("allow" as const) : ("deny" as const)),
            "an action",
            (at) => unstated(at),
          ),
        };
      });
    });
  });
}

function portOf(fields: Fields): Fact<number | "any"> {
  return fields.fact(
    "destination_port",
    ({ value }) =>
      /^\d{1,5}$/.test(String(value)) ? Number(value) : value === null || value === "" ? "any" : undefined,
    "one port",
    (place) => stated("any", place),
  );
}
