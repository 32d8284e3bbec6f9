import type { Control } from "../../contracts/control.ts";
import { buildContextClean } from "./secrets.build-context-clean.ts";
import { buildFree } from "./secrets.build-free.ts";
import { commandFree } from "./secrets.command-free.ts";
import { configuredValueStrong } from "./secrets.configured-value-strong.ts";
import { deliveredAsFile } from "./secrets.delivered-as-file.ts";
import { deliveryDecrypts } from "./secrets.delivery-decrypts.ts";
import { deliveryOwned } from "./secrets.delivery-owned.ts";
import { deliveryRestricted } from "./secrets.delivery-restricted.ts";
import { environmentScoped } from "./secrets.environment-scoped.ts";
import { fileIgnored } from "./secrets.file-ignored.ts";
import { filePrivate } from "./secrets.file-private.ts";
import { historyFree } from "./secrets.history-free.ts";
import { ignoreComplete } from "./secrets.ignore-complete.ts";
import { imageFree } from "./secrets.image-free.ts";
import { instanceSettingsFree } from "./secrets.instance-settings-free.ts";
import { kubeconfigPrivate } from "./secrets.kubeconfig-private.ts";
import { literalAbsent } from "./secrets.literal-absent.ts";
import { machineConfigEncrypted } from "./secrets.machine-config-encrypted.ts";
import { manifestEncrypted } from "./secrets.manifest-encrypted.ts";
import { pipelineKeysShortLived } from "./secrets.pipeline-keys-short-lived.ts";
import { pipelineLiteralAbsent } from "./secrets.pipeline-literal-absent.ts";
import { pipelineScoped } from "./secrets.pipeline-scoped.ts";
import { sopsApplied } from "./secrets.sops-applied.ts";
import { sopsAuthenticated } from "./secrets.sops-authenticated.ts";
import { sopsRecipientsCurrent } from "./secrets.sops-recipients-current.ts";
import { sopsRecoveryPossible } from "./secrets.sops-recovery-possible.ts";
import { sopsRulesEffective } from "./secrets.sops-rules-effective.ts";
import { sopsSelectionWhole } from "./secrets.sops-selection-whole.ts";
import { stateEncrypted } from "./secrets.state-encrypted.ts";
import { storeConfigurationFree } from "./secrets.store-configuration-free.ts";
import { storeScoped } from "./secrets.store-scoped.ts";
import { storeTransportEncrypted } from "./secrets.store-transport-encrypted.ts";
import { tofuLiteralAbsent } from "./secrets.tofu-literal-absent.ts";
import { tokenAbsent } from "./secrets.token-absent.ts";
import { valueStrong } from "./secrets.value-strong.ts";
import { valueUnexposed } from "./secrets.value-unexposed.ts";
import { vaultMemoryLocked } from "./secrets.vault-memory-locked.ts";

/** The controls of the ring `secrets`; one line for a new one. */
export const secretsControls: readonly Control[] = [
  buildContextClean,
  buildFree,
  commandFree,
  configuredValueStrong,
  deliveredAsFile,
  deliveryOwned,
  deliveryRestricted,
  environmentScoped,
  fileIgnored,
  filePrivate,
  historyFree,
  ignoreComplete,
  imageFree,
  kubeconfigPrivate,
  literalAbsent,
  machineConfigEncrypted,
  manifestEncrypted,
  pipelineKeysShortLived,
  pipelineLiteralAbsent,
  pipelineScoped,
  sopsApplied,
  sopsAuthenticated,
  sopsRecipientsCurrent,
  sopsRecoveryPossible,
  sopsRulesEffective,
  sopsSelectionWhole,
  storeConfigurationFree,
  tokenAbsent,
  valueStrong,
  valueUnexposed,
  deliveryDecrypts,
  vaultMemoryLocked,
  instanceSettingsFree,
  tofuLiteralAbsent,
  stateEncrypted,
  storeTransportEncrypted,
  storeScoped,
];
