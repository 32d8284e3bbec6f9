import type { Control } from "../contracts/control.ts";
import { alertsLoaded } from "./detection/detection.alerts-loaded.ts";
import { logBounded } from "./detection/detection.log-bounded.ts";
import { workloadScraped } from "./detection/detection.workload-scraped.ts";
import { headersSet } from "./edge/edge.headers-set.ts";
import { hstsSet } from "./edge/edge.hsts-set.ts";
import { httpRedirected } from "./edge/edge.http-redirected.ts";
import { loginRateLimited } from "./edge/edge.login-rate-limited.ts";
import { managementAudienceLimited } from "./edge/edge.management-audience-limited.ts";
import { rateLimited } from "./edge/edge.rate-limited.ts";
import { routeEncrypted } from "./edge/edge.route-encrypted.ts";
import { serverHeaderRemoved } from "./edge/edge.server-header-removed.ts";
import { adminInterfaceUnpublished } from "./identity/identity.admin-interface-unpublished.ts";
import { authenticationOn } from "./identity/identity.authentication-on.ts";
import { routeAccessStated } from "./identity/identity.route-access-stated.ts";
import { datastoreSeparated } from "./network/network.datastore-separated.ts";
import { datastoreUnpublished } from "./network/network.datastore-unpublished.ts";
import { datastoreWithoutOutbound } from "./network/network.datastore-without-outbound.ts";
import { defaultBridgeUnused } from "./network/network.default-bridge-unused.ts";
import { engineApiUnpublished } from "./network/network.engine-api-unpublished.ts";
import { flowDeclared } from "./network/network.flow-declared.ts";
import { hostAccessClosed } from "./network/network.host-access-closed.ts";
import { hostNetworkOff } from "./network/network.host-network-off.ts";
import { linksUnused } from "./network/network.links-unused.ts";
import { onlyProxyPublishes } from "./network/network.only-proxy-publishes.ts";
import { plaintextUnpublished } from "./network/network.plaintext-unpublished.ts";
import { servicesSeparated } from "./network/network.services-separated.ts";
import { subnetsDistinct } from "./network/network.subnets-distinct.ts";
import { tlsVerificationOn } from "./network/network.tls-verification-on.ts";
import { zonesSeparated } from "./network/network.zones-separated.ts";
import { buildFree } from "./secrets/secrets.build-free.ts";
import { commandFree } from "./secrets/secrets.command-free.ts";
import { deliveredAsFile } from "./secrets/secrets.delivered-as-file.ts";
import { deliveryRestricted } from "./secrets/secrets.delivery-restricted.ts";
import { environmentScoped } from "./secrets/secrets.environment-scoped.ts";
import { fileIgnored } from "./secrets/secrets.file-ignored.ts";
import { filePrivate } from "./secrets/secrets.file-private.ts";
import { literalAbsent } from "./secrets/secrets.literal-absent.ts";
import { valueStrong } from "./secrets/secrets.value-strong.ts";
import { valueUnexposed } from "./secrets/secrets.value-unexposed.ts";
import { autoUpdateOff } from "./supply-chain/supply-chain.auto-update-off.ts";
import { imageDigestPinned } from "./supply-chain/supply-chain.image-digest-pinned.ts";
import { imageTagPinned } from "./supply-chain/supply-chain.image-tag-pinned.ts";
import { pullReviewed } from "./supply-chain/supply-chain.pull-reviewed.ts";
import { registryTrusted } from "./supply-chain/supply-chain.registry-trusted.ts";
import { appArmorConfined } from "./workload/workload.apparmor-confined.ts";
import { buildUnprivileged } from "./workload/workload.build-unprivileged.ts";
import { capabilitiesAddedFew } from "./workload/workload.capabilities-added-few.ts";
import { capabilitiesDropped } from "./workload/workload.capabilities-dropped.ts";
import { cgroupOwn } from "./workload/workload.cgroup-own.ts";
import { cpuLimited } from "./workload/workload.cpu-limited.ts";
import { devicesUnexposed } from "./workload/workload.devices-unexposed.ts";
import { engineConnectionProtected } from "./workload/workload.engine-connection-protected.ts";
import { engineProxyFilters } from "./workload/workload.engine-proxy-filters.ts";
import { engineSocketUnmounted } from "./workload/workload.engine-socket-unmounted.ts";
import { healthChecked } from "./workload/workload.health-checked.ts";
import { hostIpcHidden } from "./workload/workload.host-ipc-hidden.ts";
import { hostPathsUnmounted } from "./workload/workload.host-paths-unmounted.ts";
import { hostProcessesHidden } from "./workload/workload.host-processes-hidden.ts";
import { hostUsersSeparate } from "./workload/workload.host-users-separate.ts";
import { hostUtsHidden } from "./workload/workload.host-uts-hidden.ts";
import { memoryLimited } from "./workload/workload.memory-limited.ts";
import { mountPropagationPrivate } from "./workload/workload.mount-propagation-private.ts";
import { nestedEngineAbsent } from "./workload/workload.nested-engine-absent.ts";
import { noNewPrivilegesOn } from "./workload/workload.no-new-privileges-on.ts";
import { pidsLimited } from "./workload/workload.pids-limited.ts";
import { privilegedOff } from "./workload/workload.privileged-off.ts";
import { restartStated } from "./workload/workload.restart-stated.ts";
import { rootReadOnly } from "./workload/workload.root-read-only.ts";
import { seccompConfined } from "./workload/workload.seccomp-confined.ts";
import { seLinuxConfined } from "./workload/workload.selinux-confined.ts";
import { sshdAbsent } from "./workload/workload.sshd-absent.ts";
import { sysctlsSafe } from "./workload/workload.sysctls-safe.ts";
import { systemPathsMasked } from "./workload/workload.system-paths-masked.ts";
import { ulimitsBounded } from "./workload/workload.ulimits-bounded.ts";
import { userUnprivileged } from "./workload/workload.user-unprivileged.ts";

/** Every control, by ring from the outermost to the innermost. A test holds this list and the folders equal. */
export const allControls: readonly Control[] = [
  headersSet,
  hstsSet,
  httpRedirected,
  loginRateLimited,
  managementAudienceLimited,
  rateLimited,
  routeEncrypted,
  serverHeaderRemoved,
  adminInterfaceUnpublished,
  authenticationOn,
  routeAccessStated,
  datastoreSeparated,
  datastoreUnpublished,
  datastoreWithoutOutbound,
  defaultBridgeUnused,
  engineApiUnpublished,
  flowDeclared,
  hostAccessClosed,
  hostNetworkOff,
  linksUnused,
  onlyProxyPublishes,
  plaintextUnpublished,
  servicesSeparated,
  subnetsDistinct,
  tlsVerificationOn,
  zonesSeparated,
  appArmorConfined,
  buildUnprivileged,
  capabilitiesAddedFew,
  capabilitiesDropped,
  cgroupOwn,
  cpuLimited,
  devicesUnexposed,
  engineConnectionProtected,
  engineProxyFilters,
  engineSocketUnmounted,
  healthChecked,
  hostIpcHidden,
  hostPathsUnmounted,
  hostProcessesHidden,
  hostUsersSeparate,
  hostUtsHidden,
  memoryLimited,
  mountPropagationPrivate,
  nestedEngineAbsent,
  noNewPrivilegesOn,
  pidsLimited,
  privilegedOff,
  restartStated,
  rootReadOnly,
  seccompConfined,
  seLinuxConfined,
  sshdAbsent,
  sysctlsSafe,
  systemPathsMasked,
  ulimitsBounded,
  userUnprivileged,
  buildFree,
  commandFree,
  deliveredAsFile,
  deliveryRestricted,
  environmentScoped,
  fileIgnored,
  filePrivate,
  literalAbsent,
  valueStrong,
  valueUnexposed,
  autoUpdateOff,
  imageDigestPinned,
  imageTagPinned,
  pullReviewed,
  registryTrusted,
  alertsLoaded,
  logBounded,
  workloadScraped,
];
