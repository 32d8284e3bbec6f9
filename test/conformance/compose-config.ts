/** Runs the real `docker compose config` and puts a loaded project in the form in which it prints one. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** The plug-in's own program, or undefined where there is none. It needs no engine for `config`. */
export function findCompose(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const home = environment.HOME ?? "";
  const cache =
    environment.RINGWALL_LAB_CACHE ?? join(environment.XDG_CACHE_HOME ?? join(home, ".cache"), "ringwall-lab");
  const folders = [
    join(cache, "bin"),
    join(home, ".docker/cli-plugins"),
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
    ...(environment.PATH ?? "").split(delimiter),
  ];
  return folders.map((folder) => join(folder, "docker-compose")).find((path) => existsSync(path));
}

export const oracleHome = mkdtempSync(join(tmpdir(), "ringwall-oracle-home-"));
export const oracleEnvironment: Readonly<Record<string, string>> = { PATH: "/usr/bin:/bin", HOME: oracleHome };

export type Printed = { readonly ok: true; readonly model: unknown } | { readonly ok: false; readonly refusal: string };

/** What `docker compose config` prints for these files, run in their folder with an empty environment. */
export function composeConfig(
  program: string,
  cwd: string,
  files: readonly string[],
  more: readonly string[] = [],
  ofConfig: readonly string[] = [],
): Promise<Printed> {
  const named = files.flatMap((file) => ["-f", file]);
  const args = [...named, "--profile", "*", ...more, "config", "--format", "json", ...ofConfig];
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env: oracleEnvironment, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null)
        resolve({
          ok: false,
          refusal: stderr
            .split("\n")
            .filter((line) => !line.startsWith("time="))
            .join("\n")
            .trim(),
        });
      else resolve({ ok: true, model: unescapeDollars(JSON.parse(stdout)) });
    });
  });
}

/** `config` doubles every dollar sign, so that what it prints can be read again. */
function unescapeDollars(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$$", "$");
  if (Array.isArray(value)) return value.map(unescapeDollars);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [unescapeDollars(key), unescapeDollars(each)]));
}

type Data = Readonly<Record<string, unknown>>;

/** Mappings whose keys are the user's own: nothing is left out of them for being empty. */
const userMappings = new Set([
  "environment",
  "labels",
  "annotations",
  "args",
  "sysctls",
  "options",
  "driver_opts",
  "storage_opt",
  "additional_contexts",
  "aux_addresses",
  "log_opt",
]);
const alwaysPrinted = new Set(["command", "entrypoint"]);

/**
 * A loaded project as `config --format json` prints it: zero values of typed fields, resources that no service uses
 * and extensions below the top are left out; commands are printed even when there are none.
 */
export function asPrinted(root: unknown): unknown {
  const model = asData(root);
  const services = Object.fromEntries(
    Object.entries(asData(model.services)).map(([name, service]) => [name, printedService(service)]),
  );
  const printed: Record<string, unknown> = { name: model.name, services };
  for (const kind of ["networks", "volumes", "secrets", "configs"]) {
    const used = usedBy(Object.values(services), kind);
    const kept = Object.entries(asData(model[kind])).filter(([name]) => used.has(name));
    const resources = Object.fromEntries(kept.map(([name, resource]) => [name, printedResource(resource, kind)]));
    if (kept.length > 0) printed[kind] = resources;
  }
  for (const [key, value] of Object.entries(model)) if (key.startsWith("x-")) printed[key] = value;
  return JSON.parse(JSON.stringify(printed));
}

function printedService(service: unknown): unknown {
  const data = asData(service);
  const printed = asData(withoutZeros(service, "service"));
  const networks = data.networks === undefined ? {} : { networks: printedNetworks(data.networks) };
  return { command: null, entrypoint: null, ...printed, ...networks };
}

function printedNetworks(networks: unknown): unknown {
  return Object.fromEntries(
    Object.entries(asData(networks)).map(([name, value]) => [
      name,
      value === null ? null : (withoutZeros(value, "network") ?? {}),
    ]),
  );
}

function printedResource(resource: unknown, kind: string): unknown {
  const printed = asData(withoutZeros(resource, kind));
  return kind === "networks" ? { ...printed, ipam: printed.ipam ?? {} } : printed;
}

/** Go's `omitempty`, as far as Compose's types have it. */
function withoutZeros(value: unknown, key: string): unknown {
  if (userMappings.has(key))
    return typeof value === "object" && value !== null && Object.keys(value).length === 0 ? undefined : value;
  if (alwaysPrinted.has(key)) return value;
  if (value === null || value === false || value === 0 || value === "" || (value === "0" && bytesFields.has(key)))
    return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => printedItem(item, key));
  if (typeof value !== "object") return value;
  const entries = Object.entries(value).flatMap(([name, each]) => {
    if (name.startsWith("x-") && key !== "depends_on") return [];
    // Compose's types have no place for it.
    if (key === "ipam" && name === "options") return [];
    // A limit of zero is a limit of nothing to Go.
    if (key === "build" && name === "ssh") return [[name, Object.keys(asData(each))] as const];
    if (key === "ulimits" && each === 0) return [[name, {}] as const];
    if (pointerFields.has(name) || (name === "required" && each === false)) return [[name, each] as const];
    const kept = withoutZeros(each, name);
    return kept === undefined ? [] : [[goName(name, key), kept] as const];
  });
  const made = { ...alwaysThere[key], ...Object.fromEntries(entries) };
  if (structFields.has(key)) return made;
  return Object.keys(value).length === 0 || (entries.length === 0 && !pointerStructs.has(key)) ? undefined : made;
}

function printedItem(item: unknown, key: string): unknown {
  if (typeof item !== "object" || item === null) return item;
  return withoutZeros(item, `${key}[]`) ?? {};
}

/** What Go prints inside a structure although nobody wrote it. */
const alwaysThere: Readonly<Record<string, Data>> = {
  deploy: { resources: {}, placement: {} },
  "watch[]": { exec: { command: null } },
};
const bytesFields = new Set([
  "mem_limit",
  "mem_reservation",
  "memswap_limit",
  "mem_swappiness",
  "shm_size",
  "memory",
  "size",
]);
/** Fields that Go holds by pointer: a zero that was written is printed. */
const pointerFields = new Set([
  "attach",
  "init",
  "scale",
  "replicas",
  "retries",
  "interval",
  "timeout",
  "start_period",
  "start_interval",
  "stop_grace_period",
  "parallelism",
  "max_attempts",
  "window",
  "enable_ipv4",
  "enable_ipv6",
]);
/** Structures that Go prints even when they are empty. */
const structFields = new Set(["resources", "placement", "volume", "bind", "tmpfs", "ipam"]);
const pointerStructs = new Set([
  "healthcheck",
  "build",
  "deploy",
  "develop",
  "limits",
  "reservations",
  "logging",
  "update_config",
  "rollback_config",
  "restart_policy",
  "blkio_config",
  "depends_on",
  "ulimits",
  "networks",
]);

function goName(name: string, parent: string): string {
  return /^(?:weight_device|device_(?:read|write)_(?:bps|iops))\[\]$/.test(parent)
    ? name.charAt(0).toUpperCase() + name.slice(1)
    : name;
}

function usedBy(services: readonly unknown[], kind: string): Set<string> {
  const used = new Set<string>();
  for (const service of services.map(asData)) {
    if (kind === "networks") for (const name of Object.keys(asData(service.networks))) used.add(name);
    else
      for (const item of [
        ...asList(service[kind]),
        ...(kind === "secrets" ? asList(asData(service.build).secrets) : []),
      ]) {
        const { source, type } = asData(item);
        if (typeof source === "string" && (kind !== "volumes" || type === "volume")) used.add(source);
      }
  }
  return used;
}

function asData(value: unknown): Data {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Data) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Every difference between two plain values, as `path: ours | theirs`. */
export function differences(ours: unknown, theirs: unknown, path = ""): string[] {
  if (Object.is(ours, theirs)) return [];
  // Ringwall keeps the digits of whole numbers that a double cannot hold; JSON.parse has lost them.
  if (
    typeof ours === "string" &&
    typeof theirs === "number" &&
    !Number.isSafeInteger(theirs) &&
    Number(ours) === theirs
  )
    return [];
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    return Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index) =>
      differences(ours[index], theirs[index], `${path}[${index}]`),
    ).flat();
  }
  if (isData(ours) && isData(theirs)) {
    return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) =>
      differences(ours[key], theirs[key], path === "" ? key : `${path}.${key}`),
    );
  }
  return [`${path}: ${JSON.stringify(ours)} | ${JSON.stringify(theirs)}`];
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
