import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileAt, labProgram, serviceIn, stackFrom } from "../testing/stack.ts";

const plain = labProgram("caddy", process.env);
const limiting = labProgram("caddy-ratelimit", process.env);
const folder = mkdtempSync(join(tmpdir(), "ringwall-caddy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Routes as tests need them: one for everyone, one for nobody here, one below a path. */
const declaration = (settings = "{}", domain = "shop.test") => `name: shop
domain: ${domain}
operators: [203.0.113.0/24]
zones: { a: { purpose: x, outside: both } }
services:
  caddy: { use: caddy, zone: a, settings: ${settings} }
  web: { image: "x:1", zone: a, ports: { http: 8080 } }
  admin: { image: "x:1", zone: a, ports: { http: 8081 } }
  prometheus: { use: prometheus, zone: a }
routes:
  - { host: "@", to: web, audience: public, rateLimit: 20/1m, loginRateLimit: 3/1m, maxBody: 1KB }
  - { host: "@", path: /admin, to: admin }
  - { host: down, to: admin, audience: public, rateLimit: none, loginRateLimit: none }
`;

const caddyfileOf = (text: string): string => fileAt(stackFrom(text), "caddy", "/etc/caddy/Caddyfile").content;

function validate(program: string, content: string): string {
  const path = join(folder, "Caddyfile");
  writeFileSync(path, content);
  return execFileSync(program, ["validate", "--adapter", "caddyfile", "--config", path], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
}

describe("caddy with certificates by DNS", () => {
  const text = (dns: string) =>
    declaration(`{ tls: acme${dns} }`).replace("routes:", "secrets: { dns-token: external }\nroutes:");

  // covers: T3 R1 | compose
  it("reads the token from a file of its own, loads it again on a signal, and says which module the image needs", () => {
    const stack = stackFrom(text(", dns: { cloudflare: dns-token }"));
    const caddy = serviceIn(stack, "caddy");
    expect(caddyfileOf(text(", dns: { cloudflare: dns-token }"))).toContain(
      "acme_dns cloudflare {file./run/secrets/cloudflare-token}",
    );
    expect(caddy.secrets).toMatchObject([
      { secret: "dns-token", delivery: "file", target: "/run/secrets/cloudflare-token", mode: 0o400 },
    ]);
    expect(caddy.reload).toEqual({ signal: "USR1" });
    expect(caddy.gaps.join(" ")).toContain("caddy-dns/cloudflare");
    expect(caddyfileOf(text(""))).not.toContain("acme_dns");
  });

  // covers: T3 | compose | real: Caddy 2.11 with caddy-dns/cloudflare
  it.skipIf(limiting === undefined)("is taken by a Caddy that has the module, token file and all", () => {
    const token = join(folder, "token");
    writeFileSync(token, "abcdefghijklmnopqrstuvwxyz0123456789ABCD");
    const content = caddyfileOf(text(", dns: { cloudflare: dns-token }")).replace(
      "/run/secrets/cloudflare-token",
      token,
    );
    expect(validate(limiting ?? "", content)).toContain("Valid configuration");
  });
});

describe("the Caddyfile", () => {
  // covers: A1 A2 H1 T4 | compose | real: caddy 2.11
  it("closes the administration, sets every header, cuts off who is not meant, and answers no other host", () => {
    const text = caddyfileOf(declaration());
    for (const line of ["admin off", "persist_config off", "protocols h1 h2", "-Server", "defer"])
      expect(text).toContain(line);
    expect(text).toContain("@outsiders not client_ip 203.0.113.0/24");
    expect(text).toContain('import headers "max-age=31536000; includeSubDomains"');
    expect(text).not.toContain("preload");
    expect(text).toMatch(/^http:\/\/ \{\n\tabort\n\}/m);
    expect(text).toMatch(/^https:\/\/ \{\n\tabort\n\}/m);
  });

  it("asks a public authority only for a domain that one gives certificates for", () => {
    expect(caddyfileOf(declaration())).toContain("tls internal");
    const real = caddyfileOf(declaration("{ email: admin@shop.org }", "shop.org"));
    expect(real).not.toContain("tls internal");
    expect(real).toContain("email admin@shop.org");
    expect(serviceIn(stackFrom(declaration("{}", "shop.org")), "caddy").outbound).toBe(true);
    expect(serviceIn(stackFrom(declaration()), "caddy").outbound).toBe(false);
  });

  it("preloads HSTS only where all routes of a host say so", () => {
    const preload = "hsts: { preload: true }";
    const both = declaration().replace("maxBody: 1KB", preload).replace("path: /admin,", `path: /admin, ${preload},`);
    expect(caddyfileOf(both)).toContain("includeSubDomains; preload");
    expect(caddyfileOf(declaration().replace("maxBody: 1KB", preload))).not.toContain("preload");
  });

  it("says that rates are not limited where the image cannot, and limits them where it can", () => {
    const [without, with_] = [stackFrom(declaration()), stackFrom(declaration("{ rateLimitModule: true }"))];
    expect(serviceIn(without, "caddy").gaps.join()).toContain("Rate limits on shop.test are not enforced");
    expect(caddyfileOf(declaration())).not.toContain("rate_limit");
    expect(serviceIn(with_, "caddy").gaps.join()).not.toContain("not enforced");
    expect(caddyfileOf(declaration("{ rateLimitModule: true }"))).toContain("events 20");
  });

  it("opens metrics to the network of its reader alone", () => {
    const stack = stackFrom(declaration());
    const network = stack.networks.find((candidate) => candidate.name === "caddy--prometheus");
    expect(caddyfileOf(declaration())).toContain(`@strangers not remote_ip ${network?.cidr}`);
  });

  it.skipIf(plain === undefined)(
    "is valid to the real Caddy, with and without everything (needs the lab's caddy)",
    () => {
      const texts = [
        declaration(),
        declaration("{ trustedProxies: [10.0.0.0/8], email: a@b.org, acmeDirectory: https://ca.b.org/dir }", "b.org"),
        "name: s\nservices: { caddy: { use: caddy } }\n",
      ];
      for (const text of texts) expect(() => validate(plain ?? "", caddyfileOf(text))).not.toThrow();
    },
  );

  it.skipIf(limiting === undefined)(
    "is valid to a Caddy with the rate-limit module (needs the lab's caddy-ratelimit)",
    () => {
      expect(() => validate(limiting ?? "", caddyfileOf(declaration("{ rateLimitModule: true }")))).not.toThrow();
    },
  );
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

describe.skipIf(limiting === undefined)("the running edge (needs the lab's caddy-ratelimit)", () => {
  let caddy: ChildProcess;
  let upstream: Server;
  let ports: { http: number; https: number; metrics: number };
  let log = "";

  beforeAll(async () => {
    // The body is read to its end before the answer: a service that answers first would race Caddy's own refusal.
    upstream = createHttpServer((incoming, response) => {
      incoming.resume().on("end", () => {
        response.writeHead(200, { Server: "leaky", "X-Frame-Options": "ALLOWALL", "X-Powered-By": "PHP" });
        response.end("ok");
      });
    });
    const upstreamPort = await listening(upstream);
    ports = { http: await freePort(), https: await freePort(), metrics: await freePort() };
    const content = caddyfileOf(declaration("{ rateLimitModule: true }"))
      .replace("{\n", `{\n\thttp_port ${ports.http}\n\thttps_port ${ports.https}\n`)
      .replace("reverse_proxy web:8080", `reverse_proxy 127.0.0.1:${upstreamPort}`)
      .replaceAll("reverse_proxy admin:8081", `reverse_proxy 127.0.0.1:${await freePort()}`)
      .replace("http://:9180", `http://:${ports.metrics}`);
    const path = join(folder, "running.Caddyfile");
    writeFileSync(path, content);
    caddy = spawn(limiting ?? "", ["run", "--adapter", "caddyfile", "--config", path], {
      env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      stdio: ["ignore", "ignore", "pipe"],
    });
    caddy.stderr?.on("data", (chunk) => {
      log += chunk;
    });
    await until(async () => (await get("shop.test", "/")).status === 200);
  }, 20_000);

  afterAll(() => {
    caddy?.kill("SIGKILL");
    upstream?.close();
  });

  function get(
    host: string,
    path: string,
    options: { method?: string; body?: string; header?: string } = {},
  ): Promise<Answer> {
    return new Promise((done, fail) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port: ports.https,
          servername: host,
          path,
          method: options.method ?? "GET",
          rejectUnauthorized: false,
          headers: { Host: options.header ?? host },
          agent: false,
        },
        (response) => {
          response.resume();
          response.on("end", () => done({ status: response.statusCode ?? 0, headers: response.headers }));
        },
      );
      sent.on("error", fail);
      sent.end(options.body);
    });
  }

  // covers: H1 H2 | compose | real: caddy 2.11 with caddy-ratelimit
  it("puts the headers on every answer, in place of what the service says, and names no server", async () => {
    const { headers } = await get("shop.test", "/");
    expect(headers).toMatchObject({
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "x-frame-options": "SAMEORIGIN",
      "referrer-policy": "strict-origin-when-cross-origin",
      "permissions-policy": "geolocation=(), microphone=(), camera=()",
    });
    expect(headers.server).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  it("puts them on its own errors too", async () => {
    const { status, headers } = await get("down.shop.test", "/");
    expect(status).toBe(502);
    expect(headers["strict-transport-security"]).toBe("max-age=31536000; includeSubDomains");
    expect(headers.server).toBeUndefined();
  });

  // covers: A1 | compose | real: caddy 2.11
  it("cuts off who is not in the audience, and every other host, without an answer", async () => {
    await expect(get("shop.test", "/admin")).rejects.toThrow();
    await expect(get("shop.test", "/admin/users")).rejects.toThrow();
    await expect(get("shop.test", "/", { header: "evil.test" })).rejects.toThrow();
    await expect(get("other.test", "/")).rejects.toThrow();
    expect((await get("shop.test", "/administrate")).status).toBe(200);
  });

  // covers: T4 | compose | real: caddy 2.11
  it("sends plain HTTP on to HTTPS, for its own hosts only", async () => {
    const raw = await rawGet(ports.http, "shop.test", "/x?y=1");
    expect(raw).toMatch(/^HTTP\/1\.1 308 /);
    expect(raw).toContain("Location: https://shop.test/x?y=1");
    expect(raw).not.toMatch(/^Server:/m);
    expect(await rawGet(ports.http, "evil.test", "/")).toBe("");
  });

  it("takes no body over the route's limit", async () => {
    const { status } = await get("shop.test", "/", { method: "POST", body: "x".repeat(4096) });
    expect(status).toBe(413);
  });

  it("tells health to itself, and metrics to no stranger", async () => {
    expect(await rawGet(ports.metrics, "x", "/health")).toMatch(/^HTTP\/1\.1 200 /);
    expect(await rawGet(ports.metrics, "x", "/metrics")).toBe("");
    expect(await rawGet(ports.metrics, "x", "/config/")).toBe("");
  });

  it("writes what was asked for without the query", async () => {
    await get("shop.test", "/?token=hunter2");
    await until(async () => log.includes("handled request"));
    expect(log).not.toContain("hunter2");
  });

  // covers: A2 | compose | real: caddy 2.11 with caddy-ratelimit
  it("lets a client try to log in three times a minute, and ask anything twenty times", async () => {
    const logins: number[] = [];
    for (let count = 0; count < 5; count++) logins.push((await get("shop.test", "/login")).status);
    expect(logins.filter((status) => status === 429)).toHaveLength(2);
    const all: number[] = [];
    for (let count = 0; count < 22; count++) all.push((await get("shop.test", "/")).status);
    expect(all.at(-1)).toBe(429);
    expect((await get("down.shop.test", "/")).status).toBe(502);
  });
});

function listening(server: Server): Promise<number> {
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done((server.address() as AddressInfo).port)));
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

async function rawGet(port: number, host: string, path: string): Promise<string> {
  const { connect } = await import("node:net");
  return new Promise((done) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", () => done(text));
    socket.on("close", () => done(text));
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const start = Date.now(); Date.now() - start < 15_000; ) {
    if (await holds().catch(() => false)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("it did not come to hold within 15 s");
}
