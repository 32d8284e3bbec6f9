/**
 * A file that everybody takes for encrypted and that is not: the rule is there, the step was forgotten.
 *
 * Reads:  repository-file.sops, repository-file.tracked, repository-file.ignored
 * Passes: SOPS encrypted the file.
 */
import type { Severity } from "../../contracts/verdict.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const sopsApplied = defineControl({
  id: "secrets.sops-applied",
  on: "repository-file",
  severity: "high",
  title: "What SOPS is to encrypt is encrypted",
  claim: "Every file that a SOPS rule is made for, or that is named for SOPS, is encrypted.",
  threat: "The file goes into Git in clear text because its name and its rule make everybody believe it is encrypted.",
  remedy:
    "Replace the secrets in it if it was ever pushed, then `sops encrypt --in-place FILE`. A pre-commit hook keeps it from happening again.",
  judged:
    "For files that a rule of `.sops.yaml` with a `path_regex` takes and that hold values which are secrets by their names or looks, and for files named `….sops.yaml` and the like: passes when SOPS's metadata is in the file. Fails critical when Git has it with secrets in it, medium when Git does not have it yet, low when no value in it looks like a secret. Kubernetes manifests are judged by secrets.manifest-encrypted.",
  limits: "Whether the values can be decrypted is not tried.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nsaKubernetes: ["secrets"],
    nistCsf: ["PR.DS-01"],
    coverage: ["S1", "S6"],
  },
  exposureMatters: false,

  check(file) {
    const { sops } = file;
    if (sops === undefined) return notApplicable("SOPS has nothing to do with it");
    if (sops.state === "encrypted") return pass("SOPS encrypted it", sops.recipients.place);
    const { clear, because } = sops;
    if (!clear.complete) return cannotTell(`what stands in ${file.path}`, clear.why, { place: clear.place });
    const names = listed(clear.items.map(({ name }) => name));
    const found = clear.items.length === 0 ? "is in clear text" : `holds ${names} in clear text`;
    return fail(`${file.path} ${found}, although ${because}`, {
      place: clear.place,
      severity: clear.items.length === 0 ? "low" : severityOf(file),
      remedy: `Replace the secrets in it if it was ever pushed, then \`sops encrypt --in-place ${file.path}\`.`,
    });
  },
});

function severityOf({ tracked }: RepositoryFile): Severity {
  if (tracked.kind !== "stated") return "high";
  return tracked.value ? "critical" : "medium";
}
