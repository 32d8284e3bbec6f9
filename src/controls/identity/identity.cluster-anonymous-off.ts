/**
 * Who does not say who they are should get nothing.
 *
 * Reads:  repository-file.configuration (flags of API server and kubelet in files of Talos, kubeadm, k3s and static pods;
 *         KubeAuthenticationConfig, KubeletConfiguration)
 * Passes: neither answers requests without a name, checks of health apart.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ClusterSettings, ComponentArgument } from "../../facts/configuration/cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { about, all, cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";
import {
  clusterSoftware,
  inWordsOf,
  isWrittenPlainly,
  ofPart,
  onSettings,
  refusesNameless,
} from "../knowledge/cluster-settings.ts";
import { argumentsNamed, demandOf } from "../knowledge/talos.ts";

const inTools = {
  kubeadm:
    "Take `anonymous-auth` out of the kubelet's `kubeletExtraArgs` and `authentication.anonymous` out of the KubeletConfiguration: kubeadm has it off.",
  k3s: "Take `anonymous-auth=true` out of `kubelet-arg` and `kube-apiserver-arg`: k3s and RKE2 have it off.",
  component: "Set `authentication.anonymous.enabled: false` in the KubeletConfiguration, which is its default.",
};

export const clusterAnonymousOff = defineControl({
  id: "identity.cluster-anonymous-off",
  on: "repository-file",
  software: clusterSoftware,
  severity: "high",
  title: "API server and kubelet refuse anonymous requests",
  claim: "Nobody without a name gets an answer from the API server or a kubelet.",
  threat:
    "Whoever reaches a kubelet that answers anybody runs commands in its containers; an API server that does tells its version and whatever a careless role gives to everybody.",
  remedy:
    'Take `anonymous-auth: "true"` out of `extraArgs`, or limit it to the paths of health checks (KubeAuthenticationConfig).',
  judged:
    "Talos, k3s and RKE2 start both with anonymous requests off, kubeadm the kubelet. Fails for a kubelet where a flag or its KubeletConfiguration switches them on: high where it allows everything too or that cannot be told, medium where roles are asked. Fails medium for the API server of Talos, k3s or RKE2 that is told to answer; elsewhere answering is Kubernetes' own default, which needs no finding while roles are asked. Anonymous requests for `/livez`, `/readyz` and `/healthz` alone pass.",
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
    edits: (file, _system, { place }) =>
      isWrittenPlainly(file)
        ? valueAt(
            place,
            /(?:["']?(?:anonymous-auth|enabled|value)["']?[:=][ \t]*)?["']?(true|True|TRUE|1|t|T)\b/,
            "false",
          )
        : undefined,
  },

  check(file) {
    return inWordsOf(
      file,
      inTools,
      onSettings(file, (settings) =>
        all(
          about(
            { cisKubernetes: ["1.2.1"] },
            ofPart(settings, "API server", (server) => judgeServer(server, refusesNameless(file))),
          ),
          about({ cisKubernetes: ["4.2.1"] }, ofPart(settings, "kubelet", judgeKubelets)),
        ),
      ),
    );
  },
});

function judgeServer(settings: ClusterSettings, refuses: boolean): Judgement {
  if (!refuses && knownValue(settings.anonymousApi) !== "off" && knownValue(settings.anonymousApi) !== "health")
    return notApplicable("Kubernetes answers requests without a name by default, and roles decide what they get");
  const judgement = demandOf(settings.anonymousApi, settings, (state) => state !== "on", {
    what: "what the API server answers without a name",
    show: (state) => ({ off: "nothing", health: "checks of its health alone", on: "every request" })[state],
    detail: "API server",
  });
  return judgement.verdict === "fail" ? { ...judgement, severity: "medium" } : judgement;
}

function judgeKubelets({ kubeletArguments }: ClusterSettings): readonly Judgement[] {
  const modes = argumentsNamed(kubeletArguments, "authorization-mode");
  // Who is let in without a name is still asked what they may, unless the kubelet allows everything.
  const asks =
    modes.complete && modes.items.every(({ value }) => !/AlwaysAllow/.test(knownValue(value) ?? "AlwaysAllow"));
  return forbidAny(argumentsNamed(kubeletArguments, "anonymous-auth"), (flag) => judgeKubelet(flag, asks), {
    what: "the list of the kubelet's arguments",
    none: "nothing switches anonymous requests to the kubelet on",
  });
}

function judgeKubelet({ value, place }: ComponentArgument, asks: boolean): Judgement | undefined {
  if (value.kind === "unknown")
    return cannotTell("whether the kubelet answers without a name", value.why, { place, detail: "kubelet" });
  if (value.kind === "unstated") return undefined;
  const on = booleanOfFlag(value.value);
  if (on === undefined)
    return cannotTell("whether the kubelet answers without a name", "`anonymous-auth` is neither true nor false", {
      place,
      detail: "kubelet",
    });
  if (!on) return undefined;
  const extras = { place, detail: "kubelet", severity: asks ? "medium" : "high" } as const;
  return asks
    ? fail("the kubelet takes requests without a name, and only roles keep them from its containers", extras)
    : fail("the kubelet answers requests without a name, and allows everything", extras);
}
