import { createHash } from "node:crypto";

/** Names of everything that Ringwall has Compose and the engine make. They are fixed: changing one orphans what exists. */

/** Version of this layout of resources, not of Ringwall: a label that changed with every release would recreate every container. */
export const layoutVersion = "1";

export const labelNames = {
  stack: "dev.ringwall.stack",
  service: "dev.ringwall.service",
  version: "dev.ringwall.version",
  /** Hash of the configuration files, so that a changed file recreates the service. */
  config: "dev.ringwall.config",
  network: "dev.ringwall.network",
  zone: "dev.ringwall.zone",
  volume: "dev.ringwall.volume",
  /** What lies in the folder of secrets that a service sees at `/run/secrets`, as JSON: path below it → secret. */
  secrets: "dev.ringwall.secrets",
} as const;

/** Where a service sees the folder of its secrets. */
export const secretsTarget = "/run/secrets";

/** The engine's name of a network or volume: `shop_api--db`. */
export function engineName(stack: string, key: string): string {
  return `${stack}_${key}`;
}

/**
 * The bridge's name on the host, at most 15 characters as the kernel has it: `rw-` and 12 hexadecimal digits.
 * Fixed, so that firewall rules can name it and `ip link` tells whose it is.
 */
export function bridgeName(stack: string, network: string): string {
  return `rw-${digest(`${stack}/${network}`, 12)}`;
}

/** `/var/lib/ringwall/shop/secrets/db`: what the service sees at `/run/secrets`. */
export function secretFolder(root: string, stack: string, service: string): string {
  return `${root}/${stack}/secrets/${service}`;
}

/** `/var/lib/ringwall/shop/secret-files/db/password`: a file that is mounted by itself, outside of that folder. */
export function secretPath(root: string, stack: string, service: string, file: string): string {
  return `${root}/${stack}/secret-files/${service}/${file}`;
}

/** `/var/lib/ringwall/shop/environment/api.env`. */
export function environmentPath(root: string, stack: string, service: string): string {
  return `${root}/${stack}/environment/${service}.env`;
}

/** The first hexadecimal digits of a text's SHA-256. */
export function digest(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** Orders names by their code units, whatever the machine's language. */
export function byName<T>(name: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => compareText(name(a), name(b));
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
