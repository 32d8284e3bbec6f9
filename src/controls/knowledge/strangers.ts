import { knownValue, whyUnknown } from "../../facts/fact.ts";
import { isNarrowed } from "../../facts/narrowed.ts";
import type { Exposed } from "../../facts/reach.ts";
import type { Listener, Route, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { isForPrivateNetworks, isPrivateName, whyOutOfReach } from "./front-door.ts";
import { guardOf, routesTo } from "./sign-in.ts";

/** Who comes to the pages of a service, with the reason as a clause. */
export interface Coming {
  /**
   * `signed in`: a proxy has asked each of them. `home`: those on networks of one's own, or stated ones. `inside`: other
   * services at most.
   */
  readonly kind: "everybody" | "home" | "inside" | "signed in" | "in doubt";
  readonly why: string;
}

/**
 * Who comes to a service that serves pages, by its published ports but `otherPorts`, and by routes. The widest way counts.
 */
export function whoComes(workload: Workload, otherPorts: RegExp | undefined, system: System): Coming {
  const whole = system.reach.exposure(workload);
  const pages = whole.exposure === "published" ? pagesPublished(workload, otherPorts, system) : [];
  const { exposure, inDoubt, limited, why } = exposureOf(pages, workload, system) ?? whole;
  if (exposure === "published" && (pages === "all" || pages.some((page) => !isNarrowed(page)))) {
    if (inDoubt === true) return { kind: "in doubt", why };
    return { kind: limited === true ? "home" : "everybody", why };
  }
  const byRoute = comingByRoutes(workload, system);
  if (pages.length > 0 && byRoute?.kind !== "everybody") return { kind: "home", why };
  if (byRoute !== undefined) return byRoute;
  if (exposure === "proxied") return { kind: inDoubt === true ? "in doubt" : "everybody", why };
  if (exposure === "internal" || exposure === "none") return { kind: "inside", why };
  return { kind: "home", why: exposure === "published" ? "none of its pages is published" : why };
}

/** Told of the ports of its pages alone, where all of them are known. */
function exposureOf(pages: readonly Listener[] | "all", workload: Workload, system: System): Exposed | undefined {
  if (pages === "all" || pages.length === 0) return undefined;
  const ports = pages.flatMap(({ port }) => knownValue(port) ?? []);
  return ports.length < pages.length ? undefined : system.reach.exposure(workload, ports);
}

/** Its published ports but the others; `all` where it has no ports of its own to tell apart. */
function pagesPublished(
  workload: Workload,
  otherPorts: RegExp | undefined,
  system: System,
): readonly Listener[] | "all" {
  const listeners = system.ownedBy(workload.ref, "listener").filter(({ reach }) => {
    const known = knownValue(reach);
    return known !== "loopback" && known !== "networks";
  });
  if (listeners.length === 0) return "all";
  return listeners.filter(({ port }) => otherPorts === undefined || !otherPorts.test(String(knownValue(port) ?? "")));
}

function comingByRoutes(workload: Workload, system: System): Coming | undefined {
  const routes = routesTo(workload, system);
  if (routes.length === 0) return undefined;
  const open = routes.filter((route) => guardOf(route) === "none");
  if (open.length === 0) return { kind: "signed in", why: "each route demands a sign-in" };
  const outside = open.filter((route) => !isForHome(route, system));
  const sure = outside.find((route) => whyInDoubt(route) === undefined);
  const host = sure === undefined ? undefined : knownValue(sure.host);
  if (sure !== undefined)
    return { kind: "everybody", why: host === undefined ? "a route leads to it" : `${host} is routed to it` };
  const [doubtful] = outside;
  return doubtful === undefined
    ? { kind: "home", why: "its routes are for networks of one's own" }
    : { kind: "in doubt", why: `who comes by its route is not seen: ${whyInDoubt(doubtful)}` };
}

function isForHome(route: Route, system: System): boolean {
  return isPrivateName(route) || isForPrivateNetworks(route) || whyOutOfReach(route, system) !== undefined;
}

/** Why it cannot be told who comes by a route, as a clause. */
function whyInDoubt({ authentication, audience }: Route): string | undefined {
  return whyUnknown([authentication, audience]);
}
