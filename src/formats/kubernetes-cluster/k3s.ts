/**
 * `config.yaml` of k3s and RKE2, and the arguments of a k3d cluster.
 *
 * Sources: docs.k3s.io, "Configuration Options" and "CIS Hardening Guide"; `k3s server --help` of v1.33;
 * `pkg/daemons/control/server.go` (API server: `anonymous-auth=false`, `authorization-mode=Node,RBAC`,
 * `enable-admission-plugins=NodeRestriction`) and `pkg/daemons/agent/agent.go` (kubelet: `anonymous-auth=false`,
 * `authorization-mode=Webhook`); docs.rke2.io, "Secrets Encryption" (on by itself, AES-CBC); k3d v5.8, `config/v1alpha5`.
 */
import type { ClusterSecret, ClusterSettings, ComponentArgument } from "../../facts/configuration/cluster.ts";
import { defaulted, type Fact, knownValue, mapFact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { asBoolean, asText, type Fields } from "../fields.ts";
import { together } from "../talos/arguments.ts";
import { itemsOf, textOf } from "../talos/cluster-security.ts";
import { type ApiServerSettings, apiServerOf, inOwnFile, noApiServer } from "./api-server.ts";
import { argumentTexts, bare, type Flags, flagOf, lastOf, noFlags, opened, settled, withDefaults } from "./flags.ts";
import { seccompOf } from "./kubelet.ts";
import { type SecretWords, secretAt } from "./secrets.ts";
import type { ClusterReading } from "./settings.ts";

/** Keys that only a server has: an agent refuses them. */
const serverKeys =
  /^(?:cluster-init|cluster-reset.*|tls-san|write-kubeconfig.*|disable(?:-.*)?|kube-(?:apiserver|controller-manager|scheduler|cloud-controller-manager)-arg|secrets-encryption.*|datastore-.*|etcd-.*|flannel-backend|cluster-(?:cidr|dns|domain)|service-(?:cidr|node-port-range)|agent-token.*|cni|profile|embedded-registry|egress-selector-mode|default-local-storage-path)\+?$/;

export function readK3s(document: Fields, tool: "k3s" | "rke2", whole: boolean): ClusterReading {
  const isServer = document.entries.some(({ key }) => serverKeys.test(key)) || document.entry("server") === undefined;
  const kubelet = argumentsUnder(document, "kubelet-arg");
  const etcd = withDefaults(
    together([argumentsUnder(document, "etcd-arg"), exposedMetrics(document)], document.place),
    etcdAuthorities(document.place),
  );
  const stated = argumentsUnder(document, "kube-apiserver-arg");
  const api = withDefaults(stated, [
    {
      name: "enable-admission-plugins",
      value: defaulted("NodeRestriction", "platform", stated.place),
      place: stated.place,
    },
  ]);
  const flagged = apiServerOf(api, { whole, anonymous: "off" });
  const server = tool === "rke2" ? { ...flagged, ...givenByRke2(document, flagged) } : flagged;
  return {
    parts: isServer ? ["API server", "kubelet", "etcd", "kube-proxy"] : ["kubelet", "kube-proxy"],
    settings: {
      ...(isServer ? { ...server, etcdEncryption: encryptionOf(document, server, tool, whole) } : noApiServer(api)),
      kubeletArguments: kubelet,
      seccompDefault: seccompOf(kubelet),
      etcdArguments: etcd,
    },
    proxyArguments: argumentsUnder(document, "kube-proxy-arg"),
    joinVerified: joinVerified(document),
    kubeconfigMode: isServer ? kubeconfigMode(document, whole) : undefined,
    secrets: secretsIn(document, isServer),
  };
}

/** A key, and the same with a sign behind it, which adds to what other files say. */
function argumentsUnder(document: Fields, key: string): Flags {
  return together([argumentTexts(document, key), argumentTexts(document, `${key}+`)], document.place);
}

/** `etcd-expose-metrics` opens etcd's metrics on the node's own address, without TLS. */
function exposedMetrics(document: Fields): Flags {
  const node = document.node("etcd-expose-metrics");
  const flags = noFlags({ hidden: undefined, place: document.place });
  if (node === undefined) return flags;
  const value = document.fact<string>("etcd-expose-metrics", asText, "true or false", unstated);
  return { ...flags, items: [opened({ name: "etcd-expose-metrics", value, place: node.place })] };
}

/** Source: `pkg/etcd/etcd.go` of k3s v1.33: clients and peers are asked for certificates of authorities of its own. */
function etcdAuthorities(place: Place): readonly ComponentArgument[] {
  return ["trusted-ca-file", "peer-trusted-ca-file"].map((name) => ({
    name,
    value: defaulted("its own", "platform", place),
    place,
  }));
}

/**
 * Whether who joins by the file verifies the server: a token in its long form has the hash of the authority in it, one in
 * its short form is sent to whoever answers. Source: docs.k3s.io, "token".
 */
function joinVerified(document: Fields): Fact<boolean> | undefined {
  if (document.node("server") === undefined) return undefined;
  const file = document.node("token-file");
  if (document.node("token") === undefined)
    return file === undefined ? undefined : unknown("the token stands in a file of the machine", file.place);
  const token = settled(document.fact("token", asText, "a text", unstated));
  return mapFact(token, (text) => /^K10[0-9a-f]{64}::/i.test(text));
}

/**
 * RKE2 enforces `restricted` in the profile of the CIS benchmark and takes a file of levels by a key of its own. It says
 * where the audit log is written in that profile, whose own policy records nothing, and where `audit-policy-file` is a key.
 *
 * Sources: docs.rke2.io, "Default Pod Security Standards" and "CIS Hardening Guide"; `pkg/podexecutor/staticpod.go` of
 * RKE2 1.33 (APIServer).
 */
function givenByRke2(
  document: Fields,
  { podSecurity, audit, apiServerArguments }: ApiServerSettings,
): Pick<ApiServerSettings, "podSecurity" | "audit"> {
  const levels = document.node("pod-security-admission-config-file");
  const profile = settled(document.fact("profile", asText, "a text", unstated));
  return {
    podSecurity: levels === undefined ? levelOf(profile, podSecurity) : unknown(inOwnFile, levels.place),
    audit: auditOf(document, lastOf(apiServerArguments, "audit-policy-file"), profile, audit),
  };
}

function auditOf(
  document: Fields,
  flag: ComponentArgument | undefined,
  profile: Fact<string>,
  otherwise: ApiServerSettings["audit"],
): ApiServerSettings["audit"] {
  const policy = settled(document.fact("audit-policy-file", asText, "a path", unstated));
  if (policy.kind === "unknown") return unknown(policy.why, policy.place);
  if (policy.kind === "stated" && policy.value !== "") return stated({ records: true }, policy.place);
  if (flag === undefined || otherwise.kind === "unknown" || profile.kind === "unstated") return otherwise;
  if (profile.kind === "unknown") return unknown(profile.why, profile.place);
  return isCis(profile.value) ? stated({ records: true }, flag.place) : otherwise;
}

const isCis = (profile: string) => /^cis(?:-|$)/.test(profile);

function levelOf(profile: Fact<string>, otherwise: Fact<string>): Fact<string> {
  if (otherwise.kind === "stated" || otherwise.kind === "unknown") return otherwise;
  if (profile.kind === "unknown") return unknown(profile.why, profile.place);
  return profile.kind === "stated" && isCis(profile.value)
    ? defaulted("restricted", "platform", profile.place)
    : otherwise;
}

function encryptionOf(
  document: Fields,
  { etcdEncryption }: Pick<ClusterSettings, "etcdEncryption">,
  tool: "k3s" | "rke2",
  whole: boolean,
): ClusterSettings["etcdEncryption"] {
  const on = document.fact("secrets-encryption", asBoolean, "true or false", (place) =>
    tool === "rke2" ? defaulted(true, "platform", place) : unstated(place),
  );
  if (on.kind === "unknown") return unknown(on.why, on.place);
  if (on.kind === "stated" && !on.value) return stated("none", on.place);
  if (on.kind === "unstated") return whole || etcdEncryption.kind !== "defaulted" ? etcdEncryption : unstated(on.place);
  const provider = textOf(document, "secrets-encryption-provider");
  if (provider === "secretbox" || provider === "aescbc") return stated(provider, on.place);
  return document.node("secrets-encryption-provider") === undefined
    ? defaulted("aescbc", "platform", on.place)
    : unknown("`secrets-encryption-provider` cannot be told", on.place);
}

/**
 * `write-kubeconfig-mode` is read as octal whatever it is to YAML; 0600 where none is stated.
 *
 * Source: `pkg/server/server.go` of k3s v1.33, writeKubeConfig (ParseInt of the text to the base 8).
 */
function kubeconfigMode(document: Fields, whole: boolean): Fact<number> {
  return document.fact(
    "write-kubeconfig-mode",
    (node) => {
      const text = node.value === null ? "" : String(node.value);
      return /^[0-7]{3,5}$/.test(text) ? Number.parseInt(text, 8) : undefined;
    },
    "permissions in octal digits",
    (place) => (whole ? defaulted(0o600, "platform", place) : unstated(place)),
  );
}

const joinsServer: SecretWords = {
  opens: "whoever has it gets the keys of the cluster's authorities, and is an administrator of the cluster",
  root: true,
};
const joinsAgent: SecretWords = {
  opens: "whoever has it joins a machine to the cluster, and it never ends",
  root: true,
};

/** Source: docs.k3s.io, "token": the server's token encrypts the bootstrap data, in which the authorities' keys are. */
function secretsIn(document: Fields, isServer: boolean): readonly ClusterSecret[] {
  const endpoint = textOf(document, "datastore-endpoint");
  const database =
    endpoint !== undefined && /^[a-z0-9+]+:\/\/[^:@/\s]*:[^@/\s]+@/i.test(endpoint)
      ? secretAt(document, "datastore-endpoint", "datastore-endpoint", {
          opens: "whoever has the password in it reads and writes the cluster's database",
          root: true,
        })
      : [];
  return [
    ...secretAt(document, "token", "token", isServer ? joinsServer : joinsAgent),
    ...secretAt(document, "agent-token", "agent-token", joinsAgent),
    ...database,
    ...secretAt(document, "etcd-s3-secret-key", "etcd-s3-secret-key", {
      opens: "whoever has it reads the cluster's backups",
      root: false,
    }),
    ...secretAt(document, "vpn-auth", "vpn-auth", { opens: "whoever has it joins the private network", root: false }),
  ];
}

/** A k3d cluster: `token`, and arguments of k3s as they stand on its command line. */
export function readK3d(document: Fields): ClusterReading {
  const words = itemsOf(document.fields("options").fields("k3s"), "extraArgs");
  const given = together(
    words.map((one) => argumentsOfWord(one)),
    document.place,
  );
  const under = (key: string): Flags => {
    const items = given.items.flatMap((flag) => (flag.name === key ? innerFlag(flag) : []));
    return { ...given, items };
  };
  const api = under("kube-apiserver-arg");
  const kubelet = under("kubelet-arg");
  const encrypts = lastOf(given, "secrets-encryption");
  return {
    parts: ["API server", "kubelet", "etcd", "kube-proxy"],
    settings: {
      ...apiServerOf(api, { whole: false, anonymous: "off" }),
      ...(encrypts === undefined ? {} : givenEncryption(encrypts)),
      kubeletArguments: kubelet,
      seccompDefault: seccompOf(kubelet),
      etcdArguments: withDefaults(under("etcd-arg"), etcdAuthorities(document.place)),
    },
    proxyArguments: under("kube-proxy-arg"),
    secrets: secretAt(document, "token", "token", {
      opens: "whoever has it and reaches the cluster's API joins a machine to it",
      root: false,
    }),
  };
}

function givenEncryption({ value, place }: ComponentArgument): Partial<Pick<ClusterSettings, "etcdEncryption">> {
  if (value.kind === "unknown") return { etcdEncryption: unknown(value.why, place) };
  return knownValue(value) === "true" ? { etcdEncryption: defaulted("aescbc" as const, "platform", place) } : {};
}

function argumentsOfWord(one: Fields): Flags {
  const node = one.node("arg");
  return node === undefined ? noFlags(one) : argumentTexts(one, "arg");
}

/** `kube-apiserver-arg=anonymous-auth=true`: a flag in a flag. */
function innerFlag({ value, place }: ComponentArgument): readonly ComponentArgument[] {
  if (value.kind !== "stated") return [];
  return [flagOf(bare(value.value), { place })];
}
