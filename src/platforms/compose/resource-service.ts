import type { ResolvedPort, ResolvedService, ResolvedVolume } from "../../contracts/resolved.ts";
import type { ComposeHealth, ComposeMount, ComposePort, ComposeService, ComposeTemporary } from "./resource-model.ts";
import { byName, compareText, digest, labelNames, layoutVersion } from "./resource-names.ts";

const mebibyte = 1024 * 1024;

/** How often a health command runs. 10 s: soon enough for `up` to wait on, rare enough for a small machine. */
const healthTiming = { intervalSeconds: 10, timeoutSeconds: 5, retries: 3, startPeriodSeconds: 30 };

/** 30 MB of log at most for each service. */
const log = { driver: "json-file", options: { "max-file": "3", "max-size": "10m" } };

/**
 * No core dumps, which would write secrets out of memory; and as many open files as a busy proxy needs, but no more than
 * engines give out: a limit above the engine's own hard one keeps the container from starting.
 */
const ulimits = [
  { name: "core", soft: 0, hard: 0 },
  { name: "nofile", soft: 16384, hard: 16384 },
];

/** The largest temporary file system; it counts against the memory limit of its service. */
const temporaryBytes = 64 * mebibyte;

/** What of a service follows from the service alone; secrets are delivered by `resource-secrets.ts`. */
export type ServiceWithoutSecrets = Omit<ComposeService, "secrets" | "secretFolder" | "environmentFiles">;

/**
 * One service of a stack as Compose is to run it, with every hardening stated.
 * `dependency` answers whether a service it waits for has a health command.
 */
export function composeService(
  stack: string,
  service: ResolvedService,
  dependency: (name: string) => ResolvedService | undefined,
): ServiceWithoutSecrets {
  return {
    name: service.name,
    image: imageReference(service.image),
    pullPolicy: service.image.standsInFor === undefined ? "missing" : "never",
    uid: service.uid,
    gid: service.gid,
    entrypoint: service.entrypoint,
    command: service.command,
    environment: sortedRecord(service.environment),
    readOnlyRoot: service.readOnlyRoot,
    addedCapabilities: unique(service.capabilities.map(capabilityName)),
    temporary: temporaryOf(service),
    memoryBytes: service.resources.memoryBytes,
    memorySwapBytes: service.resources.memoryBytes,
    cpus: service.resources.cpus,
    pids: service.resources.pids,
    restart: service.restart,
    stopGraceSeconds: service.roles.includes("datastore") ? 60 : 20,
    health: healthOf(service),
    ulimits,
    log,
    networks: unique(service.networks),
    ports: service.ports.map(composePort).sort(comparePorts),
    mounts: mountsOf(service),
    dependsOn: dependenciesOf(service, dependency),
    labels: labelsOf(stack, service),
  };
}

/** `repository:tag@digest`; the tag stays beside the digest, since it is what people read. */
export function imageReference(image: ResolvedService["image"]): string {
  const tag = image.tag === undefined ? "" : `:${image.tag}`;
  const pinned = image.digest === undefined ? "" : `@${image.digest}`;
  return `${image.repository}${tag}${pinned}`;
}

/** `CAP_NET_RAW` and `net_raw` are `NET_RAW`, as Docker writes it. */
function capabilityName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}

function temporaryOf(service: ResolvedService): ComposeTemporary[] {
  const bytes = Math.max(
    mebibyte,
    Math.min(temporaryBytes, Math.floor(service.resources.memoryBytes / 4 / mebibyte) * mebibyte),
  );
  return unique(service.writable)
    .filter((target) => !service.volumes.some((volume) => covers(volume, target)))
    .map((target) => ({ target, uid: service.uid, gid: service.gid, mode: 0o700, bytes }));
}

/** Whether a volume already makes a path writable. */
function covers(volume: ResolvedVolume, target: string): boolean {
  return target === volume.target || target.startsWith(`${volume.target.replace(/\/$/, "")}/`);
}

function healthOf(service: ResolvedService): ComposeHealth | undefined {
  return service.health === undefined ? undefined : { command: service.health, ...healthTiming };
}

function composePort(port: ResolvedPort): ComposePort {
  const host =
    port.published === undefined ? undefined : { address: port.published.address, port: port.published.port };
  return { port: port.port, protocol: port.protocol, host };
}

function comparePorts(a: ComposePort, b: ComposePort): number {
  return (
    a.port - b.port ||
    compareText(a.protocol, b.protocol) ||
    compareText(a.host?.address ?? "", b.host?.address ?? "") ||
    (a.host?.port ?? 0) - (b.host?.port ?? 0)
  );
}

function mountsOf(service: ResolvedService): ComposeMount[] {
  const mounts: ComposeMount[] = [
    ...service.volumes.map(
      (volume): ComposeMount => ({ kind: "volume", source: volume.name, target: volume.target, readOnly: false }),
    ),
    ...service.hostMounts.map(
      (mount): ComposeMount => ({
        kind: "host",
        source: mount.source,
        target: mount.target,
        readOnly: mount.readOnly,
        propagation: mount.propagation,
      }),
    ),
    ...service.config.map(
      (file): ComposeMount => ({ kind: "config", source: file.path, target: file.target, readOnly: true }),
    ),
  ];
  return mounts.sort(byName((mount) => mount.target));
}

function dependenciesOf(
  service: ResolvedService,
  dependency: (name: string) => ResolvedService | undefined,
): ComposeService["dependsOn"] {
  return unique(service.dependsOn).map((name) => ({
    service: name,
    condition: dependency(name)?.health === undefined ? "started" : "healthy",
  }));
}

function labelsOf(stack: string, service: ResolvedService): Record<string, string> {
  const config = service.config.length === 0 ? {} : { [labelNames.config]: configHash(service) };
  return sortedRecord({
    [labelNames.stack]: stack,
    [labelNames.service]: service.name,
    [labelNames.version]: layoutVersion,
    ...config,
  });
}

/** Changes when a configuration file's content or place does. Compose itself does not look into mounted files. */
function configHash(service: ResolvedService): string {
  const files = service.config.map((file) => [file.path, file.target, file.content]);
  return digest(JSON.stringify(files.sort((a, b) => compareText(a[0] ?? "", b[0] ?? ""))), 16);
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort(compareText);
}

function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareText(a, b)));
}
