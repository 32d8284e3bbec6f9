import { knownValue } from "../../facts/fact.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** What a program does for its node that it needs the node's own network for. */
export interface NodeAgent {
  readonly name: string;
  readonly why: string;
}

const plumbing = "it makes the network of the pods";
const storage = "it mounts volumes for the node";
const figures = "it measures the node's own network";
const addresses = "it announces addresses for the node";
const control = "it is a part of the control plane";

/**
 * Programs that belong on a node's own network, by the end of their image's repository. For each its own installation
 * manifests, or the default of its chart, set `hostNetwork: true`.
 *
 * Sources: the manifests or charts of Cilium 1.18, Calico 3.30, Flannel 0.27, kube-router 2.5, Antrea 2.3, Kube-OVN 1.14,
 * Multus 4.2, Weave 2.8; kube-proxy and the control plane as kubeadm 1.36 lays them out; the node plugins of Ceph CSI,
 * csi-driver-nfs, csi-driver-smb, democratic-csi, OpenEBS, Longhorn; node-exporter (kube-prometheus-stack 75), Tetragon
 * 1.5, Falco 6, MetalLB 0.15 (speaker), kube-vip 0.9, node-local-dns, Talos' own cloud controller, Netdata.
 */
const rows: readonly (readonly [agent: string, why: string, images: string])[] = [
  [
    "Cilium",
    plumbing,
    "cilium/cilium cilium/cilium-envoy cilium/operator-generic cilium/operator cilium/startup-script",
  ],
  ["Calico", plumbing, "calico/node calico/typha tigera/operator calico/windows"],
  ["Flannel", plumbing, "flannel-io/flannel flannel/flannel rancher/mirrored-flannelcni-flannel"],
  ["kube-router", plumbing, "cloudnativelabs/kube-router"],
  ["Antrea", plumbing, "antrea/antrea-agent-ubuntu antrea/antrea-controller-ubuntu antrea/antrea-ubuntu"],
  ["Kube-OVN", plumbing, "kubeovn/kube-ovn"],
  ["Multus", plumbing, "k8snetworkplumbingwg/multus-cni"],
  ["Weave Net", plumbing, "weaveworks/weave-kube weaveworks/weave-npc"],
  ["kube-proxy", plumbing, "kube-proxy"],
  ["the API server", control, "kube-apiserver"],
  ["the controller manager", control, "kube-controller-manager"],
  ["the scheduler", control, "kube-scheduler"],
  ["etcd", control, "coreos/etcd etcd-development/etcd registry.k8s.io/etcd"],
  [
    "the cloud controller",
    control,
    "siderolabs/talos-cloud-controller-manager openstack-cloud-controller-manager hcloud-cloud-controller-manager",
  ],
  ["Ceph CSI", storage, "cephcsi/cephcsi csiaddons/k8s-sidecar"],
  [
    "a CSI driver",
    storage,
    "sig-storage/nfsplugin sig-storage/smbplugin democratic-csi/democratic-csi democraticcsi/democratic-csi sig-storage/iscsiplugin synology/synology-csi smb-csi-driver openebs/lvm-driver openebs/zfs-driver openebs/mayastor-io-engine longhornio/longhorn-instance-manager",
  ],
  ["node-exporter", figures, "prometheus/node-exporter prom/node-exporter bitnami/node-exporter"],
  ["Netdata", figures, "netdata/netdata"],
  ["Tetragon", figures, "cilium/tetragon"],
  ["Falco", figures, "falcosecurity/falco falcosecurity/falco-no-driver"],
  ["the node problem detector", figures, "node-problem-detector/node-problem-detector"],
  ["MetalLB's speaker", addresses, "metallb/speaker frrouting/frr metallb/frr-k8s"],
  ["kube-vip", addresses, "kube-vip/kube-vip kube-vip/kube-vip-iptables"],
  ["Keepalived", addresses, "osixia/keepalived keepalived/keepalived"],
  ["NodeLocal DNSCache", "it answers for names on the node", "dns/k8s-dns-node-cache"],
];

const byImage = new Map(
  rows.flatMap(([name, why, images]) => images.split(" ").map((image) => [image, { name, why }] as const)),
);

/**
 * The agent of the node that a workload of a cluster is, as its containers' images tell; undefined for any other. Those
 * beside it in the pod (a registrar, a metrics sidecar) do not count.
 */
export function nodeAgentOf(workload: Workload, system: System): NodeAgent | undefined {
  for (const container of system.containersOf(workload)) {
    const image = container.image === undefined ? undefined : system.get(container.image);
    const repository = image === undefined ? undefined : knownValue(image.reference)?.repository.toLowerCase();
    if (repository === undefined) continue;
    const parts = repository.split("/");
    const found = byImage.get(parts.slice(-2).join("/")) ?? byImage.get(parts.at(-1) ?? "");
    if (found !== undefined) return found;
  }
  return undefined;
}
