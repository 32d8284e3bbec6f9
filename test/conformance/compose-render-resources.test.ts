import { describe, expect, test } from "vitest";
import { renderCompose } from "../../src/platforms/compose/render.ts";
import { composePlatform } from "../../src/platforms/compose/render-platform.ts";
import { composeResources } from "../../src/platforms/compose/resources.ts";
import { sampleNetwork, sampleService, sampleStack } from "./compose-render-stacks.ts";

const mebibyte = 1024 * 1024;

function only(changes: Parameters<typeof sampleService>[1] = {}) {
  const stack = sampleStack({ services: [sampleService("app", changes)], networks: [], routes: [] });
  const resources = composeResources(stack);
  const service = resources.services[0];
  if (service === undefined) throw new Error("no service");
  return { resources, service, compose: fileOf(resources, "compose.yaml") };
}

function fileOf(resources: ReturnType<typeof composeResources>, path: string): string {
  return renderCompose(resources).find((file) => file.path === path)?.content ?? "";
}

describe("the resources of a service that says nothing", () => {
  test("state every hardening in the rendered file", () => {
    const { compose } = only();
    for (const line of [
      'user: "1000:1000"',
      "read_only: true",
      "cap_drop:\n      - ALL",
      "security_opt:\n      - no-new-privileges:true",
      "init: true",
      'mem_limit: "256m"',
      'memswap_limit: "256m"',
      "cpus: 1",
      "pids_limit: 128",
      "restart: unless-stopped",
      '- "/tmp:rw,noexec,nosuid,nodev,uid=1000,gid=1000,mode=0700,size=64m"',
      'max-size: "10m"',
      "core:\n        soft: 0\n        hard: 0",
    ]) {
      expect(compose).toContain(`    ${line}`);
    }
    for (const word of ["cap_add", "privileged", "ports:", "volumes:", "secrets:", "depends_on"]) {
      expect(compose).not.toContain(word);
    }
  });

  test("a service on no network is on none, not on Compose's default one", () => {
    expect(only().compose).toContain("network_mode: none");
  });
});

describe("what a service declares", () => {
  test("a stand-in is never fetched from a registry", () => {
    const image = { repository: "local/app", tag: "1", digest: undefined, standsInFor: "docker.io/library/app:1" };
    expect(only({ image }).compose).toContain("pull_policy: never");
  });

  test("a pinned image keeps its tag beside the digest", () => {
    const digest = `sha256:${"ab".repeat(32)}`;
    const image = { repository: "docker.io/library/app", tag: "1", digest, standsInFor: undefined };
    expect(only({ image }).service.image).toBe(`docker.io/library/app:1@${digest}`);
  });

  test("a writable path below a volume is no temporary one, and one beside it is", () => {
    const volumes = [{ name: "d", target: "/data", uid: 1, gid: 1, mode: 0o700, backup: true }];
    const { service } = only({ volumes, writable: ["/data", "/data/tmp", "/database"] });
    expect(service.temporary.map((one) => one.target)).toEqual(["/database"]);
  });

  test("temporary file systems take a quarter of a small memory limit at most", () => {
    const { service } = only({ resources: { cpus: 1, memoryBytes: 64 * mebibyte, pids: 10 } });
    expect(service.temporary[0]?.bytes).toBe(16 * mebibyte);
  });

  test("a limit that is no whole number of mebibytes is written in bytes", () => {
    const { compose } = only({ resources: { cpus: 0.5, memoryBytes: 100 * mebibyte + 1, pids: 10 } });
    expect(compose).toContain('mem_limit: "104857601b"');
    expect(compose).toContain("cpus: 0.5");
  });

  test("capabilities lose their prefix, and are named once", () => {
    expect(only({ capabilities: ["CAP_NET_RAW", "net_raw"] }).service.addedCapabilities).toEqual(["NET_RAW"]);
  });

  test("a dependency is waited for until it is well, where that can be told", () => {
    const services = [
      sampleService("a", { dependsOn: ["b", "c"] }),
      sampleService("b"),
      sampleService("c", { health: undefined }),
    ];
    const { services: made } = composeResources(sampleStack({ services, networks: [] }));
    expect(made[0]?.dependsOn).toEqual([
      { service: "b", condition: "healthy" },
      { service: "c", condition: "started" },
    ]);
  });

  test("a changed configuration file changes the label that recreates the service, and nothing else of it", () => {
    const config = (content: string) => [{ path: "app/c", content, target: "/etc/c" }];
    const before = only({ config: config("one") }).service;
    const after = only({ config: config("two") }).service;
    expect(after.labels).not.toEqual(before.labels);
    expect({ ...after, labels: {} }).toEqual({ ...before, labels: {} });
  });
});

describe("secrets", () => {
  const use = {
    secret: "token",
    delivery: "file" as const,
    target: "/run/secrets/token",
    uid: 1000,
    gid: 1000,
    mode: 0o400,
    template: "TOKEN={value}",
  };

  test("are named in the rendered files by their path alone; no text around the value is written", () => {
    const { resources, compose } = only({ secrets: [use] });
    expect(resources.secretFiles).toEqual([
      {
        key: "app.token",
        secret: "token",
        service: "app",
        path: "/var/lib/ringwall/shop/secrets/app/token",
        uid: 1000,
        gid: 1000,
        mode: 0o400,
        mountedBy: "folder",
        template: "TOKEN={value}",
      },
    ]);
    expect(compose).toContain(
      [
        "    volumes:",
        "      - type: bind",
        "        source: /var/lib/ringwall/shop/secrets/app",
        "        target: /run/secrets",
        "        read_only: true",
        "        bind:",
        "          create_host_path: false",
        "",
      ].join("\n"),
    );
    expect(compose).not.toContain("secrets:\n");
    expect(compose).toContain(String.raw`dev.ringwall.secrets: "{\"token\":\"token\"}"`);
    expect(compose).not.toContain("TOKEN=");
  });

  test("elsewhere than below /run/secrets are mounted one by one, and lie outside of the folder", () => {
    const { resources, compose } = only({ secrets: [{ ...use, target: "/etc/token" }] });
    expect(resources.secretFiles[0]).toMatchObject({
      path: "/var/lib/ringwall/shop/secret-files/app/token",
      mountedBy: "file",
    });
    expect(compose).toContain("file: /var/lib/ringwall/shop/secret-files/app/token");
    expect(compose).not.toContain("volumes:");
  });

  test("taken twice by one service are two files", () => {
    const { resources } = only({
      secrets: [use, { ...use, target: "/etc/token" }, { ...use, target: "/run/secrets/of/app" }],
    });
    expect(resources.secretFiles.map((file) => file.path)).toEqual([
      expect.stringMatching(/^\/var\/lib\/ringwall\/shop\/secret-files\/app\/token-[0-9a-f]{8}$/),
      "/var/lib/ringwall/shop/secrets/app/of/app",
      "/var/lib/ringwall/shop/secrets/app/token",
    ]);
    expect(new Set(resources.secretFiles.map((file) => file.key)).size).toBe(3);
  });

  test.each(["/run/secrets", "/run/secrets/", "/run/secrets/a/../b", "/run/secretsx/a", "/var/run/secrets/a"])(
    "at %s are none of the folder's",
    (target) => {
      expect(only({ secrets: [{ ...use, target }] }).service.secretFolder).toBeUndefined();
    },
  );

  test("of an environment stand in a file of the host, not in the rendered one", () => {
    const { resources, compose } = only({ secrets: [{ ...use, delivery: "environment", target: "TOKEN" }] });
    expect(resources.environmentFiles).toEqual([
      {
        service: "app",
        path: "/var/lib/ringwall/shop/environment/app.env",
        mode: 0o600,
        variables: [{ name: "TOKEN", secret: "token", template: "TOKEN={value}" }],
      },
    ]);
    expect(compose).toContain("env_file:\n      - /var/lib/ringwall/shop/environment/app.env");
    expect(compose).not.toContain("environment:");
  });
});

describe("networks", () => {
  const made = (changes: Parameters<typeof sampleNetwork>[3]) =>
    composeResources(sampleStack({ networks: [sampleNetwork("n", "10.1.0.0/29", ["api"], changes)] })).networks[0];

  test("inside have no address of the host", () => {
    expect(made({ internal: true })?.driverOptions["com.docker.network.bridge.inhibit_ipv4"]).toBe("true");
  });

  test("that lead in but not out are not masqueraded", () => {
    const masquerade = "com.docker.network.bridge.enable_ip_masquerade";
    expect(made({ internal: false, kind: "ingress", outbound: false })?.driverOptions[masquerade]).toBe("false");
    expect(made({ internal: false, kind: "ingress", outbound: true })?.driverOptions[masquerade]).toBeUndefined();
  });

  test("have a bridge whose name the kernel takes", () => {
    const name = made({})?.driverOptions["com.docker.network.bridge.name"] ?? "";
    expect(name).toMatch(/^rw-[0-9a-f]{12}$/);
  });

  test("carry labels that do not change with a release, for Compose would make them anew", () => {
    expect(made({})?.labels).toEqual({
      "dev.ringwall.network": "n",
      "dev.ringwall.stack": "shop",
      "dev.ringwall.zone": "production",
    });
  });
});

describe("rendering", () => {
  test("the order in which a stack lists its parts changes no byte", () => {
    const stack = sampleStack();
    const turned = {
      ...stack,
      services: [...stack.services].reverse().map((service) => ({
        ...service,
        networks: [...service.networks].reverse(),
        ports: [...service.ports].reverse(),
        secrets: [...service.secrets].reverse(),
        writable: [...service.writable].reverse(),
        environment: Object.fromEntries(Object.entries(service.environment).reverse()),
      })),
      networks: [...stack.networks].reverse(),
    };
    expect(composePlatform.render(composePlatform.resources(turned))).toEqual(
      composePlatform.render(composePlatform.resources(stack)),
    );
  });

  test(".env is its owner's alone and ignored by Git, and holds the project's name", () => {
    const env = renderCompose(composeResources(sampleStack())).find((file) => file.path === ".env");
    expect(env).toMatchObject({ mode: 0o600, ignoredByGit: true });
    expect(env?.content).toContain("COMPOSE_PROJECT_NAME=shop\n");
    expect(fileOf(composeResources(sampleStack()), ".gitignore")).toMatch(/^\.env$/m);
  });

  test("a purpose cannot break out of its comment", () => {
    const purpose = "a\nprivileged: true\r\u2028b";
    const networks = [sampleNetwork("n", "10.1.0.0/29", ["api"], { purpose })];
    const compose = fileOf(composeResources(sampleStack({ networks })), "compose.yaml");
    expect(compose).toContain("  # a privileged: true b\n");
  });
});
