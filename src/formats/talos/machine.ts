import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import type { TalosFirewallRule, TalosMachine, TalosRegistry } from "../../facts/configuration/talos.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import { isLoopback } from "../../lib/own-address.ts";
import { asBoolean, asText, Fields, textItem } from "../fields.ts";
import { withoutFiller } from "../template/blank.ts";
import type { TreeNode } from "../tree.ts";
import { argumentsOf, together } from "./arguments.ts";
import {
  anonymousApiOf,
  auditOf,
  etcdEncryptionOf,
  itemsOf,
  listOfTexts,
  podSecurityOf,
  textOf,
} from "./cluster-security.ts";
import { ofKind, section, type TalosDocuments } from "./documents.ts";

/** What the documents of one file say of a machine. */
export function machineOf(documents: TalosDocuments): TalosMachine {
  const machine = section(documents, "machine");
  const cluster = section(documents, "cluster");
  const whole = isWhole(documents, machine, cluster);
  const features = machine.fields("features");
  const install = machine.fields("install");
  return {
    whole,
    role: machine.fact("type", asText, "a role", unstated),
    kernelArguments: kernelArguments(install, "extraKernelArgs"),
    sysctls: together(
      [argumentsOf(machine, "sysctls"), ...ofKind(documents, "SysctlConfig").map((one) => argumentsOf(one, "params"))],
      machine.place,
    ),
    apiRoles: features.fact("rbac", asBoolean, "a boolean", unstated),
    ...podAccess(documents, features),
    anonymousApi: anonymousApiOf(documents, whole),
    apiServerArguments: componentArguments(documents, cluster.fields("apiServer"), "KubeAPIServerConfig"),
    kubeletArguments: componentArguments(documents, machine.fields("kubelet"), "KubeletConfig"),
    etcdArguments: argumentsOf(cluster.fields("etcd")),
    podSecurity: podSecurityOf(documents),
    audit: auditOf(documents, whole),
    etcdEncryption: etcdEncryptionOf(documents),
    stateEncrypted: encryptionOf(documents, machine, "state", "STATE"),
    ephemeralEncrypted: encryptionOf(documents, machine, "ephemeral", "EPHEMERAL"),
    registries: registriesOf(documents, machine),
    installImage: installImage(documents, install),
    ...firewallOf(documents, whole),
    seccompDefault: seccompDefault(documents, machine),
    workloadsOnControlPlane: cluster.fact("allowSchedulingOnControlPlanes", asBoolean, "a boolean", (place) =>
      cluster.entry("allowSchedulingOnMasters") === undefined
        ? unstated(place)
        : cluster.fact("allowSchedulingOnMasters", asBoolean, "a boolean", unstated),
    ),
  };
}

/** What a machine can be given as it is: its role, and the way to its cluster. */
function isWhole(documents: TalosDocuments, machine: Fields, cluster: Fields): boolean {
  const endpoint =
    cluster.fields("controlPlane").entry("endpoint") ?? ofKind(documents, "KubeClusterConfig")[0]?.entry("endpoint");
  return machine.entry("type") !== undefined && machine.entry("token") !== undefined && endpoint !== undefined;
}

export function kernelArguments(fields: Fields, key: string): TalosMachine["kernelArguments"] {
  return fields.list(
    key,
    textItem((text, place) => ({ value: { text, place } })),
  );
}

function componentArguments(documents: TalosDocuments, old: Fields, kind: string): FactList<ComponentArgument> {
  return together([argumentsOf(old), ...ofKind(documents, kind).map((one) => argumentsOf(one))], old.place);
}

/** `kubernetesTalosAPIAccess`, off unless it is enabled, and KubeTalosAPIAccessConfig, which is on by being there. */
function podAccess(documents: TalosDocuments, features: Fields): Pick<TalosMachine, "podRoles" | "podNamespaces"> {
  const old = features.fields("kubernetesTalosAPIAccess");
  const enabled = old.fact("enabled", asBoolean, "a boolean", unstated);
  const own = ofKind(documents, "KubeTalosAPIAccessConfig")[0];
  const source = own ?? old;
  const on = own !== undefined || (enabled.kind === "stated" && enabled.value);
  if (!on && enabled.kind === "unknown") {
    const open = incomplete<never>([], enabled.why, enabled.place);
    return { podRoles: open, podNamespaces: open };
  }
  if (!on) return { podRoles: complete([], features.place), podNamespaces: complete([], features.place) };
  return {
    podRoles: source.list(
      "allowedRoles",
      textItem((role, place) => ({ value: { role, place } })),
    ),
    podNamespaces: source.list(
      "allowedKubernetesNamespaces",
      textItem((value) => ({ value })),
    ),
  };
}

/** `systemDiskEncryption` up to v1.12, and VolumeConfig since. A volume that nobody speaks of is not encrypted. */
function encryptionOf(documents: TalosDocuments, machine: Fields, key: string, volume: string): Fact<boolean> {
  const old = machine.fields("systemDiskEncryption");
  const node = old.node(key) ?? encryptionNode(documents, volume);
  if (node === undefined) return old.hidden === undefined ? unstated(machine.place) : unknown(old.hidden, old.place);
  const keys = Fields.of(node, node.place, "encryption").node("keys");
  if (keys?.kind === "sequence" && keys.items.length > 0) return stated(true, node.place);
  return node.kind === "mapping" && node.incomplete === undefined
    ? stated(false, node.place)
    : unknown("its keys cannot be read", node.place);
}

function encryptionNode(documents: TalosDocuments, volume: string): TreeNode | undefined {
  return ofKind(documents, "VolumeConfig")
    .find((one) => textOf(one, "name") === volume)
    ?.node("encryption");
}

function registriesOf(documents: TalosDocuments, machine: Fields): FactList<TalosRegistry> {
  const old = machine.fields("registries");
  const mirrors = entriesOf(old.fields("mirrors")).map(([host, fields]) =>
    mirror(host, fields, listOfTexts(fields, "endpoints")),
  );
  const configs = entriesOf(old.fields("config")).map(([host, fields]) =>
    verified(host, fields.fields("tls"), fields.place),
  );
  const newMirrors = ofKind(documents, "RegistryMirrorConfig").map((one) =>
    mirror(
      textOf(one, "name") ?? "?",
      one,
      itemsOf(one, "endpoints").flatMap((each) => textOf(each, "url") ?? []),
    ),
  );
  const newTls = ofKind(documents, "RegistryTLSConfig").map((one) =>
    verified(textOf(one, "name") ?? "?", one, one.place),
  );
  const items = [...mirrors, ...configs, ...newMirrors, ...newTls].filter(
    ({ weakness }) => weakness.kind !== "stated" || weakness.value !== "none",
  );
  return old.hidden === undefined ? complete(items, old.place) : incomplete(items, old.hidden, old.place);
}

function entriesOf(fields: Fields): readonly (readonly [string, Fields])[] {
  return fields.entries.map(({ key, value, keyPlace }) => [key, Fields.of(value, keyPlace, key, fields.hidden)]);
}

function mirror(host: string, fields: Fields, endpoints: readonly string[]): TalosRegistry {
  const plain = endpoints.some((url) => /^http:\/\//i.test(url) && !isOnLoopback(url));
  return { host, weakness: stated(plain ? "plaintext" : "none", fields.place), place: fields.place };
}

function verified(host: string, tls: Fields, place: TalosRegistry["place"]): TalosRegistry {
  const skip = tls.fact("insecureSkipVerify", asBoolean, "a boolean", (at) => stated(false, at));
  const weakness =
    skip.kind === "stated"
      ? stated(skip.value ? ("unverified" as const) : ("none" as const), skip.place)
      : unknown<"none">("`insecureSkipVerify` cannot be told", skip.place);
  return { host, weakness, place };
}

/** A mirror on the machine itself, as Spegel is one. */
function isOnLoopback(url: string): boolean {
  return isLoopback(/^http:\/\/(\[[^\]]*\]|[^/:]*)/i.exec(url)?.[1] ?? "");
}

function installImage(documents: TalosDocuments, install: Fields): Fact<string> {
  const unattended = ofKind(documents, "UnattendedInstallConfig")[0]?.fields("installer");
  const fields = unattended?.entry("image") === undefined ? install : unattended;
  const node = fields.node("image");
  // Which schematic a template puts in does not matter to the version, which stands behind the last colon.
  const text = node?.kind === "scalar" && node.unresolved !== undefined ? asText(node) : undefined;
  if (node !== undefined && text !== undefined && /:v?\d[\w.-]*$/.test(text))
    return stated(withoutFiller(text), node.place);
  return fields.fact("image", asText, "an image", unstated);
}

/** NetworkDefaultActionConfig: `accept` where there is none (docs.siderolabs.com, Ingress Firewall). */
function firewallOf(documents: TalosDocuments, whole: boolean): Pick<TalosMachine, "firewall" | "firewallRules"> {
  const action = ofKind(documents, "NetworkDefaultActionConfig")[0];
  const { place, hidden } = documents;
  const absent = whole
    ? defaulted<"accept" | "block">("accept", "platform", place)
    : unstated<"accept" | "block">(place);
  const firewall =
    action === undefined
      ? hidden === undefined
        ? absent
        : unknown<"accept" | "block">(hidden, place)
      : action.fact(
          "ingress",
          (node) => (node.value === "block" || node.value === "accept" ? node.value : undefined),
          "`accept` or `block`",
          () => absent,
        );
  const rules = ofKind(documents, "NetworkRuleConfig").map(ruleOf);
  return { firewall, firewallRules: hidden === undefined ? complete(rules, place) : incomplete(rules, hidden, place) };
}

function ruleOf(rule: Fields): TalosFirewallRule {
  const subnets = itemsOf(rule, "ingress").map((one) => textOf(one, "subnet"));
  const known = subnets.flatMap((subnet) => subnet ?? []);
  const { place } = rule;
  return {
    name: textOf(rule, "name") ?? "?",
    ports: portsOf(rule.fields("portSelector")),
    subnets:
      known.length === subnets.length
        ? complete(known, place)
        : incomplete(known, "a subnet of it cannot be told", place),
    place,
  };
}

function portsOf(selector: Fields): readonly string[] {
  return listOfTexts(selector, "ports");
}

/** Generated configurations have it on; the kubelet's own default is off (kubelet.go, DefaultRuntimeSeccompProfileEnabled). */
function seccompDefault(documents: TalosDocuments, machine: Fields): Fact<boolean> {
  const key = "defaultRuntimeSeccompProfileEnabled";
  const own = ofKind(documents, "KubeletConfig").find((one) => one.entry(key) !== undefined);
  return (own ?? machine.fields("kubelet")).fact(key, asBoolean, "a boolean", unstated);
}
