import type { Control } from "../contracts/control.ts";
import { dataControls } from "./data/index.ts";
import { detectionControls } from "./detection/index.ts";
import { edgeControls } from "./edge/index.ts";
import { identityControls } from "./identity/index.ts";
import { networkControls } from "./network/index.ts";
import { secretsControls } from "./secrets/index.ts";
import { supplyChainControls } from "./supply-chain/index.ts";
import { workloadControls } from "./workload/index.ts";

/** Every control, by ring from the outermost to the innermost. A test holds this list and the folders equal. */
export const allControls: readonly Control[] = [
  ...edgeControls,
  ...identityControls,
  ...networkControls,
  ...workloadControls,
  ...secretsControls,
  ...dataControls,
  ...supplyChainControls,
  ...detectionControls,
];
