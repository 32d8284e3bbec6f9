/**
 * A guard without eyes, or without hands, makes people feel safe and nothing else.
 *
 * Reads:  repository-file.configuration (CrowdSec)
 * Passes: it reads logs, and what it decides has a consequence.
 */

import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";
import { serviceConfigurationOf, serviceSoftware } from "../knowledge/service-configuration.ts";

export const intrusionEngineActs = defineControl({
  id: "detection.intrusion-engine-acts",
  on: "repository-file",
  software: serviceSoftware,
  severity: "medium",
  title: "The intrusion engine sees logs and bans",
  claim: "CrowdSec reads logs, and its decisions are more than simulated.",
  threat: "Attacks go on while everybody trusts the engine that was installed against them.",
  remedy:
    "Name the proxy's and the host's logs in `acquis.yaml`, set `simulation: false`, and keep a `decisions` entry in `profiles.yaml`.",
  judged:
    "Fails for an acquisition that names no log, for `simulation: true`, and for profiles without any decision. Unknown when a setting cannot be resolved.",
  limits: "Whether a bouncer enforces the decisions is judged by `detection.banned-turned-away`.",
  frameworks: { nistCsf: ["DE.CM-01"], zeroTrust: ["5"], coverage: ["A6"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Addresses that scenarios tell of are banned from now on.",
    onlyNamed: true,
    // What is left out stands nowhere; only a simulation is a word in the file.
    edits: (_file, _system, judgement) => wordAt(judgement, "true|yes|on|y", "false"),
  },

  check(file) {
    const blind = serviceConfigurationOf(file)?.configuration.blindBecause;
    if (blind === undefined) return notApplicable("not the configuration of an intrusion engine");
    return forbidAny(blind, ({ name, place }) => fail(name, { place, detail: name }), {
      what: "what it is told",
      none: "it reads logs, and bans",
    });
  },
});
