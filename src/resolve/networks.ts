/** The networks of a stack: one for each pair that may talk, and what else each service needs. */
import type { ResolvedNetwork, ResolvedZone } from "../contracts/resolved.ts";
import type { StackLock } from "./lock.ts";
import type { Model, ServiceModel, Talk, ZoneModel } from "./model.ts";
import type { Problems } from "./problems.ts";
import { allocate, type Block, formatBlock, overlaps, parseBlock, sizeOf, spread } from "./subnets.ts";

/** Room for a gateway and five members: enough for a pair, and for a service alone. */
const pairPrefix = 29;
/** What a zone gets of the pool while it needs no more: 512 pairs. */
const zonePrefix = 20;

export interface Networks {
  readonly zones: readonly ResolvedZone[];
  readonly networks: readonly ResolvedNetwork[];
}

interface Draft extends Omit<ResolvedNetwork, "cidr" | "zone"> {
  readonly zone: string;
  readonly prefix: number;
}

/** Zones and networks with their addresses. Reports clashes and zones that are too small. */
export function networksOf(model: Model, lock: StackLock | undefined, problems: Problems): Networks {
  const drafts = draftsOf(model);
  const zones = zoneBlocks(model, drafts, lock, problems);
  const networks: ResolvedNetwork[] = [];
  for (const zone of model.zones.values()) {
    const block = zones.get(zone.name);
    const own = drafts.filter((draft) => draft.zone === zone.name);
    if (block !== undefined) networks.push(...carve(zone, block, own, lock, problems));
  }
  networks.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return {
    networks,
    zones: [...model.zones.values()].flatMap((zone) => {
      const block = zones.get(zone.name);
      if (block === undefined) return [];
      const { purpose, outside } = zone.declared;
      return [
        { name: zone.name, purpose, cidr: formatBlock(block), external: outside, place: model.places.value(zone.path) },
      ];
    }),
  };
}

function draftsOf(model: Model): Draft[] {
  const drafts = new Map<string, Draft>();
  for (const zone of model.zones.values()) {
    const draft = zoneDraft(zone, [...model.services.values()]);
    if (draft !== undefined) drafts.set(draft.name, draft);
  }
  for (const draft of pairDrafts(model)) drafts.set(draft.name, draft);
  for (const service of model.services.values()) {
    for (const draft of outsideDrafts(model, service)) drafts.set(draft.name, draft);
  }
  const attached = new Set([...drafts.values()].flatMap((draft) => draft.members));
  for (const service of model.services.values()) {
    const zone = service.zones[0];
    if (attached.has(service.name) || zone === undefined) continue;
    const name = `alone--${service.name}`;
    const purpose = `${service.name} talks to nobody`;
    drafts.set(name, {
      name,
      zone,
      kind: "alone",
      internal: true,
      outbound: false,
      purpose,
      members: [service.name],
      prefix: pairPrefix,
    });
  }
  return [...drafts.values()];
}

function zoneDraft(zone: ZoneModel, services: readonly ServiceModel[]): Draft | undefined {
  if (zone.declared.members !== "all") return undefined;
  const members = services.filter((service) => service.zones.includes(zone.name)).map((service) => service.name);
  if (members.length === 0) return undefined;
  // Three addresses are the network's own, its gateway's and its broadcast's; twice the rest leaves room to grow.
  const prefix = Math.min(pairPrefix, 32 - Math.ceil(Math.log2(members.length * 2 + 3)));
  return {
    name: `zone--${zone.name}`,
    zone: zone.name,
    kind: "zone",
    internal: true,
    outbound: false,
    purpose: `all of the zone ${zone.name} may talk to one another`,
    members: members.sort(),
    prefix,
  };
}

function pairDrafts(model: Model): Draft[] {
  const pairs = new Map<string, { a: ServiceModel; b: ServiceModel; purposes: string[] }>();
  for (const from of model.services.values()) {
    for (const talk of model.talks.get(from.name) ?? []) {
      const to = model.services.get(talk.service);
      if (to === undefined || shareWholeZone(model, from, to)) continue;
      const [a, b] = from.name < to.name ? [from, to] : [to, from];
      const key = `${a.name}--${b.name}`;
      const pair = pairs.get(key) ?? { a, b, purposes: [] };
      pair.purposes.push(sentence(from.name, talk));
      pairs.set(key, pair);
    }
  }
  return [...pairs].flatMap(([name, { a, b, purposes }]): Draft[] => {
    const zone = a.zones.find((candidate) => b.zones.includes(candidate));
    if (zone === undefined) return [];
    const members = [a.name, b.name];
    const purpose = purposes.sort().join("; ");
    return [{ name, zone, kind: "pair", internal: true, outbound: false, purpose, members, prefix: pairPrefix }];
  });
}

function sentence(from: string, talk: Talk): string {
  const protocol = talk.protocol === "udp" ? "/udp" : "";
  return `${from} talks to ${talk.service} on ${talk.port}${protocol}`;
}

function shareWholeZone(model: Model, a: ServiceModel, b: ServiceModel): boolean {
  return a.zones.some((zone) => b.zones.includes(zone) && model.zones.get(zone)?.declared.members === "all");
}

/** The one network by which a service meets outside: to publish its ports, to call out, or both. */
function outsideDrafts(model: Model, service: ServiceModel): Draft[] {
  const published = service.ports.filter((port) => port.published !== undefined);
  if (published.length === 0 && !service.outbound) return [];
  const kind = published.length > 0 ? "ingress" : "outbound";
  const wanted = kind === "ingress" ? ["ingress", "both"] : ["outbound", "both"];
  const zone = service.zones.find((name) => wanted.includes(model.zones.get(name)?.declared.outside ?? "none"));
  if (zone === undefined) return [];
  const ports = published.map((port) => port.published?.port).join(", ");
  const purpose = [
    ...(published.length > 0 ? [`${service.name} is published on ${ports}`] : []),
    ...(service.outbound ? [`${service.name} calls out`] : []),
  ].join("; ");
  const name = `${kind}--${service.name}`;
  return [
    {
      name,
      zone,
      kind,
      internal: false,
      outbound: service.outbound,
      purpose,
      members: [service.name],
      prefix: pairPrefix,
    },
  ];
}

/** The stack's pool when it names none: a /16 of 10.128.0.0/9 that follows its name, so that two stacks rarely share one. */
export function defaultPool(stack: string): string {
  return `10.${128 + (spread(`stack ${stack}`) % 112)}.0.0/16`;
}

function zoneBlocks(
  model: Model,
  drafts: readonly Draft[],
  lock: StackLock | undefined,
  problems: Problems,
): Map<string, Block> {
  const blocks = new Map<string, Block>();
  const open: { name: string; prefix: number }[] = [];
  for (const zone of model.zones.values()) {
    const declared = zone.declared.cidr === undefined ? undefined : parseBlock(zone.declared.cidr);
    if (declared === undefined) {
      open.push({ name: zone.name, prefix: neededPrefix(drafts.filter((draft) => draft.zone === zone.name)) });
      continue;
    }
    for (const [other, block] of blocks) {
      if (!overlaps(block, declared)) continue;
      problems.at(
        [...zone.path, "cidr"],
        `The addresses of "${zone.name}" (${formatBlock(declared)}) overlap those of "${other}" (${formatBlock(block)}).`,
      );
    }
    blocks.set(zone.name, declared);
  }
  const poolText = model.declaration.addresses ?? defaultPool(model.declaration.name);
  const pool = parseBlock(poolText);
  if (pool === undefined || open.length === 0) return blocks;
  const recorded = blocksOf(lock?.zones);
  const { given, refused } = allocate(pool, open, recorded, [...blocks.values()]);
  for (const [name, block] of given) blocks.set(name, block);
  for (const name of refused) {
    problems.at(
      model.zones.get(name)?.path ?? [],
      `The pool ${poolText} has no room for the zone "${name}".`,
      "Set `addresses` to a larger network, or give zones a `cidr` of their own.",
    );
  }
  return blocks;
}

/** The smallest zone in which networks lie loosely: at most half is used. */
function neededPrefix(drafts: readonly Draft[]): number {
  const addresses = drafts.reduce((sum, draft) => sum + sizeOf(draft.prefix), 0);
  return Math.min(zonePrefix, 32 - Math.ceil(Math.log2(Math.max(1, addresses * 2))));
}

function carve(
  zone: ZoneModel,
  block: Block,
  drafts: readonly Draft[],
  lock: StackLock | undefined,
  problems: Problems,
): ResolvedNetwork[] {
  const { given, refused } = allocate(block, drafts, blocksOf(lock?.networks));
  if (refused.length > 0) {
    problems.at(
      zone.declared.cidr === undefined ? zone.path : [...zone.path, "cidr"],
      `The zone "${zone.name}" (${formatBlock(block)}) has no room for ${refused.length} of its ${drafts.length} networks.`,
      "Each pair that may talk takes 8 addresses: give the zone a larger `cidr`.",
    );
  }
  return drafts.flatMap(({ prefix: _, ...draft }) => {
    const own = given.get(draft.name);
    return own === undefined ? [] : [{ ...draft, cidr: formatBlock(own) }];
  });
}

function blocksOf(texts: Readonly<Record<string, string>> | undefined): Map<string, Block> {
  const blocks = new Map<string, Block>();
  for (const [name, text] of Object.entries(texts ?? {})) {
    const block = parseBlock(text);
    if (block !== undefined) blocks.set(name, block);
  }
  return blocks;
}
