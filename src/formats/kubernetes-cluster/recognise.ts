/** Which of a cluster's files a text is, told by patterns. */

/** The groups of files that a cluster is set up with, each with its kinds. */
const documents =
  /^["']?apiVersion["']?:[ \t]*["']?(?:kubeadm\.k8s\.io|kubelet\.config\.k8s\.io|kubeproxy\.config\.k8s\.io|apiserver\.config\.k8s\.io|audit\.k8s\.io|kind\.x-k8s\.io|k3d\.io)\/v\w{1,20}["']?[ \t]*(?:#.*)?\r?$/m;
const kinds =
  /^["']?kind["']?:[ \t]*["']?(?:ClusterConfiguration|InitConfiguration|JoinConfiguration|KubeletConfiguration|KubeProxyConfiguration|EncryptionConfiguration|AdmissionConfiguration|Policy|Cluster|Simple)["']?[ \t]*(?:#.*)?\r?$/m;

/** `config.yaml` of k3s and RKE2, and the drop-in files beside it. */
const ownPlace =
  /(?:^|\/)(?:rancher\/)?(k3s|rke2)\/config\.ya?ml(?:\.d\/[^/]+\.ya?ml)?(?:\.(?:j2|jinja2?|tmpl|tpl))?$/i;
/** Files that are called after the program, and `config.yaml` in a folder that is. */
const ownName =
  /(?:^|\/)(?:[^/]*(k3s|rke2)[^/]*\.ya?ml|[^/]*(k3s|rke2)[^/]*\/(?:[^/]+\/){0,3}config\.ya?ml)(?:\.(?:j2|jinja2?|tmpl|tpl))?$/i;

/** Keys that no other program's file has at the beginning of a line. Source: `k3s server --help` of v1.33, RKE2 1.33. */
const peculiar =
  /^(?:write-kubeconfig(?:-mode|-group)?|kube-apiserver-arg|kube-controller-manager-arg|kube-scheduler-arg|kube-proxy-arg|kube-cloud-controller-manager-arg|kubelet-arg|etcd-arg|secrets-encryption(?:-provider)?|protect-kernel-defaults|cluster-init|flannel-(?:backend|iface)|disable-(?:network-policy|cloud-controller|kube-proxy|helm-controller|apiserver|etcd|scheduler)|etcd-(?:expose-metrics|s3(?:-[a-z-]+)?|snapshot-[a-z-]+)|agent-token(?:-file)?|embedded-registry|datastore-endpoint|selinux|rke2-[a-z-]+)\+?:/gm;
/** Keys that others may have too: enough in k3s's own place. */
const usual =
  /^(?:token(?:-file)?|server|tls-san|disable|node-(?:name|ip|label|taint|external-ip)|cni|profile|cluster-cidr|service-cidr|cluster-dns|debug|data-dir|bind-address|advertise-address|default-local-storage-path)\+?:/gm;

/** The folder that the programs read from. */
const inSystem = /(?:^|\/)rancher\/(?:k3s|rke2)\//i;

/** Keys of what other programs' files are: Compose, an inventory or a playbook, an object. */
const others = /^["']?(?:kind|services|clusters|all|hosts|tasks|spec)["']?:/m;
/** A list at the root is a playbook. */
const isList = /^(?:[ \t]*(?:#[^\n]*)?\n|---[^\n]*\n)*- /;

export type ClusterForm = "documents" | "k3s" | "rke2";

export function clusterForm(path: string, text: string): ClusterForm | undefined {
  if (text.includes("apiVersion")) return documents.test(text) && kinds.test(text) ? "documents" : undefined;
  const [, placed] = ownPlace.exec(path) ?? [];
  const named =
    placed ??
    ownName
      .exec(path)
      ?.slice(1)
      .find((part) => part !== undefined);
  if (named === undefined) return undefined;
  if (others.test(text) || isList.test(text)) return undefined;
  const own = new Set(text.match(peculiar) ?? []);
  const common = new Set(text.match(usual) ?? []).size;
  // In the place where the program looks one key is enough, in a folder of its name two that others may have too.
  const enough = placed === undefined ? own.size >= 2 : own.size >= 1 || common >= (inSystem.test(path) ? 1 : 2);
  if (!enough) return undefined;
  return named.toLowerCase() === "rke2" ? "rke2" : "k3s";
}

/** YAML, a template of it, and the kubelet's drop-in files. */
export function mayBeCluster(path: string): boolean {
  return /\.ya?ml(?:\.(?:j2|jinja2?|tmpl|tpl|gotmpl))?$|(?:^|\/)kubelet\.conf\.d\/[^/]+\.conf$/i.test(path);
}

/** Whether a place is the program's own: what stands there is all that its file says. */
export function isMainFile(path: string): boolean {
  return ownPlace.test(path) && !/\.yaml\.d\//i.test(path);
}
