/**
 * How severe a fixture's findings are where that is not the control's own severity, worst first. What an attacker can use
 * is high or critical, whatever the control says of most cases, and what nobody at home can do without is low.
 */
import type { Ring } from "../../contracts/verdict.ts";

/**
 * The rings of which every fixture that fails is held to a severity: the control's own where it does not stand here. How
 * bad a secret in a file is hangs on whether Git has the file, which differs between a clone and an unpacked archive.
 */
export const ringsHeldToSeverities: ReadonlySet<Ring> = new Set(["network", "workload", "data", "detection"]);

export const fixtureSeverities: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "data.etcd-encrypted": {
    "fail.k3s-says-nothing": "low",
    "fail.kubeadm-says-nothing.yaml": "low",
    "fail.rke2-policy-without-a-name": "low",
    "fail.old-cipher": "low",
    "fail.static-pod-says-nothing.yaml": "low",
  },
  "data.snapshots-scheduled": {
    "fail.system-without-volume.tf": "info",
  },
  "data.volume-mode-tight": {
    "fail.world-writable.tf": "medium",
  },
  "detection.alert-mail-encrypted": {
    "fail.for-every-receiver": "medium",
  },
  "detection.alerts-loaded": {
    "fail.rules-without-disk": "low",
  },
  "detection.cluster-audited": {
    "fail.kubeadm-says-nothing.yaml": "low",
    "fail.rke2-policy-without-a-name": "low",
  },
  "detection.ssh-logged": {
    "fail.debug.sshd_config": "low",
  },
  "network.control-plane-inside": {
    "fail.api-server-of-old.yaml": "critical medium",
    "fail.k3s-exposes-metrics": "low",
    "fail.metrics-of-etcd": "low",
    "fail.metrics-of-kube-proxy.yaml": "low",
  },
  "network.datastore-unpublished": {
    "fail.pod-on-the-tailnet.yaml": "medium",
  },
  "network.default-deny-set": {
    "fail.egress-open.yaml": "low",
    "fail.policies-may-be-elsewhere": "low",
  },
  "network.engine-api-verified": {
    "fail.engine-of-a-container": "high",
  },
  "network.engine-firewall-kept": {
    "fail.no-rules-for-ipv6": "low",
  },
  "network.machine-firewall-on": {
    "fail.api-for-everybody.yaml": "medium",
  },
  "network.only-proxy-publishes": {
    "fail.name-server-on-a-public-address.yaml": "low",
    "fail.game-server.yaml": "low",
    "fail.incus-range-of-ports.tf": "medium low",
    "fail.one-address.yaml": "low",
    "fail.pod-load-balancer.yaml": "low",
    "fail.protocols-that-no-proxy-speaks.yaml": "low",
  },
  "network.plaintext-unpublished": {
    "fail.mail-starttls.yaml": "medium",
    "fail.mail-submission-stalwart.yaml": "medium",
  },
  "network.policy-rule-narrow": {
    "fail.egress-to-everybody.yaml": "info",
    "fail.all-addresses.yaml": "low",
    "fail.cilium-world.yaml": "low",
    "fail.every-namespace.yaml": "low",
    "fail.kubernetes-empty-rule.yaml": "low",
  },
  "network.provider-connection-verified": {
    "fail.first-answer-trusted.tf": "low",
  },
  "network.upstreams-verified": {
    "fail.not-asked-for.nginx.conf": "low",
  },
  "network.zones-separated": {
    "fail.incus-acl-lets-all-in.tf": "high medium",
    "fail.incus-acl-lets-everybody-in.tf": "medium",
    "fail.incus-ovn-peers.tf": "medium",
    "fail.incus-routes-between-bridges.tf": "high medium",
    "fail.incus-routing-off-for-ipv4-alone.tf": "high medium",
  },
  "workload.capabilities-added-few": {
    "fail.locks-memory-of-another-program.yaml": "low",
    "fail.traces-its-own-processes.yaml": "low",
    "fail.traces-the-hosts-processes.yaml": "high",
    "fail.vpn-program.yaml": "low",
    "fail.all.yaml": "high",
    "fail.kernel-modules.yaml": "high low",
    "fail.pod-adds-administrator.yaml": "high",
    "fail.prefixed.yaml": "high",
  },
  "workload.development-mode-off": {
    "fail.entrypoint-with-a-variable.yaml": "high",
    "fail.flask.yaml": "low",
    "fail.nomad-beside-an-unknown-word.yaml": "high",
    "fail.vault-server-dev.yaml": "high",
    "fail.vault-without-a-command.yaml": "high",
  },
  "workload.devices-unexposed": {
    "fail.disk.yaml": "high",
    "fail.graphics.yaml": "low",
    "fail.incus-disk-device.tf": "high",
  },
  "workload.engine-proxy-filters": {
    "fail.cetusguard-rule.yaml": "medium",
  },
  "workload.engine-socket-unmounted": {
    "fail.socket-proxy-is-judged-too.yaml": "low",
  },
  "workload.exposure-contained": {
    "fail.behind-two-factors": "medium",
    "fail.incus-network-made-elsewhere.tf": "high",
  },
  "workload.host-paths-unmounted": {
    "fail.whole-var.yaml": "critical",
    "fail.by-a-persistent-volume.yaml": "critical",
    "fail.clock-writable.yaml": "low",
    "fail.engine-data.yaml": "critical",
    "fail.etc-writable.yaml": "critical",
    "fail.incus-host-root-mapped.tf": "critical",
    "fail.incus-node-exporter.tf": "low",
    "fail.incus-partition-in-container.tf": "medium",
    "fail.incus-shifted-etc.tf": "critical",
    "fail.keys-for-mail.yaml": "low",
    "fail.path-that-a-patch-sets": "critical",
    "fail.pod-kubelet.yaml": "critical",
    "fail.pod-sub-path.yaml": "critical",
  },
  "workload.image-permissions-tight": {
    "fail.mode-777.Dockerfile": "low",
    "fail.stage-that-a-variable-names.Dockerfile": "low",
  },
  "workload.image-user-unprivileged": {
    "fail.argument-is-root.Dockerfile": "low",
    "fail.base-decides.Containerfile": "low",
    "fail.drops-root-after-the-start.Dockerfile": "low",
    "fail.scratch-and-root-stated.Dockerfile": "low",
  },
  "workload.machine-kernel-hardened": {
    "fail.sysctl-of-a-patch.yaml": "low",
  },
  "workload.machine-start-permissions-tight": {
    "fail.set-user-id": "medium",
  },
  "workload.namespace-level-enforced": {
    "fail.no-label.yaml": "info",
    "fail.only-warned.yaml": "info",
    "fail.privileged.yaml": "info",
  },
  "workload.nested-engine-absent": {
    "fail.rootless.yaml": "low",
  },
  "workload.pod-security-baseline": {
    "fail.selinux-user.yaml": "medium",
    "fail.windows-host-process.yaml": "high",
  },
  "workload.pod-security-defaulted": {
    "fail.kubeadm-says-nothing.yaml": "low",
    "fail.rke2-policy-without-a-name": "low",
  },
  "workload.raw-options-safe": {
    "fail.own-apparmor-rules.tf": "low",
    "fail.root-mapped.tf": "high",
    "fail.the-notorious-three.tf": "high",
  },
  "workload.seccomp-confined": {
    "fail.pod-not-stated.yaml": "info",
  },
  "workload.selinux-confined": {
    "fail.holds-the-socket.yaml": "low",
  },
  "workload.user-unprivileged": {
    "fail.drops-by-itself.yaml": "low",
    "fail.hook-as-root.yaml": "low",
    "fail.incus-oci-root.tf": "low",
  },
};
