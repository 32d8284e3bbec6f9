import type { FrameworkItem } from "./item.ts";

/**
 * The checks of the Pod Security Standards. Source: kubernetes/pod-security-admission, `policy/check_*.go`, as of v1.37;
 * the names are those that a refusal of the API server gives.
 */
export const podSecurityItems: readonly FrameworkItem[] = [
  { id: "baseline/windowsHostProcess", title: "No Windows HostProcess containers" },
  { id: "baseline/hostNamespaces", title: "No network, process or IPC namespace of the host" },
  { id: "baseline/privileged", title: "No privileged containers" },
  { id: "baseline/capabilities", title: "No capabilities beyond the default set" },
  { id: "baseline/hostPathVolumes", title: "No folders of the host" },
  { id: "baseline/hostPorts", title: "No ports of the host" },
  { id: "baseline/hostProbesAndHostLifecycle", title: "No host named in probes and lifecycle hooks" },
  { id: "baseline/appArmorProfile", title: "No AppArmor profile switched off" },
  { id: "baseline/seLinuxOptions", title: "No SELinux user, role or foreign type" },
  { id: "baseline/procMount", title: "The default masks over /proc" },
  { id: "baseline/seccompProfile", title: "No seccomp profile switched off" },
  { id: "baseline/sysctls", title: "No sysctls beyond the safe ones" },
  { id: "restricted/restrictedVolumes", title: "Volumes of the cluster's own kinds only" },
  { id: "restricted/allowPrivilegeEscalation", title: "No way to more privileges than the start had" },
  { id: "restricted/runAsNonRoot", title: "A user that is stated not to be root" },
  { id: "restricted/runAsUser", title: "No user 0" },
  { id: "restricted/seccompProfile", title: "A seccomp profile is stated" },
  { id: "restricted/capabilities", title: "All capabilities dropped, NET_BIND_SERVICE at most added" },
];
