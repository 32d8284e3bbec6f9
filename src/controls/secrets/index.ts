import type { Control } from "../../contracts/control.ts";
import { buildContextClean } from "./secrets.build-context-clean.ts";
import { buildFree } from "./secrets.build-free.ts";
import { commandFree } from "./secrets.command-free.ts";
import { deliveredAsFile } from "./secrets.delivered-as-file.ts";
import { deliveryRestricted } from "./secrets.delivery-restricted.ts";
import { environmentScoped } from "./secrets.environment-scoped.ts";
import { fileIgnored } from "./secrets.file-ignored.ts";
import { filePrivate } from "./secrets.file-private.ts";
import { imageFree } from "./secrets.image-free.ts";
import { literalAbsent } from "./secrets.literal-absent.ts";
import { manifestEncrypted } from "./secrets.manifest-encrypted.ts";
import { valueStrong } from "./secrets.value-strong.ts";
import { valueUnexposed } from "./secrets.value-unexposed.ts";

/** The controls of the ring `secrets`; one line for a new one. */
export const secretsControls: readonly Control[] = [
  buildContextClean,
  buildFree,
  commandFree,
  deliveredAsFile,
  deliveryRestricted,
  environmentScoped,
  fileIgnored,
  filePrivate,
  imageFree,
  literalAbsent,
  manifestEncrypted,
  valueStrong,
  valueUnexposed,
];
