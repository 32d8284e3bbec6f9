/**
 * An encrypted file that nothing decrypts stops the delivery, and the quickest mend is to put it in clear text.
 *
 * Reads:  pipeline.flux: encrypted, decrypts, suspended
 * Passes: the Kustomization that applies encrypted files decrypts them.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const deliveryDecrypts = defineControl({
  id: "secrets.delivery-decrypts",
  on: "pipeline",
  severity: "low",
  title: "Encrypted files are decrypted where they are applied",
  claim: "Each Flux Kustomization that applies files encrypted by SOPS is told to decrypt them.",
  threat: "The secret never reaches the cluster, and somebody commits it in clear text to get the release out.",
  remedy: "Add `decryption: {provider: sops, secretRef: {name: sops-age}}` to the Kustomization.",
  judged:
    "An encrypted file belongs to the Kustomization whose `path` is the longest that it lies under. Fails when that one states no `decryption`. Unknown when a patch of another Kustomization may give it.",
  limits: "A key that the controller itself is started with (`--sops-age-secret`) is not seen.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["secrets"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.DS-01"],
    coverage: ["S5", "S6"],
  },
  exposureMatters: false,

  check({ flux }): Judgement {
    if (flux?.kind !== "kustomization") return notApplicable("it is no Kustomization");
    if (knownValue(flux.suspended) === true) return notApplicable("it is suspended");
    const { encrypted, decrypts } = flux;
    const [first] = encrypted.items;
    if (first === undefined) {
      return encrypted.complete
        ? notApplicable("it applies no encrypted file")
        : cannotTell("whether it applies encrypted files", encrypted.why);
    }
    if (decrypts.kind === "unknown") return cannotTell("whether it decrypts", decrypts.why, { severity: "info" });
    if (knownValue(decrypts) === true) return pass("it decrypts what it applies", decrypts.place);
    return fail(`it applies ${listed(encrypted.items.map(({ path }) => path))}, and does not decrypt`);
  },
});
