import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readPaths } from "./read-paths.ts";
import { configurationsOf, routesIn } from "./testing/systems-of.ts";

const outer = mkdtempSync(join(tmpdir(), "server-"));
afterAll(() => rmSync(outer, { recursive: true, force: true }));

/** The systems of a server's folder, in whose files `@` stands for the folder, checked by the name that is given. */
function systemsOnServer(name: string, files: Readonly<Record<string, string>>, named = name) {
  const folder = join(outer, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text.replaceAll("@", join(outer, named)));
  }
  if (named !== name) symlinkSync(folder, join(outer, named));
  return readPaths([join(outer, named)], { cwd: outer }).systems;
}

const caddyfile = "db.example.com {\n  reverse_proxy app:8080\n}\n";
const stack = (source: string) =>
  `services:\n  proxy:\n    image: caddy:2.10\n    ports: ["443:443"]\n    volumes: ["${source}"]\n  app:\n    image: adminer:5\n`;
const routes = [expect.objectContaining({ host: "db.example.com", to: "app:8080" })];

describe("a server's folder that is checked where it lies", () => {
  test("has the files that Compose mounts by their absolute paths", () => {
    const mounted = stack("@/proxy/Caddyfile:/etc/caddy/Caddyfile:ro");
    const systems = systemsOnServer("files", { "compose.yaml": mounted, "proxy/Caddyfile": caddyfile });
    expect(routesIn(systems)).toEqual(routes);
  });

  test("has them by the name that leads there by a link too", () => {
    const mounted = stack("@/proxy:/etc/caddy:ro");
    const systems = systemsOnServer("data", { "compose.yaml": mounted, "proxy/Caddyfile": caddyfile }, "linked");
    expect(routesIn(systems)).toEqual(routes);
  });

  test("does not take another folder's files, nor those of one whose name only begins alike", () => {
    const mounted = stack("@side/proxy/Caddyfile:/etc/caddy/Caddyfile:ro");
    const systems = systemsOnServer("else", { "compose.yaml": mounted, "side/proxy/Caddyfile": "" });
    expect(routesIn(systems)).toEqual([]);
  });

  test("keeps a mount's source as it is written, by which a control knows the engine's socket", () => {
    const systems = systemsOnServer("var", {
      "compose.yaml": "services:\n  a:\n    image: a:1\n    volumes: ['@/run/docker.sock:/var/run/docker.sock']\n",
    });
    const sources = systems.flatMap((system) => system.all("mount")).map(({ source }) => source);
    expect(sources).toEqual([expect.objectContaining({ value: join(outer, "var/run/docker.sock") })]);
  });

  test("has the environment, the secrets and the Dockerfile that a service is given so", () => {
    const systems = systemsOnServer("given", {
      "compose.yaml":
        "services:\n  a:\n    build: { context: '@/image' }\n    env_file: '@/a.env'\n    secrets: [key]\nsecrets:\n  key: { file: '@/key.txt' }\n",
      "a.env": "MODE=one\n",
      "key.txt": "x\n",
      "image/Dockerfile": "FROM debian:12\nUSER 10:10\n",
    });
    const files = systems.flatMap((system) => system.all("repository-file")).map(({ path, role }) => [path, role]);
    expect(files).toEqual(
      expect.arrayContaining([
        ["a.env", "environment"],
        ["key.txt", "secret"],
        ["image/Dockerfile", expect.any(String)],
      ]),
    );
  });
});

describe("a folder of a machine's own settings", () => {
  const main = { "mosquitto/mosquitto.conf": "include_dir @/mosquitto/conf.d\n" };
  const doorsOf = (name: string, files: Readonly<Record<string, string>>) =>
    configurationsOf(systemsOnServer(name, files), "mosquitto").map(({ openDoors }) => openDoors);

  test("has what its files include by absolute paths", () => {
    const open = "listener 1883\nallow_anonymous true\n";
    expect(doorsOf("etc", { ...main, "mosquitto/conf.d/own.conf": open })).toEqual([
      expect.objectContaining({
        complete: true,
        items: [expect.objectContaining({ name: expect.stringContaining("1883") })],
      }),
    ]);
  });

  test("has nothing of a folder that is there and holds none of them", () => {
    expect(doorsOf("etc-plain", { ...main, "mosquitto/conf.d/README": "None yet.\n" })).toEqual([
      expect.objectContaining({ complete: true, items: [] }),
    ]);
  });
});
