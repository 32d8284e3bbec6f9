import { cloudflareScenarios } from "./rotation-cloudflare-scenario.ts";
import { commandScenarios } from "./rotation-command-scenario.ts";
import { fakeScenarios } from "./rotation-fake-scenario.ts";
import { mosquittoScenarios } from "./rotation-mosquitto-scenario.ts";
import { postgresScenarios } from "./rotation-postgres-scenario.ts";
import { resticScenarios } from "./rotation-restic-scenario.ts";
import type { RotationScenario } from "./rotation-scenario.ts";
import { sshScenarios } from "./rotation-ssh-scenario.ts";

/** Every way to rotate that is killed at every line of its journal. */
export const rotationScenarios: readonly RotationScenario[] = [
  ...fakeScenarios,
  ...commandScenarios,
  ...postgresScenarios,
  ...mosquittoScenarios,
  ...resticScenarios,
  ...cloudflareScenarios,
  ...sshScenarios,
];
