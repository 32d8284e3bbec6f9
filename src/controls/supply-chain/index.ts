import type { Control } from "../../contracts/control.ts";
import { autoUpdateOff } from "./supply-chain.auto-update-off.ts";
import { imageDigestPinned } from "./supply-chain.image-digest-pinned.ts";
import { imageTagPinned } from "./supply-chain.image-tag-pinned.ts";
import { pullReviewed } from "./supply-chain.pull-reviewed.ts";
import { registryTrusted } from "./supply-chain.registry-trusted.ts";

/** The controls of the ring `supply-chain`; one line for a new one. */
export const supplyChainControls: readonly Control[] = [
  autoUpdateOff,
  imageDigestPinned,
  imageTagPinned,
  pullReviewed,
  registryTrusted,
];
