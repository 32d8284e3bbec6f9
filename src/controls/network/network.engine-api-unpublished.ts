/**
 * A published engine API is root on the host for the whole internet.
 *
 * Reads:  listener.reach, listener.port, image.reference (of its owner)
 * Passes: neither an engine's API nor its socket proxy listens beyond its own networks.
 */
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { useOf } from "../knowledge/listeners.ts";
import { forbidPublished } from "../knowledge/published.ts";

export const engineApiUnpublished = defineControl({
  id: "network.engine-api-unpublished",
  on: "listener",
  severity: "critical",
  title: "The engine's API is not published",
  claim: "No engine API and no socket proxy can be reached from outside its own networks.",
  threat:
    "Whoever reaches the API starts a privileged container with the host's disk: worms look for port 2375 all day.",
  remedy: "Remove the port from `ports:`. Consumers reach the proxy by its name on an internal network of their own.",
  judged:
    "A listener is the engine's by its port (2375, 2376) or when its image is a socket proxy. Fails when it is published on every address or on one of the host's; loopback passes.",
  remedies: {
    kubernetes:
      "Give the Service `type: ClusterIP` and take `hostPort` away; let a network policy pass only the pods that use it.",
  },
  frameworks: { cisDocker: ["5.9"], owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N6", "N7"] },
  exposureMatters: false,

  check(listener, system) {
    const use = useOf(listener, system);
    if (use.kind === "unknown") return notApplicable(`${use.why}; network.only-proxy-publishes reports it`);
    if (use.kind !== "engine") return notApplicable("not an engine's API");
    return forbidPublished(listener, "and it takes orders for the engine");
  },
});
