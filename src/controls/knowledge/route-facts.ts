import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { Fact } from "../../facts/fact.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Ref, Route } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { demand, notApplicable, type Wording } from "../judge.ts";
import type { Administration } from "./administration.ts";
import { administrationAt, mayHaveAdministration } from "./administration-login.ts";
import { productOf } from "./products.ts";

/**
 * Demands something of a route. Labels in a file do not show what the proxy's own configuration adds to every route,
 * so that what they leave out is not judged there; routes of which all was read, declared and measured ones are whole.
 */
export function demandOfRoute<T>(
  route: Route,
  fact: Fact<T>,
  holds: (value: T) => boolean,
  wording: Wording<T>,
): Judgement {
  if (route.lens === "written" && route.whole !== true && fact.kind === "unstated") {
    return notApplicable("the proxy's own configuration, which may add it, is not part of these files");
  }
  const judgement = demand(fact, holds, wording);
  // That labels leave it open is how the format is, and no reason to worry anybody first.
  return route.lens === "written" && judgement.verdict === "unknown" ? { ...judgement, severity: "info" } : judgement;
}

/** An admin interface that only operators have business with, and how bad it is to leave it open. */
export interface Management extends Pick<Administration, "name" | "which"> {
  /** Whether it asks for a login by itself; undefined where that is not known. */
  readonly login: boolean | undefined;
  readonly severity: Severity;
}

/** The admin interface that a route leads to, `none`, or why it cannot be told. */
export function managementOf(route: Route, system: System): Management | "none" | { readonly doubt: string } {
  const target = targetOf(route);
  // It leads to files, or to nothing that is described here.
  if (route.whole === true && route.target.kind === "unstated") return "none";
  const why = route.target.kind === "unknown" ? route.target.why : "it names no target";
  if (target === undefined) return { doubt: why };
  const workload = system.workload(target.workload);
  if (workload === undefined) return { doubt: `${target.workload.name} is not described` };
  const { roles, doubt } = productOf(workload, system);
  const found = administrationAt(workload, target.port, system);
  if (found !== undefined) {
    const { name, which, login, commands, openedIn } = found;
    if (openedIn !== undefined) return openedIn;
    return { name, ...(which && { which }), login, severity: commands === "figures" ? "medium" : "high" };
  }
  if (roles.has("engine-admin") || roles.has("monitoring"))
    return { name: workload.ref.name, login: undefined, severity: "medium" };
  // Which port is meant matters for an image alone that has an admin interface on one of them.
  if (target.port === undefined && mayHaveAdministration(workload, system)) return { doubt: why };
  return doubt === undefined ? "none" : { doubt };
}

/** What a route leads to: its container where the port alone is not known. */
function targetOf({ target, owner, leadsToOwner }: Route): { workload: Ref<"workload">; port?: number } | undefined {
  return knownValue(target) ?? (leadsToOwner === true && owner !== undefined ? { workload: owner } : undefined);
}
