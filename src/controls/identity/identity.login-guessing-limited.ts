/**
 * A login that never tires answers the millionth guess as it did the first.
 *
 * Reads:  repository-file.configuration (Authelia, Grafana, Home Assistant)
 * Passes: the program's own brake on failed logins is on.
 */

import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { aboutPorts, demand, notApplicable } from "../judge.ts";
import { serviceConfigurationOf, serviceSoftware } from "../knowledge/service-configuration.ts";

export const loginGuessingLimited = defineControl({
  id: "identity.login-guessing-limited",
  on: "repository-file",
  software: serviceSoftware,
  severity: "medium",
  title: "Failed logins are slowed down",
  claim: "Programs with a login of their own hold off those who try passwords.",
  threat: "A list of leaked passwords is tried until one fits.",
  remedy:
    "Keep Authelia's `regulation` (`max_retries: 3`, `find_time: 2m`, `ban_time: 5m`), do not set Grafana's `disable_brute_force_login_protection`, and give Home Assistant `ip_ban_enabled: true` with a `login_attempts_threshold`.",
  judged:
    "Fails for Authelia with `max_retries: 0` and for Grafana with `disable_brute_force_login_protection = true`; both have the brake on unless told otherwise. Home Assistant bans nobody as it comes, which is not held against it; it fails, low, where the file says `ip_ban_enabled: false`, or a threshold of -1. Unknown when the setting cannot be resolved.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.AA-03"], zeroTrust: ["6"], coverage: ["A2", "A4"] },
  fix: {
    changesBehaviour: "Whoever types a wrong password again and again has to wait; both programs do so by themselves.",
    edits(file, _system, judgement) {
      const software = serviceConfigurationOf(file)?.configuration.software;
      if (software === "grafana") return wordAt(judgement, "true|1|yes|on", "false");
      return software === "authelia" ? wordAt(judgement, "0", "3") : undefined;
    },
  },

  check(file) {
    const found = serviceConfigurationOf(file);
    const limited = found?.configuration.guessingLimited;
    if (found === undefined || limited === undefined) return notApplicable("it decides no login");
    const judgement = demand(limited, (on) => on, {
      what: `${found.program}'s brake on failed logins`,
      show: (on) => (on ? "on" : "off"),
    });
    // It is as the program comes, which is not held against those who do not say so.
    const asItComes = found.configuration.software === "home-assistant" && judgement.verdict === "fail";
    return {
      ...judgement,
      ...aboutPorts(found.configuration.ports),
      ...(asItComes ? { severity: "low" as const } : {}),
    };
  },
});
