import type { KubernetesContainerExtension, KubernetesSecurityContext } from "../../facts/extensions-kubernetes.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import type { Found, PodFacts, PodSecurityCheck } from "./pod-security.ts";
import { isConfiningProfile, looseSeccomp, unlessOwnUsers, unmasked } from "./pod-security-baseline.ts";
import {
  containerWhere,
  contextsOf,
  doubted,
  extensionsOf,
  forbidden,
  forbiddenIn,
  violated,
  wholePod,
} from "./pod-security-finding.ts";

/** `check_restrictedVolumes.go`: `image` is allowed from v1.33 on. */
const allowedVolumes: ReadonlySet<string> = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** `spec.os.name: windows` frees a pod from checks of what only Linux has (v1.25). */
function unlessWindows({ workload: { kubernetes } }: PodFacts, find: () => readonly Found[]): readonly Found[] {
  const system = kubernetes?.operatingSystem;
  if (system?.kind === "unknown") return find().map((found) => doubted(found, system.why));
  return system !== undefined && knownValue(system) === "windows" ? [] : find();
}

const restrictedVolumes: PodSecurityCheck = {
  name: "restrictedVolumes",
  overrides: "hostPathVolumes",
  find: ({ workload: { kubernetes } }) => {
    if (kubernetes === undefined) return [];
    const { volumes } = kubernetes;
    const unclear = volumes.items.flatMap(({ source }): readonly Found[] =>
      source.kind === "unknown"
        ? [{ doubt: { check: "restrictedVolumes", why: source.why, place: source.place } }]
        : [],
    );
    const found = forbiddenIn("restrictedVolumes", wholePod, volumes, ({ name, source }) => {
      const kind = knownValue(source);
      if (kind === undefined || allowedVolumes.has(kind)) return undefined;
      return `the volume ${name} is a ${kind}`;
    });
    return [...found, ...unclear];
  },
};

const allowPrivilegeEscalation: PodSecurityCheck = {
  name: "allowPrivilegeEscalation",
  find: (pod) =>
    unlessWindows(pod, () =>
      extensionsOf(pod).flatMap((container) =>
        demanded(
          "allowPrivilegeEscalation",
          containerWhere(container),
          container.allowPrivilegeEscalation,
          (allowed) => !allowed,
          "allowPrivilegeEscalation is not false",
        ),
      ),
    ),
};

/** A written value that must be right; not written is wrong. */
function demanded<T>(
  check: string,
  where: string,
  fact: Fact<T>,
  right: (value: T) => boolean,
  what: string,
): readonly Found[] {
  if (fact.kind === "unstated") return [violated(check, where, what, fact.place)];
  return forbidden(
    check,
    where,
    fact,
    (value) => !right(value),
    () => what,
  );
}

const runAsNonRoot: PodSecurityCheck = {
  name: "runAsNonRoot",
  find: (pod) => unlessOwnUsers(pod, () => rootAllowed(pod)),
};

function rootAllowed(pod: PodFacts): readonly Found[] {
  const switchedOff = contextsOf(pod).flatMap(({ where, security }) =>
    forbidden(
      "runAsNonRoot",
      where,
      security.runAsNonRoot,
      (value) => !value,
      () => "runAsNonRoot is false",
    ),
  );
  return [...switchedOff, ...missingIn(pod, nonRootStated)];
}

/** A field that the pod may state for its containers. */
interface Inheritable<T> {
  readonly check: string;
  readonly of: (security: KubernetesSecurityContext) => Fact<T>;
  readonly right: (value: T) => boolean;
  readonly missing: string;
}

const nonRootStated: Inheritable<boolean> = {
  check: "runAsNonRoot",
  of: (security) => security.runAsNonRoot,
  right: (value) => value,
  missing: "runAsNonRoot is not stated",
};

/** The containers that state nothing themselves, in a pod that states nothing right. */
function missingIn<T>(pod: PodFacts, { check, of, right, missing }: Inheritable<T>): readonly Found[] {
  const { kubernetes } = pod.workload;
  if (kubernetes === undefined) return [];
  const ofPod = of(kubernetes.security);
  // What cannot be told of the pod is a doubt already.
  if (ofPod.kind === "unknown" || (ofPod.kind !== "unstated" && right(ofPod.value))) return [];
  return extensionsOf(pod).flatMap((container) => {
    const own = of(container.security);
    return own.kind === "unstated" ? [violated(check, containerWhere(container), missing, own.place)] : [];
  });
}

const runAsUser: PodSecurityCheck = {
  name: "runAsUser",
  find: (pod) =>
    unlessOwnUsers(pod, () =>
      contextsOf(pod).flatMap(({ where, security }) =>
        forbidden(
          "runAsUser",
          where,
          security.runAsUser,
          (user) => user === 0,
          () => "runAsUser is 0",
        ),
      ),
    ),
};

const seccompProfile: PodSecurityCheck = {
  name: "seccompProfile",
  overrides: "seccompProfile",
  find: (pod) => unlessWindows(pod, () => [...looseSeccomp(pod), ...missingIn(pod, seccompStated)]),
};

const seccompStated: Inheritable<string> = {
  check: "seccompProfile",
  of: (security) => security.seccompProfile,
  right: isConfiningProfile,
  missing: "no seccomp profile is stated",
};

const capabilities: PodSecurityCheck = {
  name: "capabilities",
  overrides: "capabilities",
  find: (pod) => unlessWindows(pod, () => extensionsOf(pod).flatMap(capabilitiesOf)),
};

function capabilitiesOf(container: KubernetesContainerExtension): readonly Found[] {
  const { addedCapabilities, droppedCapabilities: dropped } = container;
  const where = containerWhere(container);
  const added = forbiddenIn("capabilities", where, addedCapabilities, ({ name }) =>
    name === "NET_BIND_SERVICE" ? undefined : `${name} is added`,
  );
  if (dropped.items.some(({ name }) => name === "ALL")) return added;
  const missing: Found = dropped.complete
    ? violated("capabilities", where, "ALL is not dropped", dropped.place)
    : { doubt: { check: "capabilities", why: dropped.why, place: dropped.place } };
  return [...added, missing];
}

const procMount: PodSecurityCheck = { name: "procMount", overrides: "procMount", find: unmasked };

/** The checks of the level *restricted*, beside those of *baseline* that they do not override. */
export const restrictedChecks: readonly PodSecurityCheck[] = [
  restrictedVolumes,
  allowPrivilegeEscalation,
  runAsNonRoot,
  runAsUser,
  seccompProfile,
  capabilities,
  procMount,
];
