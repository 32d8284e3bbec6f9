import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { PodSecurityMode } from "../../facts/extensions-cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { listed } from "../../lib/listed.ts";
import { cannotTell, fail, pass } from "../judge.ts";
import type { PodSecurityAnswer, PodSecurityLevel, Violation } from "./pod-security.ts";
import { wholePod } from "./pod-security-finding.ts";

const order: readonly string[] = ["privileged", "baseline", "restricted"];

/** One judgement for one pod: every violation of a level named in it, with the check and where it is. */
export function judgePod(
  { violations, doubts }: PodSecurityAnswer,
  level: PodSecurityLevel,
  { workload, system, severity }: { workload: Workload; system: System; severity: Severity },
): Judgement {
  const [first] = violations;
  const [doubt] = doubts;
  if (first === undefined) {
    return doubt === undefined
      ? pass(`it keeps to the level ${level}`, workload.place)
      : cannotTell(`whether it keeps to the level ${level}`, doubt.why, { place: doubt.place, severity: "low" });
  }
  const refused = enforces(workload, level, system);
  const consequence = refused === undefined ? "" : `; its namespace enforces ${refused}, so the API server refuses it`;
  return fail(`it breaks the level ${level}: ${describe(violations, workload.containers.length)}${consequence}`, {
    place: first.place,
    severity: refused === undefined ? severity : "medium",
  });
}

/** `hostPID is true (hostNamespaces); ALL is not dropped in all containers (capabilities)`. */
function describe(violations: readonly Violation[], containers: number): string {
  const byCheck = Map.groupBy(violations, ({ check }) => check);
  const parts = [...byCheck].map(([check, those]) => {
    const found = listed(clauses(those, containers));
    return found.includes(check) ? found : `${found} (${check})`;
  });
  return parts.join("; ");
}

function clauses(violations: readonly Violation[], containers: number): readonly string[] {
  const byClause = Map.groupBy(violations, ({ what }) => what);
  return [...byClause].map(([what, those]) => {
    const places = those.map(({ where }) => where).filter((where) => where !== wholePod);
    if (places.length === 0) return what;
    const everywhere = containers > 1 && places.length === containers;
    return `${what} in ${everywhere ? "all containers" : listed(places)}`;
  });
}

/** What the namespaces enforce, by their names. */
const enforcedIn = oncePerSystem((system) => {
  const found = new Map<string, PodSecurityMode>();
  for (const { kubernetes } of system.all("zone")) {
    if (kubernetes !== undefined && !found.has(kubernetes.name)) found.set(kubernetes.name, kubernetes.enforce);
  }
  return found;
});

/** The level that the workload's namespace enforces, when it is as strict as the one that is broken. */
function enforces(workload: Workload, level: PodSecurityLevel, system: System): string | undefined {
  const name = workload.kubernetes?.namespace;
  const enforce = name === undefined ? undefined : enforcedIn(system).get(name);
  const enforced = enforce === undefined ? undefined : knownValue(enforce.level);
  return enforced !== undefined && order.indexOf(enforced) >= order.indexOf(level) ? enforced : undefined;
}
