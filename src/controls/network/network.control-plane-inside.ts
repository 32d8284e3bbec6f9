/**
 * What the control plane tells without asking who wants to know should not be told to the whole network.
 *
 * Reads:  repository-file.configuration (flags of API server, kubelet, etcd and kube-proxy in files of Talos, kubeadm, k3s
 *         and static pods; KubeletConfiguration, KubeProxyConfiguration)
 * Passes: the kubelet's read-only port and the API server's port without a login are closed, and the metrics of etcd and
 *         kube-proxy are served to the machine itself.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { isLoopback } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { about, all, cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";
import { clusterSoftware, inWordsOf, ofPart, onSettings } from "../knowledge/cluster-settings.ts";
import { argumentsNamed } from "../knowledge/talos.ts";

const inTools = {
  kubeadm:
    "Take `readOnlyPort` out of the KubeletConfiguration, `insecure-port` out of `apiServer.extraArgs`; name the machine's own address in etcd's `listen-metrics-urls` and kube-proxy's `metricsBindAddress`, and let the collector alone reach it.",
  k3s: "Take `read-only-port` out of `kubelet-arg`, and `etcd-expose-metrics` and `metrics-bind-address` out unless a firewall lets the collector alone reach ports 2381 and 10249.",
  component:
    "Set `readOnlyPort: 0` in the KubeletConfiguration and take `--insecure-port` out of the API server's flags; let etcd's and kube-proxy's metrics be served on the machine's own address to the collector alone.",
};

export const controlPlaneInside = defineControl({
  id: "network.control-plane-inside",
  on: "repository-file",
  software: clusterSoftware,
  severity: "medium",
  title: "The control plane serves nothing without asking who calls",
  claim:
    "No port of the API server, the kubelet, etcd or kube-proxy tells anything to callers without a name, requests to the API server's own port apart.",
  threat:
    "Whoever reaches the machines' network, a pod too, reads what runs where, with the variables of every pod, or how the database is doing.",
  remedy:
    "Take `read-only-port` out of the kubelet's `extraArgs`. For metrics of etcd name the machine's own address in `listen-metrics-urls`, and close the port to all but the collector with a NetworkRuleConfig.",
  judged:
    "Fails medium for a kubelet's `read-only-port` other than 0, low for etcd's `listen-metrics-urls` on every address without TLS (`etcd-expose-metrics` of k3s) and kube-proxy's `metricsBindAddress` on every address; medium for the API server's `insecure-port`, critical with an `insecure-bind-address` that is not loopback (Kubernetes up to 1.19 opens it). Nothing stated passes: Talos, kubeadm, k3s and a KubeletConfiguration open none.",
  frameworks: {
    cisKubernetes: ["4.2.4", "4.3.1"],
    nsaKubernetes: ["control-plane", "etcd-encryption"],
    owaspKubernetes: ["K06"],
    nistCsf: ["PR.IR-01"],
    coverage: ["W9"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Whoever read figures at the kubelet's port without a name has to use its other port, with one.",
    onlyNamed: true,
    edits: (_file, _system, { place, detail }) =>
      detail === "kubelet"
        ? valueAt(place, /["']?(?:read-only-port|readOnlyPort)["']?[:=][ \t]*["']?(\d+)/, "0")
        : undefined,
  },

  check(file) {
    return inWordsOf(
      file,
      inTools,
      onSettings(file, (settings) =>
        all(
          about(
            { cisKubernetes: [] },
            ofPart(settings, "API server", ({ apiServerArguments }) =>
              forbidAny(argumentsNamed(apiServerArguments, "insecure-port", "insecure-bind-address"), judgeInsecure, {
                what: "the list of the API server's arguments",
                none: "the API server has no port without a login",
              }),
            ),
          ),
          about(
            { cisKubernetes: ["4.2.4"] },
            ofPart(settings, "kubelet", ({ kubeletArguments }) =>
              forbidAny(argumentsNamed(kubeletArguments, "read-only-port"), judgePort, {
                what: "the list of the kubelet's arguments",
                none: "the kubelet's read-only port is closed",
              }),
            ),
          ),
          about(
            { cisKubernetes: [] },
            ofPart(settings, "etcd", ({ etcdArguments }) =>
              forbidAny(argumentsNamed(etcdArguments, "listen-metrics-urls", "etcd-expose-metrics"), judgeMetrics, {
                what: "the list of etcd's arguments",
                none: "etcd serves its metrics to nobody without a name",
              }),
            ),
          ),
          about(
            { cisKubernetes: ["4.3.1"] },
            ofPart(settings, "kube-proxy", () => judgeProxy(file)),
          ),
        ),
      ),
    );
  },
});

/** A port that asks nobody for a name, up to Kubernetes 1.19; since then the server refuses to start with one. */
function judgeInsecure({ name, value, place }: ComponentArgument): Judgement | undefined {
  const extras = { place, detail: name };
  if (value.kind === "unknown") return cannotTell(`\`${name}\` of the API server`, value.why, extras);
  const text = knownValue(value);
  if (text === undefined || text === "") return undefined;
  if (name === "insecure-port")
    return text === "0" ? undefined : fail(`the API server's port ${text} asks nobody for a login`, extras);
  return isLoopback(text)
    ? undefined
    : fail(`the API server's port without a login is opened at ${text}`, { ...extras, severity: "critical" });
}

function judgeProxy({ configuration }: RepositoryFile): Judgement | readonly Judgement[] {
  if (configuration?.software !== "cluster") return notApplicable("it says nothing of kube-proxy");
  return forbidAny(argumentsNamed(configuration.proxyArguments, "metrics-bind-address"), judgeProxyMetrics, {
    what: "the list of kube-proxy's settings",
    none: "kube-proxy serves its metrics to the machine itself",
  });
}

function judgeProxyMetrics({ value, place }: ComponentArgument): Judgement | undefined {
  const extras = { place, detail: "kube-proxy", severity: "low" } as const;
  if (value.kind === "unknown") return cannotTell("where kube-proxy serves its metrics", value.why, extras);
  return /^(?:0\.0\.0\.0|\[?::\]?)(?::\d+)?$/.test(knownValue(value) ?? "")
    ? fail("kube-proxy serves its metrics on every address, without TLS and without asking who calls", extras)
    : undefined;
}

function judgePort({ value, place }: ComponentArgument): Judgement | undefined {
  if (value.kind === "unknown")
    return cannotTell("the kubelet's read-only port", value.why, { place, detail: "kubelet" });
  return value.kind === "stated" && value.value !== "0" && value.value !== ""
    ? fail(`the kubelet's read-only port ${value.value} is open`, { place, detail: "kubelet" })
    : undefined;
}

function judgeMetrics({ name, value, place }: ComponentArgument): Judgement | undefined {
  const extras = { place, detail: "etcd", severity: "low" } as const;
  if (value.kind === "unknown") return cannotTell("to whom etcd serves its metrics", value.why, extras);
  const text = knownValue(value) ?? "";
  if (name === "etcd-expose-metrics")
    return booleanOfFlag(text) === true
      ? fail("etcd serves its metrics on the machine's own address, without TLS and without asking who calls", extras)
      : undefined;
  return /http:\/\/(?:0\.0\.0\.0|\[::\])(?::|,|$)/.test(text)
    ? fail("etcd serves its metrics on every address, without TLS and without asking who calls", extras)
    : undefined;
}
