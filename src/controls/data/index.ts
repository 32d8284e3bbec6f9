import type { Control } from "../../contracts/control.ts";
import { etcdEncrypted } from "./data.etcd-encrypted.ts";
import { machineDiskEncrypted } from "./data.machine-disk-encrypted.ts";
import { snapshotsScheduled } from "./data.snapshots-scheduled.ts";
import { volumeModeTight } from "./data.volume-mode-tight.ts";

/** The controls of the ring `data`; one line for a new one. */
export const dataControls: readonly Control[] = [
  etcdEncrypted,
  machineDiskEncrypted,
  snapshotsScheduled,
  volumeModeTight,
];
