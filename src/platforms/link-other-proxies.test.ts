import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { knownValue } from "../facts/fact.ts";
import { configFormats } from "../formats/config-formats.ts";
import { NameFinder } from "./name-finder.ts";
import { ProxyFile } from "./proxy-files.ts";
import { readPaths } from "./read-paths.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** The routes of other proxies' files, as `project: workload`. */
function routesOf(files: Readonly<Record<string, string>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "other-proxies-"));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { systems } = readPaths([folder], { cwd: folder });
  return systems.flatMap((system) =>
    system.all("route").flatMap(({ elsewhere, target }) => {
      const known = elsewhere === true ? knownValue(target) : undefined;
      return known === undefined ? [] : [`${system.name}: ${known.workload.name}`];
    }),
  );
}

const site = (to: string) => `a.example.org {\n\treverse_proxy ${to}\n}\n`;
const nginxSite = (to: string) => `http {\n  server { listen 80; location / { proxy_pass http://${to}; } }\n}\n`;
const app = (name: string, port: number) =>
  `name: ${name}\nservices:\n  ${name}:\n    image: x:1\n    ports: ["127.0.0.1:${port}:80"]\n`;
const onEdge = (name: string) =>
  `name: ${name}\nservices:\n  ${name}:\n    image: x:1\n    networks: [edge]\nnetworks:\n  edge: { external: true }\n`;

describe("A proxy's file that nobody mounts", () => {
  test("leads to the service that publishes the port which it asks the machine for.", () => {
    const files = { "caddy/Caddyfile": site("localhost:8081"), "a/compose.yaml": app("a", 8081) };
    expect(routesOf({ ...files, "b/compose.yaml": app("b", 8082) })).toEqual(["a: a"]);
  });

  test("leads to nobody where two projects publish that port, but to the one that it lies beside.", () => {
    const both = { "a/compose.yaml": app("a", 8081), "b/compose.yaml": app("b", 8081) };
    expect(routesOf({ ...both, "caddy/Caddyfile": site("localhost:8081") })).toEqual([]);
    expect(routesOf({ ...both, "b/caddy/Caddyfile": site("localhost:8081") })).toEqual(["b: b"]);
  });

  test.each([
    ["nobody, as Caddy's quick start does", "caddy/Caddyfile", site(":8081")],
    ["0.0.0.0", "nginx/nginx.conf", nginxSite("0.0.0.0:8081")],
    ["Docker's gateway", "nginx/nginx.conf", nginxSite("gateway.docker.internal:8081")],
  ])("leads to the machine's own port where it asks %s.", (_, path, text) => {
    const all = { "a/compose.yaml": app("a", 8081).replace("127.0.0.1:", ""), [path]: text };
    expect(routesOf(all)).toEqual(["a: a"]);
  });

  test("is read with what it imports, though a comment names that as a snippet is named.", () => {
    const files = { "caddy/Caddyfile": "# (sites/*)\nimport sites/*\n", "caddy/sites/a": site("localhost:8081") };
    expect(routesOf({ ...files, "a/compose.yaml": app("a", 8081) })).toEqual(["a: a"]);
  });

  test("counts once where another includes it.", () => {
    const main = "events {}\nhttp {\n  include conf.d/*.conf;\n}\n";
    const part = "server { listen 80; location / { proxy_pass http://localhost:8081; } }\n";
    const files = { "nginx/nginx.conf": main, "nginx/conf.d/a.conf": part, "a/compose.yaml": app("a", 8081) };
    expect(routesOf(files)).toEqual(["a: a"]);
  });

  test.each(["compose.override.yaml", "compose.dev.yml", "docker-compose.yml"])(
    "leads to the one project that publishes the port, though %s beside its first file does too.",
    (second) => {
      const files = { "caddy/Caddyfile": site("localhost:8081"), "a/compose.yaml": app("a", 8081) };
      expect(routesOf({ ...files, [`a/${second}`]: app("a", 8081) })).toContain("a: a");
      expect(routesOf({ ...files, [`b/${second}`]: app("b", 8081) })).toEqual([]);
    },
  );

  test("leads to the one project that has the name on a network that is shared, though an override has it too.", () => {
    const proxy = { "edge/conf/Caddyfile": site("a:80"), "edge/compose.yaml": onEdge("caddy") };
    const files = { ...proxy, "a/stack.yml": onEdge("a"), "a/stack.override.yml": onEdge("a") };
    expect(routesOf(files)).toContain("a: a");
  });

  test("leads to a service of another project by its name on a network that is shared, where one project has the name.", () => {
    const proxy = { "edge/conf/Caddyfile": site("a:80"), "edge/compose.yaml": onEdge("caddy") };
    expect(routesOf({ ...proxy, "a/compose.yaml": onEdge("a"), "b/compose.yaml": onEdge("b") })).toEqual(["a: a"]);
    expect(routesOf({ ...proxy, "a/compose.yaml": app("a", 8081) })).toEqual([]);
  });
});

const ports = (count: number) => Array.from({ length: count }, (_, at) => 8000 + at);
const caddyJson = (count: number) => {
  const routes = ports(count).map((port) => ({
    match: [{ host: [`h${port}.example.org`] }],
    handle: [{ handler: "reverse_proxy", upstreams: [{ dial: `localhost:${port}` }] }],
  }));
  return JSON.stringify({ apps: { http: { servers: { main: { listen: [":443"], routes } } } } });
};
const traefikFile = (count: number) => {
  const each = (line: (port: number) => string) => ports(count).map(line).join("");
  const routers = each((port) => `    r${port}: { rule: Host(\`h${port}.example.org\`), service: s${port} }\n`);
  const services = each(
    (port) => `    s${port}: { loadBalancer: { servers: [{ url: "http://localhost:${port}" }] } }\n`,
  );
  return `http:\n  routers:\n${routers}  services:\n${services}`;
};
const nginxFiles = (count: number) =>
  Object.fromEntries([
    ["nginx/nginx.conf", "events {}\nhttp {\n  include conf.d/*.conf;\n}\n"],
    ...ports(count).map((port) => [
      `nginx/conf.d/${port}.conf`,
      `server { listen 80; server_name h${port}.example.org; location / { proxy_pass http://localhost:${port}; } }\n`,
    ]),
  ]);
const caddyfile = (count: number) =>
  ports(count)
    .map((port) => `h${port}.example.org {\n\treverse_proxy localhost:${port}\n}\n`)
    .join("");
const tunnel = (count: number) => {
  const rules = ports(count).map(
    (port) => `  - { hostname: h${port}.example.org, service: "http://localhost:${port}" }\n`,
  );
  return `tunnel: a\ningress:\n${rules.join("")}  - service: http_status:404\n`;
};

describe("A proxy that leads to many projects", () => {
  afterEach(() => vi.restoreAllMocks());

  /** How often each of a proxy's files is read, and how often a system is asked who answers. */
  function work(count: number, proxy: Readonly<Record<string, string>>) {
    const spies = configFormats.map((format) => vi.spyOn(format, "read"));
    const asked = vi.spyOn(NameFinder.prototype, "onHost");
    const projects = ports(count).map((port) => [`p${port}/compose.yaml`, app(`p${port}`, port)]);
    const routes = routesOf({ ...Object.fromEntries(projects), ...proxy });
    expect(routes.toSorted()).toEqual(ports(count).map((port) => `p${port}: p${port}`));
    const paths = spies.flatMap((spy) => spy.mock.calls.map(([{ path }]) => path));
    const most = Math.max(...[...Map.groupBy(paths, (path) => path).values()].map(({ length }) => length));
    const calls = asked.mock.calls.length;
    vi.restoreAllMocks();
    return { most, calls };
  }

  test.each([
    ["an nginx.conf with what it includes", nginxFiles],
    ["a Caddyfile", (count: number) => ({ "caddy/Caddyfile": caddyfile(count) })],
    ["Caddy's JSON", (count: number) => ({ "caddy/caddy.json": caddyJson(count) })],
    ["a file of Traefik's", (count: number) => ({ "traefik/dynamic.yml": traefikFile(count) })],
    ["a tunnel", (count: number) => ({ "tunnel/config.yml": tunnel(count) })],
  ])("is read as often for twice as many, and asks each project about its own routes alone: %s.", (_, files) => {
    const few = work(10, files(10));
    const many = work(20, files(20));
    expect(few.most).toBeGreaterThan(0);
    expect(many.most).toBe(few.most);
    expect(many.calls).toBeLessThanOrEqual(2 * few.calls);
  });

  test("is looked at by its own project alone where there are many that each lead to one, all in one folder.", () => {
    const looks = (count: number) => {
      const spy = vi.spyOn(ProxyFile.prototype, "leadsTo");
      const projects = ports(count).map((port) => [`p${port}.yml`, app(`p${port}`, port)]);
      const { "nginx/nginx.conf": _, ...sites } = nginxFiles(count);
      const routes = routesOf({ ...Object.fromEntries(projects), ...sites });
      expect(routes.toSorted()).toEqual(ports(count).map((port) => `p${port}: p${port}`));
      const { length } = spy.mock.calls;
      vi.restoreAllMocks();
      return length;
    };
    expect(looks(40)).toBeLessThanOrEqual(2 * looks(20) + 2);
  });
});
