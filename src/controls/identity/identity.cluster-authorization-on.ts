/**
 * `AlwaysAllow` makes an administrator of everybody who can sign in.
 *
 * Reads:  repository-file.configuration (flags of API server and kubelet in files of Talos, kubeadm, k3s and static pods;
 *         KubeletConfiguration)
 * Passes: neither allows every request.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import type { FactList } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { about, all, cannotTell, fail, forbidAny } from "../judge.ts";
import { clusterSoftware, inWordsOf, isWrittenPlainly, ofPart, onSettings } from "../knowledge/cluster-settings.ts";
import { argumentsNamed } from "../knowledge/talos.ts";

const inTools = {
  kubeadm:
    "Take `authorization-mode` out of `apiServer.extraArgs` (kubeadm gives `Node,RBAC`), and set `authorization.mode: Webhook` in the KubeletConfiguration.",
  k3s: "Take `authorization-mode` out of `kube-apiserver-arg` and `kubelet-arg`: k3s and RKE2 give `Node,RBAC` and `Webhook`.",
  component:
    "Start the API server with `--authorization-mode=Node,RBAC`, and set `authorization.mode: Webhook` in the KubeletConfiguration.",
};

export const clusterAuthorizationOn = defineControl({
  id: "identity.cluster-authorization-on",
  on: "repository-file",
  software: clusterSoftware,
  severity: "critical",
  title: "API server and kubelet ask whether a request is allowed",
  claim: "No request to the API server or a kubelet is allowed because it was made.",
  threat:
    "Every account of the cluster, the one in each pod too, reads all Secrets and runs commands in every container.",
  remedy:
    "Take `AlwaysAllow` out of `authorization-mode`; Talos's own is `Node,RBAC` for the API server and `Webhook` for the kubelet.",
  judged:
    "Fails when `authorization-mode` of the API server or the kubelet has `AlwaysAllow`, and when the flags of a static pod have neither `authorization-mode` nor `authorization-config`, for then the API server's own default counts, which is that. Nothing stated in files of Talos, kubeadm, k3s and in a KubeletConfiguration passes: each gives `Node,RBAC` and `Webhook`. Unknown when it cannot be told.",
  frameworks: {
    cisKubernetes: ["4.2.2", "1.2.6"],
    nsaKubernetes: ["rbac", "control-plane"],
    owaspKubernetes: ["K02"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["W9", "A10"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Requests are allowed by what roles say, and by nothing else.",
    onlyNamed: true,
    edits: (file, _system, { place, detail }) =>
      isWrittenPlainly(file)
        ? valueAt(
            place,
            /(?:["']?(?:--[\w-]{1,40}=)?(?:authorization-mode|mode|value)["']?[:=][ \t]*)?["']?([\w,]*AlwaysAllow[\w,]*)/,
            detail === "the kubelet" ? "Webhook" : "Node,RBAC",
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
            { cisKubernetes: ["1.2.6"] },
            ofPart(settings, "API server", ({ apiServerArguments }) => judgeAll(apiServerArguments, "the API server")),
          ),
          about(
            { cisKubernetes: ["4.2.2"] },
            ofPart(settings, "kubelet", ({ kubeletArguments }) => judgeAll(kubeletArguments, "the kubelet")),
          ),
        ),
      ),
    );
  },
});

function judgeAll(flags: FactList<ComponentArgument>, who: string): readonly Judgement[] {
  return forbidAny(argumentsNamed(flags, "authorization-mode"), (flag) => judge(flag, who), {
    what: `the list of ${who}'s arguments`,
    none: `${who} asks whether a request is allowed`,
  });
}

function judge({ value, place }: ComponentArgument, who: string): Judgement | undefined {
  // Hardly anybody has a template fill in that everything is allowed.
  if (value.kind === "unknown")
    return cannotTell(`what ${who} allows`, value.why, { place, detail: who, severity: "medium" });
  if (value.kind === "unstated" || !/(?:^|,)\s*AlwaysAllow\s*(?:,|$)/.test(value.value)) return undefined;
  return value.kind === "stated"
    ? fail(`${who} allows every request (\`authorization-mode=${value.value}\`)`, { place, detail: who })
    : fail(`${who} allows every request: \`authorization-mode\` is not stated, and the default is ${value.value}`, {
        place,
        detail: who,
      });
}
