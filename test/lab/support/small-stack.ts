import type { ResolvedNetwork, ResolvedService, ResolvedStack } from "../../../src/contracts/resolved.ts";

const place = { kind: "nowhere", why: "made by a test" } as const;

/** What a test may set of the small stack. */
export interface SmallStackOptions {
  readonly name: string;
  /** The page that `web` serves from a configuration file. */
  readonly page?: string;
  /** The third number of its subnets, `10.231.N.0`. */
  readonly subnet?: number;
  readonly port?: number;
  /** Replaces the command of `store`. */
  readonly storeCommand?: readonly string[];
  readonly withExtra?: boolean;
}

/**
 * Three services of busybox: `web` publishes a page on the loopback, `api` reads a secret from its environment, `store`
 * a secret from a file, which it copies into its volume. `web` may talk to `api`, and `api` to `store`.
 */
export function smallStack(options: SmallStackOptions): ResolvedStack {
  const n = options.subnet ?? 10;
  return {
    name: options.name,
    domain: "lab.test",
    platform: "compose",
    operators: ["127.0.0.0/8"],
    zones: [],
    networks: [
      network("edge", `10.231.${n}.0/28`, "ingress", ["web"], false),
      network("web--api", `10.231.${n}.16/28`, "pair", ["web", "api"], true),
      network("api--store", `10.231.${n}.32/28`, "pair", ["api", "store"], true),
    ],
    services: [
      web(options),
      api(),
      store(options.storeCommand ?? storeCommand),
      ...(options.withExtra === true ? [service("extra", { uid: 4004, networks: [] })] : []),
    ],
    routes: [],
    secrets: [],
    exceptions: [],
    policies: { hostAccess: "open" },
    rotation: { blackout: [], jitterSeconds: 0, timezone: "UTC" },
    backups: undefined,
    monitoring: { scrapeIntervalSeconds: 15, retentionDays: 7, alertReceivers: [] },
    todos: [],
    place,
  };
}

const storeCommand = [
  "sh",
  "-c",
  "rm -f /data/seen && cp /run/secrets/key /data/seen && echo stored && touch /tmp/ready && exec tail -f /dev/null",
];

function network(
  name: string,
  cidr: string,
  kind: ResolvedNetwork["kind"],
  members: readonly string[],
  internal: boolean,
): ResolvedNetwork {
  return {
    name,
    zone: undefined,
    cidr,
    internal,
    kind,
    outbound: false,
    purpose: `for ${members.join(" and ")}`,
    members,
  };
}

function web({ page = "hello", port = 18080 }: SmallStackOptions): ResolvedService {
  return service("web", {
    uid: 4001,
    networks: ["edge", "web--api"],
    command: ["httpd", "-f", "-p", "8080", "-h", "/srv"],
    health: ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"],
    ports: [
      {
        name: "http",
        port: 8080,
        protocol: "tcp",
        published: { address: "127.0.0.1", port, reason: "the test asks for it" },
      },
    ],
    config: [{ path: "web/index.html", content: `${page}\n`, target: "/srv/index.html" }],
    dependsOn: ["api"],
  });
}

function api(): ResolvedService {
  return service("api", {
    uid: 4002,
    networks: ["web--api", "api--store"],
    command: ["sh", "-c", 'test -n "$TOKEN" && touch /tmp/ready && exec tail -f /dev/null'],
    health: ["test", "-e", "/tmp/ready"],
    secrets: [
      {
        secret: "token",
        delivery: "environment",
        target: "TOKEN",
        uid: 4002,
        gid: 4002,
        mode: 0o400,
        template: undefined,
      },
    ],
    dependsOn: ["store"],
  });
}

function store(command: readonly string[]): ResolvedService {
  return service("store", {
    uid: 4003,
    networks: ["api--store"],
    command,
    health: ["test", "-e", "/tmp/ready"],
    volumes: [{ name: "data", target: "/data", uid: 4003, gid: 4003, mode: 0o750, backup: true }],
    secrets: [
      {
        secret: "key",
        delivery: "file",
        target: "/run/secrets/key",
        uid: 4003,
        gid: 4003,
        mode: 0o400,
        template: undefined,
      },
    ],
  });
}

function service(name: string, given: Partial<ResolvedService> & { readonly uid: number }): ResolvedService {
  return {
    name,
    component: undefined,
    roles: [],
    zones: [],
    networks: [],
    image: { repository: "ringwall-lab/busybox", tag: "current", digest: undefined, standsInFor: "busybox" },
    command: ["tail", "-f", "/dev/null"],
    entrypoint: undefined,
    environment: {},
    gid: given.uid,
    readOnlyRoot: true,
    capabilities: [],
    writable: ["/tmp"],
    ports: [],
    talksTo: [],
    outbound: false,
    volumes: [],
    hostMounts: [],
    secrets: [],
    config: [],
    resources: { cpus: 0.5, memoryBytes: 64 * 1024 * 1024, pids: 32 },
    health: undefined,
    reload: "restart",
    restart: "unless-stopped",
    isolation: "container",
    dependsOn: [],
    scrape: undefined,
    settings: {},
    gaps: [],
    place,
    ...given,
  };
}

/** Values for the secrets of the small stack; the first has what shells and env files stumble over. */
export const smallSecrets: Readonly<Record<string, string>> = {
  token: `to'k"e$n\\ #1 %`,
  key: "correct-horse-battery-staple",
};
