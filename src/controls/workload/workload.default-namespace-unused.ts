/**
 * Where everything lies together, no rule can be made for a part of it.
 *
 * Reads:  zone.kubernetes: name, declared, pods
 * Passes: no workload is in the namespace "default".
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { shortList } from "../knowledge/cluster-names.ts";

export const defaultNamespaceUnused = defineControl({
  id: "workload.default-namespace-unused",
  on: "zone",
  severity: "info",
  title: "The default namespace is not used",
  claim: "Workloads are in namespaces of their own.",
  threat:
    "Policies, quotas, roles and Pod Security levels hold for a namespace: where unrelated programs share one, each gets what the most demanding needs.",
  remedy: "Make a namespace for each application, or for each group that belongs together, and deploy to that.",
  judged:
    "For the namespace `default` where it is among the files: fails when workloads are seen in it, and is unknown where only charts deploy to it. Objects that state no namespace are not judged, for whoever applies them chooses one.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.7.1", "5.7.4"],
    nsaKubernetes: ["namespaces"],
    owaspKubernetes: ["K05"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N1"],
  },
  exposureMatters: false,

  check({ kubernetes: namespace }): Judgement {
    if (namespace === undefined) return notApplicable("it is no namespace");
    if (namespace.name !== "default") return pass(`${namespace.name} is a namespace of its own`);
    if (!namespace.declared) return notApplicable("its object is not among the files");
    const { pods } = namespace;
    if (pods.items.length > 0) {
      return fail(`${shortList(pods.items.map((pod) => pod.workload.name))} run in the default namespace`);
    }
    return pods.complete ? pass("nothing runs in it") : cannotTell("what runs in it", pods.why);
  },
});
