/**
 * Who does not say who they are should get nothing.
 *
 * Reads:  repository-file.configuration (Talos: arguments of API server and kubelet, KubeAuthenticationConfig)
 * Passes: neither answers requests without a name, checks of health apart.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { TalosArgument } from "../../facts/configuration/talos.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { all, cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";
import { argumentsNamed, controlPlaneOf, demandOf, isJudgement, onMachine } from "../knowledge/talos.ts";

export const clusterAnonymousOff = defineControl({
  id: "identity.cluster-anonymous-off",
  on: "repository-file",
  software: ["talos"],
  severity: "high",
  title: "API server and kubelet refuse anonymous requests",
  claim: "Nobody without a name gets an answer from the API server or a kubelet.",
  threat:
    "Whoever reaches a kubelet that answers anybody runs commands in its containers; an API server that does tells its version and whatever a careless role gives to everybody.",
  remedy:
    'Take `anonymous-auth: "true"` out of `extraArgs`, or limit it to the paths of health checks (KubeAuthenticationConfig).',
  judged:
    "Talos starts both with anonymous requests off. Fails high for a kubelet, medium for an API server, where `extraArgs` or a KubeAuthenticationConfig switch them on; anonymous requests for `/livez`, `/readyz` and `/healthz` alone pass.",
  frameworks: {
    cisKubernetes: ["1.2.1", "4.2.1"],
    nsaKubernetes: ["anonymous-access", "control-plane"],
    owaspKubernetes: ["K06", "K09"],
    zeroTrust: ["6"],
    nistCsf: ["PR.AA-03"],
    coverage: ["W9", "A10"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Who gives no name is answered nothing: health checks of a balancer before the API server have to give one.",
    onlyNamed: true,
    edits: (_file, _system, { place }) =>
      valueAt(place, /(?:["']?anonymous-auth["']?:[ \t]*)?["']?(true|True|TRUE|1|t|T)\b/, "false"),
  },

  check(file) {
    return onMachine(file, (machine) => {
      const server = controlPlaneOf(file);
      return all(
        isJudgement(server) ? notApplicable("it is a worker") : judgeServer(server),
        forbidAny(argumentsNamed(machine.kubeletArguments, "anonymous-auth"), judgeKubelet, {
          what: "the list of the kubelet's arguments",
          none: "nothing switches anonymous requests to the kubelet on",
        }),
      );
    });
  },
});

function judgeServer(machine: Parameters<typeof demandOf>[1]): Judgement {
  const judgement = demandOf(machine.anonymousApi, machine, (state) => state !== "on", {
    what: "what the API server answers without a name",
    show: (state) => ({ off: "nothing", health: "checks of its health alone", on: "every request" })[state],
    detail: "API server",
  });
  return judgement.verdict === "fail" ? { ...judgement, severity: "medium" } : judgement;
}

function judgeKubelet({ value, place }: TalosArgument): Judgement | undefined {
  if (value.kind === "unknown")
    return cannotTell("whether the kubelet answers without a name", value.why, { place, detail: "kubelet" });
  if (value.kind !== "stated") return undefined;
  const on = booleanOfFlag(value.value);
  if (on === undefined)
    return cannotTell("whether the kubelet answers without a name", "`anonymous-auth` is neither true nor false", {
      place,
      detail: "kubelet",
    });
  return on
    ? fail("the kubelet answers requests without a name (`anonymous-auth=true`)", { place, detail: "kubelet" })
    : undefined;
}
