import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { AnySubject, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { notApplicable } from "../judge.ts";
import { type NodeAgent, nodeAgentOf } from "./node-agents.ts";

/**
 * Programs that hold a power over their node by what they are for, beside those on its network (`node-agents.ts`), by
 * the end of their image's repository. For each its own manifests ask for it.
 *
 * Sources: `chart/templates/daemonset-sa.yaml` of Longhorn (privileged, /dev, /proc), `manifests/generic-device-plugin.yaml`
 * (privileged, /dev), `deployments/gpu_plugin/base` of Intel's device plugins and `deployments/static` of NVIDIA's
 * (the kubelet's device plugins), the DaemonSets in the charts of Spegel (containerd's socket) and of
 * prometheus-smartctl-exporter (privileged, /dev).
 */
const parts: ReadonlyMap<string, NodeAgent> = new Map(
  (
    [
      ["Longhorn", "it makes volumes of the node's disks", "longhornio/longhorn-manager"],
      ["a device plugin", "it hands the node's devices to pods", "squat/generic-device-plugin intel/intel-gpu-plugin"],
      ["a device plugin", "it hands the node's devices to pods", "nvidia/k8s-device-plugin"],
      ["Spegel", "it shares the images of the node's engine", "spegel-org/spegel"],
      ["smartctl-exporter", "it reads the health of the node's disks", "prometheuscommunity/smartctl-exporter"],
    ] as const
  ).flatMap(([name, why, images]) => images.split(" ").map((image) => [image, { name, why }] as const)),
);

/** What a workload of a cluster is to its node, where it is a part of it; undefined for any other. */
export function nodePartOf(workload: Workload, system: System): NodeAgent | undefined {
  if (workload.platform !== "kubernetes") return undefined;
  const agent = nodeAgentOf(workload, system);
  if (agent !== undefined) return agent;
  for (const container of system.containersOf(workload)) {
    const image = container.image === undefined ? undefined : system.get(container.image);
    const repository = image === undefined ? undefined : knownValue(image.reference)?.repository.toLowerCase();
    const found = repository === undefined ? undefined : parts.get(repository.split("/").slice(-2).join("/"));
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * A power over its node is nothing to report of what is a part of it: whoever runs it has decided, and what it has stands
 * in the finding of workload.pod-security-baseline. For all others the judgement as it is.
 */
export function unlessNodePart(
  judged: Judgement | readonly Judgement[],
  subject: AnySubject,
  system: System,
): Judgement | readonly Judgement[] {
  if (subject.platform !== "kubernetes" || [judged].flat().every(({ verdict }) => verdict !== "fail")) return judged;
  const workload = system.workloadOf(subject);
  const part = workload === undefined ? undefined : nodePartOf(workload, system);
  return part === undefined ? judged : notApplicable(partly(part));
}

/** Why something is not asked of it: `Cilium is a part of its node: it makes the network of the pods`. */
export function partly({ name, why }: NodeAgent): string {
  return `${name} is a part of its node: ${why}`;
}
