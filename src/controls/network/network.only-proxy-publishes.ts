/**
 * Every published port is one more door; the proxy's are the ones with a lock.
 *
 * Reads:  listener.reach, listener.port, listener.protocol, image.reference (of its owner)
 * Passes: the listener is the proxy's, is meant for outside and encrypts by itself, or is bound to loopback.
 */
import { defineControl } from "../define.ts";
import { cannotTell, notApplicable, pass } from "../judge.ts";
import { useOf } from "../knowledge/listeners.ts";
import { forbidPublished } from "../knowledge/published.ts";

export const onlyProxyPublishes = defineControl({
  id: "network.only-proxy-publishes",
  on: "listener",
  severity: "medium",
  title: "Only the proxy publishes ports",
  claim: "Nothing is published but the proxy and listeners that are meant for outside.",
  threat:
    "A service with a port of its own has no TLS, no allow-list, no rate limit and no common login before it, and Docker publishes past the host's own firewall rules.",
  remedy:
    'Remove the port and let the proxy reach the service by name over a shared network. Where no proxy is wanted, bind it to one interface: `"127.0.0.1:8080:8080"`.',
  judged:
    "Passes for a proxy's ports 80 and 443, for protocols that encrypt by themselves (WireGuard, MQTT over TLS, mail over TLS, SSH), and on loopback. `0.0.0.0` is every address, not a chosen one. Fails otherwise, at low on one chosen address. Datastores, admin interfaces, the engine's API and plaintext protocols have controls of their own.",
  limits:
    "A proxy is recognised by its image's name. A game server or a media server that must be reached directly is an exception to record.",
  frameworks: {
    cisDocker: ["5.8", "5.9", "5.14"],
    owaspDocker: ["D03"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N6", "T4"],
  },
  exposureMatters: false,

  check(listener, system) {
    const use = useOf(listener, system);
    const judgement = forbidPublished(listener, "with no proxy before it", {
      ...(isOneAddress(listener) ? { severity: "low" } : {}),
    });
    if (judgement.verdict !== "fail") return judgement;
    switch (use.kind) {
      case "unknown":
        return cannotTell("whether this published port is the proxy's", use.why, { place: listener.place });
      case "edge":
        return pass("it is the proxy's port", listener.place);
      case "direct":
        return pass(`it is ${use.protocol}, which is meant for outside`, listener.place);
      case "service":
        return judgement;
      default:
        return notApplicable("a control of its own judges it");
    }
  },
});

function isOneAddress(listener: Parameters<typeof forbidPublished>[0]): boolean {
  return listener.reach.kind === "stated" && listener.reach.value === "one-address";
}
