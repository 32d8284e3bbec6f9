/**
 * Whoever can push to the repository owns the cluster, unless what is pushed must be signed too.
 *
 * Reads:  pipeline.flux: verified, url (of sources), source (of Kustomizations)
 * Passes: signatures of the source are verified before anything of it is applied.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const sourceSigned = defineControl({
  id: "supply-chain.source-signed",
  on: "pipeline",
  severity: "info",
  title: "Manifests are applied only when they are signed",
  claim: "Flux verifies the signatures of the manifests that it applies.",
  threat: "A stolen password or token of the Git host is enough to run anything in the cluster.",
  remedy:
    "Sign commits or tags, and verify them: `verify: {mode: HEAD, secretRef: {name: …}}` on the GitRepository; `verify: {provider: cosign}` on an OCIRepository.",
  judged:
    "For sources from which a Kustomization applies manifests: fails at info without `verify`. Charts are left out: few are signed.",
  platforms: ["kubernetes"],
  frameworks: {
    owaspKubernetes: ["K07"],
    nistCsf: ["ID.RA-09", "GV.SC-07"],
    coverage: ["V4"],
  },
  exposureMatters: false,

  check({ flux }, system): Judgement {
    if (flux?.kind !== "source") return notApplicable("it is no source");
    if (!isApplied(flux.object, system)) return notApplicable("no Kustomization applies manifests of it");
    const { verified } = flux;
    if (verified.kind === "unknown") return cannotTell("whether signatures are verified", verified.why);
    return knownValue(verified) === true
      ? pass("its signatures are verified", verified.place)
      : fail("signatures of what is applied from it are not verified");
  },
});

function isApplied(object: string, system: System): boolean {
  return system
    .all("pipeline")
    .some(({ flux }) => flux?.kind === "kustomization" && knownValue(flux.source) === object);
}
