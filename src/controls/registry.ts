import type { Control } from "../contracts/control.ts";
import { datastoreUnpublished } from "./network/network.datastore-unpublished.ts";
import { hostNetworkOff } from "./network/network.host-network-off.ts";
import { onlyProxyPublishes } from "./network/network.only-proxy-publishes.ts";
import { literalAbsent } from "./secrets/secrets.literal-absent.ts";
import { valueStrong } from "./secrets/secrets.value-strong.ts";
import { imageTagPinned } from "./supply-chain/supply-chain.image-tag-pinned.ts";
import { engineSocketUnmounted } from "./workload/workload.engine-socket-unmounted.ts";
import { memoryLimited } from "./workload/workload.memory-limited.ts";
import { noNewPrivilegesOn } from "./workload/workload.no-new-privileges-on.ts";
import { privilegedOff } from "./workload/workload.privileged-off.ts";
import { userUnprivileged } from "./workload/workload.user-unprivileged.ts";

/** Every control, by ring from the outermost to the innermost. A test holds this list and the folders equal. */
export const allControls: readonly Control[] = [
  datastoreUnpublished,
  hostNetworkOff,
  onlyProxyPublishes,
  engineSocketUnmounted,
  memoryLimited,
  noNewPrivilegesOn,
  privilegedOff,
  userUnprivileged,
  literalAbsent,
  valueStrong,
  imageTagPinned,
];
