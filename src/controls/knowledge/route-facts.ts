import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { Fact } from "../../facts/fact.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { demand, notApplicable, type Wording } from "../judge.ts";
import { administrations } from "./administration.ts";
import { productOf } from "./products.ts";

/**
 * Demands something of a route. Labels in a file do not show what the proxy's own configuration adds to every route,
 * so that what they leave out is not judged there; declared and measured routes are whole.
 */
export function demandOfRoute<T>(
  route: Route,
  fact: Fact<T>,
  holds: (value: T) => boolean,
  wording: Wording<T>,
): Judgement {
  if (route.lens === "written" && fact.kind === "unstated") {
    return notApplicable("the proxy's own configuration, which may add it, is not part of these files");
  }
  const judgement = demand(fact, holds, wording);
  // That labels leave it open is how the format is, and no reason to worry anybody first.
  return route.lens === "written" && judgement.verdict === "unknown" ? { ...judgement, severity: "info" } : judgement;
}

/** What makes a route one that only operators have business with: the admin interface that it leads to. */
export function managementOf(
  route: Route,
  system: System,
): { readonly name: string; readonly severity: Severity } | undefined {
  const target = knownValue(route.target);
  const workload = target === undefined ? undefined : system.workload(target.workload);
  if (workload === undefined) return undefined;
  const { image, roles } = productOf(workload, system);
  const found = administrations.get(image);
  if (found !== undefined && (found.ports === undefined || found.ports.includes(target?.port ?? 0))) {
    return { name: found.name, severity: found.commands === "figures" ? "medium" : "high" };
  }
  return roles.has("engine-admin") || roles.has("monitoring")
    ? { name: workload.ref.name, severity: "medium" }
    : undefined;
}
