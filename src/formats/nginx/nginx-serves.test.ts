/** Holds what is read of an nginx configuration to what nginx then does: headers, redirects, sign-ins, limits. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configInput } from "../../../test/support/config-input.ts";
import { labProgram } from "../../components/testing/stack.ts";
import type { NginxConfiguration } from "../../facts/configuration/nginx.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import { nginxFormat } from "./nginx-format.ts";

const nginx = labProgram("nginx", process.env) ?? labProgram("../trees/newer/usr/sbin/nginx", process.env);

/** Each server has a name; `HTTP` and `APP` stand for ports. */
const text = `
worker_processes 1;
daemon off;
error_log stderr crit;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path tmp/a; proxy_temp_path tmp/b; fastcgi_temp_path tmp/c; uwsgi_temp_path tmp/d; scgi_temp_path tmp/e;
    limit_req_zone $server_name zone=few:1m rate=1r/m;
    limit_req_zone $server_name zone=many:1m rate=1000r/s;
    add_header X-Outer outer;
    server_tokens off;
    upstream app { server 127.0.0.1:APP; }

    server { listen 127.0.0.1:HTTP default_server; server_name catch.test; return 301 https://$host$request_uri; }
    server { listen 127.0.0.1:HTTP; server_name plain.test; location / { proxy_pass http://app; } }
    server { listen 127.0.0.1:HTTP; server_name own.test; add_header X-Server server;
        location / { proxy_pass http://app; }
        location /inner/ { add_header X-Inner inner; proxy_pass http://app; }
        location /deep/ { add_header X-Deep deep; location /deep/er/ { proxy_pass http://app; } proxy_pass http://app; }
    }
    server { listen 127.0.0.1:HTTP; server_name tokens.test; server_tokens on; location / { proxy_pass http://app; } }
    server { listen 127.0.0.1:HTTP; server_name login.test; auth_basic "x"; auth_basic_user_file users;
        location / { proxy_pass http://app; }
        location /open/ { auth_basic off; proxy_pass http://app; }
    }
    server { listen 127.0.0.1:HTTP; server_name lan.test; allow 192.0.2.0/24; deny all;
        location / { proxy_pass http://app; }
        location /all/ { allow all; proxy_pass http://app; }
        location /none/ { deny all; proxy_pass http://app; }
    }
    server { listen 127.0.0.1:HTTP; server_name few.test; limit_req zone=few;
        location / { proxy_pass http://app; }
        location /many/ { limit_req zone=many burst=100 nodelay; proxy_pass http://app; }
    }
    server { listen 127.0.0.1:HTTP; server_name return.test; location / { return 301 https://$host$request_uri; } }
    server { listen 127.0.0.1:HTTP; server_name rewrite.test; rewrite ^(.*)$ https://$host$1 permanent; }
    server { listen 127.0.0.1:HTTP; server_name set.test; set $upstream 127.0.0.1; set $port APP;
        location / { proxy_pass http://$upstream:$port; }
    }
    server { listen 127.0.0.1:HTTP; server_name files.test; root site; location /list/ { autoindex on; } location /up { alias site/list/; }
        set $kind list; location /filled { alias site/$kind/; }
    }
}
`;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let folder = "";
let app: Server | undefined;
let http = 0;
let program: ReturnType<typeof spawn> | undefined;
let routes: readonly Route[] = [];

beforeAll(async () => {
  if (nginx === undefined) return;
  folder = mkdtempSync(join(tmpdir(), "ringwall-nginx-"));
  // Its workers are another user when it is started by root.
  chmodSync(folder, 0o755);
  for (const each of ["tmp", "site/list", "site/list/inner"]) mkdirSync(join(folder, each), { recursive: true });
  writeFileSync(join(folder, "site/secret"), "secret");
  // The hash of "password" that `openssl passwd -apr1` gives.
  writeFileSync(join(folder, "users"), "me:$apr1$saltsalt$yTsWJ0b1JLH4b1IDL0Qo8/\n");
  app = createServer((_, answer) => answer.end("app")).listen(0, "127.0.0.1");
  await new Promise((done) => app?.once("listening", done));
  http = await freePort();
  const filled = text.replaceAll("HTTP", String(http)).replaceAll("APP", String((app.address() as AddressInfo).port));
  writeFileSync(
    join(folder, "nginx.conf"),
    `pid ${folder}/pid;\n${filled.replaceAll("root site", `root ${folder}/site`).replaceAll("alias site", `alias ${folder}/site`)}`,
  );
  program = spawn(nginx, ["-p", folder, "-c", "nginx.conf"], { stdio: "ignore" });
  await answering(http);
  routes = nginxFormat
    .read(configInput({ "nginx.conf": filled }))
    .subjects.filter((subject) => subject.kind === "route");
});

afterAll(async () => {
  program?.kill("SIGTERM");
  await new Promise((done) => (program === undefined ? done(undefined) : program.once("exit", done)));
  app?.close();
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => probe.once("listening", done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, "127.0.0.1", () => done(true)).once("error", () => done(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 30));
  }
  throw new Error("nginx does not answer");
}

function ask(host: string, path: string): Promise<Answer> {
  return new Promise((done, failed) => {
    const asked = request({ port: http, host: "127.0.0.1", path, headers: { host } }, (answer) => {
      let body = "";
      answer.on("data", (part) => {
        body += String(part);
      });
      answer.on("end", () => done({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.once("error", failed).end();
  });
}

function settingsOf(conf: string): NginxConfiguration {
  const { subjects } = nginxFormat.read(configInput({ "nginx.conf": conf }));
  const file = subjects.find((each) => each.kind === "repository-file");
  const said = file?.kind === "repository-file" ? file.configuration : undefined;
  if (said?.software !== "nginx") throw new Error("there are no settings");
  return said;
}

function routeTo(host: string, path: string): Route {
  const found = routes.find((route) => knownValue(route.host) === host && knownValue(route.path) === path);
  if (found === undefined) throw new Error(`there is no route to ${host}${path}`);
  return found;
}

// covers: T4 A1 A2 A3 H1 | compose | real: nginx 1.26
describe.skipIf(nginx === undefined)("nginx does what is read of its configuration", () => {
  test.each([
    ["plain.test", "/"],
    ["own.test", "/"],
    ["own.test", "/inner"],
    ["own.test", "/deep"],
    ["own.test", "/deep/er"],
  ])("in the headers that it sends: %s%s", async (host, path) => {
    const { headers } = await ask(host, path === "/" ? "/" : `${path}/`);
    const said = routeTo(host, path).headers;
    expect(said.complete).toBe(true);
    const names = ["x-outer", "x-server", "x-inner", "x-deep"];
    for (const name of names) {
      const item = said.items.find((each) => each.name === name);
      expect(headers[name], name).toBe(item?.value ?? undefined);
    }
  });

  test("in whether it tells its version", async () => {
    expect((await ask("plain.test", "/")).headers.server).toBe("nginx");
    expect((await ask("tokens.test", "/")).headers.server).toMatch(/\d/);
    const without = text.replace("server_tokens on;", "");
    expect([text, without].map((each) => knownValue(settingsOf(each).tellsVersion))).toEqual([true, false]);
  });

  test.each([
    ["login.test", "/", 401],
    ["login.test", "/open", 200],
  ])("in whom it asks to sign in: %s%s", async (host, path, status) => {
    const answer = await ask(host, path === "/" ? "/" : `${path}/`);
    expect(answer.status).toBe(status);
    expect(knownValue(routeTo(host, path).authentication)).toBe(status === 401 ? "single-factor" : undefined);
  });

  test("in which addresses it lets in", async () => {
    expect((await ask("lan.test", "/")).status).toBe(403);
    expect(knownValue(routeTo("lan.test", "/").audience)).toEqual({ kind: "networks", cidrs: ["192.0.2.0/24"] });
    expect((await ask("lan.test", "/all/")).status).toBe(200);
    expect(knownValue(routeTo("lan.test", "/all").audience)).toEqual({ kind: "public" });
    expect((await ask("lan.test", "/none/")).status).toBe(403);
    expect(knownValue(routeTo("lan.test", "/none").audience)).toEqual({ kind: "networks", cidrs: [] });
  });

  test("in how often it may be asked", async () => {
    const few = await Promise.all([1, 2, 3, 4].map(() => ask("few.test", "/")));
    expect(few.filter(({ status }) => status === 503).length).toBeGreaterThan(1);
    expect(knownValue(routeTo("few.test", "/").rateLimit)).toEqual({ requests: 1, windowSeconds: 60 });
    const many = await Promise.all([1, 2, 3, 4].map(() => ask("few.test", "/many/")));
    expect(many.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(knownValue(routeTo("few.test", "/many").rateLimit)).toEqual({ requests: 1000, windowSeconds: 1 });
  });

  test("in what it only sends on to HTTPS", async () => {
    for (const host of ["return.test", "rewrite.test", "nobody.test"]) {
      const { status, headers } = await ask(host, "/x");
      expect([status, headers.location]).toEqual([301, `https://${host}/x`]);
      expect(routes.filter((route) => knownValue(route.host) === host)).toEqual([]);
    }
  });

  test("in where variables lead", async () => {
    expect((await ask("set.test", "/")).body).toBe("app");
    expect(routeTo("set.test", "/").target.kind).toBe("unstated");
  });

  test("in the folders that it lists, and in how an alias without a slash is climbed out of", async () => {
    expect((await ask("files.test", "/list/")).body).toContain("inner/");
    expect((await ask("files.test", "/up../secret")).body).toBe("secret");
    expect((await ask("files.test", "/filled../secret")).body).toBe("secret");
    const said = settingsOf(text);
    expect(said.listings.items.map(({ name }) => name)).toEqual(["/list/"]);
    expect(said.climbableAliases.items.map(({ name }) => name)).toEqual(["/up", "/filled"]);
  });
});
