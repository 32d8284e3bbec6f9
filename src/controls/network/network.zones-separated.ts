/**
 * Zones that share a network are one zone with two names.
 *
 * Reads:  zone.networks of all, workload.attachments of all, network.incus.routedFrom
 * Passes: no network belongs to two zones, only edges stand in an inner zone and an open one, and nothing is routed
 *         from one into another.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { IncusNetworkRoute } from "../../facts/extensions-incus.ts";
import { knownValue } from "../../facts/fact.ts";
import { oncePerKey, oncePerSystem } from "../../facts/once.ts";
import type { Ref, Zone } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { append } from "../../lib/append.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, pass } from "../judge.ts";
import { productOf } from "../knowledge/products.ts";
import { membersOf } from "../knowledge/relations.ts";

export const zonesSeparated = defineControl({
  id: "network.zones-separated",
  on: "zone",
  severity: "high",
  title: "Zones share no network",
  claim: "Services of different zones share no network of a zone.",
  threat: "A service of a public zone that stands in the management zone's network brings whoever takes it over there.",
  remedy:
    "Give each zone networks of its own. Where one service must reach another across zones, declare that pair alone (`talksTo`), which makes a network for the two.",
  remedies: {
    incus:
      'Set ACLs at the edge of each network (`"security.acls"` in its `config`), and give an instance a second interface only where it is the proxy.',
  },
  judged:
    "Fails when a network belongs to two zones, and when an inner zone (no way in from outside) has on its own network a service that also stands in a zone that outside may come into, unless that service is an edge. On Incus, which routes between its own bridges, fails as well when no ACL at the edge of either network, nor routing switched off, keeps another zone out: medium, high for an inner zone that an outer one is routed into. Unknown when a zone's network is not described.",
  platforms: ["compose", "incus"],
  frameworks: { owaspDocker: ["D03", "D05"], nistCsf: ["PR.IR-01"], coverage: ["N1", "N2", "N3"] },
  exposureMatters: false,

  check(zone, system) {
    return all(sharedNetworks(zone, system), bridges(zone, system), routed(zone, system), undescribed(zone, system));
  },
});

function sharedNetworks(zone: Zone, system: System): readonly Judgement[] {
  const shared = system.all("zone").flatMap((other) => {
    if (other.ref.name === zone.ref.name) return [];
    const common = zone.networks.filter((network) => other.networks.some((each) => each.name === network.name));
    return common.map((network) =>
      fail(`the network ${network.name} belongs to the zone ${other.ref.name} too`, {
        detail: `${network.name} ${other.ref.name}`,
      }),
    );
  });
  return shared.length > 0 ? shared : [pass("no other zone has its networks")];
}

/** Members of an inner zone that also stand in one that outside may come into, edges apart. */
function bridges(zone: Zone, system: System): readonly Judgement[] {
  if (zone.outside.kind === "unknown") return [cannotTell("whether outside may come in", zone.outside.why)];
  if (opensToOutside(zone)) return [];
  for (const { ref, outside } of system.all("zone")) {
    if (ref.name === zone.ref.name || outside.kind !== "unknown") continue;
    return [cannotTell(`whether outside may come into the zone ${ref.name}`, outside.why)];
  }
  const open = system.all("zone").filter((other) => other.ref.name !== zone.ref.name && opensToOutside(other));
  const exposed = new Map(
    open.flatMap((other) => namesIn(other, system).map((name) => [name, other.ref.name] as const)),
  );
  return zone.networks
    .flatMap((network) => membersOf(network.name, system).workloads)
    .filter((member) => exposed.has(member.ref.name) && !productOf(member, system).roles.has("proxy"))
    .map((member) =>
      fail(
        `${member.ref.name} stands in it and in the zone ${exposed.get(member.ref.name)}, which outside may come into`,
        {
          detail: member.ref.name,
        },
      ),
    );
}

/** Networks of other zones from which the engine routes into a network of this one, although nobody asked it to. */
function routed(zone: Zone, system: System): readonly Judgement[] {
  return zone.networks.flatMap((ref) => {
    const routes = system.get(ref)?.incus?.routedFrom;
    if (routes === undefined) return [];
    const hidden = routes.complete
      ? []
      : [cannotTell(`what is routed into ${ref.name}`, routes.why, { detail: ref.name })];
    const others = routes.items.map((route) => ({ ...route, ...sourcesOf(route.from, zone, system) }));
    const open = others.filter((route) => route.count > 0 && knownValue(route.open) === true);
    const unclear = others.find((route) => route.count > 0 && route.open.kind === "unknown");
    const found = open.length === 0 ? [] : [routedFinding(ref.name, open, zone)];
    if (unclear === undefined || unclear.open.kind !== "unknown") return [...found, ...hidden];
    const what = `whether ${unclear.names[0]} is routed into ${ref.name}`;
    return [
      ...found,
      ...hidden,
      cannotTell(what, unclear.open.why, { place: unclear.place, detail: `route ${unclear.names[0]}` }),
    ];
  });
}

/** Networks of other zones among those of a route. */
interface Sources {
  readonly count: number;
  /** The first of them. */
  readonly names: readonly string[];
  /** Whether outside may come into the zone of one. */
  readonly exposed: boolean;
}

/** More than a sentence names. */
const mostNames = 20;

/** Routes share lists of many networks: each is gone through once, and not once for each zone. */
const byZone = oncePerKey((from: readonly Ref<"network">[], system: System) => {
  const zones = new Map<Zone | undefined, string[]>();
  for (const { name } of from) append(zones, zoneOf(name, system), name);
  return { zones, open: [...zones.keys()].filter((each) => each !== undefined && opensToOutside(each)) };
});

function sourcesOf(from: readonly Ref<"network">[], zone: Zone, system: System): Sources {
  const { zones, open } = byZone(from, system);
  const names: string[] = [];
  for (const [other, own] of zones) {
    if (names.length >= mostNames) break;
    if (other !== zone) names.push(...own.slice(0, mostNames - names.length));
  }
  return {
    count: from.length - (zones.get(zone)?.length ?? 0),
    names,
    exposed: open.some((other) => other !== zone),
  };
}

function routedFinding(name: string, open: readonly (IncusNetworkRoute & Sources)[], zone: Zone): Judgement {
  const from = open.flatMap(({ names }) => names);
  const count = open.reduce((sum, route) => sum + route.count, 0);
  const more = count > from.length ? ` and ${count - from.length} more` : "";
  const exposed = !opensToOutside(zone) && open.some((route) => route.exposed);
  const why = exposed ? ", which outside may come into in part" : "";
  return fail(`the server routes into ${name} from ${listed(from, count)}${why}, and no ACL stops it`, {
    ...(open[0] === undefined ? {} : { place: open[0].place }),
    detail: `routed ${from.join(" ")}${more}`,
    severity: exposed ? "high" : "medium",
    remedy: `Set ACLs at the edge of ${name}: an \`incus_network_acl\` that allows only what is meant to come in, and \`"security.acls" = incus_network_acl.NAME.name\` in the network's \`config\`; what no rule allows is then rejected. An ACL on a bridge filters nothing inside it.`,
  });
}

/** The first zone that each network belongs to. */
const zonesByNetwork = oncePerSystem((system) => {
  const found = new Map<string, Zone>();
  for (const zone of system.all("zone")) {
    for (const { name } of zone.networks) if (!found.has(name)) found.set(name, zone);
  }
  return found;
});

function zoneOf(network: string, system: System): Zone | undefined {
  return zonesByNetwork(system).get(network);
}

function opensToOutside(zone: Zone): boolean {
  const outside = knownValue(zone.outside);
  return outside === "ingress" || outside === "both";
}

function namesIn(zone: Zone, system: System): readonly string[] {
  return zone.networks.flatMap((network) => membersOf(network.name, system).workloads.map((member) => member.ref.name));
}

function undescribed(zone: Zone, system: System): readonly Judgement[] {
  return zone.networks.flatMap((ref) => {
    const network = system.get(ref);
    if (network === undefined)
      return [cannotTell(`who is on the network ${ref.name}`, "it is not described", { detail: ref.name })];
    const { doubt } = membersOf(ref.name, system);
    if (doubt !== undefined) return [cannotTell(`who is on the network ${ref.name}`, doubt, { detail: ref.name })];
    return knownValue(network.external) === true
      ? [cannotTell(`who is on the network ${ref.name}`, "it is made elsewhere", { detail: ref.name })]
      : [];
  });
}
