import type { Model } from "./model.ts";

/**
 * Whom each service waits for when the stack starts: what it declares to talk to, but nobody who waits for it in turn.
 * Routes and scrapes make nobody wait: an edge that waits for a broken site would take the others down.
 */
export function dependenciesOf(model: Model): Map<string, readonly string[]> {
  const needs = new Map<string, string[]>();
  for (const [name, talks] of model.talks) {
    const targets = talks.filter((talk) => talk.needed).map((talk) => talk.service);
    needs.set(name, [...new Set(targets)].sort());
  }
  const reach = new Map([...needs.keys()].map((name) => [name, reachable(name, needs)]));
  return new Map(
    [...needs].map(([name, targets]) => [name, targets.filter((target) => !reach.get(target)?.has(name))]),
  );
}

function reachable(from: string, needs: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>();
  const open = [...(needs.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(needs.get(name) ?? []));
  }
  return seen;
}
