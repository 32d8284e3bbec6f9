/**
 * Without its code, values of an encrypted file can be swapped by whoever may write the file.
 *
 * Reads:  repository-file.sops
 * Passes: the file carries a message authentication code.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";

export const sopsAuthenticated = defineControl({
  id: "secrets.sops-authenticated",
  on: "repository-file",
  severity: "medium",
  title: "Files that SOPS encrypted carry its authentication code",
  claim: "A change of any value in an encrypted file is noticed when it is decrypted.",
  threat:
    "Whoever may write to the repository swaps encrypted values, or takes some away, and nobody who decrypts the file notices.",
  remedy:
    "Encrypt the file anew (`sops decrypt --in-place --ignore-mac FILE`, look at it, `sops encrypt --in-place FILE`).",
  judged:
    "For files with SOPS's metadata: passes when `mac` is there and not empty. That it is right is shown only by decrypting.",
  frameworks: { nistCsf: ["PR.DS-01"], coverage: ["S6"] },
  exposureMatters: false,

  check({ sops }) {
    if (sops?.state !== "encrypted") return notApplicable("SOPS did not encrypt it");
    return demand(sops.authenticated, (is) => is, {
      what: "the authentication code (`mac`)",
      show: (is) => (is ? "there" : "missing"),
    });
  },
});
