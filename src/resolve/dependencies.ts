import type { Model } from "./model.ts";

type Graph = ReadonlyMap<string, readonly string[]>;

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
  const circle = circlesOf(needs);
  return new Map(
    [...needs].map(([name, targets]) => [name, targets.filter((target) => circle.get(target) !== circle.get(name))]),
  );
}

/** A number for each node, the same for those that reach one another (Kosaraju's two passes, without recursion). */
function circlesOf(graph: Graph): Map<string, number> {
  const reversed = new Map<string, string[]>([...graph.keys()].map((name) => [name, []]));
  for (const [name, targets] of graph) for (const target of targets) reversed.get(target)?.push(name);
  const circle = new Map<string, number>();
  finishOrder(graph)
    .reverse()
    .forEach((start, number) => {
      const open = circle.has(start) ? [] : [start];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (circle.has(name)) continue;
        circle.set(name, number);
        open.push(...(reversed.get(name) ?? []));
      }
    });
  return circle;
}

/** Nodes in the order in which a walk in depth leaves them. */
function finishOrder(graph: Graph): string[] {
  const seen = new Set<string>();
  const finished: string[] = [];
  for (const start of graph.keys()) {
    const open: { name: string; left: boolean }[] = [{ name: start, left: false }];
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      if (step.left) {
        finished.push(step.name);
      } else if (!seen.has(step.name)) {
        seen.add(step.name);
        open.push({ name: step.name, left: true });
        for (const target of graph.get(step.name) ?? []) open.push({ name: target, left: false });
      }
    }
  }
  return finished;
}
