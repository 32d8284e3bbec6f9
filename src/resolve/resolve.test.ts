import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import { components } from "../components/registry.ts";
import type { ResolvedStack } from "../contracts/resolved.ts";
import { DeclarationErrors, RingwallError } from "../lib/error.ts";
import { loadText } from "./load.ts";
import { formatLock, parseLock } from "./lock.ts";
import { type ResolveOptions, resolveStack } from "./resolve.ts";
import { overlaps, parseBlock } from "./subnets.ts";

function resolved(text: string, options: ResolveOptions = {}): ResolvedStack {
  const loaded = loadText({ path: "/nowhere/stack.yaml", folder: "/nowhere", shownAs: "stack.yaml" }, text, components);
  return resolveStack(loaded, components, options);
}

function service(stack: ResolvedStack, name: string) {
  const found = stack.services.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

const shop = `name: shop
zones:
  production: { purpose: visitors, outside: both }
  management: { purpose: watching }
services:
  caddy: { use: caddy, zones: [production, management] }
  site: { image: nginx:1.28, zone: production, ports: { http: 8080 } }
  api: { image: "api:1", zone: production, ports: { http: 3000, metrics: 9000 }, talksTo: [db], scrape: 9000, outbound: true }
  db: { use: postgres, zone: production }
  prometheus: { use: prometheus, zones: [management, production] }
  alertmanager: { use: alertmanager, zone: management }
routes:
  - { host: "@", to: site, audience: public }
  - { host: api, to: "api:http", audience: [10.0.0.0/8], loginRateLimit: none }
`;

describe("a service that says nothing", () => {
  const stack = resolved("name: shop\nservices:\n  web: { image: nginx:1.28 }\n");
  const web = service(stack, "web");

  // covers: W1 W3 W4 W5 W8 | compose
  it("is an unprivileged user of its own, read-only, without capabilities, limited, restarted", () => {
    expect(web.uid).toBeGreaterThanOrEqual(20_000);
    expect(web.uid).toBeLessThan(60_000);
    expect(web.gid).toBe(web.uid);
    expect(web).toMatchObject({
      readOnlyRoot: true,
      capabilities: [],
      writable: [],
      outbound: false,
      hostMounts: [],
      secrets: [],
      restart: "unless-stopped",
      isolation: "container",
      resources: { cpus: 1, memoryBytes: 256 * 1024 ** 2, pids: 128 },
    });
    expect(web.ports.some((port) => port.published !== undefined)).toBe(false);
  });

  it("is alone on a network that leads nowhere", () => {
    expect(stack.networks).toMatchObject([
      { name: "alone--web", kind: "alone", internal: true, outbound: false, members: ["web"] },
    ]);
    expect(web.networks).toEqual(["alone--web"]);
  });

  it("keeps its user when others come", () => {
    const later = resolved(
      "name: shop\nservices:\n  a: { image: a:1 }\n  web: { image: nginx:1.28 }\n  z: { image: z:1 }\n",
    );
    expect(service(later, "web").uid).toBe(web.uid);
    expect(service(resolved("name: other\nservices:\n  web: { image: nginx:1.28 }\n"), "web").uid).not.toBe(web.uid);
  });

  it("is told of in todos while its image has no digest", () => {
    expect(stack.todos).toContain("The image of web has no digest yet: run `ringwall pin`.");
  });
});

describe("who may talk to whom", () => {
  const stack = resolved(shop);

  // covers: N2 N5 N10 | compose
  it("gives every pair that talks one network of its own, and nobody else", () => {
    const pairs = stack.networks.filter((network) => network.kind === "pair");
    expect(pairs.map((network) => network.name)).toEqual([
      "alertmanager--prometheus",
      "api--caddy",
      "api--db",
      "api--prometheus",
      "caddy--prometheus",
      "caddy--site",
    ]);
    for (const network of pairs) expect(network).toMatchObject({ internal: true, outbound: false });
    for (const network of pairs) expect(network.members).toHaveLength(2);
  });

  it("says of each connection where it follows from", () => {
    expect(service(stack, "caddy").talksTo).toEqual([
      { service: "site", port: 8080, protocol: "tcp", because: "stack.localhost is routed to it" },
      { service: "api", port: 3000, protocol: "tcp", because: "api.stack.localhost is routed to it" },
    ]);
    expect(service(stack, "api").talksTo).toEqual([
      { service: "db", port: 5432, protocol: "tcp", because: "api declares it" },
    ]);
    expect(service(stack, "prometheus").talksTo).toContainEqual({
      service: "api",
      port: 9000,
      protocol: "tcp",
      because: "prometheus reads its metrics",
    });
    expect(service(stack, "prometheus").talksTo).toContainEqual({
      service: "alertmanager",
      port: 9093,
      protocol: "tcp",
      because: "prometheus reads its metrics; prometheus sends alerts there",
    });
  });

  it("opens the way outside only to those that say so", () => {
    const open = stack.networks.filter((network) => !network.internal);
    expect(open.map(({ name, kind, outbound, members }) => ({ name, kind, outbound, members }))).toEqual([
      { name: "ingress--caddy", kind: "ingress", outbound: false, members: ["caddy"] },
      { name: "outbound--api", kind: "outbound", outbound: true, members: ["api"] },
    ]);
  });

  it("does not take metrics for what a service is there for", () => {
    const text = shop.replace("talksTo: [db]", "talksTo: [db, caddy]");
    const ports = service(resolved(text), "api")
      .talksTo.filter((talk) => talk.service === "caddy")
      .map((talk) => talk.port);
    expect(ports).toEqual([80, 443]);
  });

  it("joins all of a zone where the zone says so", () => {
    const text =
      "name: shop\nzones: { lab: { purpose: x, members: all } }\nservices:\n  a: { image: a:1, zone: lab, ports: { x: 1000 } }\n  b: { image: b:1, zone: lab }\n  c: { image: c:1, zone: lab, talksTo: [a] }\n";
    const lab = resolved(text);
    expect(lab.networks).toMatchObject([{ name: "zone--lab", kind: "zone", members: ["a", "b", "c"], internal: true }]);
    expect(service(lab, "b").talksTo).toEqual([
      { service: "a", port: 1000, protocol: "tcp", because: "all of the zone lab may talk to one another" },
    ]);
    expect(service(lab, "c").talksTo).toEqual([
      { service: "a", port: 1000, protocol: "tcp", because: "c declares it" },
    ]);
  });

  it("waits for what is declared, for no route, and never in a circle", () => {
    expect(service(stack, "api").dependsOn).toEqual(["db"]);
    expect(service(stack, "caddy").dependsOn).toEqual([]);
    const circle = resolved(
      'name: s\nservices:\n  a: { image: "a:1", ports: { x: 1 }, talksTo: [b] }\n  b: { image: "b:1", ports: { x: 1 }, talksTo: [a, c] }\n  c: { image: "c:1", ports: { x: 1 } }\n',
    );
    expect(service(circle, "a").dependsOn).toEqual([]);
    expect(service(circle, "b").dependsOn).toEqual(["c"]);
  });
});

describe("addresses", () => {
  const stackOf = (names: readonly string[]) => {
    const services = names.map(
      (name, index) =>
        `  s${name}: { image: "x:1", ports: { p: 80 }, talksTo: [${index === 0 ? "" : `s${names[index - 1]}`}] }\n`,
    );
    return `name: shop\nservices:\n${services.join("")}`;
  };
  const names = fc.uniqueArray(fc.integer({ min: 0, max: 999 }).map(String), { minLength: 1, maxLength: 25 });

  // covers: N11 | compose
  it("overlap nowhere in any stack, and are the same on every run", () => {
    fc.assert(
      fc.property(names, (list) => {
        const { networks } = resolved(stackOf(list));
        const blocks = networks.map((network) => parseBlock(network.cidr) ?? { base: 0, prefix: 0 });
        blocks.forEach((block, index) => {
          for (const other of blocks.slice(index + 1)) expect(overlaps(block, other)).toBe(false);
        });
        expect(resolved(stackOf(list)).networks).toEqual(networks);
      }),
      { numRuns: 40 },
    );
  });

  it("stay when unrelated services come, once they stand in the lock", () => {
    const before = resolved(stackOf(["1", "2", "3"]));
    const networks = Object.fromEntries(before.networks.map((network) => [network.name, network.cidr]));
    const lock = {
      images: {},
      zones: Object.fromEntries(before.zones.map((zone) => [zone.name, zone.cidr])),
      networks,
    };
    const after = resolved(stackOf(["1", "2", "3", ...Array.from({ length: 30 }, (_, index) => String(100 + index))]), {
      lock,
    });
    for (const network of before.networks)
      expect(after.networks.find((n) => n.name === network.name)?.cidr).toBe(network.cidr);
  });

  it("come out of the zone's own range, and the zone is told to grow when it is full", () => {
    const text = (cidr: string) => shop.replace("purpose: visitors,", `purpose: visitors, cidr: ${cidr},`);
    const { networks } = resolved(text("10.10.0.0/24"));
    for (const network of networks.filter((n) => n.zone === "production")) expect(network.cidr).toMatch(/^10\.10\.0\./);
    expect(() => resolved(text("10.10.0.0/28"))).toThrow(DeclarationErrors);
  });

  it("survive being written to the lock and read again; keys are sorted", () => {
    const lock = {
      images: { b: `sha256:${"b".repeat(64)}`, a: `sha256:${"a".repeat(64)}` },
      zones: {},
      networks: { x: "10.0.0.0/29" },
    };
    const text = formatLock(lock);
    expect(parseLock(text, "stack.lock")).toEqual(lock);
    expect(text.indexOf('"a"')).toBeLessThan(text.indexOf('"b"'));
    for (const bad of ["", "{}", "[]", '{"version":2}', '{"version":1,"images":{"a":"latest"}}', "\u0000"]) {
      expect(
        refusal(() => parseLock(bad, "stack.lock")),
        bad,
      ).toMatch(/^stack\.lock.*Take it from Git again/);
    }
  });
});

describe("images", () => {
  const digest = `sha256:${"c".repeat(64)}`;

  // covers: V3 | compose
  it("take the digest that the lock has for their tag", () => {
    const lock = { images: { "docker.io/library/nginx:1.28": digest }, zones: {}, networks: {} };
    const stack = resolved("name: s\nservices: { web: { image: nginx:1.28 } }\n", { lock });
    expect(service(stack, "web").image).toEqual({
      repository: "docker.io/library/nginx",
      tag: "1.28",
      digest,
      standsInFor: undefined,
    });
  });

  it("are replaced by local ones by repository, short name, tag or service, and say what they stand in for", () => {
    for (const key of ["docker.io/library/caddy", "caddy", "docker.io/library/caddy:2.11.4", "edge"]) {
      const stack = resolved(`name: s\nservices: { edge: { use: caddy } }\nimages: { "${key}": "lab/caddy:2" }\n`);
      expect(service(stack, "edge").image, key).toEqual({
        repository: "lab/caddy",
        tag: "2",
        digest: undefined,
        standsInFor: "docker.io/library/caddy:2.11.4",
      });
    }
    const standIn = { "docker.io/library/caddy": "lab/caddy:2", "docker.io/library/unused": "lab/unused:1" };
    expect(
      service(resolved("name: s\nservices: { edge: { use: caddy } }\n", { standIns: standIn }), "edge").image
        .repository,
    ).toBe("lab/caddy");
  });

  it("are resolved the same way twice, byte for byte", () => {
    const plain = (stack: ResolvedStack) =>
      JSON.stringify(stack, (key, value) => (key === "place" ? undefined : value));
    expect(plain(resolved(shop))).toBe(plain(resolved(shop)));
  });
});

describe("what is given beyond the defaults", () => {
  // covers: W6 | compose
  it("is recorded as an exception with the reason that stands beside it", () => {
    const text = `name: s
zones: { a: { purpose: x, outside: ingress } }
services:
  vpn:
    image: x:1
    zone: a
    ports: { wg: { port: 51820, protocol: udp, publish: { reason: Clients come in by WireGuard } } }
    capabilities: [{ name: NET_ADMIN, reason: It makes the tunnel's interface }]
    hostMounts: [{ source: /lib/modules, target: /lib/modules, reason: It loads the tunnel's module }]
  node: { use: node-exporter, zone: a }
`;
    const stack = resolved(text);
    expect(stack.exceptions.map(({ control, subject, reason }) => [control, subject, reason])).toEqual([
      ["workload.host-paths-unmounted", "node", expect.stringContaining("read-only")],
      ["network.only-proxy-publishes", "vpn", "Clients come in by WireGuard"],
      ["workload.capabilities-added-few", "vpn", "It makes the tunnel's interface"],
      ["workload.host-paths-unmounted", "vpn", "It loads the tunnel's module"],
    ]);
  });
});

describe("routes", () => {
  // covers: A1 A2 A3 | compose
  it("are for operators, limited, and under the domain unless they say otherwise", () => {
    const stack = resolved(
      shop
        .replace("name: shop", "name: shop\ndomain: example.org\noperators: [192.168.0.0/16]")
        .replace(/$/, "  - { host: db.example.net, to: alertmanager }\n")
        .replace("db.example.net", "mail.example.net"),
    );
    expect(
      stack.routes.map(({ host, audience, rateLimit, loginRateLimit }) => ({
        host,
        audience,
        rateLimit,
        loginRateLimit,
      })),
    ).toEqual([
      {
        host: "example.org",
        audience: { kind: "public" },
        rateLimit: { requests: 100, windowSeconds: 60 },
        loginRateLimit: { requests: 10, windowSeconds: 60 },
      },
      {
        host: "api.example.org",
        audience: { kind: "networks", cidrs: ["10.0.0.0/8"] },
        rateLimit: { requests: 100, windowSeconds: 60 },
        loginRateLimit: undefined,
      },
      {
        host: "mail.example.net",
        audience: { kind: "networks", cidrs: ["192.168.0.0/16"] },
        rateLimit: { requests: 100, windowSeconds: 60 },
        loginRateLimit: { requests: 10, windowSeconds: 60 },
      },
    ]);
  });
});

describe("a large stack", () => {
  it("of 500 services is resolved in well under a second", () => {
    const services = Array.from(
      { length: 500 },
      (_, i) => `  s${i}: { image: "x:1", ports: { p: 80 }, talksTo: [${i === 0 ? "" : `s${i - 1}`}] }\n`,
    );
    const start = threadMs();
    const stack = resolved(`name: big\naddresses: 10.0.0.0/8\nservices:\n${services.join("")}`);
    expect(stack.networks).toHaveLength(499);
    expect(threadMs() - start).toBeLessThan(2000);
  });
});

/** What a person reads when it is refused; empty when it is not. */
function refusal(act: () => unknown): string {
  try {
    act();
    return "";
  } catch (error) {
    return error instanceof RingwallError ? error.describe() : String(error);
  }
}
