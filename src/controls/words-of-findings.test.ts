/** What a finding says where the general words would be wrong, or would name another program. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../contracts/verdict.ts";
import { readPaths } from "../platforms/read-paths.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

const today = new Date("2027-01-01T00:00:00Z");

function findings(files: Readonly<Record<string, string>>, control: string): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-words-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { systems } = readPaths([folder], { cwd: folder, now: today });
    return evaluate(systems, allControls, { profile: "homelab", today, ownStack: false }).findings.filter(
      (finding) => finding.control === control && finding.verdict === "fail",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("Variants of one Compose project are told apart by the files that make them.", () => {
  const files = {
    "compose.yaml": "name: shop\nservices:\n  db: { image: 'postgres:16.4' }\n",
    "compose.api.yaml": "services:\n  db: { ports: ['5432:5432'] }\n",
    "compose.gpu.yaml": "services:\n  db: { ports: ['5433:5432'] }\n",
  };
  expect(findings(files, "network.datastore-unpublished").map(({ subject }) => subject.system)).toEqual([
    "shop (compose.api.yaml)",
    "shop (compose.gpu.yaml)",
  ]);
});

test.each([
  ['entrypoint: ["sudo", "/init"]', false],
  ['command: ["sh", "-c", "su - app -c run"]', false],
  ['command: ["run", "--issue", "subset"]', true],
])("Nothing takes rights to gain from what is started by gaining some: %s", (start, isFixable) => {
  const compose = `services:\n  app: { image: 'ghcr.io/example/app:1', ${start} }\n`;
  const [found] = findings({ "compose.yaml": compose }, "workload.no-new-privileges-on");
  expect(found?.fixable).toBe(isFixable);
});

test.each([
  [
    "dockge as its manual runs it",
    "louislam/dockge:1.5.0",
    "5001:5001",
    /^It is made to command the engine: .*127\.0\.0\.1/,
  ],
  [
    "a proxy that all of the internet may reach",
    "traefik:v3.3",
    "443:443",
    /^Take the power from it: a filtering proxy.*socket\.$/,
  ],
  ["any other", "ghcr.io/example/tool:1", "8080:8080", /^Take the power from it first: .*127\.0\.0\.1 only\.$/],
])("What leads to the host is mended without breaking %s.", (_title, image, port, expected) => {
  const compose = `services:\n  it: { image: '${image}', ports: ['${port}'], volumes: ['/var/run/docker.sock:/var/run/docker.sock'] }\n`;
  const [found] = findings({ "compose.yaml": compose }, "workload.exposure-contained");
  expect(found?.remedy).toMatch(expected);
});

test("A port without a number on the host is published under one that the engine picks.", () => {
  const compose = "services:\n  app: { image: 'ghcr.io/example/app:1', ports: ['8080/tcp'] }\n";
  const [found] = findings({ "compose.yaml": compose }, "network.only-proxy-publishes");
  const where = "port 8080 is published on every address, under a port that the engine picks";
  expect(found?.message).toBe(`${where}, with no proxy before it`);
  expect(found?.path[0]?.by).toBe(where);
});

test("Debugging is switched off by its own variable, and only where the program is that reads it.", () => {
  const compose =
    "services:\n  web: { image: 'nginx:1.27', env_file: app.env, ports: ['80:80'] }\n  app: { image: 'ghcr.io/example/app:1', env_file: app.env }\n";
  const found = findings({ "compose.yaml": compose, "app.env": "APP_DEBUG=true\n" }, "workload.development-mode-off");
  expect(found.map(({ subject, remedy }) => `${subject.name}: ${remedy}`)).toEqual([
    "app: Set `APP_DEBUG` to `false` in app.env.",
  ]);
});

test.each([
  ["traefik:v3.3", "`--providers.docker.endpoint=tcp://socket-proxy:2375`"],
  ["gcr.io/cadvisor/cadvisor:v0.49.1", "`--docker=tcp://socket-proxy:2375`"],
  ["portainer/portainer-ce:2.21.5", "`-H tcp://socket-proxy:2375`"],
  ["ghcr.io/example/tool:1", "`DOCKER_HOST: tcp://socket-proxy:2375`"],
])("What speaks to the engine through a proxy is told so in its own words: %s", (image, expected) => {
  const compose = `services:\n  it: { image: '${image}', volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'] }\n`;
  const [found] = findings({ "compose.yaml": compose }, "workload.engine-socket-unmounted");
  expect(found?.remedy).toContain(expected);
});

test("A route of nginx is encrypted in nginx's words.", () => {
  const compose =
    "services:\n  web: { image: 'nginx:1.27', ports: ['80:80'], volumes: ['./web.conf:/etc/nginx/conf.d/web.conf:ro'] }\n  app: { image: 'ghcr.io/example/app:1' }\n";
  const conf =
    "server {\n  listen 80;\n  server_name shop.example.org;\n  location / { proxy_pass http://app:8080; }\n}\n";
  const [found] = findings({ "compose.yaml": compose, "web.conf": conf }, "edge.route-encrypted");
  expect(found?.remedy).toContain("`listen 443 ssl;`");
  expect(found?.remedy).not.toMatch(/Caddy|Traefik/);
});

test("A file's name keeps its case at the beginning of a sentence.", () => {
  const compose =
    "services:\n  web: { image: 'ghcr.io/example/web:1', env_file: env }\n  app: { image: 'ghcr.io/example/app:1', env_file: env }\n";
  const env = "API_TOKEN=k3Jq8Zr5Tn2Wv7\nDB_PASSWORD=n8Xc4Vb6Mm1Qw9\n";
  const [found] = findings({ "compose.yaml": compose, env }, "secrets.environment-scoped");
  expect(found?.message).toMatch(/^the file env gives it 2 secrets/);
});
