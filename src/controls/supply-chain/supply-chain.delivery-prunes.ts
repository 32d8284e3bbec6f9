/**
 * What was deleted and goes on running is what nobody looks after any more.
 *
 * Reads:  pipeline.flux: prunes, suspended
 * Passes: what is removed from the files is removed from the cluster.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";

export const deliveryPrunes = defineControl({
  id: "supply-chain.delivery-prunes",
  on: "pipeline",
  severity: "low",
  title: "What is deleted from the files leaves the cluster",
  claim: "Flux removes from the cluster what is no longer in the files.",
  threat: "A service, a role or an open policy that everybody believes to be gone goes on running, unpatched.",
  remedy:
    "Set `prune: true`. Single objects that must stay get the annotation `kustomize.toolkit.fluxcd.io/prune: disabled`.",
  judged: "Fails for a Kustomization with `prune: false`, unless it is suspended. Unknown when it cannot be resolved.",
  platforms: ["kubernetes"],
  frameworks: { nsaKubernetes: ["unused-components"], nistCsf: ["PR.PS-01", "PR.PS-02"], coverage: ["M5"] },
  exposureMatters: false,

  check({ flux }): Judgement {
    if (flux?.kind !== "kustomization") return notApplicable("it is no Kustomization");
    if (flux.suspended.kind === "stated" && flux.suspended.value) return notApplicable("it is suspended");
    return demand(flux.prunes, (value) => value, { what: "`prune`" });
  },
});
