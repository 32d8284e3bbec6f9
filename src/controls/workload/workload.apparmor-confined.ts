/**
 * AppArmor is the wall that still stands when a capability too many was given.
 *
 * Reads:  container.appArmor, container.privileged
 * Passes: the default profile, or one of the author's, is on.
 */
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";
import { unlessGuest, unlessWindows } from "../knowledge/platform-terms.ts";
import { offWhenPrivileged } from "../knowledge/privileged.ts";

export const appArmorConfined = defineControl({
  id: "workload.apparmor-confined",
  on: "container",
  severity: "medium",
  title: "AppArmor is not switched off",
  claim: "No container switches its AppArmor profile off.",
  threat:
    "Without the profile a program with one capability too many mounts file systems and writes to `/proc` and `/sys`.",
  remedy: "Remove `apparmor=unconfined` (or `apparmor:unconfined`) from `security_opt:`.",
  remedies: {
    incus:
      'Remove `lxc.apparmor.profile = unconfined` from `raw.lxc`. What nested containers need is `"security.nesting" = "true"`.',
    kubernetes:
      "Remove `appArmorProfile: { type: Unconfined }` from the `securityContext` (before 1.30 the annotation `container.apparmor.security.beta.kubernetes.io/NAME: unconfined`).",
  },
  judged: "Fails for `unconfined`. Whether the host's kernel has AppArmor at all shows only on the running system.",
  frameworks: {
    cisDocker: ["5.2"],
    owaspDocker: ["D04"],
    podSecurity: ["baseline/appArmorProfile"],
    nsaKubernetes: ["hardening-services"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4", "W10"],
  },

  check(container, system) {
    // An engine leaves it unstated when its kernel has no such module, which no container can switch off.
    if (container.appArmor.kind === "unstated" && container.lens !== "written" && container.lens !== "declared")
      return notApplicable("the host's kernel has no AppArmor");
    return (
      unlessWindows(container) ??
      unlessGuest(container, system) ??
      offWhenPrivileged(container, container.appArmor) ??
      forbid(container.appArmor, (profile) => profile.kind === "unconfined", {
        what: "AppArmor",
        show: (profile) => (profile.kind === "custom" ? `the profile ${profile.name}` : profile.kind),
      })
    );
  },
});
