/**
 * Manifests out of somebody else's repository, applied with all rights, make that somebody an administrator.
 *
 * Reads:  pipeline.flux: own, source, serviceAccount, suspended; pipeline.argo: sources, confinedBy
 * Passes: what is applied from elsewhere is applied with the rights of an account of its own.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ArgoExtension, ArgoSource } from "../../facts/extensions-cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const foreignDeliveryConfined = defineControl({
  id: "identity.foreign-delivery-confined",
  on: "pipeline",
  severity: "medium",
  title: "Other people's manifests are applied with limited rights",
  claim: "Flux applies what comes from other repositories with the rights of a limited account only.",
  threat: "Whoever can push to that repository, or takes over its host, is administrator of this cluster.",
  remedy:
    "Set `serviceAccountName` on the Kustomization to an account whose role allows what those manifests need, in the namespace that they are for.",
  judged:
    "For Kustomizations whose source is not the repository of these files: fails when no `serviceAccountName` is stated, so that the controller's own rights are used, which are all. Suspended ones are left out. What the account may do is judged by itself. Of Argo CD, Applications that take manifests from a repository that is not this one: fails where their AppProject permits every namespace or cluster-wide objects of every kind, as `default` does unless it is changed. Which repository is this one is told by its paths: it cannot be told from the root, or from one folder's name.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["rbac"],
    owaspKubernetes: ["K02"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05", "GV.SC-07"],
    coverage: ["A10"],
  },
  exposureMatters: false,

  check({ flux, argo }): Judgement {
    if (argo?.sources !== undefined) return judgeArgo(argo, argo.sources);
    if (flux?.kind !== "kustomization") return notApplicable("it is no Kustomization");
    if (knownValue(flux.suspended) === true) return notApplicable("it is suspended");
    const { own, source, serviceAccount } = flux;
    if (own.kind === "unknown") return cannotTell("whose manifests it applies", own.why, { place: own.place });
    if (knownValue(own) === true) return notApplicable("it applies manifests of these files");
    if (serviceAccount.kind === "unknown") {
      return cannotTell("with whose rights it applies them", serviceAccount.why, { place: serviceAccount.place });
    }
    const account = knownValue(serviceAccount);
    return account === undefined
      ? fail(`it applies what ${knownValue(source) ?? "its source"} holds with all rights`, { place: source.place })
      : pass(`it applies it with the rights of ${account}`, serviceAccount.place);
  },
});

function judgeArgo({ confinedBy }: ArgoExtension, sources: readonly ArgoSource[]): Judgement {
  const manifests = sources.filter(({ own, chart }) => knownValue(own) !== true && chart === undefined);
  const [first] = manifests;
  if (first === undefined || confinedBy === undefined) return notApplicable("it applies no manifests of others");
  const project = knownValue(confinedBy);
  if (project !== undefined) return pass(`the project ${project} bounds what it makes`, confinedBy.place);
  const doubtful = manifests.find(({ own }) => own.kind === "unknown")?.own;
  if (doubtful?.kind === "unknown" && !manifests.some(({ own }) => knownValue(own) === false))
    return cannotTell("whose manifests it applies", doubtful.why, { place: doubtful.place, severity: "low" });
  if (confinedBy.kind === "unknown")
    return cannotTell("what its project permits", confinedBy.why, { place: confinedBy.place, severity: "low" });
  return fail("it applies what somebody else's repository holds, and its project lets that reach all of the cluster", {
    place: confinedBy.place,
    remedy:
      "Name an AppProject of its own under `project`, with the namespaces that it is for under `destinations` and no `*` under `clusterResourceWhitelist`.",
  });
}
