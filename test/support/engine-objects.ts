/** Answers of the Docker Engine API for tests: a hardened web service of the project `shop`, as Engine 28.5 tells it. */

/** A container; `given` is merged over it, two levels deep. */
export function containerJson(
  name: string,
  given: Record<string, object | string | number> = {},
): Record<string, unknown> {
  const base: Record<string, unknown> = {
    Id: `${name}-id`,
    Name: `/shop-${name}-1`,
    Image: "sha256:img",
    Created: "2026-01-02T03:04:05Z",
    RestartCount: 0,
    AppArmorProfile: "docker-default",
    ProcessLabel: "",
    State: { Status: "running", Pid: 42, ExitCode: 0, Error: "", OOMKilled: false, StartedAt: "2026-01-02T03:04:06Z" },
    HostConfig: {
      NetworkMode: "shop_front",
      PidMode: "",
      IpcMode: "private",
      RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
      Privileged: false,
      CapAdd: null,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      ReadonlyRootfs: true,
      Memory: 67108864,
      NanoCpus: 500000000,
      PidsLimit: 32,
      Tmpfs: { "/tmp": "rw,noexec" },
      LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
      MaskedPaths: ["/proc/kcore"],
    },
    Config: {
      User: "1000:1000",
      Env: ["MODE=production", "PATH=/bin", "PASSWORD=hunter2hunter2"],
      Cmd: ["serve"],
      Entrypoint: null,
      Image: "example/web:1.2",
      Labels: {
        "com.docker.compose.project": "shop",
        "com.docker.compose.service": name,
        "com.docker.compose.container-number": "1",
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.config-hash": `${name}-hash`,
        "com.docker.compose.project.working_dir": "/srv/shop/rendered/compose",
        "dev.ringwall.stack": "shop",
      },
      Healthcheck: { Test: ["CMD", "wget", "http://127.0.0.1:8080/"] },
      ExposedPorts: { "8080/tcp": {}, "9000/tcp": {} },
    },
    NetworkSettings: {
      Ports: {
        "8080/tcp": [
          { HostIp: "0.0.0.0", HostPort: "80" },
          { HostIp: "::", HostPort: "80" },
        ],
        "9000/tcp": null,
      },
      Networks: {
        shop_front: { NetworkID: "front-id", Aliases: [name], IPAddress: "10.1.0.2", GlobalIPv6Address: "" },
      },
    },
    Mounts: [],
  };
  for (const [key, value] of Object.entries(given)) {
    const before = base[key];
    base[key] = isRecord(before) && isRecord(value) ? { ...before, ...value } : value;
  }
  return base;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const infoJson = {
  ID: "x",
  Name: "host",
  OSType: "linux",
  CgroupVersion: "2",
  DockerRootDir: "/var/lib/docker",
  SecurityOptions: ["name=apparmor", "name=seccomp,profile=builtin"],
  LiveRestoreEnabled: true,
};

export const networkJson = {
  Id: "front-id",
  Name: "shop_front",
  Driver: "bridge",
  Scope: "local",
  Internal: false,
  Attachable: false,
  EnableIPv6: false,
  IPAM: { Config: [{ Subnet: "10.1.0.0/24", Gateway: "10.1.0.1" }] },
  Options: {},
  Labels: { "com.docker.compose.project": "shop", "com.docker.compose.network": "front", "dev.ringwall.stack": "shop" },
};

export const imageJson = {
  Id: "sha256:img",
  RepoTags: ["example/web:1.2"],
  RepoDigests: [],
  Config: { User: "1000:1000", Env: ["PATH=/bin"], Cmd: ["serve"], Entrypoint: null, Labels: null, Healthcheck: null },
};
