import type {
  KubernetesContainerExtension,
  KubernetesSecurityContext,
} from "../../../../facts/extensions-kubernetes.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  mapFact,
  unstated,
} from "../../../../facts/fact.ts";
import type { Container } from "../../../../facts/subjects.ts";
import { asText, type Fields, scalarFact, textItem } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import { wordsUnder } from "../../../argument-words.ts";
import type { PodContainer, PodContext } from "./context.ts";
import { readEnvironment, readWords } from "./environment.ts";
import { type ContainerLimits, kubeletLog, limitsOf } from "./limits.ts";
import { readHealthCheck, readProbeHosts } from "./probes.ts";
import { asWhole, flagFact, members } from "./scalars.ts";
import { inherited, profileOf, readSecurityContext, seLinuxOf, unlessPrivileged, userOf } from "./security.ts";
import { sysctlsIn } from "./sysctls.ts";

/**
 * One container with what holds in it: its own security context, else the pod's, else Kubernetes' own defaults
 * (escalation allowed, no seccomp filter unless the kubelet's `SeccompDefault` is on, which no manifest shows).
 */
export function readContainer(pod: PodContext, container: PodContainer): Container {
  const { fields, place, ref } = container;
  const context = fields.fields("securityContext");
  const own = readSecurityContext(context);
  const privileged = flagFact(context, "privileged", (at) => defaulted(false, "platform", at));
  const limits = limitsOf(pod, container);
  const extension = readExtension(pod, container, own, limits);
  return {
    kind: "container",
    ref,
    lens: pod.cluster.lens,
    platform: "kubernetes",
    place,
    workload: pod.workload,
    image: { ...ref, kind: "image" },
    user: userOf(own, pod.security, place),
    supplementaryGroups: groupsOf(pod),
    privileged,
    addedCapabilities: normalised(extension.addedCapabilities),
    droppedCapabilities: normalised(extension.droppedCapabilities),
    noNewPrivileges: noNewPrivilegesOf(extension, privileged),
    ...confinementOf(pod, container, own, privileged),
    readOnlyRoot: flagFact(context, "readOnlyRootFilesystem", (at) => defaulted(false, "platform", at)),
    memoryLimit: limits.memory,
    cpuLimit: limits.cpu,
    pidsLimit: unstated(place),
    healthCheck: readHealthCheck(fields),
    environment: readEnvironment(pod, container),
    ...readProgram(fields),
    devices: complete([], place),
    sysctls: sysctlsOf(pod, container),
    ulimits: complete([], place),
    logDriver: kubeletLog(place),
    kubernetes: extension,
  };
}

/** `args` are what others call the command, and `command` is their entrypoint. */
function readProgram(fields: Fields): Pick<Container, "command" | "commandWords" | "entrypoint" | "entrypointWords"> {
  const command = readWords(fields, "args");
  const entrypoint = readWords(fields, "command");
  const commandWords = command.kind === "unknown" ? wordsUnder(fields, "args") : undefined;
  const entrypointWords = entrypoint.kind === "unknown" ? wordsUnder(fields, "command") : undefined;
  return { command, entrypoint, ...(commandWords && { commandWords }), ...(entrypointWords && { entrypointWords }) };
}

function readExtension(
  pod: PodContext,
  { fields, name, role }: PodContainer,
  security: KubernetesSecurityContext,
  limits: ContainerLimits,
): KubernetesContainerExtension {
  const context = fields.fields("securityContext");
  const capabilities = context.fields("capabilities");
  return {
    name,
    role,
    windows: pod.windows,
    security,
    allowPrivilegeEscalation: flagFact(context, "allowPrivilegeEscalation", unstated),
    procMount: context.fact("procMount", asText, "a text", unstated),
    addedCapabilities: capabilities.list("add", named),
    droppedCapabilities: capabilities.list("drop", named),
    hostPorts: hostPortsOf(fields),
    probeHosts: readProbeHosts(fields),
    cpuRequest: limits.cpuRequest,
  };
}

const named = textItem((text, place) => ({ value: { name: text, place } }));

type Capabilities = FactList<{ readonly name: string; readonly place: Place }>;

/** Runtimes take `CAP_NET_ADMIN` and `net_admin` for `NET_ADMIN`. */
function normalised(list: Capabilities): Capabilities {
  const items = list.items.map(({ name, place }) => ({ name: name.trim().toUpperCase().replace(/^CAP_/, ""), place }));
  return { ...list, items };
}

/** Escalation is always allowed to a privileged container and to one with SYS_ADMIN, whatever is written. */
function noNewPrivilegesOf(
  { allowPrivilegeEscalation, addedCapabilities }: KubernetesContainerExtension,
  privileged: Fact<boolean>,
): Fact<boolean> {
  const administrator = addedCapabilities.items.find(({ name }) => /^(?:CAP_)?SYS_ADMIN$|^ALL$/i.test(name));
  if (knownValue(privileged) === true) return defaulted(false, "platform", privileged.place);
  if (administrator !== undefined) return defaulted(false, "platform", administrator.place);
  if (allowPrivilegeEscalation.kind === "unstated") return defaulted(false, "platform", allowPrivilegeEscalation.place);
  return mapFact(allowPrivilegeEscalation, (allowed) => !allowed);
}

function confinementOf(
  pod: PodContext,
  { fields, name, place }: PodContainer,
  own: KubernetesSecurityContext,
  privileged: Fact<boolean>,
): Pick<Container, "seccomp" | "appArmor" | "seLinux"> {
  const context = fields.fields("securityContext");
  const podContext = pod.template.spec.fields("securityContext");
  const file = (key: string) => localhostProfile(context, key) ?? localhostProfile(podContext, key);
  const seccomp = profileOf(inherited(own.seccompProfile, pod.security.seccompProfile), file("seccompProfile"));
  const appArmor = profileOf(inherited(own.appArmorProfile, pod.security.appArmorProfile), file("appArmorProfile"));
  const annotated = appArmor.kind === "unstated" ? annotatedProfile(pod.template.metadata, name) : appArmor;
  const none = defaulted({ kind: "unconfined" } as const, "platform", place);
  const standard = defaulted({ kind: "default" } as const, "platform", place);
  return {
    seccomp: unlessPrivileged(privileged, seccomp.kind === "unstated" ? none : seccomp),
    appArmor: unlessPrivileged(privileged, annotated.kind === "unstated" ? standard : annotated),
    seLinux: seLinuxOf(inherited(own.seLinuxType, pod.security.seLinuxType), place),
  };
}

function localhostProfile(context: Fields, key: string): string | undefined {
  return knownValue(context.fields(key).fact("localhostProfile", asText, "a text", unstated));
}

export const appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

/** The older way to name an AppArmor profile (before v1.30): `runtime/default`, `localhost/NAME`, `unconfined`. */
function annotatedProfile(metadata: Fields, container: string): Container["appArmor"] {
  const text = metadata.fields("annotations").fact(`${appArmorAnnotation}${container}`, asText, "a text", unstated);
  return mapFact(text, (profile) => {
    if (profile === "unconfined") return { kind: "unconfined" };
    return profile.startsWith("localhost/")
      ? { kind: "custom", name: profile.slice("localhost/".length) }
      : { kind: "default" };
  });
}

function hostPortsOf(container: Fields): KubernetesContainerExtension["hostPorts"] {
  const ports = members(container, "ports");
  const found = ports.items.map((port) => port.fact("hostPort", asWhole, "a port", unstated));
  const items = found.flatMap((fact) =>
    fact.kind === "stated" && fact.value !== 0 ? [{ port: fact.value, place: fact.place }] : [],
  );
  const unclear = found.find((fact) => fact.kind === "unknown");
  const why = unclear?.kind === "unknown" ? unclear.why : ports.complete ? undefined : ports.why;
  return why === undefined ? complete(items, ports.place) : { items, complete: false, why, place: ports.place };
}

function groupsOf({ template }: PodContext): FactList<string> {
  const context = template.spec.fields("securityContext");
  const groups = context.list("supplementalGroups", (node) => {
    const group = scalarFact(node, asWhole, "an entry of `supplementalGroups` is not a number");
    return group.kind === "stated"
      ? { value: String(group.value) }
      : { why: group.kind === "unknown" ? group.why : "" };
  });
  const fsGroup = context.fact("fsGroup", asWhole, "a whole number", unstated);
  if (fsGroup.kind === "unknown")
    return groups.complete ? incomplete(groups.items, fsGroup.why, fsGroup.place) : groups;
  const known = knownValue(fsGroup);
  return known === undefined ? groups : { ...groups, items: [...groups.items, String(known)] };
}

/** They are the pod's: told once, of its first container. */
function sysctlsOf({ template, containers }: PodContext, container: PodContainer): Container["sysctls"] {
  if (containers[0] !== container) return complete([], container.place);
  return sysctlsIn(template.spec, true);
}
