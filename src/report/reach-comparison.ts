import type { Attempt } from "../contracts/probe.ts";
import { knownValue } from "../facts/fact.ts";
import { describeNode } from "../facts/reach-edge.ts";
import type { System } from "../facts/system.ts";
import type { MeasuredSystem } from "./input.ts";
import type { ReachDifference } from "./map-model.ts";

/** What a probe found between two, beside what is declared or written. */
export interface ReachPair {
  readonly from: string;
  readonly to: string;
  /** `reached`: something answered, or refused. `blocked`: proven blocked. `unsure`: could not be told. */
  readonly found: "reached" | "blocked" | "unsure";
  /** Undefined where nothing says. */
  readonly allowed: boolean | undefined;
  readonly evidence: string;
}

const places = new Set(["outside", "the host"]);

/** Every pair that was tried, with the most open outcome of its attempts, in the order of first trial. */
export function compareReach(measured: MeasuredSystem, systems: readonly System[]): readonly ReachPair[] {
  const own = systems.filter((system) => system.name === measured.system);
  const services = new Set(own.flatMap((system) => system.all("workload").map((workload) => workload.ref.name)));
  const allowed = expectations(own);
  const pairs = new Map<string, ReachPair>();
  for (const attempt of measured.attempts) {
    const { from, to } = attempt;
    if (!services.has(from) || !(services.has(to) || places.has(to))) continue;
    const key = `${from}\n${to}`;
    const pair: ReachPair = {
      from,
      to,
      found: foundBy(attempt),
      allowed: allowed(from, to),
      evidence: `${attempt.what}: ${attempt.evidence}`,
    };
    const before = pairs.get(key);
    if (before === undefined || openness(pair.found) > openness(before.found)) pairs.set(key, pair);
  }
  return [...pairs.values()];
}

/** The pairs where what was found is not what may be. */
export function reachDifferences(pairs: readonly ReachPair[]): readonly ReachDifference[] {
  return pairs.flatMap(({ from, to, found, allowed, evidence }): ReachDifference[] => {
    if (found === "reached" && allowed === false) return [{ kind: "surplus", from, to, why: evidence }];
    return found === "blocked" && allowed === true ? [{ kind: "missing", from, to, why: evidence }] : [];
  });
}

function foundBy({ outcome }: Attempt): ReachPair["found"] {
  if (outcome === "open" || outcome === "answered" || outcome === "refused") return "reached";
  return outcome === "blocked" ? "blocked" : "unsure";
}

function openness(found: ReachPair["found"]): number {
  return ["blocked", "unsure", "reached"].indexOf(found);
}

/** What may reach what: by what a probe's rules say was declared, else by the graph of what is declared or written. */
function expectations(systems: readonly System[]): (from: string, to: string) => boolean | undefined {
  const rules = new Map<string, boolean>();
  for (const rule of systems.flatMap((system) => system.all("policy-rule"))) {
    const declared = rule.declared === undefined ? undefined : knownValue(rule.declared);
    if (declared !== undefined) rules.set(`${rule.from}\n${rule.to}`, declared);
  }
  const written = systems.filter((system) => system.lens === "declared" || system.lens === "written");
  const edges = new Set(
    written.flatMap((system) =>
      system.reach.edges.map((edge) => `${describeNode(edge.from)}\n${describeNode(edge.to)}`),
    ),
  );
  return (from, to) => {
    const rule = rules.get(`${from}\n${to}`);
    if (rule !== undefined) return rule;
    return written.length === 0 || places.has(to) ? undefined : edges.has(`${from}\n${to}`);
  };
}
