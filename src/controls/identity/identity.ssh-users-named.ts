/**
 * Without a list every account with a shell may sign in, also one that a package made.
 *
 * Reads:  repository-file.configuration (an sshd_config's settings)
 * Passes: users or groups that may sign in are named.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { sshdOf } from "../knowledge/sshd.ts";

export const sshUsersNamed = defineControl({
  id: "identity.ssh-users-named",
  on: "repository-file",
  software: ["sshd"],
  severity: "info",
  title: "SSH names who may sign in",
  claim: "Only named users and groups sign in by SSH.",
  threat:
    "An account that a package or a colleague made, with a weak password or a forgotten key, is a way in that nobody thinks of.",
  remedy: "Write `AllowGroups ssh-users` (or `AllowUsers NAME`), and put the people into it before you reload.",
  judged: "Fails, for information, where a whole `sshd_config` names nobody. Not applicable to a part of one.",
  frameworks: { nistCsf: ["PR.AA-05"], coverage: ["A9"] },
  exposureMatters: false,

  check(file) {
    const config = sshdOf(file);
    if (config === undefined) return notApplicable("not the configuration of an SSH server");
    const { allowusers, allowgroups } = config.settings;
    const named = [allowusers, allowgroups].find(({ value }) => value.kind === "stated");
    if (named !== undefined) return pass("it names who may sign in", named.value.place);
    if (config.extent === "part") return notApplicable("it is a part, and another file may name them");
    const hidden = [allowusers, allowgroups].find(({ value }) => value.kind === "unknown");
    if (hidden?.value.kind === "unknown")
      return cannotTell("who may sign in", hidden.value.why, { place: hidden.value.place });
    if (allowusers.behind !== undefined)
      return cannotTell("who may sign in", `\`${allowusers.behind}\` is included and is not in this folder`, {
        severity: "info",
      });
    return fail("neither AllowUsers nor AllowGroups names who may sign in", { place: allowusers.value.place });
  },
});
