/**
 * Logs on the wire tell of everything, and whoever can change them was never there.
 *
 * Reads:  host.incus.logTargets
 * Passes: logs go nowhere, stay on the host, or are sent encrypted.
 */
import { knownValue } from "../../facts/fact.ts";
import { hostOf, isLoopback } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const logTransportEncrypted = defineControl({
  id: "detection.log-transport-encrypted",
  on: "host",
  platforms: ["incus"],
  severity: "low",
  title: "The server's logs are sent encrypted",
  claim: "Logs and events of the server go to where they are kept over an encrypted connection.",
  threat: "Whoever is on the way reads who did what on the server, forges events, or drops those of their own doing.",
  remedy:
    'Send them over TLS and name the CA: `"logging.loki.target.address" = "https://loki01.example.org:3100"` with `"logging.loki.target.ca_cert"`.',
  judged:
    "For each `logging.NAME.target.address`, and for `loki.api.url`: fails for `http://`, `tcp://` and `udp://` to another address than loopback.",
  frameworks: { nistCsf: ["PR.DS-02"], zeroTrust: ["2"], coverage: ["M4"] },
  exposureMatters: false,

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus server");
    return forbidAny(
      incus.logTargets,
      ({ key, address, place }) => {
        if (address.kind === "unknown")
          return cannotTell(`where \`${key}\` sends logs`, address.why, { place, detail: key });
        const target = knownValue(address) ?? "";
        const host = /^(?:http|tcp|udp):\/\/([^/?#]*)/.exec(target)?.[1];
        return host === undefined || isLoopback(hostOf(host))
          ? undefined
          : fail(`\`${key}\` is ${target}, which is not encrypted`, { place, detail: key });
      },
      { what: "where logs are sent", none: "no log is sent in the open" },
    );
  },
});
