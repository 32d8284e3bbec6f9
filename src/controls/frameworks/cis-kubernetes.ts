import type { FrameworkItem } from "./item.ts";

const onNode = "It is a file or a process of a node, which no manifest shows.";

/**
 * CIS Kubernetes Benchmark, as numbered in v1.10. Section 5 whole; of sections 1 to 4 the arguments that a Talos machine
 * configuration decides. Titles are ours.
 */
export const cisKubernetesItems: readonly FrameworkItem[] = [
  { id: "1.2.1", title: "The API server refuses anonymous requests" },
  { id: "1.2.6", title: "The API server's authorization mode is not AlwaysAllow", open: onNode },
  { id: "1.2.16", title: "The API server writes an audit log" },
  { id: "1.2.27", title: "Secrets are encrypted before they reach etcd" },
  {
    id: "3.1.1",
    title: "People do not authenticate by client certificates",
    open: "Who holds a certificate is not in a file of the repository.",
  },
  {
    id: "3.1.2",
    title: "People do not authenticate by service account tokens",
    open: "Who uses a token is not in a file of the repository.",
  },
  {
    id: "3.1.3",
    title: "People do not authenticate by bootstrap tokens",
    open: "Who uses a token is not in a file of the repository.",
  },
  { id: "3.2.1", title: "An audit policy is set" },
  {
    id: "3.2.2",
    title: "The audit policy covers what matters",
    open: "That there is a policy, and that it is not empty, is judged; its rules are not weighed.",
  },
  { id: "4.2.1", title: "The kubelet refuses anonymous requests" },
  { id: "4.2.2", title: "The kubelet's authorization mode is not AlwaysAllow" },
  { id: "4.2.4", title: "The kubelet's read-only port is closed" },
  { id: "5.1.1", title: "cluster-admin is bound only where it is required" },
  { id: "5.1.2", title: "Few may read secrets" },
  { id: "5.1.3", title: "Roles have no wildcards" },
  { id: "5.1.4", title: "Few may create pods" },
  { id: "5.1.5", title: "Default service accounts are not used" },
  { id: "5.1.6", title: "Service account tokens are mounted only where they are needed" },
  { id: "5.1.7", title: "The group system:masters is not used" },
  { id: "5.1.8", title: "Few may bind, impersonate and escalate" },
  { id: "5.1.9", title: "Few may create persistent volumes" },
  { id: "5.1.10", title: "Few may use the proxy of nodes" },
  { id: "5.1.11", title: "Few may approve certificate signing requests" },
  { id: "5.1.12", title: "Few may change webhook configurations" },
  { id: "5.1.13", title: "Few may create tokens of service accounts" },
  { id: "5.2.1", title: "A policy control mechanism is in place" },
  { id: "5.2.2", title: "No privileged containers" },
  { id: "5.2.3", title: "No process namespace of the host" },
  { id: "5.2.4", title: "No IPC namespace of the host" },
  { id: "5.2.5", title: "No network of the host" },
  { id: "5.2.6", title: "No escalation of privileges" },
  { id: "5.2.7", title: "No root containers" },
  { id: "5.2.8", title: "NET_RAW is dropped" },
  { id: "5.2.9", title: "No capabilities are added" },
  { id: "5.2.10", title: "All capabilities are dropped" },
  { id: "5.2.11", title: "No Windows HostProcess containers" },
  { id: "5.2.12", title: "No folders of the host" },
  { id: "5.2.13", title: "No ports of the host" },
  {
    id: "5.3.1",
    title: "The network plugin enforces network policies",
    open: "Which plugin a cluster runs is seen only where its own manifests are among the files.",
  },
  { id: "5.3.2", title: "Every namespace has network policies" },
  { id: "5.4.1", title: "Secrets are mounted as files rather than put into the environment" },
  {
    id: "5.4.2",
    title: "Secrets are kept in an external store",
    open: "Secrets in the clear are judged; whether an external store is worth its keep is for a person to say.",
  },
  {
    id: "5.5.1",
    title: "The provenance of images is checked at admission",
    open: "Admission webhooks and policy engines are not interpreted.",
  },
  { id: "5.7.1", title: "Namespaces draw the boundaries of administration" },
  { id: "5.7.2", title: "The seccomp profile is RuntimeDefault" },
  { id: "5.7.3", title: "Pods and containers have a security context" },
  { id: "5.7.4", title: "The default namespace is not used" },
];
