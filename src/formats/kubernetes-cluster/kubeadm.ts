/**
 * kubeadm's files: ClusterConfiguration, InitConfiguration and JoinConfiguration of v1beta3 and v1beta4, with the
 * KubeletConfiguration and KubeProxyConfiguration that may stand beside them.
 *
 * Sources: kubeadm's `apis/kubeadm/v1beta3` and `v1beta4` of Kubernetes 1.34; what it gives the components by itself:
 * `cmd/kubeadm/app/phases/controlplane/manifests.go` (`authorization-mode=Node,RBAC`,
 * `enable-admission-plugins=NodeRestriction`), `phases/etcd/local.go` (`client-cert-auth=true`,
 * `peer-client-cert-auth=true`, and authorities for both).
 */
import type { ClusterPart, ClusterSecret, ComponentArgument } from "../../facts/configuration/cluster.ts";
import { defaulted, type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { asBoolean, type Fields } from "../fields.ts";
import { together } from "../talos/arguments.ts";
import { itemsOf } from "../talos/cluster-security.ts";
import { ofKind, type TalosDocuments } from "../talos/documents.ts";
import { apiServerOf, noApiServer } from "./api-server.ts";
import { extraArguments, type Flags, noFlags, withDefaults } from "./flags.ts";
import { kubeletOf, proxyFlags, seccompOf } from "./kubelet.ts";
import { bootstrapToken, certificateKey, joinToken } from "./secrets.ts";
import type { ClusterReading } from "./settings.ts";

/** `whole`: false for patches of what another program writes (kind), which say nothing by what they leave out. */
export function readKubeadm(given: TalosDocuments, whole: boolean): ClusterReading {
  const documents = { ...given, hidden: given.hidden ?? whyPatched(given) };
  const cluster = ofKind(documents, "ClusterConfiguration");
  const nodes = [...ofKind(documents, "InitConfiguration"), ...ofKind(documents, "JoinConfiguration")];
  const kubelets = ofKind(documents, "KubeletConfiguration");
  const proxies = ofKind(documents, "KubeProxyConfiguration");
  const nothing = noFlags({ hidden: undefined, place: documents.place });
  const kubelet = kubeletSettings(kubelets, nodes, documents.place, whole);
  const parts: ClusterPart[] = [];
  if (cluster.length > 0) parts.push("API server");
  if (kubelets.length > 0 || nodes.length > 0) parts.push("kubelet");
  if (proxies.length > 0) parts.push("kube-proxy");
  const etcd = etcdFlags(cluster, whole);
  if (etcd !== undefined) parts.push("etcd");
  return {
    parts,
    settings: {
      ...(cluster.length === 0 ? noApiServer(nothing) : apiServer(cluster, documents.place, whole)),
      ...kubelet,
      etcdArguments: etcd ?? nothing,
    },
    proxyArguments: together(proxies.map(proxyFlags), documents.place),
    joinVerified: joinVerified(ofKind(documents, "JoinConfiguration")),
    secrets: secretsIn(documents),
  };
}

/**
 * Patches in a folder of the machine may change every component's flags, and the kubelet's file. Source: kubeadm's
 * reference, "Customizing with patches" (targets `kube-apiserver`, `etcd`, `kubeletconfiguration` and the like).
 */
function whyPatched(documents: TalosDocuments): string | undefined {
  const nodes = [...ofKind(documents, "InitConfiguration"), ...ofKind(documents, "JoinConfiguration")];
  const patched = nodes.map((node) => node.fields("patches")).find((one) => one.node("directory") !== undefined);
  return patched && "patches in a folder of the machine (`patches.directory`) may say otherwise";
}

function apiServer(cluster: readonly Fields[], place: Place, whole: boolean) {
  const stated = together(
    cluster.map((one) => extraArguments(one.fields("apiServer"))),
    place,
  );
  const flags = whole ? withDefaults(stated, [own("enable-admission-plugins", "NodeRestriction", stated)]) : stated;
  return apiServerOf(flags, { whole, anonymous: "on" });
}

/** What kubeadm gives a component unless the file says otherwise. */
function own(name: string, value: string, { place }: Flags): ComponentArgument {
  return { name, value: defaulted(value, "platform", place), place };
}

/** The cluster's own etcd; undefined where the file speaks of none, or of one that is elsewhere. */
function etcdFlags(cluster: readonly Fields[], whole: boolean): Flags | undefined {
  const [first] = cluster;
  if (first === undefined || cluster.some((one) => one.fields("etcd").node("external") !== undefined)) return undefined;
  const flags = together(
    cluster.map((one) => extraArguments(one.fields("etcd").fields("local"))),
    first.place,
  );
  const defaults = ["client-cert-auth", "peer-client-cert-auth"].map((name) => own(name, "true", flags));
  // With an authority etcd asks for certificates, whatever the two say.
  const authorities = ["trusted-ca-file", "peer-trusted-ca-file"].map((name) => own(name, "etcd/ca.crt", flags));
  return whole || flags.items.length > 0 ? withDefaults(flags, [...defaults, ...authorities]) : undefined;
}

function kubeletSettings(kubelets: readonly Fields[], nodes: readonly Fields[], place: Place, whole: boolean) {
  const flags = together(
    nodes.map((node) => extraArguments(node.fields("nodeRegistration"), "kubeletExtraArgs")),
    place,
  );
  const files = kubelets.map((one) => kubeletOf(one, whole));
  const byFlag = seccompOf(flags);
  return {
    kubeletArguments: together([...files.map(({ kubeletArguments }) => kubeletArguments), flags], place),
    seccompDefault: byFlag.kind === "unstated" ? (files[0]?.seccompDefault ?? byFlag) : byFlag,
  };
}

/**
 * Whether a machine that joins verifies the cluster's authority. kubeadm refuses a token without `caCertHashes` unless
 * `unsafeSkipCAVerification` is set; a discovery file brings the authority along.
 */
function joinVerified(joins: readonly Fields[]): Fact<boolean> | undefined {
  const judged = joins.flatMap((join): readonly Fact<boolean>[] => {
    const discovery = join.fields("discovery");
    const token = discovery.fields("bootstrapToken");
    if (discovery.node("bootstrapToken") === undefined)
      return discovery.node("file") === undefined ? [] : [stated(true, discovery.keyPlace("file"))];
    const skips = token.fact("unsafeSkipCAVerification", asBoolean, "true or false", unstated);
    if (skips.kind === "stated") return [stated(!skips.value, skips.place)];
    if (skips.kind === "unknown") return [unknown(skips.why, skips.place)];
    return [stated(true, token.place)];
  });
  return (
    judged.find((fact) => fact.kind === "stated" && !fact.value) ??
    judged.find(({ kind }) => kind === "unknown") ??
    judged[0]
  );
}

function secretsIn(documents: TalosDocuments): readonly ClusterSecret[] {
  const init = ofKind(documents, "InitConfiguration").flatMap((one) => [
    ...itemsOf(one, "bootstrapTokens").flatMap(bootstrapToken),
    ...certificateKey(one, "certificateKey"),
  ]);
  const join = ofKind(documents, "JoinConfiguration").flatMap((one) => {
    const discovery = one.fields("discovery");
    return [
      ...joinToken(discovery.fields("bootstrapToken"), "token", "discovery.bootstrapToken.token"),
      ...joinToken(discovery, "tlsBootstrapToken", "discovery.tlsBootstrapToken"),
      ...certificateKey(one.fields("controlPlane"), "controlPlane.certificateKey"),
    ];
  });
  return [...init, ...join];
}
