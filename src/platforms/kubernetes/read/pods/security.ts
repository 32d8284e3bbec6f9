import type { KubernetesSecurityContext } from "../../../../facts/extensions-kubernetes.ts";
import { defaulted, type Fact, knownValue, mapFact, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { ConfinementProfile, UserIdentity } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import { asWhole, flagFact } from "./scalars.ts";

/** What one level's `securityContext` says itself. */
export function readSecurityContext(context: Fields): KubernetesSecurityContext {
  if (context.hidden === undefined && context.entries.length === 0) return nothingSaid(context.place);
  const seLinux = context.fields("seLinuxOptions");
  return {
    runAsUser: context.fact("runAsUser", asWhole, "a whole number", unstated),
    runAsNonRoot: flagFact(context, "runAsNonRoot", unstated),
    seccompProfile: profileType(context, "seccompProfile"),
    appArmorProfile: profileType(context, "appArmorProfile"),
    seLinuxType: seLinux.fact("type", asText, "a text", unstated),
    seLinuxUser: seLinux.fact("user", asText, "a text", unstated),
    seLinuxRole: seLinux.fact("role", asText, "a text", unstated),
    hostProcess: flagFact(context.fields("windowsOptions"), "hostProcess", unstated),
    runAsUserName: context.fields("windowsOptions").fact("runAsUserName", asText, "a text", unstated),
  };
}

function nothingSaid(place: Place): KubernetesSecurityContext {
  const absent = unstated<never>(place);
  return {
    runAsUser: absent,
    runAsNonRoot: absent,
    seccompProfile: absent,
    appArmorProfile: absent,
    seLinuxType: absent,
    seLinuxUser: absent,
    seLinuxRole: absent,
    hostProcess: absent,
    runAsUserName: absent,
  };
}

/** A profile that is there without a type has an empty one, and no default. */
function profileType(context: Fields, key: string): Fact<string> {
  const place = context.keyPlace(key);
  const absent = context.node(key) === undefined ? unstated<string> : () => stated("", place);
  return context.fields(key).fact("type", asText, "a text", absent);
}

/** What holds in a container: its own word before the pod's. */
export function inherited<T>(own: Fact<T>, pod: Fact<T>): Fact<T> {
  return own.kind === "unstated" ? pod : own;
}

/** As whom the container starts. Unstated where neither level says it: the image decides. */
export function userOf(
  own: KubernetesSecurityContext,
  pod: KubernetesSecurityContext,
  place: Place,
): Fact<UserIdentity> {
  const user = inherited(own.runAsUser, pod.runAsUser);
  if (user.kind === "unknown") return user;
  const uid = knownValue(user);
  if (uid !== undefined) return stated({ text: String(uid), uid }, user.place);
  const windows = inherited(own.runAsUserName, pod.runAsUserName);
  if (windows.kind !== "unstated") return mapFact(windows, windowsUser);
  const nonRoot = inherited(own.runAsNonRoot, pod.runAsNonRoot);
  if (nonRoot.kind === "unknown") return nonRoot;
  return knownValue(nonRoot) === true
    ? stated({ text: "any but root (runAsNonRoot)", neverRoot: true }, nonRoot.place)
    : nonRoot.kind === "unstated"
      ? unstated(place)
      : unstated(nonRoot.place);
}

/**
 * An account of Windows. Source: Kubernetes documentation "Configure RunAsUserName for Windows pods and containers" and
 * "Create a Windows HostProcess Pod": ContainerAdministrator, and the node's own SYSTEM, may do everything.
 */
function windowsUser(text: string): UserIdentity {
  const rules = /^(?:.*\\)?(?:containeradministrator|administrators?|(?:local)?system)$/i.test(text.trim());
  return { text, name: text, ...(rules ? { administrator: true } : {}) };
}

/** A seccomp or AppArmor profile by its type, with the file that `Localhost` names. */
export function profileOf(type: Fact<string>, file: string | undefined): Fact<ConfinementProfile> {
  if (type.kind === "unknown" || type.kind === "unstated") return type;
  switch (type.value) {
    case "RuntimeDefault":
      return stated({ kind: "default" }, type.place);
    case "Unconfined":
      return stated({ kind: "unconfined" }, type.place);
    case "Localhost":
      return stated({ kind: "custom", name: file ?? "of the node" }, type.place);
    default:
      return unknown("the profile's type is none that Kubernetes knows", type.place);
  }
}

/** SELinux types under which a container is confined by nothing. */
const unconfinedTypes = new Set(["spc_t", "unconfined_t", "unconfined_service_t"]);

export function seLinuxOf(type: Fact<string>, place: Place): Fact<ConfinementProfile> {
  if (type.kind === "unknown") return type;
  const name = knownValue(type);
  if (name === undefined || name === "") return defaulted({ kind: "default" }, "platform", place);
  return stated(unconfinedTypes.has(name) ? { kind: "unconfined" } : { kind: "custom", name }, type.place);
}

/** The default profile, unless the container is privileged and so has none. */
export function unlessPrivileged(privileged: Fact<boolean>, otherwise: Fact<ConfinementProfile>) {
  if (privileged.kind === "unknown") {
    return unknown<ConfinementProfile>(`whether it is privileged: ${privileged.why}`, privileged.place);
  }
  return knownValue(privileged) === true
    ? defaulted<ConfinementProfile>({ kind: "unconfined" }, "platform", privileged.place)
    : otherwise;
}
