/**
 * What stands in an instance's settings is told to everybody who may look at the instance.
 *
 * Reads:  workload.incus.openSecrets
 * Passes: neither cloud-init nor a setting of the user's own holds a secret.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const instanceSettingsFree = defineControl({
  id: "secrets.instance-settings-free",
  on: "workload",
  platforms: ["incus"],
  severity: "medium",
  title: "No secret stands in an instance's settings",
  claim: "No secret is put into cloud-init or another setting of an instance.",
  threat:
    "`incus config show` prints it, every client with a right to look has it, the guest's own programs ask for it over `/dev/incus`, and cloud-init leaves it on the disk and in its log.",
  remedy:
    'Put it in as a file: a `file` block with `content = var.NAME`, `mode = "0400"` and the service\'s `uid`. In cloud-init leave out passwords, and give people keys (`ssh_authorized_keys`).',
  judged:
    "For `user.*`, `cloud-init.*` and `smbios11.*`: fails high for a secret that stands there itself, by the shape of its issuer or by its name and looks, and medium for a variable that is declared sensitive or whose name says secret. Password hashes and public keys pass. Unknown when a value cannot be resolved.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.DS-10"], coverage: ["S2", "S3"] },
  exposureMatters: false,

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus instance");
    return forbidAny(
      incus.openSecrets,
      ({ key, what, writtenOut, place }) =>
        fail(`\`${key}\` holds ${what}`, { place, detail: `${key} ${what}`, severity: writtenOut ? "high" : "medium" }),
      { what: "what its settings hold", none: "no secret stands in its settings" },
    );
  },
});
