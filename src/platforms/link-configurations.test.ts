import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Fact, knownValue } from "../facts/fact.ts";
import type { Route } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import { describePlace } from "../lib/place.ts";
import { readPaths } from "./read-paths.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function systemsOf(files: Readonly<Record<string, string>>): readonly System[] {
  const folder = mkdtempSync(join(tmpdir(), "linked-"));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return readPaths([folder], { cwd: folder }).systems;
}

/** The system of the one Compose project among some files. */
function read(files: Readonly<Record<string, string>>): System {
  const systems = systemsOf(files).filter(({ platform }) => platform === "compose");
  expect(systems).toHaveLength(1);
  return systems[0] as System;
}

function only(system: System): Route {
  const routes = system.all("route");
  expect(routes.map(({ ref }) => ref.name)).toHaveLength(1);
  return routes[0] as Route;
}

function shown<T>(fact: Fact<T>): string {
  return fact.kind === "stated" || fact.kind === "defaulted" ? JSON.stringify(fact.value) : fact.kind;
}

function targetOf({ target }: Route): string {
  const known = knownValue(target);
  return known === undefined ? target.kind : `${known.workload.name}:${known.port}`;
}

function exposureOf(system: System, name: string): string {
  const workload = system.workload({ kind: "workload", system: system.name, name });
  return workload === undefined ? "absent" : system.reach.exposure(workload).exposure;
}

const proxies: readonly (string | undefined)[] = ["caddy", "nginx", "traefik"];

/** The files of proxies, each as often as it is a subject. */
function configurations(systems: readonly System[]): readonly string[] {
  return systems.flatMap((system) =>
    system
      .all("repository-file")
      .flatMap(({ ref, configuration }) => (proxies.includes(configuration?.software) ? [ref.name] : [])),
  );
}

const web = "  web: {image: 'example/web:1', expose: ['8080']}\n";
const caddy = (more: string) => `services:\n  caddy: {image: 'caddy:2', ports: ['443:443'], ${more}}\n${web}`;
const mountedCaddy = "volumes: ['./conf/Caddyfile:/etc/caddy/Caddyfile:ro']";
const site = "app.example.org {\n\treverse_proxy web:8080\n}\n";

// covers: A3 T4 | compose
describe("A Caddyfile that a service mounts", () => {
  test("leads to the services beside it, so that they can be reached from outside.", () => {
    const system = read({ "compose.yaml": caddy(mountedCaddy), "conf/Caddyfile": site });
    const route = only(system);
    expect([route.ref.name, targetOf(route), describePlace(route.place)]).toEqual([
      "caddy/app.example.org",
      "web:8080",
      "conf/Caddyfile:2:2",
    ]);
    expect(exposureOf(system, "web")).toBe("proxied");
  });

  test("is read once, and belongs to each project that mounts it.", () => {
    const files = {
      "a/compose.yaml": caddy("volumes: ['../conf/Caddyfile:/etc/caddy/Caddyfile']"),
      "b/compose.yaml": caddy("volumes: ['../conf/Caddyfile:/etc/caddy/Caddyfile']"),
      "conf/Caddyfile": site,
    };
    const systems = systemsOf(files);
    expect(systems.map((system) => system.all("route").length)).toEqual([1, 1]);
    expect(configurations(systems)).toEqual(["conf/Caddyfile", "conf/Caddyfile"]);
  });

  test("takes in the files beside it, which are not read again.", () => {
    const system = read({
      "compose.yaml": caddy("volumes: ['./conf:/etc/caddy']"),
      "conf/Caddyfile": "import sites/*.caddy\n",
      "conf/sites/app.caddy": site,
    });
    expect(targetOf(only(system))).toBe("web:8080");
    expect(configurations([system])).toEqual(["conf/Caddyfile"]);
  });

  test.each<readonly [string, string, string]>([
    ["stated", "environment: {DOMAIN: shop.example.org}", '"shop.example.org"'],
    ["handed on", "environment: [DOMAIN]", "unknown"],
    ["of a file that is not here", "env_file: [gone.env]", "unknown"],
  ])("has variables of the service that mounts it: %s.", (_, environment, host) => {
    const files = { "conf/Caddyfile": "{$DOMAIN} {\n\treverse_proxy web:8080\n}\n" };
    const system = read({ ...files, "compose.yaml": caddy(`${mountedCaddy}, ${environment}`) });
    expect(shown(only(system).host)).toBe(host);
  });

  test("counts, and not what lies beside it.", () => {
    const system = read({
      "compose.yaml": caddy("volumes: ['./conf:/etc/caddy']"),
      "conf/Caddyfile": site,
      "conf/Caddyfile.old": "old.example.org {\n\treverse_proxy web:8080\n}\n",
    });
    expect(shown(only(system).host)).toBe('"app.example.org"');
  });
});

describe("A template of nginx's own image", () => {
  const compose = (volumes: string) =>
    `services:\n  nginx: {image: 'nginx:1.27', ports: ['80:80'], environment: {BACKEND: web}, volumes: [${volumes}]}\n${web}`;
  const templates = "'./templates:/etc/nginx/templates'";
  const main = "'./nginx.conf:/etc/nginx/nginx.conf'";
  const text =
    "server {\n  listen 80;\n  server_name a.example.org;\n  location / { proxy_pass http://${BACKEND}:8080; }\n}\n";
  const files = { "templates/default.conf.template": text };
  const including = "events {}\nhttp {\n  include /etc/nginx/conf.d/*.conf;\n}\n";

  test("is what it becomes, with a `nginx.conf` that includes it and without one.", () => {
    const alone = read({ ...files, "compose.yaml": compose(templates) });
    expect(targetOf(only(alone))).toBe("web:8080");
    const both = read({ ...files, "nginx.conf": including, "compose.yaml": compose(`${main}, ${templates}`) });
    expect(targetOf(only(both))).toBe("web:8080");
    expect(configurations([both])).toEqual(["nginx.conf"]);
  });

  test("takes the place of the file that it is made into.", () => {
    const older = { "conf.d/default.conf": text.replace("a.example.org", "old.example.org") };
    const mounts = `${main}, ${templates}, './conf.d:/etc/nginx/conf.d'`;
    const system = read({ ...files, ...older, "nginx.conf": including, "compose.yaml": compose(mounts) });
    expect(shown(only(system).host)).toBe('"a.example.org"');
  });

  test("counts for nothing where `nginx.conf` includes nothing.", () => {
    const mounts = `${main}, ${templates}`;
    const system = read({
      ...files,
      "nginx.conf": "events {}\nhttp { include mime.types; }\n",
      "compose.yaml": compose(mounts),
    });
    expect(system.all("route")).toEqual([]);
  });
});

describe("A file that nobody mounts", () => {
  const content =
    "configs:\n  site:\n    content: |\n      app.example.org {\n        reverse_proxy web:8080\n      }\n";
  const handed = "configs: [{source: site, target: /etc/caddy/Caddyfile}]";

  test("may stand in the Compose file itself, where its places are.", () => {
    const route = only(read({ "compose.yaml": `${caddy(handed)}${content}` }));
    expect([targetOf(route), describePlace(route.place)]).toEqual(["web:8080", "compose.yaml:8:9"]);
  });

  test("may lie beside the Compose file and be handed over.", () => {
    const configs = "configs:\n  site: {file: ./Caddyfile}\n";
    const system = read({ "compose.yaml": `${caddy(handed)}${configs}`, Caddyfile: site });
    expect(targetOf(only(system))).toBe("web:8080");
    expect(configurations([system])).toEqual(["Caddyfile"]);
  });

  test.each<readonly [string, string]>([
    ["to its place", "COPY Caddyfile /etc/caddy/Caddyfile"],
    ["to its folder", "COPY Caddyfile /etc/caddy/"],
    ["in the form of a list", 'COPY --chown=1:1 ["Caddyfile", "/etc/caddy/Caddyfile"]'],
    ["with all that lies there", "COPY . /etc/caddy"],
  ])("may be copied into the image: %s.", (_, line) => {
    const compose = `services:\n  caddy: {build: edge, ports: ['443:443']}\n${web}`;
    const system = read({
      "compose.yaml": compose,
      "edge/Dockerfile": `FROM caddy:2\n${line}\n`,
      "edge/Caddyfile": site,
    });
    const route = only(system);
    expect([targetOf(route), route.elsewhere, route.edge?.name]).toEqual(["web:8080", undefined, "caddy"]);
    expect(configurations([system])).toEqual(["edge/Caddyfile"]);
  });

  test("is hidden by one that is mounted in its place.", () => {
    const compose = `services:\n  caddy: {build: edge, volumes: ['./other:/etc/caddy/Caddyfile']}\n${web}`;
    const system = read({
      "compose.yaml": compose,
      "edge/Dockerfile": "FROM caddy:2\nCOPY Caddyfile /etc/caddy/Caddyfile\n",
      "edge/Caddyfile": site,
      other: "other.example.org {\n\treverse_proxy web:8080\n}\n",
    });
    const own = system.all("route").filter(({ edge }) => edge?.name === "caddy");
    expect(own.map(({ host }) => shown(host))).toEqual(['"other.example.org"']);
  });
});

describe("A proxy on the machine itself", () => {
  const published = (address: string) => `services:\n  web: {image: 'example/web:1', ports: ['${address}:80']}\n`;

  test.each<readonly [string, string, string]>([
    ["localhost", "127.0.0.1:8080", "localhost:8080"],
    ["a loopback address", "127.0.0.1:8080", "127.0.0.1:8080"],
    ["a port for everybody", "8080", "localhost:8080"],
  ])("reaches what is published: %s.", (_, port, upstream) => {
    const system = read({
      "compose.yaml": published(port),
      "host/Caddyfile": `app.example.org {\n\treverse_proxy ${upstream}\n}\n`,
    });
    const route = only(system);
    expect([targetOf(route), route.elsewhere]).toEqual(["web:80", true]);
    expect(exposureOf(system, "web")).toBe(port === "8080" ? "published" : "proxied");
  });

  test("says nothing of ports that nobody here publishes.", () => {
    const caddyfile = "app.example.org {\n\treverse_proxy localhost:9999\n}\n";
    const system = read({ "compose.yaml": published("127.0.0.1:8080"), "host/Caddyfile": caddyfile });
    expect(system.all("route")).toEqual([]);
    expect(exposureOf(system, "web")).toBe("local");
  });

  test("may be in a container that is started by other means, and know services by their names.", () => {
    const caddyfile = "app.example.org {\n\treverse_proxy web:80\n}\n";
    const route = only(read({ "compose.yaml": published("127.0.0.1:8080"), Caddyfile: caddyfile }));
    expect([targetOf(route), route.elsewhere]).toEqual(["web:80", true]);
  });
});

describe("nginx", () => {
  const nginx = (more: string) => `services:\n  edge: {image: 'nginx:1.27', ports: ['80:80'], ${more}}\n${web}`;
  const server =
    "server {\n  listen 80;\n  server_name $" + "{HOST_NAME};\n  location / { proxy_pass http://web:8080; }\n}\n";

  test("fills in the templates of its image from the service's variables.", () => {
    const volumes = "volumes: ['./templates:/etc/nginx/templates:ro']";
    const files = { "templates/default.conf.template": server };
    const told = read({ ...files, "compose.yaml": nginx(`${volumes}, environment: {HOST_NAME: shop.example.org}`) });
    expect([shown(only(told).host), targetOf(only(told))]).toEqual(['"shop.example.org"', "web:8080"]);
  });

  test("reads its sites with the nginx.conf that includes them, and once.", () => {
    const system = read({
      "compose.yaml": nginx("volumes: ['./nginx:/etc/nginx']"),
      "nginx/nginx.conf":
        "events {}\nhttp {\n  limit_req_zone $binary_remote_addr zone=z:1m rate=5r/s;\n  limit_req zone=z;\n  include conf.d/*.conf;\n}\n",
      "nginx/conf.d/app.conf": server.replace("$" + "{HOST_NAME}", "app.example.org"),
    });
    const route = only(system);
    expect([shown(route.host), shown(route.rateLimit)]).toEqual([
      '"app.example.org"',
      '{"requests":5,"windowSeconds":1}',
    ]);
    expect(configurations([system])).toEqual(["nginx/nginx.conf"]);
  });
});

describe("Traefik's labels and its files", () => {
  const traefik = (volumes: string) =>
    `services:\n  traefik:\n    image: 'traefik:v3'\n    ports: ['443:443']\n    volumes: ${volumes}\n  web:\n    image: 'example/web:1'\n    expose: ['8080']\n    labels:\n      traefik.enable: 'true'\n      traefik.http.routers.web.rule: Host(\`app.example.org\`)\n      traefik.http.routers.web.entrypoints: websecure\n      traefik.http.routers.web.middlewares: secured@file\n`;
  const own =
    "entryPoints:\n  web: {address: ':80'}\n  websecure: {address: ':443', http: {tls: {options: strict@file}}}\nproviders:\n  docker: {exposedByDefault: false}\n  file: {directory: /etc/traefik/dynamic}\n";
  const dynamic =
    "http:\n  middlewares:\n    secured: {chain: {middlewares: [login, limit]}}\n    login: {basicAuth: {users: ['a:b']}}\n    limit: {rateLimit: {average: 5}}\ntls:\n  options: {strict: {minVersion: VersionTLS13}}\n";
  const mounts = "['./traefik/traefik.yml:/etc/traefik/traefik.yml', './traefik/dynamic:/etc/traefik/dynamic']";

  test("are one: a label's middleware is found in the file.", () => {
    const system = read({
      "compose.yaml": traefik(mounts),
      "traefik/traefik.yml": own,
      "traefik/dynamic/all.yml": dynamic,
    });
    const route = only(system);
    expect([targetOf(route), shown(route.authentication), shown(route.rateLimit), shown(route.tls)]).toEqual([
      "web:8080",
      '"single-factor"',
      '{"requests":5,"windowSeconds":1}',
      '{"minimum":"1.3"}',
    ]);
    expect(shown(route.redirectsToTls)).toBe("true");
    expect(configurations([system])).toEqual(["traefik/traefik.yml"]);
  });

  test("leave in doubt what the file may say that is not here.", () => {
    const route = only(read({ "compose.yaml": traefik(mounts), "traefik/traefik.yml": own }));
    expect([shown(route.authentication), shown(route.rateLimit), route.headers.complete]).toEqual([
      "unknown",
      "unknown",
      false,
    ]);
  });

  test("leave in doubt what is set where Traefik is started.", () => {
    const route = only(read({ "compose.yaml": traefik("['traefik-etc:/etc/traefik']") }));
    expect([shown(route.tls), shown(route.redirectsToTls)]).toEqual(["unknown", "unknown"]);
  });

  test.each<readonly [string, string, number]>([
    ["Docker", "docker: {}", 1],
    ["Swarm", "swarm: {exposedByDefault: false}", 1],
    ["what fills Redis", "redis: {endpoints: ['redis:6379']}", 1],
    ["nobody but files", "file: {directory: /etc/traefik/dynamic}", 0],
    ["Docker, which is off,", "docker: false, file: {directory: /etc/traefik/dynamic}", 0],
  ])("count where Traefik asks %s of containers.", (_, providers, count) => {
    const file = `entryPoints: {websecure: {address: ':443'}}\nproviders: {${providers}}\n`;
    const system = read({
      "compose.yaml": traefik(mounts),
      "traefik/traefik.yml": file,
      "traefik/dynamic/a.yml": dynamic,
    });
    expect(system.all("route")).toHaveLength(count);
  });

  test("are led on to by routers of the file, which reach services by name.", () => {
    const routers =
      "http:\n  routers: {direct: {rule: 'Host(`b.example.org`)', service: direct}}\n  services: {direct: {loadBalancer: {servers: [{url: 'http://web:9000'}]}}}\n";
    const system = read({
      "compose.yaml": traefik(mounts),
      "traefik/traefik.yml": own,
      "traefik/dynamic/all.yml": dynamic,
      "traefik/dynamic/direct.yml": routers,
    });
    expect(system.all("route").map((route) => [route.ref.name, targetOf(route)])).toEqual([
      ["web/app.example.org/", "web:8080"],
      ["traefik/b.example.org", "web:9000"],
    ]);
  });

  test("count for arguments and variables as for a file.", () => {
    const compose = (told: string) =>
      `services:\n  traefik: {image: 'traefik:v3', ports: ['443:443'], ${told}}\n  web: {image: 'example/web:1', labels: {traefik.http.routers.web.rule: 'Host(\`a.example.org\`)', traefik.http.services.web.loadbalancer.server.port: '8080'}}\n`;
    const args =
      "command: ['--entrypoints.websecure.address=:443', '--entrypoints.websecure.http.tls=true', '--providers.docker=true']";
    const variables =
      "environment: {TRAEFIK_ENTRYPOINTS_WEBSECURE_ADDRESS: ':443', TRAEFIK_ENTRYPOINTS_WEBSECURE_HTTP_TLS: 'true', TRAEFIK_PROVIDERS_DOCKER: 'true'}";
    for (const told of [args, variables]) {
      const system = read({ "compose.yaml": compose(told) });
      const route = only(system);
      expect([shown(route.tls), shown(route.redirectsToTls), route.edgePorts?.items]).toEqual([
        '{"minimum":"1.2"}',
        "true",
        [443],
      ]);
      const [file] = system.all("repository-file").filter(({ configuration }) => configuration !== undefined);
      const settings = file?.configuration;
      expect(settings?.software === "traefik" ? shown(settings.exposedByDefault) : "").toBe("true");
    }
  });
});
