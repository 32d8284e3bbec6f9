import { lstat } from "node:fs/promises";
import { z } from "zod";
import type { ServiceStatus } from "../../contracts/platform.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { jsonOf } from "../../lib/json.ts";
import { isMissing } from "../../lib/system-error.ts";
import type { EngineClient } from "../../platforms/compose/engine/client.ts";
import { type EngineContainer, type EngineStats, statsSchema } from "../../platforms/compose/engine/schemas.ts";
import { composeLabels, containerName, readSnapshot } from "../../platforms/compose/engine/snapshot.ts";
import type { ComposeResources } from "../../platforms/compose/resources.ts";
import { serviceContainers } from "./plan-services.ts";

/** A port of the host that a service listens on now. */
export interface PublishedPort {
  readonly service: string;
  readonly address: string;
  readonly port: number;
  readonly inside: number;
  readonly protocol: string;
}

/** Something that went wrong lately. */
export interface RecentFailure {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly service: string;
  readonly what: string;
}

export interface DeliveredSecret {
  readonly secret: string;
  readonly service: string;
  /** `unseen` when this user may not look into the folder. */
  readonly state: "present" | "absent" | "unseen";
}

export interface StackStatus {
  readonly services: readonly ServiceStatus[];
  readonly ports: readonly PublishedPort[];
  readonly failures: readonly RecentFailure[];
  readonly secrets: readonly DeliveredSecret[];
  /** Memory limit of each service in bytes, where it has one. */
  readonly memoryLimits: ReadonlyMap<string, number>;
}

/** How a stack stands now. Sends nothing but GET; takes about two seconds, since use of the processor is measured. */
export async function status(
  client: EngineClient,
  resources: Pick<ComposeResources, "project" | "services" | "secretFiles">,
  now: Date,
): Promise<StackStatus> {
  const [snapshot, failures] = await Promise.all([
    readSnapshot(client, resources.project),
    recentFailures(client, resources.project, now),
  ]);
  const containers = serviceContainers(snapshot.containers, resources.project);
  const present = await inParallel(containers, 16, (container) => serviceStatus(client, container));
  const names = new Set(present.map(({ service }) => service));
  const missing = resources.services.filter(({ name }) => !names.has(name)).map(({ name }) => missingService(name));
  return {
    services: [...present, ...missing].sort((a, b) => (a.service < b.service ? -1 : 1)),
    ports: containers.flatMap(portsOf),
    failures,
    secrets: await Promise.all(resources.secretFiles.map(deliveredSecret)),
    memoryLimits: new Map(
      containers.flatMap((one) => (one.HostConfig.Memory > 0 ? [[serviceOf(one), one.HostConfig.Memory]] : [])),
    ),
  };
}

function serviceOf(container: EngineContainer): string {
  return container.Config.Labels[composeLabels.service] ?? containerName(container);
}

function missingService(service: string): ServiceStatus {
  return {
    service,
    state: "missing",
    health: "none",
    containerId: undefined,
    pid: undefined,
    startedAt: undefined,
    exitCode: undefined,
    restarts: 0,
    memoryBytes: undefined,
    cpuPercent: undefined,
  };
}

async function serviceStatus(client: EngineClient, container: EngineContainer): Promise<ServiceStatus> {
  const { State: state } = container;
  const runs = state.Status === "running";
  const stats = runs ? await statsOf(client, container.Id) : undefined;
  return {
    service: serviceOf(container),
    state: stateOf(state.Status),
    health: healthOf(state.Health?.Status),
    containerId: container.Id,
    pid: state.Pid === 0 ? undefined : state.Pid,
    startedAt: state.StartedAt.startsWith("0001-") ? undefined : state.StartedAt,
    exitCode: runs ? undefined : state.ExitCode,
    restarts: container.RestartCount,
    memoryBytes: stats === undefined ? undefined : memoryOf(stats),
    cpuPercent: stats === undefined ? undefined : cpuOf(stats),
  };
}

function stateOf(text: string): ServiceStatus["state"] {
  switch (text) {
    case "running":
    case "restarting":
    case "created":
    case "paused":
      return text;
    default:
      return "exited";
  }
}

function healthOf(text: string | undefined): ServiceStatus["health"] {
  return text === "healthy" || text === "unhealthy" || text === "starting" ? text : "none";
}

async function statsOf(client: EngineClient, id: string): Promise<EngineStats | undefined> {
  return client.find(`/containers/${id}/stats`, statsSchema, { stream: "false" }).catch(() => undefined);
}

/** As `docker stats` counts it: without the files that the kernel would drop (cgroup v1 and v2 name them differently). */
function memoryOf({ memory_stats: memory }: EngineStats): number | undefined {
  if (memory.usage === 0) return undefined;
  const inactive = memory.stats.total_inactive_file ?? memory.stats.inactive_file;
  return typeof inactive === "number" && inactive < memory.usage ? memory.usage - inactive : memory.usage;
}

/** Per cent of one CPU between two samples of the engine. */
function cpuOf({ cpu_stats: now, precpu_stats: before }: EngineStats): number | undefined {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = now.system_cpu_usage - before.system_cpu_usage;
  if (passed <= 0 || before.system_cpu_usage === 0) return undefined;
  return (used / passed) * (now.online_cpus || 1) * 100;
}

function portsOf(container: EngineContainer): PublishedPort[] {
  return Object.entries(container.NetworkSettings.Ports).flatMap(([text, bindings]) => {
    const [inside = "", protocol = "tcp"] = text.split("/");
    return bindings.map(({ HostIp, HostPort }) => ({
      service: serviceOf(container),
      address: HostIp === "" ? "0.0.0.0" : HostIp,
      port: Number(HostPort),
      inside: Number(inside),
      protocol,
    }));
  });
}

const eventSchema = z.object({
  Action: z.string(),
  time: z.number(),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()) }),
});

/** How far back failures are told, in seconds. */
const recently = 3600;

/** Ends with an error, kills for memory and failed health commands of the last hour, the newest first. */
async function recentFailures(client: EngineClient, project: string, now: Date): Promise<RecentFailure[]> {
  const until = Math.floor(now.getTime() / 1000);
  const filters = JSON.stringify({
    type: ["container"],
    event: ["die", "oom", "health_status"],
    label: [`${composeLabels.project}=${project}`],
  });
  const bytes = await client.bytes("/events", { since: until - recently, until, filters }, 4 * 1024 * 1024);
  return bytes
    .toString("utf8")
    .split("\n")
    .flatMap((line) => failureOf(line) ?? [])
    .reverse();
}

function failureOf(line: string): RecentFailure | undefined {
  const event = eventSchema.safeParse(jsonOf(line)).data;
  if (event === undefined) return undefined;
  const attributes = event.Actor.Attributes;
  const what = whatFailed(event.Action, attributes.exitCode);
  if (what === undefined) return undefined;
  const service = attributes[composeLabels.service] ?? attributes.name ?? "unknown";
  return { at: new Date(event.time * 1000).toISOString(), service, what };
}

/** 143 and 137 are how a service ends that is told to stop, so they are no failure by themselves. */
function whatFailed(action: string, exitCode: string | undefined): string | undefined {
  if (action === "oom") return "needed more memory than its limit";
  if (action.startsWith("health_status") && action.endsWith("unhealthy")) return "its health command failed";
  if (action !== "die" || exitCode === undefined) return undefined;
  return ["0", "137", "143"].includes(exitCode) ? undefined : `ended with code ${exitCode}`;
}

async function deliveredSecret(file: ComposeResources["secretFiles"][number]): Promise<DeliveredSecret> {
  const { secret, service, path } = file;
  try {
    await lstat(path);
    return { secret, service, state: "present" };
  } catch (error) {
    const absent = isMissing(error);
    return { secret, service, state: absent ? "absent" : "unseen" };
  }
}
