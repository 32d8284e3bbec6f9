import type { Control } from "../../contracts/control.ts";
import { actionsPinned } from "./supply-chain.actions-pinned.ts";
import { atlantisApplyReviewed } from "./supply-chain.atlantis-apply-reviewed.ts";
import { atlantisWorkflowsOwn } from "./supply-chain.atlantis-workflows-own.ts";
import { autoUpdateOff } from "./supply-chain.auto-update-off.ts";
import { deliveryPinned } from "./supply-chain.delivery-pinned.ts";
import { deliveryPrunes } from "./supply-chain.delivery-prunes.ts";
import { downloadVerified } from "./supply-chain.download-verified.ts";
import { firstStartDownloadVerified } from "./supply-chain.first-start-download-verified.ts";
import { foreignCodeUnprivileged } from "./supply-chain.foreign-code-unprivileged.ts";
import { imageBuildsScanned } from "./supply-chain.image-builds-scanned.ts";
import { imageDigestPinned } from "./supply-chain.image-digest-pinned.ts";
import { imageTagPinned } from "./supply-chain.image-tag-pinned.ts";
import { installerPinned } from "./supply-chain.installer-pinned.ts";
import { jobUnprivileged } from "./supply-chain.job-unprivileged.ts";
import { logCommandsOff } from "./supply-chain.log-commands-off.ts";
import { machineStartDownloadVerified } from "./supply-chain.machine-start-download-verified.ts";
import { moduleSourcePinned } from "./supply-chain.module-source-pinned.ts";
import { packageListsFresh } from "./supply-chain.package-lists-fresh.ts";
import { packageSignaturesChecked } from "./supply-chain.package-signatures-checked.ts";
import { pipelineDownloadVerified } from "./supply-chain.pipeline-download-verified.ts";
import { providersLocked } from "./supply-chain.providers-locked.ts";
import { pullReviewed } from "./supply-chain.pull-reviewed.ts";
import { registryTransportVerified } from "./supply-chain.registry-transport-verified.ts";
import { registryTrusted } from "./supply-chain.registry-trusted.ts";
import { releaseCacheFresh } from "./supply-chain.release-cache-fresh.ts";
import { runnerConfined } from "./supply-chain.runner-confined.ts";
import { runnerUnshared } from "./supply-chain.runner-unshared.ts";
import { scriptInjectionAbsent } from "./supply-chain.script-injection-absent.ts";
import { sourceSigned } from "./supply-chain.source-signed.ts";
import { sourceTransportProtected } from "./supply-chain.source-transport-protected.ts";
import { workflowTokenLimited } from "./supply-chain.workflow-token-limited.ts";

/** The controls of the ring `supply-chain`; one line for a new one. */
export const supplyChainControls: readonly Control[] = [
  actionsPinned,
  atlantisApplyReviewed,
  atlantisWorkflowsOwn,
  autoUpdateOff,
  downloadVerified,
  foreignCodeUnprivileged,
  imageBuildsScanned,
  imageDigestPinned,
  imageTagPinned,
  installerPinned,
  packageListsFresh,
  packageSignaturesChecked,
  pipelineDownloadVerified,
  firstStartDownloadVerified,
  machineStartDownloadVerified,
  pullReviewed,
  registryTransportVerified,
  registryTrusted,
  releaseCacheFresh,
  jobUnprivileged,
  runnerUnshared,
  runnerConfined,
  scriptInjectionAbsent,
  logCommandsOff,
  workflowTokenLimited,
  sourceTransportProtected,
  deliveryPinned,
  sourceSigned,
  deliveryPrunes,
  providersLocked,
  moduleSourcePinned,
];
