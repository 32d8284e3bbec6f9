import type { IncusNetworkRoute } from "../../../facts/extensions-incus.ts";
import { complete, type Fact, type FactList, incomplete, knownValue, stated, unstated } from "../../../facts/fact.ts";
import type { Fields } from "../../../formats/fields.ts";
import { append } from "../../../lib/append.ts";
import type { Place } from "../../../lib/place.ts";
import { namesIn } from "../load/nodes.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";
import { type IncusContext, refOf } from "./context.ts";
import { type Bridge, bridgeOf, isOpen } from "./routing.ts";
import { asSetText } from "./values.ts";

/** A network that a peer names: one that is described, `elsewhere` for any other, or why it cannot be told. */
type Named = IncusObject | "elsewhere" | { readonly why: string };

export interface Peer {
  readonly from: Named;
  readonly to: Named;
  readonly place: Place;
}

/** Every peer by the networks that it names; those of which that cannot be told are asked for every network. */
export class Peers {
  readonly #from: PeerSide;
  readonly #to: PeerSide;

  constructor({ objects }: IncusContext) {
    const networks = new NetworkNames(objects.all("network"));
    const all = objects
      .all("network-peer")
      .map(({ fields, resource }) => peerOf(fields, resource.place, objects, networks));
    this.#from = new PeerSide(all, ({ from }) => from);
    this.#to = new PeerSide(all, ({ to }) => to);
  }

  /** In the order in which they are written. */
  mayBeFrom(network: IncusObject): readonly Peer[] {
    return this.#from.of(network);
  }

  mayBeTo(network: IncusObject): readonly Peer[] {
    return this.#to.of(network);
  }
}

class PeerSide {
  readonly #order = new Map<Peer, number>();
  readonly #named = new Map<Named, Peer[]>();
  readonly #doubtful: Peer[] = [];

  constructor(all: readonly Peer[], side: (peer: Peer) => Named) {
    for (const [at, peer] of all.entries()) {
      this.#order.set(peer, at);
      if (doubtOf(side(peer)) === undefined) append(this.#named, side(peer), peer);
      else this.#doubtful.push(peer);
    }
  }

  of(network: IncusObject): readonly Peer[] {
    const named = this.#named.get(network) ?? [];
    if (this.#doubtful.length === 0) return named;
    return [...named, ...this.#doubtful].sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }
}

/** Networks by their names. */
class NetworkNames {
  readonly #byName = new Map<string | undefined, IncusObject[]>();
  /** Why one of them may have any name. */
  readonly hidden: string | undefined;

  constructor(networks: readonly IncusObject[]) {
    for (const network of networks) append(this.#byName, knownValue(network.name), network);
    const hidden = networks.find((network) => network.name.kind === "unknown");
    this.hidden = hidden?.name.kind === "unknown" ? hidden.name.why : undefined;
  }

  called(name: string | undefined): readonly IncusObject[] {
    return this.#byName.get(name) ?? [];
  }
}

/**
 * OVN networks whose members reach a network because each of the two names the other as its peer; one side alone opens
 * nothing (Incus, `doc/howto/network_ovn_peers.md`). Incomplete where a peer's network cannot be told.
 */
export function peersOf(
  object: IncusObject,
  peers: Peers,
  { objects, system }: IncusContext,
): FactList<IncusNetworkRoute> {
  const into = ovnOf(object, objects);
  const items: IncusNetworkRoute[] = [];
  let why: string | undefined;
  const answering = peers.mayBeTo(object);
  for (const own of peers.mayBeFrom(object)) {
    why ??= objects.incomplete;
    const answers = answering.filter((other) => other !== own && mayMeet(other.from, own.to));
    const doubt = [own, ...answers].flatMap(({ from, to }) => [doubtOf(from), doubtOf(to)]);
    if (answers.length === 0 || own.to === object) continue;
    const sure = answers.some(({ from, to }) => from === own.to && to === object) && own.from === object;
    if (sure && isObject(own.to)) items.push(routeFrom(ovnOf(own.to, objects), into, system, own.place));
    else why ??= doubt.find((each) => each !== undefined);
  }
  const { place } = object.resource;
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

function routeFrom(from: Bridge, into: Bridge, system: string, place: Place): IncusNetworkRoute {
  return { from: [refOf("network", system, from.name)], open: isOpen(from, into), place };
}

/** A target's project is that of the peer where none is stated; the provider of LXD says `source_network`. */
function peerOf(fields: Fields, place: Place, objects: IncusObjects, networks: NetworkNames): Peer {
  const key = fields.node("source_network") === undefined ? "network" : "source_network";
  const project = projectOf(fields, key === "network" ? "project" : "source_project", stated("default", place));
  return {
    from: networkAt(fields, key, project, objects, networks),
    to: networkAt(fields, "target_network", projectOf(fields, "target_project", project), objects, networks),
    place,
  };
}

function projectOf(fields: Fields, key: string, otherwise: Fact<string>): Fact<string> {
  const project = fields.fact(key, asSetText, "a project", unstated);
  return project.kind === "unstated" ? otherwise : project;
}

function networkAt(
  fields: Fields,
  key: string,
  project: Fact<string>,
  objects: IncusObjects,
  networks: NetworkNames,
): Named {
  const direct = objects.at(namesIn(fields.node(key)), "network");
  if (direct !== undefined) return direct;
  const name = fields.fact(key, asSetText, "a network", unstated);
  if (name.kind === "unknown") return { why: name.why };
  const same = networks.called(knownValue(name));
  if (same.length === 0 && networks.hidden !== undefined) return { why: networks.hidden };
  if (project.kind === "unknown") return same.length === 0 ? "elsewhere" : { why: project.why };
  // A project without networks of its own has those of the default one.
  return inProject(same, knownValue(project)) ?? inProject(same, "default") ?? "elsewhere";
}

function inProject(networks: readonly IncusObject[], wanted: string | undefined): Named | undefined {
  const found = networks.find(
    ({ project }) => (knownValue(project) ?? "default") === wanted && project.kind !== "unknown",
  );
  if (found !== undefined) return found;
  const hidden = networks.find(({ project }) => project.kind === "unknown");
  return hidden?.project.kind === "unknown" ? { why: hidden.project.why } : undefined;
}

function mayMeet(one: Named, other: Named): boolean {
  if (one === "elsewhere" || other === "elsewhere") return false;
  return one === other || doubtOf(one) !== undefined || doubtOf(other) !== undefined;
}

function doubtOf(named: Named): string | undefined {
  return typeof named === "object" && "why" in named ? named.why : undefined;
}

function isObject(named: Named): named is IncusObject {
  return typeof named === "object" && !("why" in named);
}

function ovnOf(object: IncusObject, objects: IncusObjects): Bridge {
  return bridgeOf(object, objects, stated("ovn", object.resource.place));
}
