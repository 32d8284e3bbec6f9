import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { knownValue } from "../facts/fact.ts";
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
