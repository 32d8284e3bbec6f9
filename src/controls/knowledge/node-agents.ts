import { knownValue } from "../../facts/fact.ts";
import type { Container, ImageReference, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** What a program does for its node that it needs the node's own network, or a power over it, for. */
export interface NodeAgent {
  readonly name: string;
  readonly why: string;
}

/** What a program does, and the images under which its project publishes it. */
export type AgentRow = readonly [agent: string, why: string, images: string];

const plumbing = "it makes the network of the pods";
const storage = "it mounts volumes for the node";
const figures = "it measures the node's own network";
const addresses = "it announces addresses for the node";
const control = "it is a part of the control plane";

/**
 * Programs that belong on a node's own network, by the registry and repository that their own project publishes to. For
 * each its own installation manifests, or the default of its chart, set `hostNetwork: true`.
 *
 * Sources: the manifests or charts of Cilium 1.18, Calico 3.30, Flannel 0.27, kube-router 2.5, Antrea 2.3, Kube-OVN 1.14,
 * Multus 4.2, Weave 2.8; kube-proxy and the control plane as kubeadm 1.36 lays them out; the node plugins of Ceph CSI,
 * csi-driver-nfs, csi-driver-smb, democratic-csi, OpenEBS, Longhorn; node-exporter (kube-prometheus-stack 75), Tetragon
 * 1.5, Falco 6, MetalLB 0.15 (speaker), kube-vip 0.9, node-local-dns, Talos' own cloud controller, Netdata.
 */
const rows: readonly AgentRow[] = [
  [
    "Cilium",
    plumbing,
    "quay.io/cilium/cilium quay.io/cilium/cilium-envoy quay.io/cilium/operator-generic quay.io/cilium/operator quay.io/cilium/startup-script",
  ],
  [
    "Calico",
    plumbing,
    "docker.io/calico/node docker.io/calico/cni docker.io/calico/typha docker.io/calico/pod2daemon-flexvol docker.io/calico/csi docker.io/calico/node-driver-registrar quay.io/calico/node quay.io/calico/cni quay.io/calico/typha quay.io/calico/pod2daemon-flexvol quay.io/calico/csi quay.io/calico/node-driver-registrar quay.io/tigera/operator docker.io/rancher/mirrored-calico-node docker.io/rancher/hardened-calico",
  ],
  [
    "Flannel",
    plumbing,
    "ghcr.io/flannel-io/flannel ghcr.io/flannel-io/flannel-cni-plugin docker.io/flannel/flannel docker.io/flannel/flannel-cni-plugin quay.io/coreos/flannel docker.io/rancher/mirrored-flannelcni-flannel",
  ],
  ["kube-router", plumbing, "docker.io/cloudnativelabs/kube-router"],
  [
    "Antrea",
    plumbing,
    "docker.io/antrea/antrea-agent-ubuntu docker.io/antrea/antrea-controller-ubuntu docker.io/antrea/antrea-ubuntu",
  ],
  ["Kube-OVN", plumbing, "docker.io/kubeovn/kube-ovn"],
  ["Multus", plumbing, "ghcr.io/k8snetworkplumbingwg/multus-cni"],
  ["Weave Net", plumbing, "docker.io/weaveworks/weave-kube docker.io/weaveworks/weave-npc"],
  ["kube-proxy", plumbing, "registry.k8s.io/kube-proxy k8s.gcr.io/kube-proxy"],
  ["the API server", control, "registry.k8s.io/kube-apiserver k8s.gcr.io/kube-apiserver"],
  ["the controller manager", control, "registry.k8s.io/kube-controller-manager k8s.gcr.io/kube-controller-manager"],
  ["the scheduler", control, "registry.k8s.io/kube-scheduler k8s.gcr.io/kube-scheduler"],
  ["etcd", control, "registry.k8s.io/etcd k8s.gcr.io/etcd quay.io/coreos/etcd gcr.io/etcd-development/etcd"],
  [
    "the cloud controller",
    control,
    "ghcr.io/siderolabs/talos-cloud-controller-manager registry.k8s.io/provider-os/openstack-cloud-controller-manager docker.io/hetznercloud/hcloud-cloud-controller-manager",
  ],
  ["Ceph CSI", storage, "quay.io/cephcsi/cephcsi quay.io/csiaddons/k8s-sidecar"],
  [
    "a CSI driver",
    storage,
    "registry.k8s.io/sig-storage/nfsplugin registry.k8s.io/sig-storage/smbplugin registry.k8s.io/sig-storage/iscsiplugin docker.io/democraticcsi/democratic-csi ghcr.io/democratic-csi/democratic-csi docker.io/synology/synology-csi docker.io/openebs/lvm-driver docker.io/openebs/zfs-driver docker.io/openebs/mayastor-io-engine docker.io/longhornio/longhorn-instance-manager",
  ],
  [
    "node-exporter",
    figures,
    "quay.io/prometheus/node-exporter docker.io/prom/node-exporter docker.io/bitnami/node-exporter docker.io/bitnamilegacy/node-exporter",
  ],
  ["Netdata", figures, "docker.io/netdata/netdata ghcr.io/netdata/netdata quay.io/netdata/netdata"],
  ["Tetragon", figures, "quay.io/cilium/tetragon"],
  [
    "Falco",
    figures,
    "docker.io/falcosecurity/falco docker.io/falcosecurity/falco-no-driver docker.io/falcosecurity/falco-driver-loader docker.io/falcosecurity/falcoctl public.ecr.aws/falcosecurity/falco public.ecr.aws/falcosecurity/falco-no-driver public.ecr.aws/falcosecurity/falco-driver-loader",
  ],
  [
    "the node problem detector",
    figures,
    "registry.k8s.io/node-problem-detector/node-problem-detector k8s.gcr.io/node-problem-detector/node-problem-detector",
  ],
  [
    "MetalLB's speaker",
    addresses,
    "quay.io/metallb/speaker quay.io/metallb/frr-k8s quay.io/frrouting/frr docker.io/metallb/speaker",
  ],
  ["kube-vip", addresses, "ghcr.io/kube-vip/kube-vip ghcr.io/kube-vip/kube-vip-iptables docker.io/plndr/kube-vip"],
  ["Keepalived", addresses, "docker.io/osixia/keepalived"],
  [
    "NodeLocal DNSCache",
    "it answers for names on the node",
    "registry.k8s.io/dns/k8s-dns-node-cache k8s.gcr.io/dns/k8s-dns-node-cache",
  ],
];

/** Agents on the network of their node. */
export const networkAgents = agentsOf(rows);

/**
 * What the manifests of agents put beside them in the pod, of no power but what the agent's own work asks for: CSI's
 * registrars, proxies before figures, Falco's rules, the shell of democratic-csi's `cleanup`.
 */
const companions = agentsOf([
  [
    "CSI's sidecar",
    storage,
    "livenessprobe csi-node-driver-registrar csi-provisioner csi-attacher csi-resizer csi-snapshotter csi-external-health-monitor-controller"
      .split(" ")
      .flatMap((name) => [`registry.k8s.io/sig-storage/${name}`, `k8s.gcr.io/sig-storage/${name}`])
      .join(" "),
  ],
  ["the sidecar of a CSI driver", storage, "docker.io/democraticcsi/csi-grpc-proxy docker.io/library/busybox"],
  [
    "a sidecar",
    figures,
    "quay.io/brancz/kube-rbac-proxy gcr.io/kubebuilder/kube-rbac-proxy quay.io/prometheus-operator/prometheus-config-reloader quay.io/kiwigrid/k8s-sidecar docker.io/kiwigrid/k8s-sidecar registry.k8s.io/pause",
  ],
]);

/** Agents by the name of their image, from its registry on. */
export type Agents = ReadonlyMap<string, NodeAgent>;

export function agentsOf(listed: readonly AgentRow[]): Agents {
  return new Map(
    listed.flatMap(([name, why, images]) => images.split(" ").map((image) => [image, { name, why }] as const)),
  );
}

/** The agent of its node that one container is; undefined for any other. */
export function agentIn(container: Container, system: System, known: Agents): NodeAgent | undefined {
  const reference = referenceOf(container, system);
  return reference === undefined ? undefined : publishedAs(reference, known);
}

/** What a container of a pod is beside an agent: one that its manifests put there. */
export function isCompanion(container: Container, system: System): boolean {
  const reference = referenceOf(container, system);
  return reference !== undefined && publishedAs(reference, companions) !== undefined;
}

/**
 * The agent of the node that a workload of a cluster is: each of its containers is one, or stands beside it by the
 * agent's own manifests. Undefined for any other: what is no agent has the pod's network and namespaces as well.
 */
export function nodeAgentOf(workload: Workload, system: System): NodeAgent | undefined {
  return agentOfAll(workload, system, networkAgents);
}

/**
 * The agent among the containers of a pod, of which none is anything but an agent or beside one. Undefined where a
 * container may not be seen: it may be anything.
 */
export function agentOfAll(workload: Workload, system: System, known: Agents): NodeAgent | undefined {
  if (workload.kubernetes?.containerNames.complete !== true) return undefined;
  let found: NodeAgent | undefined;
  for (const container of system.containersOf(workload)) {
    // It is gone before the others start.
    if (container.kubernetes?.role === "init") continue;
    const agent = agentIn(container, system, known);
    if (agent === undefined && !isCompanion(container, system)) return undefined;
    found ??= agent;
  }
  return found;
}

function referenceOf(container: Container, system: System): ImageReference | undefined {
  const image = container.image === undefined ? undefined : system.get(container.image);
  return image === undefined ? undefined : knownValue(image.reference);
}

/**
 * What the project publishes under the name of an image. A mirror that keeps the whole name, with the project's registry
 * (`registry.local/quay.io/prometheus/node-exporter`), hands on the same; a name that only ends alike is somebody else's.
 */
function publishedAs({ registry, repository }: ImageReference, known: Agents): NodeAgent | undefined {
  const parts = `${registry}/${repository}`.toLowerCase().split("/");
  for (let from = 0; from < parts.length - 1; from++) {
    if (from > 0 && !parts[from]?.includes(".")) continue;
    const found = known.get(parts.slice(from).join("/"));
    if (found !== undefined) return found;
  }
  return undefined;
}
