/**
 * `encrypted_regex` that misses a key leaves its value in clear text in a file that is called encrypted.
 *
 * Reads:  repository-file.sops
 * Passes: no value that looks like a secret stands in clear text in a file that SOPS encrypted.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const sopsSelectionWhole = defineControl({
  id: "secrets.sops-selection-whole",
  on: "repository-file",
  severity: "high",
  title: "SOPS leaves no secret of a file in clear text",
  claim: "In every file that SOPS encrypted, every value that is a secret is encrypted.",
  threat: "The file looks encrypted, is shared as such, and the one value that the rule missed can be read by all.",
  remedy:
    "Replace the secret, for it was readable. Then mend the rule in `.sops.yaml` (`encrypted_regex` must match the key, or a key above it; `unencrypted_suffix` and `unencrypted_regex` must not), and encrypt the file anew: `sops decrypt --in-place FILE && sops encrypt --in-place FILE`.",
  judged:
    "For files with SOPS's metadata: fails for each value in clear text whose name says secret and whose looks are those of one, and for tokens of issuers. What Flux or a template fills in later passes. Unknown when the file cannot be read whole. Kubernetes Secrets are judged by secrets.manifest-encrypted.",
  limits: "A secret under an innocent name and of no known shape is not recognised.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.DS-01"],
    coverage: ["S1", "S6"],
  },
  exposureMatters: false,

  check({ sops, path }) {
    if (sops?.state !== "encrypted") return notApplicable("SOPS did not encrypt it");
    return forbidAny(
      sops.clear,
      ({ name, place }) =>
        fail(`${name} stands in clear text in ${path}, which SOPS encrypted`, { place, detail: name }),
      { what: `what was read of ${path}`, none: "every value that looks like a secret is encrypted" },
    );
  },
});
