import type { Control } from "../../contracts/control.ts";
import { apiTokenUnmounted } from "./workload.api-token-unmounted.ts";
import { appArmorConfined } from "./workload.apparmor-confined.ts";
import { buildStepsConfined } from "./workload.build-steps-confined.ts";
import { buildUnprivileged } from "./workload.build-unprivileged.ts";
import { capabilitiesAddedFew } from "./workload.capabilities-added-few.ts";
import { capabilitiesDropped } from "./workload.capabilities-dropped.ts";
import { cgroupOwn } from "./workload.cgroup-own.ts";
import { controlPlaneDedicated } from "./workload.control-plane-dedicated.ts";
import { cpuLimited } from "./workload.cpu-limited.ts";
import { defaultNamespaceUnused } from "./workload.default-namespace-unused.ts";
import { developmentModeOff } from "./workload.development-mode-off.ts";
import { devicesUnexposed } from "./workload.devices-unexposed.ts";
import { engineConnectionProtected } from "./workload.engine-connection-protected.ts";
import { engineExperimentsOff } from "./workload.engine-experiments-off.ts";
import { engineLiveRestored } from "./workload.engine-live-restored.ts";
import { engineProxyFilters } from "./workload.engine-proxy-filters.ts";
import { engineSeccompKept } from "./workload.engine-seccomp-kept.ts";
import { engineSocketUnmounted } from "./workload.engine-socket-unmounted.ts";
import { engineUsersRemapped } from "./workload.engine-users-remapped.ts";
import { exposureContained } from "./workload.exposure-contained.ts";
import { healthChecked } from "./workload.health-checked.ts";
import { hostIpcHidden } from "./workload.host-ipc-hidden.ts";
import { hostPathsUnmounted } from "./workload.host-paths-unmounted.ts";
import { hostProcessesHidden } from "./workload.host-processes-hidden.ts";
import { hostUsersSeparate } from "./workload.host-users-separate.ts";
import { hostUtsHidden } from "./workload.host-uts-hidden.ts";
import { imageDoorsAbsent } from "./workload.image-doors-absent.ts";
import { imagePermissionsTight } from "./workload.image-permissions-tight.ts";
import { imageUserUnprivileged } from "./workload.image-user-unprivileged.ts";
import { interceptionNarrow } from "./workload.interception-narrow.ts";
import { machineKernelHardened } from "./workload.machine-kernel-hardened.ts";
import { machineStartPermissionsTight } from "./workload.machine-start-permissions-tight.ts";
import { memoryLimited } from "./workload.memory-limited.ts";
import { mountPropagationPrivate } from "./workload.mount-propagation-private.ts";
import { namespaceBounded } from "./workload.namespace-bounded.ts";
import { namespaceLevelEnforced } from "./workload.namespace-level-enforced.ts";
import { nestedEngineAbsent } from "./workload.nested-engine-absent.ts";
import { nestingOff } from "./workload.nesting-off.ts";
import { noNewPrivilegesOn } from "./workload.no-new-privileges-on.ts";
import { pidsLimited } from "./workload.pids-limited.ts";
import { podSecurityBaseline } from "./workload.pod-security-baseline.ts";
import { podSecurityDefaulted } from "./workload.pod-security-defaulted.ts";
import { podSecurityRestricted } from "./workload.pod-security-restricted.ts";
import { privilegedOff } from "./workload.privileged-off.ts";
import { processesSeparate } from "./workload.processes-separate.ts";
import { rawOptionsSafe } from "./workload.raw-options-safe.ts";
import { restartStated } from "./workload.restart-stated.ts";
import { rootReadOnly } from "./workload.root-read-only.ts";
import { seccompConfined } from "./workload.seccomp-confined.ts";
import { seccompDefaulted } from "./workload.seccomp-defaulted.ts";
import { seLinuxConfined } from "./workload.selinux-confined.ts";
import { sshdAbsent } from "./workload.sshd-absent.ts";
import { sysctlsSafe } from "./workload.sysctls-safe.ts";
import { systemPathsMasked } from "./workload.system-paths-masked.ts";
import { ulimitsBounded } from "./workload.ulimits-bounded.ts";
import { userUnprivileged } from "./workload.user-unprivileged.ts";

/** The controls of the ring `workload`; one line for a new one. */
export const workloadControls: readonly Control[] = [
  exposureContained,
  apiTokenUnmounted,
  appArmorConfined,
  buildStepsConfined,
  buildUnprivileged,
  capabilitiesAddedFew,
  capabilitiesDropped,
  cgroupOwn,
  controlPlaneDedicated,
  cpuLimited,
  developmentModeOff,
  devicesUnexposed,
  engineConnectionProtected,
  engineSeccompKept,
  engineUsersRemapped,
  engineLiveRestored,
  engineExperimentsOff,
  engineProxyFilters,
  engineSocketUnmounted,
  healthChecked,
  hostIpcHidden,
  hostPathsUnmounted,
  hostProcessesHidden,
  hostUsersSeparate,
  hostUtsHidden,
  imageDoorsAbsent,
  imagePermissionsTight,
  machineStartPermissionsTight,
  imageUserUnprivileged,
  machineKernelHardened,
  memoryLimited,
  mountPropagationPrivate,
  nestedEngineAbsent,
  noNewPrivilegesOn,
  pidsLimited,
  podSecurityBaseline,
  podSecurityDefaulted,
  podSecurityRestricted,
  privilegedOff,
  processesSeparate,
  restartStated,
  rootReadOnly,
  seccompConfined,
  seLinuxConfined,
  seccompDefaulted,
  sshdAbsent,
  sysctlsSafe,
  systemPathsMasked,
  ulimitsBounded,
  userUnprivileged,
  namespaceLevelEnforced,
  namespaceBounded,
  defaultNamespaceUnused,
  nestingOff,
  rawOptionsSafe,
  interceptionNarrow,
];
