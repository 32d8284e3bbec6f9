/**
 * What the control plane tells without asking who wants to know should not be told to the whole network.
 *
 * Reads:  repository-file.configuration (Talos: arguments of kubelet and etcd)
 * Passes: the kubelet's read-only port is closed, and etcd's metrics are served to the machine itself.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { TalosArgument } from "../../facts/configuration/talos.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { all, cannotTell, fail, forbidAny } from "../judge.ts";
import { argumentsNamed, onMachine } from "../knowledge/talos.ts";

export const controlPlaneInside = defineControl({
  id: "network.control-plane-inside",
  on: "repository-file",
  software: ["talos"],
  severity: "medium",
  title: "Kubelet and etcd serve nothing without asking who calls",
  claim: "No port of the kubelet or etcd tells anything to callers without a name.",
  threat:
    "Whoever reaches the machines' network, a pod too, reads what runs where, with the variables of every pod, or how the database is doing.",
  remedy:
    "Take `read-only-port` out of the kubelet's `extraArgs`. For metrics of etcd name the machine's own address in `listen-metrics-urls`, and close the port to all but the collector with a NetworkRuleConfig.",
  judged:
    "Fails medium for a kubelet's `read-only-port` other than 0, low for etcd's `listen-metrics-urls` on every address without TLS. Nothing stated passes: Talos opens neither.",
  frameworks: {
    cisKubernetes: ["4.2.4"],
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
      detail === "kubelet" ? valueAt(place, /["']?read-only-port["']?:[ \t]*["']?(\d+)/, "0") : undefined,
  },

  check(file) {
    return onMachine(file, (machine) => {
      return all(
        forbidAny(argumentsNamed(machine.kubeletArguments, "read-only-port"), judgePort, {
          what: "the list of the kubelet's arguments",
          none: "the kubelet's read-only port is closed",
        }),
        forbidAny(argumentsNamed(machine.etcdArguments, "listen-metrics-urls"), judgeMetrics, {
          what: "the list of etcd's arguments",
          none: "etcd serves its metrics to nobody without a name",
        }),
      );
    });
  },
});

function judgePort({ value, place }: TalosArgument): Judgement | undefined {
  if (value.kind === "unknown")
    return cannotTell("the kubelet's read-only port", value.why, { place, detail: "kubelet" });
  return value.kind === "stated" && value.value !== "0" && value.value !== ""
    ? fail(`the kubelet's read-only port ${value.value} is open`, { place, detail: "kubelet" })
    : undefined;
}

function judgeMetrics({ value, place }: TalosArgument): Judgement | undefined {
  if (value.kind === "unknown")
    return cannotTell("where etcd serves its metrics", value.why, { place, detail: "etcd" });
  if (value.kind !== "stated" || !/http:\/\/(?:0\.0\.0\.0|\[::\])(?::|,|$)/.test(value.value)) return undefined;
  return fail("etcd serves its metrics on every address, without TLS and without asking who calls", {
    place,
    detail: "etcd",
    severity: "low",
  });
}
