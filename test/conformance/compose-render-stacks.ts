/** Resolved stacks for the conformance tests: one written by hand, and generated ones. */
import fc from "fast-check";
import type {
  ResolvedHostMount,
  ResolvedNetwork,
  ResolvedPort,
  ResolvedSecretUse,
  ResolvedService,
  ResolvedStack,
  ResolvedVolume,
} from "../../src/contracts/resolved.ts";
import type { Place } from "../../src/lib/place.ts";

const place: Place = { kind: "object", locator: "stack.yaml" };
const mebibyte = 1024 * 1024;

/** A service with the secure defaults; what matters to a test is given over them. */
export function sampleService(name: string, changes: Partial<ResolvedService> = {}): ResolvedService {
  return {
    name,
    component: undefined,
    roles: [],
    zones: ["production"],
    networks: [],
    image: { repository: `docker.io/example/${name}`, tag: "1.2.3", digest: undefined, standsInFor: undefined },
    command: undefined,
    entrypoint: undefined,
    environment: {},
    uid: 1000,
    gid: 1000,
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
    resources: { cpus: 1, memoryBytes: 256 * mebibyte, pids: 128 },
    health: ["/bin/app", "health"],
    reload: "restart",
    restart: "unless-stopped",
    isolation: "container",
    dependsOn: [],
    scrape: undefined,
    settings: {},
    gaps: [],
    place,
    ...changes,
  };
}

export function sampleNetwork(
  name: string,
  cidr: string,
  members: readonly string[],
  changes: Partial<ResolvedNetwork> = {},
): ResolvedNetwork {
  return {
    name,
    zone: "production",
    cidr,
    internal: true,
    kind: "pair",
    outbound: false,
    purpose: `${members.join(" talks to ")}.`,
    members,
    ...changes,
  };
}

/** A proxy before an API with its PostgreSQL. */
export function sampleStack(changes: Partial<ResolvedStack> = {}): ResolvedStack {
  return {
    name: "shop",
    domain: "shop.example",
    platform: "compose",
    operators: ["192.0.2.0/24"],
    zones: [
      { name: "production", purpose: "What visitors use", cidr: "10.10.0.0/24", external: "ingress", place },
      { name: "management", purpose: "What operators use", cidr: "10.20.0.0/24", external: "none", place },
    ],
    networks: [
      sampleNetwork("edge", "10.10.0.0/28", ["caddy"], {
        internal: false,
        kind: "ingress",
        outbound: true,
        purpose: "caddy is reached from outside",
      }),
      sampleNetwork("api--caddy", "10.10.0.16/28", ["caddy", "api"]),
      sampleNetwork("api--db", "10.10.0.32/28", ["api", "db"]),
      sampleNetwork("node-exporter", "10.20.0.0/28", ["node-exporter"], { zone: "management", kind: "alone" }),
    ],
    services: [caddy, api, db, nodeExporter],
    routes: [
      {
        host: "shop.example",
        path: "/",
        edge: "caddy",
        service: "api",
        port: 8080,
        audience: { kind: "public" },
        authentication: "application",
        rateLimit: { requests: 100, windowSeconds: 60 },
        loginRateLimit: { requests: 10, windowSeconds: 60 },
        loginPaths: ["/login*"],
        maxBodyBytes: 10 * mebibyte,
        hsts: { maxAgeSeconds: 31536000, includeSubDomains: true, preload: false },
        place,
      },
    ],
    secrets: [
      {
        name: "db-password",
        kind: "password",
        length: 32,
        rotation: { kind: "days", days: 90 },
        generated: true,
        overlapSeconds: 0,
        names: [],
        purpose: "the database's own",
        place,
      },
    ],
    exceptions: [],
    policies: { hostAccess: "open" },
    rotation: { blackout: [], jitterSeconds: 0, timezone: "UTC" },
    backups: undefined,
    monitoring: { scrapeIntervalSeconds: 15, retentionDays: 30, alertReceivers: [] },
    todos: [],
    place,
    ...changes,
  };
}

const caddy = sampleService("caddy", {
  component: "caddy",
  settings: { rateLimitModule: true },
  roles: ["proxy"],
  networks: ["edge", "api--caddy"],
  uid: 901,
  gid: 901,
  outbound: true,
  ports: [
    { name: "http", port: 80, protocol: "tcp", published: { address: "0.0.0.0", port: 80, reason: "redirects" } },
    { name: "https", port: 443, protocol: "tcp", published: { address: "0.0.0.0", port: 443, reason: "the edge" } },
    { name: "http3", port: 443, protocol: "udp", published: { address: "::1", port: 443, reason: "the edge" } },
    { name: "metrics", port: 2020, protocol: "tcp" },
  ],
  talksTo: [{ service: "api", port: 8080, protocol: "tcp", because: "shop.example is routed to it" }],
  volumes: [{ name: "caddy-data", target: "/data", uid: 901, gid: 901, mode: 0o700, backup: true }],
  config: [
    {
      path: "caddy/Caddyfile",
      content: "shop.example {\n\treverse_proxy api:8080\n}\n",
      target: "/etc/caddy/Caddyfile",
    },
  ],
  writable: ["/tmp", "/config", "/data/caddy"],
  dependsOn: ["api"],
});

const api = sampleService("api", {
  networks: ["api--caddy", "api--db"],
  ports: [{ name: "http", port: 8080, protocol: "tcp" }],
  talksTo: [{ service: "db", port: 5432, protocol: "tcp", because: "api declares it" }],
  environment: {
    PRICE: "$5 ${NOT_A_VARIABLE}",
    UMASK: "0777",
    ENABLED: "yes",
    VERSION: "1.0",
    EMPTY: "",
    NOTHING: "null",
  },
  secrets: [
    secretUse("db-password", { target: "/run/secrets/db-password" }),
    secretUse("db-password", { target: "DB_PASSWORD", delivery: "environment", mode: 0o600 }),
  ],
  dependsOn: ["db"],
});

const db = sampleService("db", {
  component: "postgres",
  roles: ["datastore"],
  networks: ["api--db"],
  uid: 70,
  gid: 70,
  image: {
    repository: "docker.io/library/postgres",
    tag: "17-alpine",
    digest: `sha256:${"0123456789abcdef".repeat(4)}`,
    standsInFor: undefined,
  },
  ports: [{ name: "postgresql", port: 5432, protocol: "tcp" }],
  volumes: [{ name: "db-data", target: "/var/lib/postgresql/data", uid: 70, gid: 70, mode: 0o700, backup: true }],
  secrets: [secretUse("db-password", { target: "/run/secrets/password", uid: 70, gid: 70 })],
  writable: ["/tmp", "/var/run/postgresql"],
});

const nodeExporter = sampleService("node-exporter", {
  component: "node-exporter",
  roles: ["monitoring"],
  zones: ["management"],
  networks: ["node-exporter"],
  image: {
    repository: "ringwall-lab/node-exporter",
    tag: "1",
    digest: undefined,
    standsInFor: "quay.io/prometheus/node-exporter:v1.9.1",
  },
  command: ["--path.rootfs=/host", "--collector.filesystem.mount-points-exclude=^/(sys|proc)($|/)"],
  hostMounts: [{ source: "/", target: "/host", readOnly: true, reason: "it reads the machine's own figures" }],
  writable: [],
  health: undefined,
});

function secretUse(secret: string, changes: Partial<ResolvedSecretUse> = {}): ResolvedSecretUse {
  return {
    secret,
    delivery: "file",
    target: `/run/secrets/${secret}`,
    uid: 1000,
    gid: 1000,
    mode: 0o400,
    template: undefined,
    ...changes,
  };
}

/** Names as the declaration allows them. */
const nameArbitrary = fc.stringMatching(/^[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,5})?$/);

/** Texts that a careless YAML writer or reader would change. */
export const trickyText = fc.oneof(
  fc.constantFrom(
    "yes",
    "No",
    "on",
    "OFF",
    "null",
    "~",
    "true",
    "1.0",
    "0777",
    "0o17",
    "1e3",
    "1_000",
    "12:30:45",
    "0x1F",
    ".5",
    ".inf",
    ".NaN",
    "<<",
    "=",
    "-",
    "- a",
    "? b",
    ": c",
    "a: b",
    "a #b",
    "#c",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "%",
    "@",
    "`",
    "{a: 1}",
    "[1]",
    "",
    " ",
    " a",
    "a ",
    "a\nb",
    "a\n",
    "\t",
    "a\tb",
    "$",
    "$$",
    "$A",
    "${A}",
    "${A:-b}",
    "${A:?no}",
    "'",
    '"',
    "\\",
    "\\n",
    "2024-01-01",
    "\u0085",
    "\u2028",
    "\ufeff",
    "é",
    "日本",
    "😀",
    "\u007f",
    "y",
    "N",
    "---",
    "...",
    "a:",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !text.includes("\u0000")),
);

const pathArbitrary = fc.stringMatching(/^(\/[a-z][a-z0-9._-]{0,8}){1,3}$/);

const digestArbitrary = fc.stringMatching(/^sha256:[0-9a-f]{64}$/);

interface Skeleton {
  readonly name: string;
  readonly serviceNames: readonly string[];
  /** Pairs of indexes: who talks to whom. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** A stack of one to six services, every pair that talks on a network of its own. */
export const stackArbitrary: fc.Arbitrary<ResolvedStack> = fc
  .record({
    name: nameArbitrary,
    serviceNames: fc.uniqueArray(nameArbitrary, { minLength: 1, maxLength: 6 }),
    pairs: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 6 }),
  })
  .chain((skeleton) =>
    fc
      .tuple(...skeleton.serviceNames.map((name, index) => serviceArbitrary(name, index, skeleton)))
      .map((services) => stackOf(skeleton, services)),
  );

function serviceArbitrary(name: string, index: number, skeleton: Skeleton): fc.Arbitrary<ResolvedService> {
  return fc
    .record({
      image: fc.record({
        repository: fc.constantFrom("docker.io/library/caddy", "ghcr.io/some/app", "localhost:5000/app", "app"),
        tag: fc.option(fc.stringMatching(/^[a-z0-9][a-z0-9.]{0,8}$/), { nil: undefined }),
        digest: fc.option(digestArbitrary, { nil: undefined }),
        standsInFor: fc.option(fc.constant("docker.io/library/caddy:2"), { nil: undefined }),
      }),
      command: fc.option(fc.array(trickyText, { maxLength: 3 }), { nil: undefined }),
      entrypoint: fc.option(fc.array(trickyText, { minLength: 1, maxLength: 2 }), { nil: undefined }),
      environment: fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/), trickyText, { maxKeys: 4 }),
      uid: fc.integer({ min: 1, max: 65534 }),
      gid: fc.integer({ min: 1, max: 65534 }),
      readOnlyRoot: fc.boolean(),
      capabilities: fc.uniqueArray(fc.constantFrom("NET_BIND_SERVICE", "CAP_CHOWN", "setuid"), { maxLength: 2 }),
      ports: fc.uniqueArray(portArbitrary(index), {
        selector: (port) => `${port.port}/${port.protocol}`,
        maxLength: 3,
      }),
      targets: fc.uniqueArray(pathArbitrary, { minLength: 6, maxLength: 8 }),
      resources: fc.record({
        cpus: fc.constantFrom(0.25, 0.5, 1, 2),
        memoryBytes: fc.integer({ min: 6 * mebibyte, max: 4096 * mebibyte }),
        pids: fc.integer({ min: 1, max: 4096 }),
      }),
      health: fc.option(fc.array(trickyText, { minLength: 1, maxLength: 3 }), { nil: undefined }),
      restart: fc.constantFrom("always" as const, "unless-stopped" as const, "on-failure" as const, "no" as const),
      content: trickyText,
      shape: fc.record({
        volumes: fc.nat(2),
        hostMounts: fc.nat(1),
        secrets: fc.nat(2),
        config: fc.nat(1),
        environmentSecret: fc.boolean(),
        hostReadOnly: fc.boolean(),
      }),
    })
    .map(({ targets, shape, content, ...rest }) => {
      const next = [...targets];
      const take = (count: number): string[] => next.splice(0, count);
      return sampleService(name, {
        ...rest,
        volumes: take(shape.volumes).map(
          (target, at): ResolvedVolume => ({
            name: `${name}-v${at}`,
            target,
            uid: rest.uid,
            gid: rest.gid,
            mode: 0o700,
            backup: at === 0,
          }),
        ),
        hostMounts: take(shape.hostMounts).map(
          (target): ResolvedHostMount => ({
            source: "/srv/$data",
            target,
            readOnly: shape.hostReadOnly,
            reason: "declared",
          }),
        ),
        secrets: [
          ...take(shape.secrets).map((target, at) =>
            secretUse(`secret-${at}`, { target, uid: rest.uid, gid: rest.gid }),
          ),
          ...(shape.environmentSecret ? [secretUse("token", { target: "TOKEN_VALUE", delivery: "environment" })] : []),
        ],
        config: take(shape.config).map((target) => ({ path: `${name}/config.txt`, content, target })),
        writable: next,
        talksTo: talksOf(index, skeleton).map((to) => ({
          service: to,
          port: 1000,
          protocol: "tcp",
          because: "declared",
        })),
        networks: networksOf(index, skeleton),
        dependsOn: [...new Set(talksOf(index, skeleton))].filter((to) => skeleton.serviceNames.indexOf(to) > index),
      });
    });
}

function portArbitrary(index: number): fc.Arbitrary<ResolvedPort> {
  return fc
    .tuple(
      fc.integer({ min: 1, max: 65535 }),
      fc.constantFrom("tcp" as const, "udp" as const),
      fc.constantFrom(undefined, "0.0.0.0", "127.0.0.1", "192.0.2.7", "::1", "::"),
    )
    .map(([port, protocol, address]): ResolvedPort => {
      const host = 10_000 + index * 5000 + (port % 5000);
      return address === undefined
        ? { name: `p${port}`, port, protocol }
        : { name: `p${port}`, port, protocol, published: { address, port: host, reason: "declared" } };
    });
}

function pairNames(skeleton: Skeleton): [number, number][] {
  const count = skeleton.serviceNames.length;
  const seen = new Map<string, [number, number]>();
  for (const [a, b] of skeleton.pairs) {
    const pair: [number, number] = [a % count, b % count];
    if (pair[0] !== pair[1]) seen.set(`${Math.min(...pair)}-${Math.max(...pair)}`, pair);
  }
  return [...seen.values()];
}

function talksOf(index: number, skeleton: Skeleton): string[] {
  return pairNames(skeleton).flatMap(([from, to]) => (from === index ? [skeleton.serviceNames[to] ?? ""] : []));
}

function networksOf(index: number, skeleton: Skeleton): string[] {
  return ["own", ...pairNames(skeleton).flatMap((pair, at) => (pair.includes(index) ? [`pair-${at}`] : []))].map(
    (name) => (name === "own" ? `own-${index}` : name),
  );
}

function stackOf(skeleton: Skeleton, services: readonly ResolvedService[]): ResolvedStack {
  const own = services.map((service, index) =>
    sampleNetwork(`own-${index}`, `10.66.${index}.0/28`, [service.name], {
      internal: service.ports.every((port) => port.published === undefined),
      kind: service.ports.every((port) => port.published === undefined) ? "alone" : "ingress",
      purpose: `${service.name} alone\nand "more"`,
    }),
  );
  const pairs = pairNames(skeleton).map(([from, to], at) =>
    sampleNetwork(`pair-${at}`, `10.67.${at}.0/28`, [services[from]?.name ?? "", services[to]?.name ?? ""]),
  );
  return sampleStack({ name: skeleton.name, networks: [...own, ...pairs], services, routes: [] });
}
