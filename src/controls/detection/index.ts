import type { Control } from "../../contracts/control.ts";
import { alertsLoaded } from "./detection.alerts-loaded.ts";
import { logBounded } from "./detection.log-bounded.ts";
import { workloadScraped } from "./detection.workload-scraped.ts";

/** The controls of the ring `detection`; one line for a new one. */
export const detectionControls: readonly Control[] = [alertsLoaded, logBounded, workloadScraped];
