import type { FrameworkItem } from "./item.ts";

const inCluster = "It is a setting or a habit of whoever runs the cluster, which no manifest shows.";

/** The recommendations of the NSA/CISA Kubernetes Hardening Guide v1.2, in its order; names and titles are ours. */
export const nsaKubernetesItems: readonly FrameworkItem[] = [
  { id: "non-root", title: "Containers run as users that are not root" },
  { id: "immutable-root", title: "Root file systems are immutable where possible" },
  {
    id: "image-scanning",
    title: "Images are scanned for vulnerabilities and misconfigurations",
    open: "Whether a pipeline scans is judged; the images themselves take a scanner.",
  },
  { id: "trusted-registries", title: "Images come from trusted registries, by version" },
  { id: "no-privileged", title: "No privileged containers" },
  { id: "no-host-namespaces", title: "No namespaces, ports or folders of the host" },
  { id: "no-escalation", title: "No escalation of privileges" },
  { id: "capabilities", title: "Capabilities are dropped" },
  { id: "hardening-services", title: "seccomp, AppArmor or SELinux confine containers" },
  { id: "pod-security-admission", title: "Pod Security admission or a policy engine enforces it" },
  { id: "service-account-tokens", title: "Service account tokens are mounted only where they are needed" },
  {
    id: "container-isolation",
    title: "Stronger isolation for what is exposed or untrusted",
    open: "Runtime classes are not resolved: what a class isolates by is configured on the nodes.",
  },
  { id: "network-policies", title: "Network policies separate, with default deny of ingress and egress" },
  { id: "namespaces", title: "Namespaces separate teams and applications" },
  { id: "resource-limits", title: "Limits and quotas bound what a pod and a namespace may use" },
  { id: "control-plane", title: "The control plane is hardened and not exposed" },
  { id: "etcd-encryption", title: "etcd is protected, and its data is encrypted" },
  {
    id: "kubeconfig-protection",
    title: "Kubeconfig files are protected",
    open: "Those in the folder are judged; those on people's machines are not seen.",
  },
  {
    id: "worker-segmentation",
    title: "Worker nodes are separated from what does not need them",
    open: "What is outside of the cluster is not in its manifests.",
  },
  { id: "encryption", title: "Traffic and secrets are encrypted" },
  { id: "secrets", title: "Secrets are kept as such, encrypted, and not in configuration" },
  {
    id: "cloud-metadata",
    title: "Cloud metadata services are protected",
    open: "Whether a metadata service is there depends on where the cluster runs; a policy that denies egress closes it.",
  },
  { id: "anonymous-access", title: "Anonymous requests are refused" },
  {
    id: "strong-authentication",
    title: "Users authenticate strongly",
    open: inCluster,
  },
  { id: "rbac", title: "Roles give the least that is needed" },
  { id: "audit-logging", title: "Audit logging is on, and logs leave the node" },
  {
    id: "threat-detection",
    title: "Logs are watched, alerts are raised",
    open: "Whether alert rules are loaded is judged; whether somebody answers is not.",
  },
  {
    id: "upgrades",
    title: "Patches and upgrades come in time",
    open: "It takes the list of what runs beside what is newest.",
  },
  {
    id: "periodic-scans",
    title: "Vulnerability scans and penetration tests are done periodically",
    open: inCluster,
  },
  {
    id: "unused-components",
    title: "Unused components are removed",
    open: "What is used is not seen in a file.",
  },
];
