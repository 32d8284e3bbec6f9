/**
 * Root is the one name that everybody knows, and signing in as root leaves no name in the log.
 *
 * Reads:  repository-file.configuration (an sshd_config's settings and exceptions)
 * Passes: root cannot sign in with a password.
 */
import type { SshdConfiguration } from "../../facts/configuration/sshd.ts";
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import {
  type Judge,
  judgeExceptions,
  judgeSetting,
  knownSetting,
  settingTo,
  sshdOf,
  withRemedy,
} from "../knowledge/sshd.ts";

export const sshRootRefused = defineControl({
  id: "identity.ssh-root-refused",
  on: "repository-file",
  software: ["sshd"],
  severity: "medium",
  title: "Root does not sign in by SSH with a password",
  claim: "Root does not sign in to the host with a password.",
  threat: "One password, for the one account that is on every machine, is the whole host.",
  remedy:
    "Write `PermitRootLogin no` and use `sudo` from an account of your own; where a program needs root by key, `PermitRootLogin prohibit-password`.",
  judged:
    "Fails for `PermitRootLogin yes`: high where passwords are taken, medium where only keys are. `prohibit-password`, which is the default, `forced-commands-only` and `no` pass.",
  frameworks: { nistCsf: ["PR.AA-05"], coverage: ["A9"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Root signs in by key alone: have a key of yours in /root/.ssh/authorized_keys, or an account with `sudo`.",
    onlyNamed: true,
    edits: (_file, _system, judgement) => settingTo({ permitrootlogin: "prohibit-password" }, judgement),
  },

  check(file) {
    const config = sshdOf(file);
    if (config === undefined) return notApplicable("not the configuration of an SSH server");
    const judge: Judge = (value) =>
      value === "yes"
        ? { because: "root signs in like everybody else", severity: takesPasswords(config) ? "high" : "medium" }
        : undefined;
    const judged = judgeSetting(config, "permitrootlogin", judge);
    const exceptions = judgeExceptions(config, ["permitrootlogin"], (_, value) => judge(value));
    const all = [...(judged === undefined ? [] : [judged]), ...exceptions];
    if (all.length === 0) return notApplicable("it does not say whether root may sign in");
    return withRemedy(config, all, atFirstStart);
  },
});

const atFirstStart =
  "Take out what files and commands of the first start write to `PermitRootLogin`, leave `disable_root` as it is (true), and use `sudo` from an account with `ssh_authorized_keys`. A machine that is there already needs it in its own `sshd_config.d`.";

/** What a part does not state may well be the default, which takes them. */
function takesPasswords({ settings }: SshdConfiguration): boolean {
  return knownSetting(settings.passwordauthentication) !== "no";
}
