import { commandScenarios } from "./rotation-command-scenario.ts";
import { fakeScenarios } from "./rotation-fake-scenario.ts";
import type { RotationScenario } from "./rotation-scenario.ts";

/** Every way to rotate that is killed at every line of its journal. */
export const rotationScenarios: readonly RotationScenario[] = [...fakeScenarios, ...commandScenarios];
