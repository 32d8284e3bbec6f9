/**
 * A proxy that hands connections on to a database publishes the database.
 *
 * Reads:  route.transport, route.target, route.audience, image.reference (of the target)
 * Passes: no connection from outside is handed on to a datastore, or only from named networks.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { whyOutOfReach } from "../knowledge/front-door.ts";
import { isDatastore } from "../knowledge/products.ts";

export const datastoreUnrouted = defineControl({
  id: "network.datastore-unrouted",
  on: "route",
  severity: "high",
  title: "Proxies hand no connection on to a datastore",
  claim: "No proxy leads from outside to a datastore.",
  threat:
    "Databases are found within hours and tried with every leaked password; each hole in them is open to everybody.",
  remedy:
    "Remove the TCP router or the `stream` server, and let services in the same network reach the store by name. For yourself, come by SSH or a VPN.",
  judged:
    "For connections that are handed on as they are (nginx `stream`, Traefik's TCP routers): fails when they lead to a datastore and everybody may open them, low when only named networks may. Routes by HTTP are not judged: stores that speak it ask for a login of their own.",
  frameworks: {
    owaspDocker: ["D03"],
    nistCsf: ["PR.IR-01"],
    zeroTrust: ["3"],
    coverage: ["N5", "N6"],
  },
  exposureMatters: false,

  check(route, system) {
    if (route.transport !== "tcp") return notApplicable("HTTP is spoken there");
    const unreached = whyOutOfReach({ ...route, host: route.host }, system);
    const target = knownValue(route.target);
    if (target === undefined) {
      return route.target.kind === "unknown"
        ? cannotTell("whether it leads to a datastore", route.target.why, { severity: "info" })
        : notApplicable("it leads to nothing that is described here");
    }
    const workload = system.workload(target.workload);
    const store = workload === undefined ? "no" : isDatastore(workload, system);
    if (store === "no") return notApplicable("it leads to no datastore");
    if (store !== "yes") return cannotTell("whether it leads to a datastore", store.doubt, { severity: "info" });
    if (unreached !== undefined && route.edge !== undefined)
      return pass(`${target.workload.name} is not led to from outside`, route.place);
    const { audience } = route;
    if (audience.kind === "unknown") return cannotTell(`who may connect to ${target.workload.name}`, audience.why);
    const limited = knownValue(audience)?.kind === "networks";
    return fail(
      `connections to ${target.workload.name} on port ${target.port} are handed on to it`,
      limited ? { severity: "low" } : {},
    );
  },
});
