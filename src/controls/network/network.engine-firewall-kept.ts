/**
 * The engine's rules in the firewall are what keeps its networks apart.
 *
 * Reads:  repository-file.configuration (Docker's engine: iptables, ip6tables)
 * Passes: the engine keeps its rules.
 */
import type { Fact } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { cannotTell, fail, pass } from "../judge.ts";
import { onEngine } from "../knowledge/docker-daemon.ts";

export const engineFirewallKept = defineControl({
  id: "network.engine-firewall-kept",
  on: "repository-file",
  software: ["docker-daemon"],
  severity: "medium",
  title: "The engine keeps its rules in the firewall",
  claim: "Docker's engine writes the firewall's rules that keep its networks apart.",
  threat:
    "Without them nothing separates one Docker network from another or an `internal` one from the outside, and whoever routes to a container's address reaches ports that were never published.",
  remedy:
    'Remove `"iptables": false` (and `"ip6tables": false`). To bar published ports from outside, publish on `127.0.0.1`, set `"ip": "127.0.0.1"`, or put rules into the chain `DOCKER-USER`.',
  judged:
    "Fails for `iptables: false`, and at low for `ip6tables: false`. Not stated passes: both are on. Unknown where a template decides.",
  limits:
    "Rules of one's own that do the same are not seen: then it is an exception to record. Before Docker 27 `ip6tables` was off unless stated.",
  frameworks: { cisDocker: ["2.4"], owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], zeroTrust: ["2"], coverage: ["N5"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The engine writes rules beside those of the host's own firewall, and published ports are open before those are asked.",
    onlyNamed: true,
    edits: (_file, _system, judgement) =>
      judgement.verdict === "fail" ? wordAt(judgement, "false", "true") : undefined,
  },

  check(file) {
    return onEngine(file, ({ firewall, firewall6 }) => [
      judge("iptables", firewall, "medium"),
      judge("ip6tables", firewall6, "low"),
    ]);
  },
});

function judge(key: string, fact: Fact<boolean>, severity: "medium" | "low") {
  const extras = { place: fact.place, detail: key };
  if (fact.kind === "unknown")
    return cannotTell(`whether the engine keeps its rules (\`${key}\`)`, fact.why, { ...extras, severity });
  if (fact.kind !== "unstated" && fact.value) return pass(`\`${key}\` is on`, fact.place);
  return fail(`\`${key}\` is off: nothing keeps the engine's networks apart`, { ...extras, severity });
}
