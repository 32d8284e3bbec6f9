import { posix } from "node:path";
import type { ResolvedSecretUse, ResolvedService } from "../../contracts/resolved.ts";
import type { ComposeEnvironmentFile, ComposeSecretFile, ComposeSecretMount } from "./resource-model.ts";
import {
  byName,
  digest,
  environmentPath,
  labelNames,
  secretFolder,
  secretPath,
  secretsTarget,
} from "./resource-names.ts";

/** How one service gets its secrets: files on the host, and how they come into the container. */
export interface SecretDelivery {
  readonly files: readonly ComposeSecretFile[];
  readonly mounts: readonly ComposeSecretMount[];
  /** The folder that is mounted at `/run/secrets`; undefined when nothing goes there. */
  readonly folder: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly environmentFile: ComposeEnvironmentFile | undefined;
}

/**
 * Every use has a file of its own, since services differ in uid and in the text around the value. Compose ignores uid,
 * gid and mode of a secret that is a file, so the file on the host has them. What goes below `/run/secrets` lies in one
 * folder under the name that it has there, and the folder is mounted.
 */
export function deliverSecrets(root: string, stack: string, service: ResolvedService): SecretDelivery {
  const asFiles = service.secrets.filter((use) => use.delivery === "file").sort(byName((use) => use.target));
  const files = asFiles.map((use) => secretFile(root, stack, service, use));
  const inFolder = files.some((file) => file.mountedBy === "folder");
  return {
    files,
    mounts: asFiles.map((use, index) => ({
      key: files[index]?.key ?? fileName(service, use),
      secret: use.secret,
      target: use.target,
      mountedBy: files[index]?.mountedBy ?? "file",
    })),
    folder: inFolder ? secretFolder(root, stack, service.name) : undefined,
    labels: inFolder ? { [labelNames.secrets]: folderContents(asFiles) } : {},
    environmentFile: environmentFile(root, stack, service),
  };
}

/** The path below `/run/secrets` of a target that lies there, or undefined. */
export function pathInSecrets(target: string): string | undefined {
  const below = target.startsWith(`${secretsTarget}/`) ? target.slice(secretsTarget.length + 1) : "";
  return below !== "" && !below.endsWith("/") && posix.normalize(target) === target ? below : undefined;
}

/** Names, so that whoever looks at the container knows which secrets the folder holds. */
function folderContents(uses: readonly ResolvedSecretUse[]): string {
  const entries = uses.flatMap(({ target, secret }) => {
    const below = pathInSecrets(target);
    return below === undefined ? [] : [[below, secret] as const];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

function secretFile(root: string, stack: string, service: ResolvedService, use: ResolvedSecretUse): ComposeSecretFile {
  const below = pathInSecrets(use.target);
  const name = fileName(service, use);
  return {
    key: `${service.name}.${name}`,
    secret: use.secret,
    service: service.name,
    path:
      below === undefined
        ? secretPath(root, stack, service.name, name)
        : `${secretFolder(root, stack, service.name)}/${below}`,
    uid: use.uid,
    gid: use.gid,
    mode: use.mode,
    mountedBy: below === undefined ? "file" : "folder",
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
