/**
 * What a namespace refuses, nobody can start in it by mistake or after a break-in.
 *
 * Reads:  zone.kubernetes: enforce, declared (of all namespaces)
 * Passes: the namespace enforces the Pod Security level baseline or restricted.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { type PodSecurityLevel, podSecurityIn } from "../knowledge/pod-security.ts";

export const namespaceLevelEnforced = defineControl({
  id: "workload.namespace-level-enforced",
  on: "zone",
  severity: "low",
  title: "Namespaces refuse dangerous pods",
  claim: "Every namespace enforces a level of the Pod Security Standards.",
  threat:
    "Whoever may create pods, by a stolen token or a pull request that nobody read, starts a privileged one and is on the node.",
  remedy:
    "Label the namespace: `pod-security.kubernetes.io/enforce: restricted`, or `baseline` where its pods need more. `kubectl label --dry-run=server --overwrite ns NAME pod-security.kubernetes.io/enforce=restricted` tells which pods would be refused.",
  judged:
    "For namespaces that are among the files, the cluster's own apart. Passes for `enforce: baseline` and `restricted`. Fails at low without a level where other namespaces have one, at info where none has, for then the API server's own configuration may set one for all (Talos enforces baseline), and at info where `privileged` is stated. Unknown where a policy engine decides (Kyverno, Gatekeeper, Kubewarden, admission policies).",
  limits: "What the API server enforces by its own configuration is seen only in a Talos machine configuration.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.2.1"],
    nsaKubernetes: ["pod-security-admission"],
    owaspKubernetes: ["K01", "K04"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W7"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The API server refuses pods of the namespace that break the level that its pods here keep; what a chart or an operator makes there is not seen.",
    onlyNamed: true,
    edits({ ref, kubernetes: namespace, place }, system) {
      if (namespace === undefined || namespace.enforce.level.kind !== "unstated") return undefined;
      const level = levelKept(ref.name, system);
      const path = ["metadata", "labels", "pod-security.kubernetes.io/enforce"];
      return level && [{ kind: "document", at: place, of: "around", path, change: { kind: "set", value: level } }];
    },
  },

  check({ kubernetes: namespace, place }, system): Judgement {
    if (namespace === undefined) return notApplicable("it is no namespace");
    if (namespace.system) return notApplicable("it belongs to the cluster itself, whose parts need privileges");
    if (!namespace.declared) return notApplicable("its object is not among the files");
    const { level } = namespace.enforce;
    if (level.kind === "unknown") return cannotTell("which level it enforces", level.why, { place: level.place });
    const stated = knownValue(level);
    if (stated === "baseline" || stated === "restricted") return pass(`it enforces the level ${stated}`, level.place);
    if (namespace.otherAdmission !== undefined) {
      return cannotTell("what it refuses", `${namespace.otherAdmission} decide`, { place, severity: "info" });
    }
    if (stated === "privileged")
      return fail("it enforces nothing: its level is privileged", { place: level.place, severity: "info" });
    return fail("no level is enforced", { place, ...(someEnforce(system) ? {} : { severity: "info" as const }) });
  },
});

const someEnforce = oncePerSystem((system) =>
  system
    .all("zone")
    .some(({ kubernetes }) => kubernetes !== undefined && knownValue(kubernetes.enforce.level) !== undefined),
);

const podsByNamespace = oncePerSystem((system) =>
  Map.groupBy(system.all("workload"), ({ kubernetes }) => kubernetes?.namespace),
);

/** The strictest level that every pod of the namespace keeps; undefined where none is seen, or something is in doubt. */
function levelKept(namespace: string, system: System): PodSecurityLevel | undefined {
  const pods = podsByNamespace(system).get(namespace) ?? [];
  if (pods.length === 0) return undefined;
  return levels.find((level) =>
    pods.every((pod) => {
      const { violations, doubts } = podSecurityIn(system, pod, level);
      return violations.length + doubts.length === 0;
    }),
  );
}

const levels: readonly PodSecurityLevel[] = ["restricted", "baseline"];
