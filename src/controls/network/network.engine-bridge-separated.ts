/**
 * Containers that name no network meet on the engine's default bridge.
 *
 * Reads:  repository-file.configuration (Docker's engine: icc)
 * Passes: those on it do not reach one another.
 */
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { forbid } from "../judge.ts";
import { onEngine } from "../knowledge/docker-daemon.ts";

export const engineBridgeSeparated = defineControl({
  id: "network.engine-bridge-separated",
  on: "repository-file",
  software: ["docker-daemon"],
  severity: "info",
  title: "Containers on the engine's default bridge do not reach one another",
  claim: "Containers that share nothing but the engine's default bridge do not reach one another.",
  threat: "Whoever takes over a container that was started by hand tries every other one that was.",
  remedy:
    'Add `"icc": false`. Containers that belong together get a network of their own, as every Compose project does.',
  judged:
    "Fails as information unless `icc` is false, for the engine's default is true. It means the default bridge alone: networks of Compose projects are judged by themselves.",
  frameworks: {
    cisDocker: ["2.2"],
    owaspDocker: ["D03"],
    nistCsf: ["PR.IR-01"],
    zeroTrust: ["3"],
    coverage: ["N1", "N5"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Containers on the default bridge no longer reach one another; those on networks of their own do.",
    onlyNamed: true,
    edits: (_file, _system, judgement) =>
      judgement.verdict === "fail" ? wordAt(judgement, "true", "false") : undefined,
  },

  check(file) {
    return onEngine(file, ({ bridgeTraffic }) =>
      forbid(bridgeTraffic, (open) => open, {
        what: "traffic on the default bridge (`icc`)",
        show: (open) => (open ? "on" : "off"),
      }),
    );
  },
});
