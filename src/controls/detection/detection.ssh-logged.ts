/**
 * Who signed in, and who tried, stands in the log or nowhere.
 *
 * Reads:  repository-file.configuration (an sshd_config's settings)
 * Passes: sign-ins are logged at INFO or VERBOSE.
 */
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { judgeSetting, settingTo, sshdOf } from "../knowledge/sshd.ts";

export const sshLogged = defineControl({
  id: "detection.ssh-logged",
  on: "repository-file",
  software: ["sshd"],
  severity: "medium",
  title: "Sign-ins by SSH are logged",
  claim: "Every sign-in by SSH, and every attempt, is logged.",
  threat: "Somebody guesses for weeks, or comes in with a stolen key, and nothing tells of it afterwards.",
  remedy:
    "Remove the line, for `INFO` is the default, or write `LogLevel VERBOSE`, which also says which key was used.",
  judged:
    "Fails at medium for `QUIET`, `FATAL` and `ERROR`, which leave sign-ins out, and at low for `DEBUG`, which writes down what users send.",
  frameworks: { nistCsf: ["PR.PS-04", "DE.CM-03"], zeroTrust: ["7"], coverage: ["A9"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The log tells who signed in and who tried, as OpenSSH does by itself, and nothing of what users send.",
    edits: (_file, _system, judgement) => settingTo({ loglevel: "INFO" }, judgement),
  },

  check(file) {
    const config = sshdOf(file);
    if (config === undefined) return notApplicable("not the configuration of an SSH server");
    const judged = judgeSetting(config, "loglevel", (value) => {
      if (/^(?:quiet|fatal|error)$/.test(value)) return { because: "sign-ins are not logged" };
      return value.startsWith("debug")
        ? { because: "what users send is written to the log", severity: "low" }
        : undefined;
    });
    return judged ?? notApplicable("it does not say what is logged");
  },
});
