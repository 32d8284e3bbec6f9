import type { Gap, Guarantee } from "../../contracts/platform.ts";
import { edgeGuarantees } from "./guarantees-edge.ts";
import { composeGaps } from "./guarantees-gaps.ts";
import { networkGuarantees } from "./guarantees-network.ts";
import { secretGuarantees } from "./guarantees-secrets.ts";
import { workloadGuarantees } from "./guarantees-workload.ts";

/** All that Docker Compose makes true of a stack as Ringwall renders it, from the outermost ring inwards. */
export const guarantees: readonly Guarantee[] = [
  ...edgeGuarantees,
  ...networkGuarantees,
  ...workloadGuarantees,
  ...secretGuarantees,
];

/** What it leaves open. */
export const gaps: readonly Gap[] = composeGaps;
