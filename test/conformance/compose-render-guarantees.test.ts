import { describe, expect, test } from "vitest";
import type { EngineInfo } from "../../src/contracts/platform.ts";
import type { ResolvedStack } from "../../src/contracts/resolved.ts";
import { rings } from "../../src/contracts/verdict.ts";
import { allControls } from "../../src/controls/registry.ts";
import { gaps, guarantees } from "../../src/platforms/compose/guarantees.ts";
import { composeObstacles } from "../../src/platforms/compose/resource-obstacles.ts";
import { sampleService, sampleStack } from "./compose-render-stacks.ts";

const controlIds = new Set(allControls.map((control) => control.id));
const everything = [...guarantees, ...gaps];

/** What a guarantee or gap says of a stack. */
function said(id: string, stack: ResolvedStack, engine?: EngineInfo): readonly string[] {
  const item = everything.find((candidate) => candidate.id === id);
  if (item === undefined) throw new Error(`no guarantee or gap ${id}`);
  return "controls" in item ? item.statements(stack) : item.statements(stack, engine);
}

describe("what Docker Compose guarantees", () => {
  test.each(guarantees.map((guarantee) => [guarantee.id, guarantee] as const))(
    "%s can be shown false by controls that exist",
    (_, guarantee) => {
      expect(guarantee.controls.length).toBeGreaterThan(0);
      expect(guarantee.controls.filter((id) => !controlIds.has(id))).toEqual([]);
    },
  );

  test("every id is used once and begins with a ring, or with `component` for what a component says", () => {
    const ids = everything.map((item) => item.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => ![...rings, "component"].includes(id.split(".")[0] ?? ""))).toEqual([]);
  });

  test("a stack without services, routes and zones is promised nothing", () => {
    const empty = sampleStack({ services: [], networks: [], routes: [], zones: [], secrets: [] });
    const statements = everything.flatMap((item) => item.statements(empty));
    expect(statements).toEqual(["No service listens on the host."]);
  });

  test("the sample stack is told in sentences that name its services", () => {
    const stack = sampleStack();
    expect(said("network.only-declared-ports-published", stack)).toEqual([
      "caddy listens on the host at 0.0.0.0:80/tcp, 0.0.0.0:443/tcp and [::1]:443/udp.",
      "No other service of the stack listens on the host.",
    ]);
    expect(said("network.services-separated", stack)).toEqual([
      "Only services that share a network can connect: api–caddy and api–db. Every other pair cannot.",
    ]);
    expect(said("network.datastore-reached-by-clients", stack)).toEqual([
      "db can be reached by api and not from outside.",
    ]);
    expect(said("network.outbound-closed", stack)).toEqual(["api, db and node-exporter have no way to outside."]);
    expect(said("workload.host-paths-declared", stack)).toEqual([
      "Paths of the host: node-exporter mounts / read-only; no other container mounts any but its own configuration and secrets.",
    ]);
    expect(said("supply-chain.images-pinned", stack)).toEqual([
      "db: the image is the one that stack.lock names by its digest.",
    ]);
    expect(said("edge.rate-limited", stack)).toEqual([
      "shop.example: at most 100 requests in 60 s from one client.",
      "shop.example: at most 10 requests in 60 s from one client on /login*.",
    ]);
  });

  test("what is not so is not promised, and stands among the gaps", () => {
    const services = [sampleService("app", { uid: 0, gid: 0, readOnlyRoot: false, health: undefined, restart: "no" })];
    const stack = sampleStack({ services, networks: [], routes: [] });
    for (const id of [
      "workload.user-unprivileged",
      "workload.root-read-only",
      "workload.health-checked",
      "workload.restarted",
    ]) {
      expect(said(id, stack)).toEqual([]);
    }
    expect(said("workload.root-needed", stack)).toEqual(["app runs as root, as declared."]);
    expect(said("workload.root-writable", stack)).toEqual(["app can write to its root file system, as declared."]);
  });

  test("rate limits are promised only where the edge is built to limit", () => {
    const stack = sampleStack();
    const without = { ...stack, services: stack.services.map((service) => ({ ...service, settings: {} })) };
    expect(said("edge.rate-limited", without)).toEqual([]);
  });

  test("a secret in an environment is not promised to be hidden", () => {
    expect(said("secrets.values-hidden", sampleStack())).toEqual([]);
    expect(said("secrets.in-environment", sampleStack())).toEqual([
      "The secret db-password stands in the environment of api and in what the engine tells of it.",
    ]);
  });

  test("the way to the host is promised closed for internal networks, and for all where the firewall closes it", () => {
    const stack = sampleStack();
    expect(said("network.host-listeners-closed", stack)[0]).not.toContain("caddy");
    expect(said("network.host-listeners-open", stack)[0]).toContain("caddy can reach what the host itself listens on");
    const closed = { ...stack, policies: { hostAccess: "firewall" as const } };
    expect(said("network.host-listeners-closed", closed)[0]).toContain("caddy");
    expect(said("network.host-listeners-open", closed)).toEqual([]);
  });

  test("a long list is cut, so that a statement fits on a screen", () => {
    const services = Array.from({ length: 500 }, (_, index) => sampleService(`app-${index}`));
    const [statement] = said("workload.root-read-only", sampleStack({ services, networks: [], routes: [] }));
    expect(statement).toContain("app-11 and 488 more is read-only.");
  });
});

describe("gaps that depend on the engine", () => {
  const engine: EngineInfo = {
    version: "28.5.2",
    apiVersion: "1.51",
    cgroup: "2",
    rootless: false,
    userNamespaces: true,
    remote: false,
    seccomp: true,
    appArmor: true,
    composeVersion: "2.40.3",
  };

  test.each([
    ["workload.users-not-remapped", {}, { userNamespaces: false }],
    ["workload.apparmor-absent", {}, { appArmor: false }],
    ["workload.seccomp-absent", {}, { seccomp: false }],
    ["network.names-forwarded", {}, { version: "20.10.24" }],
    ["workload.host-mounts-below", {}, { version: "20.10.24" }],
  ])("%s is said only of an engine that has it", (id, closed, open) => {
    expect(said(id, sampleStack(), { ...engine, ...closed })).toEqual([]);
    expect(said(id, sampleStack(), { ...engine, ...open })).toHaveLength(1);
  });
});

describe("what Docker Compose cannot do", () => {
  test("nothing stands in the way of the sample stack", () => {
    expect(composeObstacles(sampleStack())).toEqual([]);
  });

  test.each([
    [
      "a virtual machine",
      sampleService("app", { isolation: "vm" }),
      "app asks for a virtual machine (`isolation: vm`), which Docker Compose does not give.",
    ],
    [
      "a published port on internal networks",
      sampleService("app", {
        ports: [{ name: "p", port: 1, protocol: "tcp", published: { address: "0.0.0.0", port: 1, reason: "r" } }],
      }),
      "app publishes a port, but all its networks are internal: Docker would publish nothing.",
    ],
    [
      "two mounts at one place",
      sampleService("app", {
        config: [
          { path: "app/a", content: "", target: "/etc/app" },
          { path: "app/b", content: "", target: "/etc/app" },
        ],
      }),
      "app has two things mounted at /etc/app.",
    ],
    [
      "a configuration file with one of Ringwall's own names",
      sampleService("app", { config: [{ path: "compose.yaml", content: "", target: "/etc/app" }] }),
      "app has a configuration file named compose.yaml, which is the name of a file of Ringwall's.",
    ],
  ])("%s is an obstacle", (_, service, sentence) => {
    expect(composeObstacles(sampleStack({ services: [service], networks: [] }))).toEqual([sentence]);
  });

  test("services that share a volume must agree on its owner", () => {
    const volume = { name: "data", target: "/data", uid: 1, gid: 1, mode: 0o700, backup: true };
    const services = [
      sampleService("a", { volumes: [volume] }),
      sampleService("b", { volumes: [{ ...volume, uid: 2 }] }),
    ];
    expect(composeObstacles(sampleStack({ services, networks: [] }))).toEqual([
      "The volume data is to be owned by 1:1 with mode 700 and by 2:1 with mode 700 at once.",
    ]);
  });
});
