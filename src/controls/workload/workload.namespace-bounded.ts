/**
 * One namespace that takes all memory takes it from the others.
 *
 * Reads:  zone.kubernetes: quotas, limitRanges, pods
 * Passes: the namespace has a quota or a limit range.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const namespaceBounded = defineControl({
  id: "workload.namespace-bounded",
  on: "zone",
  severity: "info",
  title: "Namespaces are bounded",
  claim: "Every namespace has a quota, or limits that its pods get by default.",
  threat: "A miner, a loop that starts pods, or one leak uses up the nodes, and databases beside it are killed.",
  remedy:
    "Add a LimitRange with default limits, so that pods which state none get some; add a ResourceQuota where others than you deploy to the namespace.",
  judged:
    "For namespaces that are among the files and in which pods are seen, the cluster's own apart. Passes for one ResourceQuota or LimitRange. Fails at info: a quota pays where several deploy, and limits of single pods are judged by themselves.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["resource-limits"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.IR-04"],
    coverage: ["W3"],
  },
  exposureMatters: false,

  check({ kubernetes: namespace }): Judgement {
    if (namespace === undefined) return notApplicable("it is no namespace");
    if (namespace.system) return notApplicable("it belongs to the cluster itself");
    const { quotas, limitRanges, pods, declared } = namespace;
    const [first] = [...quotas.items, ...limitRanges.items];
    if (first !== undefined) return pass(`${first} bounds it`);
    if (!declared) return notApplicable("its object is not among the files");
    if (pods.items.length === 0) return notApplicable("no pods are seen in it");
    for (const list of [quotas, limitRanges]) if (!list.complete) return cannotTell("whether it is bounded", list.why);
    return fail("it has neither a quota nor a limit range");
  },
});
