import type { Control } from "../../contracts/control.ts";
import { autoUpdateOff } from "./supply-chain.auto-update-off.ts";
import { downloadVerified } from "./supply-chain.download-verified.ts";
import { imageDigestPinned } from "./supply-chain.image-digest-pinned.ts";
import { imageTagPinned } from "./supply-chain.image-tag-pinned.ts";
import { packageListsFresh } from "./supply-chain.package-lists-fresh.ts";
import { packageSignaturesChecked } from "./supply-chain.package-signatures-checked.ts";
import { pullReviewed } from "./supply-chain.pull-reviewed.ts";
import { registryTrusted } from "./supply-chain.registry-trusted.ts";

/** The controls of the ring `supply-chain`; one line for a new one. */
export const supplyChainControls: readonly Control[] = [
  autoUpdateOff,
  downloadVerified,
  imageDigestPinned,
  imageTagPinned,
  packageListsFresh,
  packageSignaturesChecked,
  pullReviewed,
  registryTrusted,
];
