/**
 * Every published port is one more door; the proxy's are the ones with a lock.
 *
 * Reads:  listener.reach, listener.port, listener.protocol, image.reference (of its owner)
 * Passes: the listener is the proxy's, is meant for outside and encrypts by itself, or is bound to loopback.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { Listener } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { cannotTell, forbid, notApplicable, pass } from "../judge.ts";
import { publishedWhere, useOf } from "../knowledge/listeners.ts";

export const onlyProxyPublishes = defineControl({
  id: "network.only-proxy-publishes",
  on: "listener",
  severity: "low",
  title: "Only the proxy publishes ports",
  claim: "Nothing is published but the proxy and listeners that are meant for outside.",
  threat:
    "A service with a port of its own has no TLS, no allow-list, no rate limit and no common login before it, and Docker publishes past the host's own firewall rules.",
  remedy:
    'Remove the port and let the proxy reach the service by name over a shared network. Where no proxy is wanted, bind it to one interface: `"127.0.0.1:8080:8080"`.',
  judged:
    "Passes for a proxy's ports 80 and 443, for protocols that encrypt by themselves (WireGuard, MQTT over TLS, mail over TLS), and on loopback. `0.0.0.0` is every address, not a chosen one. Fails otherwise. Datastores, admin interfaces, the engine's API and plaintext protocols have controls of their own.",
  limits:
    "A proxy is recognised by its image's name. A game server or a media server that must be reached directly is an exception to record.",
  frameworks: {
    cisDocker: ["5.8", "5.9", "5.14"],
    owaspDocker: ["D03"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N6", "T4"],
  },

  check(listener, system) {
    const use = useOf(listener, system);
    if (use.kind === "unknown") return published(listener, cannotTell("Whether this is the proxy's port", use.why));
    if (use.kind === "edge") return published(listener, pass("it is the proxy's port"));
    if (use.kind === "direct") return published(listener, pass(`it is ${use.protocol}, which is meant for outside`));
    if (use.kind !== "service") return notApplicable("a control of its own judges it");
    return published(listener, undefined);
  },
});

function published(listener: Listener, otherwise: Judgement | undefined): Judgement {
  const judgement = forbid(listener.reach, (reach) => reach === "everywhere" || reach === "one-address", {
    what: "the reach of the port",
  });
  if (judgement.verdict !== "fail") return judgement;
  return otherwise ?? { ...judgement, message: `${publishedWhere(listener)}, with no proxy before it` };
}
