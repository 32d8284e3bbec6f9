import { describe, expect, test } from "vitest";
import { composeProjectOf } from "../../test/support/compose-tree.ts";
import { threadMs } from "../../test/support/thread-time.ts";
import { readComposeProject } from "../platforms/compose/read.ts";
import { describeNode } from "./reach-edge.ts";
import type { Network } from "./subjects.ts";
import { System } from "./system.ts";

function read(text: string): System {
  return readComposeProject(composeProjectOf(text));
}

function exposures(system: System) {
  return Object.fromEntries(
    system.all("workload").map((workload) => [workload.ref.name, system.reach.exposure(workload).exposure]),
  );
}

function path(system: System, name: string): readonly string[] {
  return system.reach.pathFromOutside({ kind: "workload", system: "shop", name }).map((edge) => describeNode(edge.to));
}

const everywhere = '{target: 80, published: "80"}';
const loopback = '{target: 80, published: "81", host_ip: 127.0.0.1}';

describe("Exposure of one port", () => {
  const two = "[{target: 80, published: '80'}, {target: 22, published: '2222'}]";
  const at = (system: System, name: string, ...ports: readonly number[]) => {
    const workload = system.workload({ kind: "workload", system: "shop", name });
    if (workload === undefined) throw new Error(`there is no ${name}`);
    const way = system.reach
      .pathFromOutside(workload.ref, ports)
      .map((edge) => `${describeNode(edge.to)}:${edge.port}`);
    return `${system.reach.exposure(workload, ports).exposure} ${way.join(" ")}`.trim();
  };

  test("is that of the listener that publishes it.", () => {
    const system = read(`services: {a: {image: app, ports: ${two}}}`);
    expect([at(system, "a", 80), at(system, "a", 22), at(system, "a", 8080), at(system, "a", 8080, 22)]).toEqual([
      "published a:80",
      "published a:22",
      "internal",
      "published a:22",
    ]);
  });

  test("is that of what stands beside it, and not by way of the workload itself.", () => {
    const system = read(`
services:
  a: {image: app, ports: ${two}, networks: {one: null, two: null}}
  b: {image: app, networks: {one: null}}
  c: {image: app, networks: {two: null, three: null}}
  d: {image: app, networks: {three: null, four: null}}
  edge: {image: caddy, ports: [${everywhere}], networks: {four: null}}
networks: {one: {}, two: {}, three: {}, four: {}}
`);
    // To c leads a, and so does d, which is nearer to the edge than c.
    expect(at(system, "a", 8080)).toBe("internal");
    expect(at(system, "d", 8080)).toBe("neighbour edge:80 d:any");
    expect(at(system, "edge", 8080)).toBe("internal");
    const [first] = system.all("workload");
    const why = "nothing published leads straight to its port 8080";
    expect(first && system.reach.exposure(first, [8080])).toEqual({ exposure: "internal", why });
  });

  test("is that of another that is published beside it.", () => {
    const system = read(
      `services:\n  a: {image: app, ports: ${two}}\n  b: {image: caddy, ports: [{target: 443, published: "443"}]}`,
    );
    expect(at(system, "a", 8080)).toBe("neighbour b:443 a:any");
  });

  test("is found in linear time where thousands share a network.", () => {
    const one = (index: number) => `  s${index}: {image: app, ports: [{target: 80, published: "${index + 1}"}]}`;
    const system = read(`services:\n${Array.from({ length: 4_000 }, (_, index) => one(index)).join("\n")}`);
    const start = threadMs();
    for (const workload of system.all("workload")) system.reach.exposure(workload, [8080]);
    expect(threadMs() - start).toBeLessThan(1_500);
  });
});

describe("Exposure", () => {
  test("goes from published over neighbours to what lies behind them.", () => {
    const system = read(`
services:
  edge: {image: caddy, ports: [${everywhere}], networks: {front: null}}
  app: {image: app, networks: {front: null, back: null}}
  db: {image: postgres, networks: {back: null}}
  alone: {image: app, networks: {other: null}}
  admin: {image: app, ports: [${loopback}], networks: {other: null}}
  batch: {image: app, network_mode: none, ports: [${everywhere}]}
networks: {front: {}, back: {}, other: {}}
`);
    expect(exposures(system)).toEqual({
      edge: "published",
      app: "neighbour",
      db: "internal",
      alone: "internal",
      admin: "local",
      batch: "none",
    });
    expect(path(system, "db")).toEqual(["edge", "app", "db"]);
    expect(path(system, "alone")).toEqual([]);
  });

  test("of what stands beside a port that may be published is in doubt, unless something else there is for sure.", () => {
    const open = '{target: 80, published: "80", host_ip: "${ADDRESS}"}';
    const maybe = `maybe: {image: app, ports: [${open}]}\n  app: {image: app}`;
    const doubtful = read(`services:\n  ${maybe}`);
    const [, app] = doubtful.all("workload").map((workload) => doubtful.reach.exposure(workload));
    expect(app).toEqual({
      exposure: "neighbour",
      why: "it shares a network with maybe, of which it cannot be told whether it is published",
      inDoubt: true,
    });
    const sure = read(`services:\n  ${maybe}\n  edge: {image: caddy, ports: [${everywhere}]}`);
    expect(path(sure, "app")).toEqual(["edge", "app"]);
    expect(sure.all("workload").map((workload) => sure.reach.exposure(workload).inDoubt)[1]).toBeUndefined();
  });

  test("of a workload that a proxy leads to is proxied, whether the proxy is part of the project or not.", () => {
    const labels =
      "labels: {traefik.http.routers.a.rule: 'Host(`a.example.org`)', traefik.http.services.a.loadbalancer.server.port: '80'}";
    const alone = read(`services: {app: {image: app, ${labels}}}`);
    expect(exposures(alone)).toEqual({ app: "proxied" });
    const both = read(`services:\n  app: {image: app, ${labels}}\n  proxy: {image: traefik, ports: [${everywhere}]}`);
    expect(exposures(both)).toEqual({ app: "proxied", proxy: "published" });
    expect(path(both, "app")).toEqual(["proxy", "app"]);
  });

  test("is told by the proxy's route where a published neighbour is as near.", () => {
    const labels =
      "labels: {traefik.http.routers.a.rule: 'Host(`a.example.org`)', traefik.http.services.a.loadbalancer.server.port: '80'}";
    const system = read(
      `services:\n  agent: {image: agent, ports: [${everywhere}]}\n  proxy: {image: traefik, ports: [${everywhere}]}\n  app: {image: app, ${labels}}`,
    );
    expect(exposures(system)).toEqual({ agent: "published", proxy: "published", app: "proxied" });
    expect(path(system, "app")).toEqual(["proxy", "app"]);
  });

  test("counts a tunnel as a way in from outside, and says where that is not in the files.", () => {
    const tunnel = (image: string, more: string) =>
      read(
        `services:\n  end: {image: ${image}, ${more}}\n  app: {image: app}\n  deep: {image: app, networks: {back: null}}\n  db: {image: postgres, networks: {other: null}}\nnetworks: {back: {}, other: {}}`,
      );
    const token = tunnel("cloudflare/cloudflared:2025.8.1", "command: tunnel run, environment: {TUNNEL_TOKEN: a}");
    expect(exposures(token)).toEqual({ end: "proxied", app: "neighbour", deep: "internal", db: "internal" });
    const app = token.workload({ kind: "workload", system: "shop", name: "app" });
    expect(app && token.reach.exposure(app)).toMatchObject({
      byTunnel: true,
      why: "both are on the network default, and end is the end of a Cloudflare Tunnel, by which visitors come in; where that leads is not in these files",
    });
    for (const [image, more] of [
      ["fosrl/newt:1.4", "environment: {PANGOLIN_ENDPOINT: 'https://p.example.org'}"],
      ["ngrok/ngrok:3", "command: 'http app:80'"],
      ["snowdreamtech/frpc:0.61", "restart: always"],
      ["openziti/zrok:1.0", "command: 'share public http://app:80'"],
      ["ghcr.io/playit-cloud/playit-agent:0.16", "restart: always"],
      ["tailscale/tailscale:v1.86", "environment: {TS_SERVE_CONFIG: /config/serve.json}"],
      ["tailscale/tailscale:v1.86", "environment: {TS_ROUTES: 172.16.0.0/12}"],
    ] as const) {
      expect(exposures(tunnel(image, more)).app, `${image} ${more}`).toBe("neighbour");
    }
  });

  test("counts no tunnel where none is made: names are answered, another's share is used, a tailnet is only joined.", () => {
    for (const [image, more] of [
      ["cloudflare/cloudflared:2025.8.1", "command: proxy-dns --port 5053"],
      ["cloudflare/cloudflared:2025.8.1", "restart: always"],
      ["openziti/zrok:1.0", "command: 'access private abc'"],
      ["tailscale/tailscale:v1.86", "environment: {TS_AUTHKEY: a}"],
      ["fosrl/olm:1.0", "restart: always"],
    ] as const) {
      const system = read(`services:\n  end: {image: ${image}, ${more}}\n  app: {image: app}`);
      expect(exposures(system), `${image} ${more}`).toEqual({ end: "internal", app: "internal" });
    }
  });

  test("reaches what shares the network namespace of a node of a tailnet.", () => {
    const system = read(
      "services:\n  ts: {image: 'tailscale/tailscale:v1.86'}\n  app: {image: app, network_mode: 'service:ts'}",
    );
    expect(exposures(system)).toEqual({ ts: "proxied", app: "neighbour" });
  });

  test("of a workload in another's network is that one's, and not certain.", () => {
    const system = read(
      `services:\n  vpn: {image: gluetun, ports: [${everywhere}]}\n  app: {image: app, network_mode: service:vpn}`,
    );
    expect(exposures(system)).toEqual({ vpn: "published", app: "published" });
    expect(system.reach.pathFromOutside({ kind: "workload", system: "shop", name: "app" })[0]?.certain).toBe(false);
  });

  test("on the host's network or on a macvlan is published.", () => {
    const system = read(`
services:
  host: {image: app, network_mode: host}
  lan: {image: app, networks: {lan: null}}
networks: {lan: {driver: macvlan}}
`);
    expect(exposures(system)).toEqual({ host: "published", lan: "published" });
  });

  test("does not cross a network whose members may not talk.", () => {
    const system = read(`
services:
  edge: {image: caddy, ports: [${everywhere}], networks: {n: null}}
  app: {image: app, networks: {n: null}}
networks: {n: {driver_opts: {com.docker.network.bridge.enable_icc: "false"}}}
`);
    expect(exposures(system)).toEqual({ edge: "published", app: "internal" });
  });

  test("of an address that cannot be resolved counts as published, and says that it is not certain.", () => {
    const system = read('services: {web: {image: app, ports: [{target: 80, published: "80", host_ip: "${BIND}"}]}}');
    expect(exposures(system)).toEqual({ web: "published" });
    expect(system.reach.into({ kind: "workload", system: "shop", name: "web" })[0]?.certain).toBe(false);
  });
});

describe("A network with rules", () => {
  const ref = (name: string) => ({ kind: "workload", system: "shop", name }) as const;
  const place = { kind: "object", locator: "test" } as const;

  /** The services of a Compose file on one network, with rules for it. */
  function ruled(text: string, network: Partial<Network>): System {
    const system = read(text);
    const subjects = system.subjects.map((subject) =>
      subject.kind === "network" ? { ...subject, ...network } : subject,
    );
    return new System({ name: system.name, lens: system.lens, platform: system.platform, subjects });
  }

  const three = `services:\n  web: {image: web, ports: [${everywhere}]}\n  app: {image: app}\n  db: {image: postgres}`;
  const flow = { port: 5432, protocol: "tcp", allowedBy: "a rule lets it", place, certain: true } as const;

  test("lets each of one list connect to each of the other, and nobody else.", () => {
    const flows = [
      { ...flow, from: [ref("web")], to: [ref("app")] },
      { ...flow, from: [ref("app")], to: [ref("db")] },
    ];
    const system = ruled(three, { flows });
    expect(exposures(system)).toEqual({ web: "published", app: "neighbour", db: "internal" });
    expect(path(system, "db")).toEqual(["web", "app", "db"]);
    expect(system.reach.into(ref("db"))).toMatchObject([
      { from: { ref: ref("app") }, port: 5432, allowedBy: "a rule lets it" },
    ]);
    expect(system.reach.outOf(ref("db"))).toEqual([]);
    expect(system.reach.edges).toHaveLength(3);
  });

  test("and with members that are not described leaves open who is reached by those.", () => {
    const hidden = { why: "a chart makes pods", reach: [ref("db")] };
    const system = ruled(three, { flows: [], hidden });
    expect(exposures(system)).toEqual({ web: "published", app: "internal", db: "neighbour" });
    const db = system.all("workload").find((each) => each.ref.name === "db");
    expect(db && system.reach.exposure(db)).toMatchObject({ why: "a chart makes pods", inDoubt: true });
  });
});

describe("The graph", () => {
  test("gives the same edges one by one as all at once.", () => {
    const system = read(`
services:
  a: {image: app, ports: [${everywhere}]}
  b: {image: app}
  c: {image: app, network_mode: service:b}
`);
    const refs = system.all("workload").map((workload) => workload.ref);
    const show = (
      edges: readonly {
        from: Parameters<typeof describeNode>[0];
        to: Parameters<typeof describeNode>[0];
        allowedBy: string;
      }[],
    ) => edges.map((edge) => `${describeNode(edge.from)} > ${describeNode(edge.to)}: ${edge.allowedBy}`).sort();
    expect(show(refs.flatMap((ref) => system.reach.into(ref)))).toEqual(show(system.reach.edges));
  });

  test("of 3,000 services on one network is searched in well under a second.", () => {
    const services = Array.from({ length: 3_000 }, (_, at) => `  s${at}: {image: app}`).join("\n");
    const system = read(`services:\n  edge: {image: caddy, ports: [${everywhere}]}\n${services}`);
    const started = threadMs();
    expect(Object.values(exposures(system)).filter((exposure) => exposure === "neighbour")).toHaveLength(3_000);
    expect(threadMs() - started).toBeLessThan(1_000);
  });
});
