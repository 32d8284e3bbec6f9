import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { knownValue } from "../facts/fact.ts";
import { readPaths } from "./read-paths.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function readFiles(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "proxy-owners-"));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const [path, to] of Object.entries(links)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(to, join(folder, path));
  }
  return readPaths([folder], { cwd: folder });
}

/** The routes of the Compose projects among some files, as `edge > workload:port`. */
function routesOf(...given: Parameters<typeof readFiles>): readonly string[] {
  return readFiles(...given)
    .systems.filter(({ platform }) => platform === "compose")
    .flatMap((system) =>
      system.all("route").map(({ edge, elsewhere, target }) => {
        const to = knownValue(target);
        const from = edge?.name ?? (elsewhere === true ? "elsewhere" : "?");
        return `${from} > ${to === undefined ? target.kind : `${to.workload.name}:${to.port}`}`;
      }),
    );
}

function problemsOf(...given: Parameters<typeof readFiles>): readonly string[] {
  return readFiles(...given).systems.flatMap(({ problems }) => problems.map(({ message }) => message));
}

const nginx = (to: string) =>
  `server {\n  listen 80;\n  server_name a.example.org;\n  location / { proxy_pass http://${to}; }\n}\n`;
const caddy = (to: string) => `a.example.org {\n\treverse_proxy ${to}\n}\n`;
const tunnel = (to: string) =>
  `tunnel: t\ningress:\n  - hostname: a.example.org\n    service: http://${to}\n  - service: http_status:404\n`;
const traefik = (to: string) =>
  `http:\n  routers: {a: {rule: 'Host(\`a.example.org\`)', service: a}}\n  services: {a: {loadBalancer: {servers: [{url: 'http://${to}'}]}}}\n`;
const services = (...lines: readonly string[]) => `services:\n${lines.map((line) => `  ${line}\n`).join("")}`;
const app = "app: {image: 'x/app:1', ports: ['127.0.0.1:8080:80']}";
const backup = (folder: string) => `backup: {image: 'restic/restic:0.17', volumes: ['./${folder}:/data/${folder}:ro']}`;

// covers: A3 T4 | compose
describe("A proxy's file on the machine itself", () => {
  test.each([
    ["nginx/conf.d/a.conf", nginx("127.0.0.1:8080"), "nginx"],
    ["caddy/Caddyfile", caddy("localhost:8080"), "caddy"],
    ["cloudflared/config.yml", tunnel("localhost:8080"), "cloudflared"],
    ["traefik/dynamic.yml", traefik("127.0.0.1:8080"), "traefik"],
  ])("leads where it did, though a backup mounts its folder: %s.", (path, text, folder) => {
    expect(routesOf({ [path]: text, "compose.yaml": services(app) })).toEqual(["elsewhere > app:80"]);
    expect(routesOf({ [path]: text, "compose.yaml": services(app, backup(folder)) })).toEqual(["elsewhere > app:80"]);
  });

  test("leads where it did, though a backup of another project mounts its folder.", () => {
    const other = services("backup: {image: 'restic/restic:0.17', volumes: ['../nginx:/data/nginx:ro']}");
    const files = { "nginx/conf.d/a.conf": nginx("127.0.0.1:8080"), "backup/compose.yaml": other };
    expect(routesOf({ ...files, "app/compose.yaml": services(app) })).toEqual(["elsewhere > app:80"]);
  });

  test("leads where it did, though an nginx beside it mounts something else.", () => {
    const web = "web: {image: 'nginx:1.27', volumes: ['./site:/usr/share/nginx/html']}";
    const files = { "nginx/conf.d/a.conf": nginx("127.0.0.1:8080"), "site/index.html": "<p>\n" };
    expect(routesOf({ ...files, "compose.yaml": services(app, web, backup("nginx")) })).toEqual(["elsewhere > app:80"]);
  });
});

describe("A proxy's file that several services mount", () => {
  const files = { "nginx/conf.d/a.conf": nginx("app:80") };
  const mounting = (name: string, image: string, target: string, more = "") =>
    `${name}: {image: '${image}', volumes: ['./nginx/conf.d:${target}']${more}}`;

  test.each([
    ["a backup", backup("nginx")],
    ["certbot", mounting("certbot", "certbot/certbot:v3", "/etc/nginx/conf.d")],
    ["an editor", mounting("editor", "codercom/code-server:4", "/work", ", ports: ['8443:8443']")],
  ])("is the proxy's, and not that of %s.", (_, other) => {
    const web = mounting("web", "nginx:1.27", "/etc/nginx/conf.d", ", ports: ['80:80']");
    expect(routesOf({ ...files, "compose.yaml": services(app, web, other) })).toEqual(["web > app:80"]);
  });

  test("is that of both where both are proxies.", () => {
    const blue = mounting("blue", "nginx:1.27", "/etc/nginx/conf.d");
    const green = mounting("green", "nginx:1.28", "/etc/nginx/conf.d");
    const text = services(app, blue, green);
    expect(routesOf({ ...files, "compose.yaml": text })).toEqual(["blue > app:80", "green > app:80"]);
  });
});

describe("A file that is mounted by the folder that Compose is called in", () => {
  test.each(["$PWD/nginx/site.conf", "${PWD}/nginx/site.conf"])("is the proxy's: %s.", (source) => {
    const target = "/etc/nginx/conf.d/default.conf";
    for (const mount of [`'${source}:${target}:ro'`, `{type: bind, source: '${source}', target: ${target}}`]) {
      const web = `web: {image: 'nginx:1.27', ports: ['80:80'], volumes: [${mount}]}`;
      const files = { "nginx/site.conf": nginx("app:80"), "compose.yaml": services(app, web) };
      expect(routesOf(files)).toEqual(["web > app:80"]);
    }
  });
});

describe("A program that is not known reads a proxy's file", () => {
  test.each([
    ["where such a program looks", "{image: 'own/thing:1', volumes: ['./nginx:/etc/nginx/conf.d']}"],
    ["named after one", "{image: 'own/my-nginx:1', volumes: ['./nginx:/conf']}"],
    ["on the port of one", "{image: 'own/thing:1', ports: ['443:443'], volumes: ['./nginx:/conf']}"],
    ["whose image cannot be told", "{image: '${IMAGE}', volumes: ['./nginx:/conf']}"],
    ["that is built elsewhere", "{build: 'https://git.example.org/a.git', volumes: ['./nginx:/conf']}"],
  ])("%s.", (_, front) => {
    const files = { "nginx/a.conf": nginx("app:80"), "compose.yaml": services(app, `front: ${front}`) };
    expect(routesOf(files)).toEqual(["front > app:80"]);
  });
});

describe("A folder of many files that a proxy mounts", () => {
  const swag = "swag: {image: 'linuxserver/swag:3', ports: ['443:443'], volumes: ['./swag:/config']}";
  const many = (count: number, ending: string) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`swag/nginx/proxy-confs/s${at}.subdomain.${ending}`, nginx(`s${at}`)]),
    );
  const own = { "swag/nginx/proxy-confs/zapp.subdomain.conf": nginx("app:80"), "compose.yaml": services(app, swag) };

  test("leads where it does, though samples lie beside what is used.", () => {
    expect(routesOf({ ...many(250, "conf.sample"), ...own })).toEqual(["swag > app:80"]);
  });

  test("is said to be cut where it is.", () => {
    const messages = problemsOf({ ...many(1_010, "conf"), ...own });
    expect(messages).toEqual([expect.stringMatching(/^swag mounts `swag`, which has too many files: those after/)]);
    const site = "web: {image: 'nginx:1.27', volumes: ['./site:/usr/share/nginx/html']}";
    const pages = Object.fromEntries(Array.from({ length: 5_010 }, (_, at) => [`site/p${at}.html`, "<p>\n"]));
    expect(problemsOf({ ...pages, "compose.yaml": services(site) })).toEqual([]);
  });

  test("may be the whole repository, of which only what lies where the proxy looks counts.", () => {
    const mounting = (target: string) =>
      services(app, `caddy: {image: 'caddy:2', ports: ['443:443'], volumes: ['.:${target}']}`);
    const files = { Caddyfile: caddy("app:80"), "other/Caddyfile": caddy("app:81") };
    expect(routesOf({ ...files, "compose.yaml": mounting("/etc/caddy") })).toEqual(["caddy > app:80"]);
    expect(routesOf({ ...files, "compose.yaml": mounting("/usr/share/caddy") })).not.toContain("caddy > app:80");
  });
});

describe("A site that is enabled by a link", () => {
  const files = {
    "nginx/nginx.conf": "events {}\nhttp {\n  include /etc/nginx/sites-enabled/*;\n}\n",
    "nginx/sites-available/site": nginx("app:80"),
    "compose.yaml": services(app, "web: {image: 'nginx:1.27', ports: ['80:80'], volumes: ['./nginx:/etc/nginx']}"),
  };

  test.each(["../sites-available/site", "/etc/nginx/sites-available/site"])(
    "leads where it does, as the container sees it: %s.",
    (to) => {
      expect(routesOf(files, { "nginx/sites-enabled/site": to })).toEqual(["web > app:80"]);
    },
  );

  test.each(["/srv/site", "../../../site", "../sites-available/gone"])(
    "is told of where it leads elsewhere: %s.",
    (to) => {
      expect(problemsOf(files, { "nginx/sites-enabled/site": to })).toEqual([
        "The included file `nginx/sites-enabled/site` is a link to what is not in this folder; what it says is not seen.",
      ]);
    },
  );

  test("is read where the link itself is mounted.", () => {
    const linked =
      "web: {image: 'nginx:1.27', ports: ['80:80'], volumes: ['./enabled/a.conf:/etc/nginx/conf.d/a.conf']}";
    const own = { "available/a.conf": nginx("app:80"), "compose.yaml": services(app, linked) };
    expect(routesOf(own, { "enabled/a.conf": "../available/a.conf" })).toEqual(["web > app:80"]);
    expect(problemsOf(own, { "enabled/a.conf": "/srv/a.conf" })).toEqual([
      "web mounts `enabled/a.conf`, a link to what is not in this folder; what it says is not seen.",
    ]);
  });

  test("is read where a folder of links is mounted beside what they lead to.", () => {
    const mounts = "['./sites-enabled:/etc/nginx/sites-enabled', './sites:/etc/nginx/sites']";
    const linked = `web: {image: 'nginx:1.27', ports: ['80:80'], volumes: ${mounts}}`;
    const own = { "sites/a": nginx("app:80"), "compose.yaml": services(app, linked) };
    expect(routesOf(own, { "sites-enabled/a": "../sites/a" })).toEqual(["web > app:80"]);
    expect(problemsOf(own, { "sites-enabled/b": "/srv/b" })).toEqual([
      "web mounts `sites-enabled/b`, a link to what is not in this folder; what it says is not seen.",
    ]);
  });
});
