import type { ResolvedSecretUse, ResolvedService } from "../../contracts/resolved.ts";
import type { ComposeEnvironmentFile, ComposeSecretFile, ComposeSecretMount } from "./resource-model.ts";
import { byName, digest, environmentPath, secretPath } from "./resource-names.ts";

/** How one service gets its secrets: files on the host, and how they come into the container. */
export interface SecretDelivery {
  readonly files: readonly ComposeSecretFile[];
  readonly mounts: readonly ComposeSecretMount[];
  readonly environmentFile: ComposeEnvironmentFile | undefined;
}

/**
 * Every use has a file of its own, since services differ in uid and in the text around the value. Compose ignores uid,
 * gid and mode of a secret that is a file, so the file on the host has them.
 */
export function deliverSecrets(root: string, stack: string, service: ResolvedService): SecretDelivery {
  const asFiles = service.secrets.filter((use) => use.delivery === "file").sort(byName((use) => use.target));
  const files = asFiles.map((use) => secretFile(root, stack, service, use));
  return {
    files,
    mounts: asFiles.map((use, index) => ({
      key: files[index]?.key ?? fileName(service, use),
      secret: use.secret,
      target: use.target,
    })),
    environmentFile: environmentFile(root, stack, service),
  };
}

function secretFile(root: string, stack: string, service: ResolvedService, use: ResolvedSecretUse): ComposeSecretFile {
  const file = fileName(service, use);
  return {
    key: `${service.name}.${file}`,
    secret: use.secret,
    service: service.name,
    path: secretPath(root, stack, service.name, file),
    uid: use.uid,
    gid: use.gid,
    mode: use.mode,
    template: use.template,
  };
}

/** The secret's name; with a mark of the target where the service takes the same secret in several files. */
function fileName(service: ResolvedService, use: ResolvedSecretUse): string {
  const uses = service.secrets.filter((other) => other.delivery === "file" && other.secret === use.secret);
  return uses.length > 1 ? `${use.secret}-${digest(use.target, 8)}` : use.secret;
}

function environmentFile(root: string, stack: string, service: ResolvedService): ComposeEnvironmentFile | undefined {
  const uses = service.secrets.filter((use) => use.delivery === "environment").sort(byName((use) => use.target));
  if (uses.length === 0) return undefined;
  return {
    service: service.name,
    path: environmentPath(root, stack, service.name),
    mode: 0o600,
    variables: uses.map((use) => ({ name: use.target, secret: use.secret, template: use.template })),
  };
}
