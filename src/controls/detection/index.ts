import type { Control } from "../../contracts/control.ts";
import { accessLogged } from "./detection.access-logged.ts";
import { alertMailEncrypted } from "./detection.alert-mail-encrypted.ts";
import { alertsDelivered } from "./detection.alerts-delivered.ts";
import { alertsLoaded } from "./detection.alerts-loaded.ts";
import { bannedTurnedAway } from "./detection.banned-turned-away.ts";
import { clusterAudited } from "./detection.cluster-audited.ts";
import { intrusionEngineActs } from "./detection.intrusion-engine-acts.ts";
import { logBounded } from "./detection.log-bounded.ts";
import { logTransportEncrypted } from "./detection.log-transport-encrypted.ts";
import { logsKept } from "./detection.logs-kept.ts";
import { sshLogged } from "./detection.ssh-logged.ts";
import { workloadScraped } from "./detection.workload-scraped.ts";

/** The controls of the ring `detection`; one line for a new one. */
export const detectionControls: readonly Control[] = [
  alertsLoaded,
  logBounded,
  sshLogged,
  workloadScraped,
  alertsDelivered,
  alertMailEncrypted,
  clusterAudited,
  intrusionEngineActs,
  bannedTurnedAway,
  logsKept,
  logTransportEncrypted,
  accessLogged,
];
