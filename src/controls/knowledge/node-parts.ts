import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { AnySubject, Container, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { notApplicable } from "../judge.ts";
import {
  type Agents,
  agentIn,
  agentOfAll,
  agentsOf,
  isCompanion,
  type NodeAgent,
  networkAgents,
} from "./node-agents.ts";

/**
 * Programs that hold a power over their node by what they are for, with those on its network (`node-agents.ts`), by the
 * registry and repository that their own project publishes to. For each its own manifests ask for it.
 *
 * Sources: `chart/templates/daemonset-sa.yaml` of Longhorn (privileged, /dev, /proc), `manifests/generic-device-plugin.yaml`
 * (privileged, /dev), `deployments/gpu_plugin/base` of Intel's device plugins and `deployments/static` of NVIDIA's
 * (the kubelet's device plugins), the DaemonSets in the charts of Spegel (containerd's socket) and of
 * prometheus-smartctl-exporter (privileged, /dev), `kured-ds.yaml` of kured 1.20 (privileged, the host's processes),
 * the node agent that `velero install` makes (the volumes of all pods), `deploy/kubernetes/hcloud-csi.yml` of Hetzner's CSI
 * driver (privileged, /dev, the kubelet's folder).
 */
const parts: Agents = new Map([
  ...networkAgents,
  ...agentsOf([
    [
      "Longhorn",
      "it makes volumes of the node's disks",
      "docker.io/longhornio/longhorn-manager docker.io/longhornio/longhorn-engine docker.io/longhornio/longhorn-share-manager",
    ],
    [
      "a device plugin",
      "it hands the node's devices to pods",
      "docker.io/squat/generic-device-plugin ghcr.io/squat/generic-device-plugin docker.io/intel/intel-gpu-plugin nvcr.io/nvidia/k8s-device-plugin",
    ],
    [
      "kured",
      "it starts the node anew",
      "ghcr.io/kubereboot/kured docker.io/weaveworks/kured docker.io/raspbernetes/kured",
    ],
    ["Velero's node agent", "it backs up the volumes of the node's pods", "docker.io/velero/velero"],
    ["Hetzner's CSI driver", "it mounts volumes for the node", "docker.io/hetznercloud/hcloud-csi-driver"],
    ["Spegel", "it shares the images of the node's engine", "ghcr.io/spegel-org/spegel"],
    [
      "smartctl-exporter",
      "it reads the health of the node's disks",
      "quay.io/prometheuscommunity/smartctl-exporter docker.io/prometheuscommunity/smartctl-exporter",
    ],
  ]),
]);

/**
 * What a container or a whole workload is to its node, where it is a part of it; undefined for any other, and for one
 * that a Service or a route publishes: visitors are no part of a node.
 */
export function nodePartOf(subject: AnySubject, system: System): NodeAgent | undefined {
  if (subject.platform !== "kubernetes") return undefined;
  const workload = system.workloadOf(subject);
  if (workload === undefined || isPublished(workload, system)) return undefined;
  const container = containerOf(subject, system);
  if (container === undefined) return agentOfAll(workload, system, parts);
  return agentIn(container, system, parts) ?? besideAgent(container, workload, system);
}

function containerOf(subject: AnySubject, system: System): Container | undefined {
  if (subject.kind === "container") return subject;
  if (subject.kind !== "mount") return undefined;
  const owner = system.get(subject.owner);
  return owner?.kind === "container" ? owner : undefined;
}

/** What an agent's own manifests put beside it serves the agent. */
function besideAgent(container: Container, workload: Workload, system: System): NodeAgent | undefined {
  return isCompanion(container, system) ? agentOfAll(workload, system, parts) : undefined;
}

/** Whether a Service publishes one of its ports, or a route leads to it. */
function isPublished(workload: Workload, system: System): boolean {
  if (system.reach.exposure(workload).exposure === "proxied") return true;
  return system
    .ownedBy(workload.ref, "listener")
    .some(({ publishedBy, reach }) => publishedBy !== undefined && beyondCluster(knownValue(reach)));
}

function beyondCluster(reach: string | undefined): boolean {
  return reach === undefined || reach === "everywhere" || reach === "one-address";
}

/**
 * A power over its node is nothing to report of what is a part of it: whoever runs it has decided, and what it has stands
 * in the finding of workload.pod-security-baseline, which fails the same items of frameworks. For all others the
 * judgement as it is.
 */
export function unlessNodePart(
  judged: Judgement | readonly Judgement[],
  subject: AnySubject,
  system: System,
): Judgement | readonly Judgement[] {
  if (subject.platform !== "kubernetes" || [judged].flat().every(({ verdict }) => verdict !== "fail")) return judged;
  const part = nodePartOf(subject, system);
  return part === undefined ? judged : notApplicable(partly(part));
}

/** Why something is not asked of it: `Cilium is a part of its node: it makes the network of the pods`. */
export function partly({ name, why }: NodeAgent): string {
  return `${name} is a part of its node: ${why}`;
}
