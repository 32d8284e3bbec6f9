import type { KubernetesContainerExtension } from "../../facts/extensions-kubernetes.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Found, PodFacts, PodSecurityCheck } from "./pod-security.ts";
import {
  containerWhere,
  contextsOf,
  doubted,
  extensionsOf,
  forbidden,
  forbiddenIn,
  ofField,
  wholePod,
} from "./pod-security-finding.ts";

/** `check_capabilities_baseline.go`: what runtimes give by default, without NET_RAW. */
const allowedCapabilities: ReadonlySet<string> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

/** `check_sysctls.go`, the set of v1.37. */
const allowedSysctls: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_notsent_lowat",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_slow_start_after_idle",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);

/** `check_seLinuxOptions.go`, the set of v1.31. */
const allowedSeLinuxTypes: ReadonlySet<string> = new Set([
  "",
  "container_t",
  "container_init_t",
  "container_kvm_t",
  "container_engine_t",
]);

/** `RuntimeDefault` and `Localhost`, of seccomp and of AppArmor. */
export function isConfiningProfile(type: string): boolean {
  return type === "RuntimeDefault" || type === "Localhost";
}

const isTrue = (value: boolean): boolean => value;
const isWritten = (text: string): boolean => text !== "";

function ofContainers(
  pod: PodFacts,
  find: (container: KubernetesContainerExtension, where: string) => readonly Found[],
): readonly Found[] {
  return extensionsOf(pod).flatMap((container) => find(container, containerWhere(container)));
}

const windowsHostProcess: PodSecurityCheck = {
  name: "windowsHostProcess",
  find: (pod) =>
    contextsOf(pod).flatMap(({ where, security }) =>
      forbidden("windowsHostProcess", where, security.hostProcess, isTrue, () => "hostProcess is true"),
    ),
};

const hostNamespaces: PodSecurityCheck = {
  name: "hostNamespaces",
  find: ({ workload }) => {
    const { hostPid, hostIpc, kubernetes } = workload;
    const shared = (name: string, fact: typeof hostPid) =>
      forbidden("hostNamespaces", wholePod, fact, isTrue, () => `${name} is true`).map((found) => ofField(found, name));
    return [
      ...(kubernetes === undefined ? [] : shared("hostNetwork", kubernetes.hostNetwork)),
      ...shared("hostPID", hostPid),
      ...shared("hostIPC", hostIpc),
    ];
  },
};

const privileged: PodSecurityCheck = {
  name: "privileged",
  find: ({ containers }) =>
    containers.flatMap(({ kubernetes, privileged: fact }) =>
      kubernetes === undefined
        ? []
        : forbidden("privileged", containerWhere(kubernetes), fact, isTrue, () => "privileged is true"),
    ),
};

const capabilities: PodSecurityCheck = {
  name: "capabilities",
  find: (pod) =>
    ofContainers(pod, ({ addedCapabilities }, where) =>
      forbiddenIn("capabilities", where, addedCapabilities, ({ name }) =>
        allowedCapabilities.has(name) ? undefined : `${name} is added`,
      ),
    ),
};

const hostPathVolumes: PodSecurityCheck = {
  name: "hostPathVolumes",
  find: ({ workload: { kubernetes } }) =>
    kubernetes === undefined
      ? []
      : [
          ...forbiddenIn("hostPathVolumes", wholePod, kubernetes.volumes, ({ name, source }) =>
            knownValue(source) === "hostPath" ? `the volume ${name} is a hostPath` : undefined,
          ),
          ...kubernetes.volumes.items.flatMap(({ source }) =>
            source.kind === "unknown"
              ? [{ doubt: { check: "hostPathVolumes", why: source.why, place: source.place } }]
              : [],
          ),
        ],
};

const hostPorts: PodSecurityCheck = {
  name: "hostPorts",
  find: (pod) =>
    ofContainers(pod, (container, where) =>
      forbiddenIn("hostPorts", where, container.hostPorts, ({ port }) => `the hostPort ${port} is taken`),
    ),
};

const hostProbes: PodSecurityCheck = {
  name: "hostProbesAndHostLifecycle",
  find: (pod) =>
    ofContainers(pod, ({ probeHosts }, where) =>
      forbiddenIn("hostProbesAndHostLifecycle", where, probeHosts, ({ field, host }) => `${field} is ${host}`),
    ),
};

const appArmorProfile: PodSecurityCheck = {
  name: "appArmorProfile",
  find: (pod) => {
    const annotations = pod.workload.kubernetes?.appArmorAnnotations;
    const fields = contextsOf(pod).flatMap(({ where, security }) =>
      forbidden(
        "appArmorProfile",
        where,
        security.appArmorProfile,
        (type) => !isConfiningProfile(type),
        (type) => `the AppArmor profile is ${type === "" ? "of no type" : type}`,
      ),
    );
    if (annotations === undefined) return fields;
    const annotated = forbiddenIn("appArmorProfile", wholePod, annotations, ({ container, profile }) =>
      profile === "" || profile === "runtime/default" || profile.startsWith("localhost/")
        ? undefined
        : `the annotation for ${container} makes its AppArmor profile ${profile}`,
    );
    return [...fields, ...annotated];
  },
};

const seLinuxOptions: PodSecurityCheck = {
  name: "seLinuxOptions",
  find: (pod) =>
    contextsOf(pod).flatMap(({ where, security }) => {
      const check = "seLinuxOptions";
      const isForeign = (type: string) => !allowedSeLinuxTypes.has(type);
      return [
        ...forbidden(check, where, security.seLinuxType, isForeign, (type) => `the SELinux type is ${type}`),
        ...forbidden(check, where, security.seLinuxUser, isWritten, (user) => `the SELinux user is ${user}`),
        ...forbidden(check, where, security.seLinuxRole, isWritten, (role) => `the SELinux role is ${role}`),
      ];
    }),
};

/** `procMount` of containers; in `restricted` it is asked of pods with user namespaces of their own as well. */
export function unmasked(pod: PodFacts): readonly Found[] {
  return ofContainers(pod, ({ procMount }, where) =>
    forbidden(
      "procMount",
      where,
      procMount,
      (type) => type !== "Default",
      (type) => `procMount is ${type}`,
    ),
  );
}

/** `helpers.go`: a pod that says `hostUsers: false`, by itself and not by a default, is freed from some checks. */
export function unlessOwnUsers({ workload: { hostUsers } }: PodFacts, find: () => readonly Found[]): readonly Found[] {
  if (hostUsers.kind === "unknown") return find().map((found) => doubted(found, hostUsers.why));
  return hostUsers.kind === "stated" && !hostUsers.value ? [] : find();
}

const procMount: PodSecurityCheck = {
  name: "procMount",
  find: (pod) => unlessOwnUsers(pod, () => unmasked(pod)),
};

/** Profiles that are written and switch the filter off, of pod and containers. */
export function looseSeccomp(pod: PodFacts): readonly Found[] {
  return contextsOf(pod).flatMap(({ where, security }) =>
    forbidden(
      "seccompProfile",
      where,
      security.seccompProfile,
      (type) => !isConfiningProfile(type),
      (type) => `the seccomp profile is ${type === "" ? "of no type" : type}`,
    ),
  );
}

const seccompProfile: PodSecurityCheck = { name: "seccompProfile", find: looseSeccomp };

const sysctls: PodSecurityCheck = {
  name: "sysctls",
  find: ({ workload: { kubernetes } }) =>
    kubernetes === undefined
      ? []
      : forbiddenIn("sysctls", wholePod, kubernetes.sysctls, ({ name }) =>
          allowedSysctls.has(name) ? undefined : `the sysctl ${name} is set`,
        ),
};

/** The checks of the level *baseline*. */
export const baselineChecks: readonly PodSecurityCheck[] = [
  windowsHostProcess,
  hostNamespaces,
  privileged,
  capabilities,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  appArmorProfile,
  seLinuxOptions,
  procMount,
  seccompProfile,
  sysctls,
];
