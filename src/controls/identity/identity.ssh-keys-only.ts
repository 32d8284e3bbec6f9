/**
 * A password over SSH is guessed by machines all day; a key is not.
 *
 * Reads:  repository-file.configuration (an sshd_config's settings and exceptions)
 * Passes: nothing but keys opens the door, for anybody.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { SshdConfiguration, SshdKeyword } from "../../facts/configuration/sshd.ts";
import { defineControl } from "../define.ts";
import { cannotTell, notApplicable, pass } from "../judge.ts";
import {
  type Judge,
  judgeExceptions,
  judgeSetting,
  knownSetting,
  settingTo,
  sshdOf,
  withRemedy,
} from "../knowledge/sshd.ts";

export const sshKeysOnly = defineControl({
  id: "identity.ssh-keys-only",
  on: "repository-file",
  software: ["sshd"],
  severity: "medium",
  title: "SSH takes keys and no passwords",
  claim: "Nobody signs in to the host by SSH with a password.",
  threat: "Every open SSH port is tried with leaked passwords within minutes; one that fits is a shell on the host.",
  remedy:
    "Write `PasswordAuthentication no` and `KbdInteractiveAuthentication no` in a file that comes first (`/etc/ssh/sshd_config.d/00-keys.conf`), with your key in `~/.ssh/authorized_keys` before you reload, and see what holds with `sshd -T`.",
  judged:
    "Fails for passwords, by themselves or through PAM (`KbdInteractiveAuthentication` with `UsePAM`), unless `AuthenticationMethods` asks for a key in every case; high for empty passwords; also for host-based sign-in, for keys switched off, and for `StrictModes no`. What is not stated is as OpenSSH has it, which lets passwords in. A part (`sshd_config.d`) is judged by what it states. `Match` blocks fail at low.",
  limits: "The first value counts: what an `Include` brings that is not in the folder makes a good value unknown.",
  frameworks: { nistCsf: ["PR.AA-03", "PR.AA-05"], zeroTrust: ["6"], coverage: ["A9"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Nobody signs in with a password any more: whoever has no key in `~/.ssh/authorized_keys` when sshd reloads stays outside.",
    onlyNamed: true,
    edits: (_file, _system, judgement) => settingTo(closed, judgement),
  },

  check(file) {
    const config = sshdOf(file);
    if (config === undefined) return notApplicable("not the configuration of an SSH server");
    const needsKey = keyAlwaysNeeded(config);
    const judged = keywords.flatMap(
      (keyword) => judgeSetting(config, keyword, (value) => judge(keyword, value, config, needsKey)) ?? [],
    );
    const exceptions = judgeExceptions(config, keywords, (keyword, value) => judge(keyword, value, config, needsKey));
    const all = [...judged, ...exceptions, ...whetherPamAsks(config, needsKey)];
    const told: readonly Judgement[] = all.filter(({ verdict }) => verdict !== "pass");
    if (told.length > 0) return withRemedy(config, told, atFirstStart);
    return all.length === 0
      ? notApplicable("it states nothing of how users sign in")
      : pass("keys alone open the door");
  },
});

const atFirstStart =
  "Set `ssh_pwauth: false` (in the answers for Ubuntu's installer `ssh: {allow-pw: false}`), take out what files and commands of the first start say otherwise, and give users their keys in `ssh_authorized_keys`. A machine that is there already needs it in its own `sshd_config.d`.";

const keywords: readonly SshdKeyword[] = [
  "passwordauthentication",
  "kbdinteractiveauthentication",
  "permitemptypasswords",
  "pubkeyauthentication",
  "hostbasedauthentication",
  "strictmodes",
];

const closed: Partial<Record<SshdKeyword, string>> = {
  passwordauthentication: "no",
  kbdinteractiveauthentication: "no",
  permitemptypasswords: "no",
  pubkeyauthentication: "yes",
  hostbasedauthentication: "no",
  strictmodes: "yes",
};

function judge(keyword: SshdKeyword, value: string, config: SshdConfiguration, needsKey: boolean): ReturnType<Judge> {
  switch (keyword) {
    case "passwordauthentication":
      return value === "yes" && !needsKey ? { because: "a password opens the door" } : undefined;
    case "kbdinteractiveauthentication":
      // Without PAM there is nothing that would ask. A distribution's main file has it; a part does not say.
      return value === "yes" && !needsKey && knownSetting(config.settings.usepam) === "yes"
        ? { because: "PAM asks for a password, whatever PasswordAuthentication says" }
        : undefined;
    case "permitemptypasswords":
      return value === "yes" ? { because: "an account without a password is open", severity: "high" } : undefined;
    case "pubkeyauthentication":
      return value === "no" ? { because: "no key opens the door, so that only passwords do" } : undefined;
    case "hostbasedauthentication":
      return value === "yes" ? { because: "another host's word is taken for who its users are" } : undefined;
    case "strictmodes":
      return value === "no" ? { because: "keys are believed in files that others may write" } : undefined;
    default:
      return undefined;
  }
}

/** Where it cannot be told whether PAM is asked, nothing is known of the sign-in that PAM may ask a password in. */
function whetherPamAsks({ settings }: SshdConfiguration, needsKey: boolean): readonly Judgement[] {
  const { value } = settings.usepam;
  if (value.kind !== "unknown" || needsKey || knownSetting(settings.kbdinteractiveauthentication) !== "yes") return [];
  return [cannotTell("whether PAM asks for a password", value.why, { place: value.place, detail: "usepam" })];
}

/** Whether each list of `AuthenticationMethods` asks for a key, a password being a second factor then. */
function keyAlwaysNeeded({ settings }: SshdConfiguration): boolean {
  const methods = knownSetting(settings.authenticationmethods);
  if (methods === undefined || methods === "any") return false;
  return methods.split(" ").every((list) => list.split(",").some((method) => method.startsWith("publickey")));
}
