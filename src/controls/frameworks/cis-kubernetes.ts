import type { FrameworkItem } from "./item.ts";

/** An item that is about the owner or the permissions of a file, or a process, of a node. */
function ofNode(id: string, title: string): FrameworkItem {
  return {
    id,
    title,
    open: "It is a matter of files on a node, whose owner and mode stand in nothing of the repository.",
  };
}

/** An item that is met by whatever sets a cluster up, and that nobody is seen to take away. */
function given(id: string, title: string): FrameworkItem {
  return { id, title, open: "What sets a cluster up gives it; that somebody takes it away is not looked for." };
}

/** Flags of a program that is not read. */
function unread(id: string, title: string): FrameworkItem {
  return { id, title, open: "The flags of this program are not read." };
}

/**
 * CIS Kubernetes Benchmark, as numbered in v1.10: all of its sections. The numbers, with what each item is about, stand in
 * kube-bench (aquasecurity/kube-bench, `cfg/cis-1.10`). Titles are ours.
 */
export const cisKubernetesItems: readonly FrameworkItem[] = [
  ofNode("1.1.1", "Root alone writes the manifest of the API server"),
  ofNode("1.1.2", "Root owns the manifest of the API server"),
  ofNode("1.1.3", "Root alone writes the manifest of the controller manager"),
  ofNode("1.1.4", "Root owns the manifest of the controller manager"),
  ofNode("1.1.5", "Root alone writes the manifest of the scheduler"),
  ofNode("1.1.6", "Root owns the manifest of the scheduler"),
  ofNode("1.1.7", "Root alone writes the manifest of etcd"),
  ofNode("1.1.8", "Root owns the manifest of etcd"),
  ofNode("1.1.9", "Root alone writes the files of the network plugin"),
  ofNode("1.1.10", "Root owns the files of the network plugin"),
  ofNode("1.1.11", "etcd alone reads its data"),
  ofNode("1.1.12", "etcd owns its data"),
  {
    id: "1.1.13",
    title: "The administrator's kubeconfig can be read by root alone",
    open: "Judged for k3s and RKE2, whose file says with which permissions it is written; a group that may read it passes.",
  },
  ofNode("1.1.14", "Root owns the administrator's kubeconfig"),
  ofNode("1.1.15", "Root alone reads the scheduler's kubeconfig"),
  ofNode("1.1.16", "Root owns the scheduler's kubeconfig"),
  ofNode("1.1.17", "Root alone reads the controller manager's kubeconfig"),
  ofNode("1.1.18", "Root owns the controller manager's kubeconfig"),
  ofNode("1.1.19", "Root owns the keys and certificates of the cluster"),
  ofNode("1.1.20", "Root alone writes the certificates of the cluster"),
  ofNode("1.1.21", "Root alone reads the keys of the cluster"),
  {
    id: "1.2.1",
    title: "The API server refuses anonymous requests",
    open: "Of kubeadm and of a static pod, where Kubernetes' own default answers them, it is not asked for while roles decide what they get.",
  },
  { id: "1.2.2", title: "The API server reads no file of tokens" },
  {
    id: "1.2.3",
    title: "The API server refuses external addresses of Services",
    open: "Services that have some are judged one by one; that none may have any is asked for nowhere.",
  },
  given("1.2.4", "The API server shows kubelets a certificate"),
  {
    id: "1.2.5",
    title: "The API server verifies the certificates of kubelets",
    open: "A kubelet that signs its own has none to verify, which is how kubeadm comes; it is not asked for.",
  },
  { id: "1.2.6", title: "The API server's authorization mode is not AlwaysAllow" },
  given("1.2.7", "The API server's authorization modes have Node among them"),
  given("1.2.8", "The API server's authorization modes have RBAC among them"),
  {
    id: "1.2.9",
    title: "The admission plugin EventRateLimit is on",
    open: "Which limits fit is for the cluster's owner to know.",
  },
  given("1.2.10", "The admission plugin AlwaysAdmit is off"),
  {
    id: "1.2.11",
    title: "The admission plugin AlwaysPullImages is on",
    open: "Whether images have to be kept from other pods of a node is for the cluster's owner to know.",
  },
  given("1.2.12", "The admission plugin ServiceAccount is on"),
  given("1.2.13", "The admission plugin NamespaceLifecycle is on"),
  { id: "1.2.14", title: "The admission plugin NodeRestriction is on" },
  {
    id: "1.2.15",
    title: "Profiling of the API server is off",
    open: "Its pages ask for an account with the rights to them, as all others do; it is not asked for.",
  },
  { id: "1.2.16", title: "The API server writes an audit log" },
  {
    id: "1.2.17",
    title: "Audit logs are kept for long enough",
    open: "How long is for law and disk to say; that there is a log is judged.",
  },
  {
    id: "1.2.18",
    title: "Enough audit logs are kept",
    open: "How many is for law and disk to say; that there is a log is judged.",
  },
  {
    id: "1.2.19",
    title: "Audit logs are parted by size",
    open: "By which size is for the disk to say; that there is a log is judged.",
  },
  {
    id: "1.2.20",
    title: "Requests to the API server end in time",
    open: "Which time fits is for the cluster's owner to know; a minute is Kubernetes' own.",
  },
  { id: "1.2.21", title: "The API server looks service accounts up" },
  given("1.2.22", "The API server is told which key signs service accounts"),
  given("1.2.23", "The API server shows etcd a certificate"),
  given("1.2.24", "The API server has a certificate of its own"),
  given("1.2.25", "The API server knows who signs its clients' certificates"),
  given("1.2.26", "The API server verifies the certificate of etcd"),
  { id: "1.2.27", title: "Secrets are encrypted before they reach etcd" },
  {
    id: "1.2.28",
    title: "What encrypts Secrets is strong",
    open: "AES-GCM passes as well, which the benchmark does not name; its key has to be changed often.",
  },
  {
    id: "1.2.29",
    title: "The API server speaks strong ciphers alone",
    open: "A list of ciphers is not weighed; without one Go's own choice counts.",
  },
  unread("1.3.1", "The controller manager takes away pods that have ended"),
  unread("1.3.2", "Profiling of the controller manager is off"),
  unread("1.3.3", "Each controller has an account of its own"),
  unread("1.3.4", "The controller manager signs accounts with a key of its own"),
  unread("1.3.5", "Pods are told who signs the API server's certificate"),
  unread("1.3.6", "The certificates of kubelets are renewed"),
  unread("1.3.7", "The controller manager listens on the loopback alone"),
  unread("1.4.1", "Profiling of the scheduler is off"),
  unread("1.4.2", "The scheduler listens on the loopback alone"),
  {
    id: "2.1",
    title: "etcd speaks TLS with its clients",
    open: "On the machine's own loopback plain HTTP passes.",
  },
  {
    id: "2.2",
    title: "etcd asks its clients for a certificate",
    open: "Served on the loopback alone it passes without; an authority is taken for asking, for etcd does then.",
  },
  {
    id: "2.3",
    title: "etcd does not make its certificate for clients itself",
    open: "It is not looked for; without an authority etcd asks nobody, and that is judged.",
  },
  {
    id: "2.4",
    title: "etcd speaks TLS with its peers",
    open: "On the machine's own loopback plain HTTP passes.",
  },
  {
    id: "2.5",
    title: "etcd asks its peers for a certificate",
    open: "Served on the loopback alone it passes without; an authority is taken for asking, for etcd does then.",
  },
  {
    id: "2.6",
    title: "etcd does not make its certificate for peers itself",
    open: "It is not looked for; without an authority etcd asks nobody, and that is judged.",
  },
  {
    id: "2.7",
    title: "etcd has an authority of its own",
    open: "Whose authority a file holds is not told by its name.",
  },
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
  ofNode("4.1.1", "Root alone writes the kubelet's unit"),
  ofNode("4.1.2", "Root owns the kubelet's unit"),
  ofNode("4.1.3", "Root alone reads kube-proxy's kubeconfig"),
  ofNode("4.1.4", "Root owns kube-proxy's kubeconfig"),
  ofNode("4.1.5", "Root alone reads the kubelet's kubeconfig"),
  ofNode("4.1.6", "Root owns the kubelet's kubeconfig"),
  ofNode("4.1.7", "Root alone writes the authorities of clients"),
  ofNode("4.1.8", "Root owns the authorities of clients"),
  ofNode("4.1.9", "Root alone reads the kubelet's configuration"),
  ofNode("4.1.10", "Root owns the kubelet's configuration"),
  { id: "4.2.1", title: "The kubelet refuses anonymous requests" },
  { id: "4.2.2", title: "The kubelet's authorization mode is not AlwaysAllow" },
  given("4.2.3", "The kubelet knows who signs its clients' certificates"),
  { id: "4.2.4", title: "The kubelet's read-only port is closed" },
  {
    id: "4.2.5",
    title: "Connections to containers end when they are idle",
    open: "They do by Kubernetes' own default; that somebody takes it away is not looked for.",
  },
  given("4.2.6", "The kubelet keeps its rules in the firewall"),
  {
    id: "4.2.7",
    title: "Nodes keep their names",
    open: "It is a flag of the kubelet's unit, and no danger by itself.",
  },
  {
    id: "4.2.8",
    title: "The kubelet records enough events",
    open: "Which rate fits is for the cluster's owner to know.",
  },
  {
    id: "4.2.9",
    title: "The kubelet has a certificate of the cluster",
    open: "One that it signs itself is how kubeadm comes; it is not asked for.",
  },
  given("4.2.10", "The kubelet renews its certificate for the API server"),
  {
    id: "4.2.11",
    title: "The kubelet renews its own certificate",
    open: "The feature is on by Kubernetes' own default; that the kubelet gets a certificate of the cluster to renew is not asked for.",
  },
  {
    id: "4.2.12",
    title: "The kubelet speaks strong ciphers alone",
    open: "A list of ciphers is not weighed; without one Go's own choice counts.",
  },
  {
    id: "4.2.13",
    title: "The number of processes of a pod is limited",
    open: "No pod states it, and that the kubelet does is not asked for.",
  },
  {
    id: "4.3.1",
    title: "kube-proxy serves its metrics on the loopback alone",
    open: "An address of the machine's own passes; every address at once fails.",
  },
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
    open: "Secrets that stand in the clear are told by controls of their own; whether an external store is worth its keep is for a person to say.",
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
