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
  const alike = Map.groupBy(model.groups, (group) => likeness(group, between));
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

function likeness(group: MapGroup, links: readonly MapLink[]): string {
  const nearest = Math.min(...group.nodes.map((node) => node.depth ?? 9), 9);
  const others = links.flatMap(({ kind, from, to }) =>
    from === group.id ? [`${kind} to ${to}`] : to === group.id ? [`${kind} from ${from}`] : [],
  );
  const size = group.nodes.length === 0 ? "empty" : "";
  return [group.kind, size, String(nearest), ...new Set(others.sort())].join("\n");
}

function once(links: readonly MapLink[]): readonly MapLink[] {
  return [...new Map(links.map((link) => [`${link.kind} ${link.from} ${link.to}`, link] as const)).values()];
}
