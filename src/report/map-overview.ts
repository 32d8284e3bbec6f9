import type { MapGroup, MapLink, MapModel } from "./map-model.ts";

/** So many boxes that are linked alike are drawn as one. */
const foldFrom = 3;

/**
 * The map with boxes that are linked to the same others drawn as one, so that fifty applications behind one proxy are
 * one box and not fifty. Links lead from box to box.
 */
export function overviewOf(model: MapModel): MapModel {
  const boxOf = new Map<string, string>([["outside", "outside"]]);
  for (const group of model.groups)
    for (const id of [group.id, ...group.nodes.map((node) => node.id)]) boxOf.set(id, group.id);
  const between = model.links.flatMap((link): MapLink[] => {
    const from = boxOf.get(link.from);
    const to = boxOf.get(link.to);
    return from === undefined || to === undefined || from === to ? [] : [{ ...link, from, to }];
  });
  const ends = endsOf(between);
  const alike = Map.groupBy(model.groups, (group) => likeness(group, ends.get(group.id) ?? new Set()));
  const foldedInto = new Map<string, string>([["outside", "outside"]]);
  const groups = [...alike.values()].flatMap((members): MapGroup[] => {
    const [first] = members;
    if (first === undefined) return [];
    if (members.length < foldFrom) {
      for (const { id } of members) foldedInto.set(id, id);
      return members;
    }
    for (const { id } of members) foldedInto.set(id, `folded ${first.id}`);
    const nodes = members.flatMap((member) => member.nodes);
    return [{ ...first, id: `folded ${first.id}`, name: `${members.length} like ${first.name}`, nodes }];
  });
  const links = between.map((link) => ({
    ...link,
    from: foldedInto.get(link.from) ?? link.from,
    to: foldedInto.get(link.to) ?? link.to,
  }));
  return { ...model, groups, links: once(links) };
}

/** What each box is linked with, and how. */
function endsOf(links: readonly MapLink[]): ReadonlyMap<string, ReadonlySet<string>> {
  const ends = new Map<string, Set<string>>();
  const add = (id: string, end: string) => ends.set(id, (ends.get(id) ?? new Set()).add(end));
  for (const { kind, from, to } of links) {
    add(from, `${kind} to ${to}`);
    add(to, `${kind} from ${from}`);
  }
  return ends;
}

function likeness({ kind, nodes }: MapGroup, ends: ReadonlySet<string>): string {
  let nearest = 9;
  for (const { depth = 9 } of nodes) nearest = Math.min(nearest, depth);
  return [kind, nodes.length === 0 ? "empty" : "", String(nearest), ...[...ends].sort()].join("\n");
}

function once(links: readonly MapLink[]): readonly MapLink[] {
  return [...new Map(links.map((link) => [`${link.kind} ${link.from} ${link.to}`, link] as const)).values()];
}
