/**
 * The answers of the Docker Engine API, as far as they are read (docs.docker.com/reference/api/engine, v1.41 to v1.51).
 * What an older engine leaves out, and what it says as `null`, reads as empty.
 */
import { z } from "zod";

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const record = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((entries): Record<string, z.output<T>> => entries ?? {});
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const labels = record(z.string());

export const infoSchema = z.object({
  ID: text,
  Name: text,
  OSType: text,
  CgroupVersion: text,
  DockerRootDir: text,
  SecurityOptions: list(z.string()),
  LiveRestoreEnabled: flag,
  LoggingDriver: text,
});
export type EngineDescription = z.infer<typeof infoSchema>;

export const containerListSchema = z.array(
  z.object({ Id: z.string(), Names: list(z.string()), Labels: labels, State: text, Image: text }),
);
export type ContainerSummary = z.infer<typeof containerListSchema>[number];

const portBinding = z.object({ HostIp: text, HostPort: text });
const portMap = record(list(portBinding));
const healthcheck = z.object({ Test: list(z.string()) }).nullish();

const stateSchema = z.object({
  Status: z.string(),
  Pid: number,
  ExitCode: number,
  Error: text,
  OOMKilled: flag,
  StartedAt: text,
  FinishedAt: text,
  Health: z
    .object({
      Status: text,
      Log: list(z.object({ ExitCode: number, Output: text })),
    })
    .nullish(),
});

const hostConfigSchema = z.object({
  NetworkMode: text,
  PidMode: text,
  IpcMode: text,
  UTSMode: text,
  UsernsMode: text,
  CgroupParent: text,
  RestartPolicy: z.object({ Name: text, MaximumRetryCount: number }).nullish(),
  Privileged: flag,
  CapAdd: list(z.string()),
  CapDrop: list(z.string()),
  SecurityOpt: list(z.string()),
  ReadonlyRootfs: flag,
  Memory: number,
  NanoCpus: number,
  CpuQuota: number,
  CpuPeriod: number,
  PidsLimit: number,
  Devices: list(z.object({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text })),
  Sysctls: record(z.string()),
  Ulimits: list(z.object({ Name: z.string(), Soft: number, Hard: number })),
  LogConfig: z.object({ Type: text, Config: record(z.string()) }).nullish(),
  GroupAdd: list(z.string()),
  Tmpfs: record(z.string()),
  PortBindings: portMap,
  Init: z.boolean().nullish(),
  CgroupnsMode: text,
  MaskedPaths: z.array(z.string()).nullish(),
  DeviceCgroupRules: list(z.string()),
  DeviceRequests: list(z.unknown()),
  OomKillDisable: flag,
  Runtime: text,
  Links: list(z.string()),
  VolumesFrom: list(z.string()),
  ExtraHosts: list(z.string()),
});

export const containerSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  Created: text,
  RestartCount: number,
  AppArmorProfile: text,
  ProcessLabel: text,
  State: stateSchema,
  HostConfig: hostConfigSchema,
  Config: z.object({
    User: text,
    Env: list(z.string()),
    Cmd: list(z.string()),
    Entrypoint: list(z.string()),
    Image: text,
    Labels: labels,
    Healthcheck: healthcheck,
    ExposedPorts: record(z.unknown()),
    OpenStdin: flag,
    Tty: flag,
  }),
  NetworkSettings: z.object({
    Ports: portMap,
    Networks: record(
      z.object({ NetworkID: text, Aliases: list(z.string()), IPAddress: text, GlobalIPv6Address: text }),
    ),
  }),
  Mounts: list(
    z.object({ Type: text, Name: text, Source: text, Destination: z.string(), RW: flag, Propagation: text }),
  ),
});
export type EngineContainer = z.infer<typeof containerSchema>;

export const networkSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: text,
  Scope: text,
  Internal: flag,
  Attachable: flag,
  EnableIPv6: flag,
  IPAM: z
    .object({ Config: list(z.object({ Subnet: text, Gateway: text })) })
    .nullish()
    .transform((ipam) => ipam ?? { Config: [] }),
  Options: record(z.string()),
  Labels: labels,
});
export const networkListSchema = z.array(networkSchema);
export type EngineNetwork = z.infer<typeof networkSchema>;

export const volumeSchema = z.object({
  Name: z.string(),
  Driver: text,
  Mountpoint: text,
  Labels: labels,
  Options: record(z.string()),
});
export const volumeListSchema = z.object({ Volumes: list(volumeSchema) });
export type EngineVolume = z.infer<typeof volumeSchema>;

export const imageSchema = z.object({
  Id: z.string(),
  RepoTags: list(z.string()),
  RepoDigests: list(z.string()),
  Config: z
    .object({
      User: text,
      Labels: labels,
      Healthcheck: healthcheck,
      Env: list(z.string()),
      Cmd: list(z.string()),
      Entrypoint: list(z.string()),
    })
    .nullish(),
});
export type EngineImage = z.infer<typeof imageSchema>;

export const statsSchema = z.object({
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: number }),
    system_cpu_usage: number,
    online_cpus: number,
  }),
  precpu_stats: z.object({
    cpu_usage: z.object({ total_usage: number }),
    system_cpu_usage: number,
  }),
  memory_stats: z.object({ usage: number, limit: number, stats: record(z.unknown()) }),
});
export type EngineStats = z.infer<typeof statsSchema>;
