import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configInput, namedWorkload } from "../../../test/support/config-input.ts";
import { threadMs } from "../../../test/support/thread-time.ts";
import { labProgram } from "../../components/testing/stack.ts";
import type { NginxConfiguration } from "../../facts/configuration/nginx.ts";
import { knownValue, stated } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Route } from "../../facts/subjects.ts";
import { describePlace } from "../../lib/place.ts";
import type { ConfigInput } from "../config-format.ts";
import { nginxFormat } from "./nginx-format.ts";

type Texts = Readonly<Record<string, string>>;

function read(texts: Texts, more: Partial<ConfigInput> = {}) {
  return nginxFormat.read(configInput(texts, more));
}

function routesOf(texts: Texts, more: Partial<ConfigInput> = {}): readonly Route[] {
  return read(texts, more).subjects.filter((subject) => subject.kind === "route");
}

function settingsOf(texts: Texts, more: Partial<ConfigInput> = {}): NginxConfiguration {
  const file = read(texts, more).subjects.find((subject) => subject.kind === "repository-file");
  const settings = file?.kind === "repository-file" ? file.configuration : undefined;
  if (settings?.software !== "nginx") throw new Error("there are no settings");
  return settings;
}

function routeTo(routes: readonly Route[], host: string, path = "/"): Route {
  const found = routes.find((each) => knownValue(each.host) === host && knownValue(each.path) === path);
  if (found === undefined) throw new Error(`there is no route to ${host}${path}`);
  return found;
}

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

const main = { "nginx.conf": fixture("main.conf") };
const official = { image: "library/nginx" };

describe("A whole nginx.conf", () => {
  const routes = routesOf(main);

  test("gives a route for each place that an application is reached at, and none for pictures and redirects", () => {
    expect(routes.map((route) => route.ref.name).sort()).toEqual([
      "nginx.conf/*",
      "nginx.conf/admin.example.org",
      "nginx.conf/app.example.org",
      "nginx.conf/app.example.org/files",
      "nginx.conf/git.example.org",
      "nginx.conf/git.example.org/user/login",
      "nginx.conf/plain.example.org",
    ]);
  });

  test("says of headers which a block loses by having one of its own", () => {
    const lost = routeTo(routes, "app.example.org").headers.items.find(
      ({ name }) => name === "strict-transport-security",
    );
    expect(lost?.value).toBeNull();
    expect(lost?.because).toContain("takes the place");
    expect(lost && describePlace(lost.place)).toBe("nginx.conf:95:13");
    const kept = routeTo(routes, "git.example.org").headers.items.find(
      ({ name }) => name === "strict-transport-security",
    );
    expect(kept?.value).toBe("max-age=31536000");
  });

  test("says where requests end, through groups", () => {
    const gitea = namedWorkload("gitea");
    const found = routesOf(main, {
      resolve: (host, port) => (host === "127.0.0.1" && port === 3000 ? { workload: gitea, port } : undefined),
    });
    expect(knownValue(routeTo(found, "git.example.org").target)).toEqual({ workload: gitea.ref, port: 3000 });
  });

  test("tells connections that are handed on apart from HTTP", () => {
    expect(routes.filter(({ transport }) => transport === "tcp").map(({ edgePorts }) => edgePorts?.items)).toEqual([
      [5433],
    ]);
  });

  test("says what nginx does as a whole", () => {
    const settings = settingsOf(main);
    expect(knownValue(settings.tellsVersion)).toBe(false);
    expect(knownValue(settings.accessLog)).toBe(true);
    expect(settings.unverifiedUpstreams.items).toMatchObject([{ name: "https://10.0.0.5:8006", byDefault: true }]);
    expect(settings.climbableAliases.items.map(({ name }) => name)).toEqual(["/files"]);
    expect(settings.listings.items.map(({ name }) => name)).toEqual(["/files"]);
    expect(settings.doors.items).toEqual([]);
  });
});

describe("A file that another nginx.conf includes", () => {
  test("is whole with the official image, whose own nginx.conf says nothing of interest", () => {
    const [route] = routesOf({ "conf.d/default.conf": fixture("laravel.conf") }, official);
    expect(route?.headers.complete).toBe(true);
    expect(route && knownValue(route.path)).toBe("/");
    expect(route?.rateLimit.kind).toBe("unstated");
    expect(knownValue(settingsOf({ "conf.d/default.conf": fixture("laravel.conf") }, official).tellsVersion)).toBe(
      true,
    );
  });

  test("leaves open what the nginx.conf that is not seen may say", () => {
    const [route] = routesOf({ "sites-available/app": fixture("laravel.conf") });
    expect([route?.headers.complete, route?.rateLimit.kind, route?.authentication.kind, route?.audience.kind]).toEqual([
      false,
      "unknown",
      "unstated",
      "defaulted",
    ]);
    expect(settingsOf({ "sites-available/app": fixture("laravel.conf") }).tellsVersion.kind).toBe("unstated");
  });

  test("is read with the file that includes it, and once", () => {
    const texts = {
      "nginx/nginx.conf": "events {}\nhttp { server_tokens off; include conf.d/*.conf; }\n",
      "nginx/conf.d/a.conf":
        "server { listen 443 ssl; server_name a.example.org; location / { proxy_pass http://a; } }\n",
    };
    const { subjects, sources } = read(texts);
    expect(subjects.filter(({ kind }) => kind === "route").map(({ ref }) => ref.name)).toEqual([
      "nginx.conf/a.example.org",
    ]);
    expect(sources.map(({ path }) => path)).toEqual(["nginx/conf.d/a.conf"]);
  });

  test("that is not in this folder leaves open what it may say of the site that includes it", () => {
    const [route] = routesOf({ "proxy-confs/jellyfin.conf": fixture("swag-proxy.conf") });
    expect([route?.tls.kind, route?.authentication.kind, route?.audience.kind, route?.headers.complete]).toEqual([
      "unknown",
      "unknown",
      "unknown",
      false,
    ]);
  });

  test("knows certbot's settings of TLS, and the redirect that certbot writes", () => {
    const routes = routesOf({ "conf.d/blog.conf": fixture("certbot.conf") }, official);
    expect(
      routes.map((route) => [knownValue(route.host), knownValue(route.tls), knownValue(route.redirectsToTls)]),
    ).toEqual([
      ["blog.example.org", { minimum: "1.2" }, true],
      ["www.blog.example.org", { minimum: "1.2" }, true],
    ]);
  });
});

describe("Variables", () => {
  const texts = { "templates/web.conf.template": fixture("web.conf.template") };

  test("of a template are unknown without its environment", () => {
    const [route] = routesOf(texts, official);
    expect([route?.host.kind, route?.tls.kind, route?.target.kind, route?.edgePorts?.complete]).toEqual([
      "unknown",
      "unknown",
      "unknown",
      false,
    ]);
  });

  test("of a template are what the environment says, and nginx's own stay", () => {
    const place = { kind: "nowhere", why: "test" } as const;
    const values: Record<string, string> = { NGINX_PORT: "80", NGINX_HOST: "web.example.org", BACKEND: "backend" };
    const backend = namedWorkload("backend");
    const [route] = routesOf(texts, {
      ...official,
      environment: (name) =>
        name in values ? stated(new Sensitive(values[name] ?? ""), place) : { kind: "unstated", place },
      find: (host) => (host === "backend" ? backend : undefined),
    });
    expect(route && knownValue(route.host)).toBe("web.example.org");
    expect(route && knownValue(route.target)).toEqual({ workload: backend.ref, port: 8000 });
  });

  test("of a request leave open where it leads", () => {
    const [route] = routesOf(
      { "conf.d/a.conf": "server { listen 80; location / { proxy_pass http://$host; } }\n" },
      official,
    );
    expect(route?.target.kind).toBe("unknown");
  });
});

describe("TLS", () => {
  const server = (lines: string) => ({
    "conf.d/a.conf": `server { listen 443 ssl; server_name a.example.org; ${lines} location / { proxy_pass http://a; } }\n`,
  });

  test.each([
    ["ssl_protocols TLSv1.2 TLSv1.3;", { minimum: "1.2" }],
    ["ssl_protocols TLSv1.3;", { minimum: "1.3" }],
    ["ssl_protocols TLSv1 TLSv1.1 TLSv1.2;", { minimum: "1.0" }],
    ["ssl_protocols TLSv1.1;", { minimum: "1.1" }],
    ["ssl_protocols tlsv1 tlsv1.2;", { minimum: "1.0" }],
    ["ssl_protocols all;", undefined],
    ["", undefined],
  ])("%j takes no older than it says", (lines, minimum) => {
    const [route] = routesOf(server(lines), official);
    expect(route && knownValue(route.tls)).toEqual(minimum);
  });

  test.each([
    ["library/nginx", "1.29.1", "", "1.2"],
    ["library/nginx", "1.27.3-alpine", "", "1.2"],
    ["nginxinc/nginx-unprivileged", "1.29", "", "1.2"],
    ["library/nginx", "1.29", "include /etc/nginx/ssl.conf;", undefined],
    ["library/nginx", "1.29", "ssl_protocols TLSv1;", "1.0"],
    ["library/nginx", "1.27.2", "", undefined],
    ["library/nginx", "alpine", "", undefined],
    ["jonasal/nginx-certbot", "6.0.0", "", undefined],
  ])("of %s:%s with %j takes no older than %s", (image, imageTag, lines, minimum) => {
    const [route] = routesOf(server(lines), { image, imageTag });
    const tls = route && knownValue(route.tls);
    expect(typeof tls === "object" ? tls.minimum : tls).toBe(minimum);
  });

  test("is off on a port without `ssl`, and beside such a port HTTP is not redirected unless it is said", () => {
    const both = (lines: string) =>
      `server { listen 80; listen 443 ssl; ssl_protocols TLSv1.2; server_name a.example.org; ${lines} location / { proxy_pass http://a; } }\n`;
    const [open] = routesOf({ "conf.d/a.conf": both("") }, official);
    expect(open && [knownValue(open.tls), knownValue(open.redirectsToTls)]).toEqual([{ minimum: "1.2" }, false]);
    const [sent] = routesOf(
      { "conf.d/a.conf": both("if ($scheme = http) { return 301 https://$host$request_uri; }") },
      official,
    );
    expect(sent && knownValue(sent.redirectsToTls)).toBe(true);
  });
});

describe("Who is let in", () => {
  const site = (lines: string) => ({
    "conf.d/a.conf": `geo $lan { default 0; 10.0.0.0/8 1; }\nserver { listen 80; ${lines} location / { proxy_pass http://a; } }\n`,
  });

  test.each<readonly [string, Route["audience"]["kind"], Route["authentication"]["kind"]]>([
    ["", "defaulted", "unstated"],
    ["allow 10.0.0.0/8; deny all;", "stated", "unstated"],
    ["deny 192.0.2.1; allow all;", "defaulted", "unstated"],
    ["if ($lan = 0) { return 403; }", "unknown", "unstated"],
    ["satisfy any; allow 10.0.0.0/8; deny all; auth_basic x; auth_basic_user_file f;", "unknown", "unknown"],
    ["auth_basic x; auth_basic_user_file f;", "defaulted", "stated"],
    ["auth_request /check;", "defaulted", "unknown"],
    ["ssl_verify_client on;", "defaulted", "stated"],
    ["access_by_lua_block { if x then { } end }", "defaulted", "unknown"],
  ])("%j", (lines, audience, authentication) => {
    const [route] = routesOf(site(lines), official);
    expect([route?.audience.kind, route?.authentication.kind]).toEqual([audience, authentication]);
  });
});

describe("Files that nobody means to publish", () => {
  const conf = (more: string) => ({
    "nginx/default.conf": `server { listen 80; root /var/www/html; location / { try_files $uri /index.php; } ${more} }\n`,
    "app/.env": "A=1\n",
    "app/index.php": "\n",
  });
  const mounted: Partial<ConfigInput> = {
    ...official,
    owner: namedWorkload("web"),
    locate: (path) => (path.startsWith("/var/www/html/") ? `app/${path.slice("/var/www/html/".length)}` : undefined),
  };

  test("are named where the folder of a site holds them, and not where names with a dot are kept off", () => {
    expect(settingsOf(conf(""), mounted).servedSecrets.items.map(({ name }) => name)).toEqual(["app/.env"]);
    expect(settingsOf(conf("location ~ /\\. { deny all; }"), mounted).servedSecrets.items).toEqual([]);
  });
});

describe("An option that a variable decides", () => {
  const whole = (http: string, location = "") =>
    settingsOf({
      "nginx.conf": `http { ${http} server { listen 80; server_name a.org; root /srv; location /x { ${location} } } }\n`,
    });

  test("is not known.", () => {
    expect(whole("access_log $log;").accessLog.kind).toBe("unknown");
    expect(whole("access_log /var/log/$host.log;").accessLog.kind).toBe("stated");
    expect(whole("server_tokens ${TOKENS};").tellsVersion.kind).toBe("unknown");
    expect(whole("set_real_ip_from ${PROXY};").trustedForwarders.kind).toBe("unknown");
    expect(whole("", "autoindex $list;").listings.complete).toBe(false);
    expect(whole("", "alias $folder;").climbableAliases.complete).toBe(false);
    const passed = whole("", "proxy_pass https://10.0.0.1; proxy_ssl_verify $verify;").unverifiedUpstreams;
    expect([passed.items, passed.complete]).toEqual([[], false]);
    expect(whole("include $more;", "proxy_pass https://10.0.0.1;").unverifiedUpstreams.complete).toBe(false);
    expect(whole("", "proxy_pass $upstream;").unverifiedUpstreams.complete).toBe(false);
    expect(whole("", "proxy_pass https://$host;").unverifiedUpstreams.items).toHaveLength(1);
    expect(whole("set $upstream http://app;", "proxy_pass $upstream;").unverifiedUpstreams).toMatchObject({
      items: [],
      complete: true,
    });
  });
});

describe("A value that nginx does not take", () => {
  const read1 = (location: string) =>
    read({
      "nginx.conf": `http { server { listen 443 ssl; server_name a.org; root /srv; location / { ${location} } } }\n`,
    });

  test("is not known, and told where it stands; letters may be of any case.", () => {
    const settings = (location: string) =>
      settingsOf({ "nginx.conf": `http { server { listen 80; root /srv; location / { ${location} } } }\n` });
    expect(settings("autoindex ON;").listings.items).toHaveLength(1);
    expect(settings("autoindex maybe;").listings).toMatchObject({ items: [], complete: false });
    expect(settings("proxy_pass https://10.0.0.1; proxy_ssl_verify yes;").unverifiedUpstreams.complete).toBe(false);
    expect(settings("server_tokens OFF;").tellsVersion.kind).toBe("defaulted");
    expect(
      read1("autoindex maybe;").problems.map(({ message, place }) => `${describePlace(place)} ${message}`),
    ).toEqual([
      "nginx.conf:1:86 nginx does not start with this file: `autoindex` takes one of `on` and `off`, and not `maybe`.",
    ]);
    expect(read1("autoindex $list;").problems).toEqual([]);
  });
});

describe("Bad input gets a sentence with its place", () => {
  test.each<readonly [string, string, RegExp]>([
    ["server {\n listen 80;\n", "1:8", /has no end; expected a "\}"/],
    ["server {\n listen 80\n}\n", "2:2", /The directive "listen" has no end; expected ";" before "\}"/],
    ["server { }\n}\n", "2:1", /closes nothing/],
    ['server { add_header X "y; }\n', "1:23", /has no end; expected another "/],
    ["server { listen 80; } ;\n", "1:23", /Expected the name of a directive/],
    ["server { listen {{ port }}; }\n", "1:17", /template of another program/],
  ])("%j", (text, place, message) => {
    const { problems } = read({ "conf.d/a.conf": text });
    expect(problems.map((problem) => problem.message).join(" ")).toMatch(message);
    expect(problems.map((problem) => describePlace(problem.place))).toContain(`conf.d/a.conf:${place}`);
  });
});

describe("A hostile configuration", () => {
  test.each<readonly [string, Texts]>([
    ["depth", { "a.conf": "server {\n".repeat(50_000) }],
    ["a file that includes itself", { "nginx.conf": "http { include nginx.conf; server { } }\n" }],
    [
      "files that include one another",
      {
        "nginx.conf": "http { include b.conf; include b.conf; }\n",
        "b.conf": "include nginx.conf; include nginx.conf;\n",
      },
    ],
    [
      "many servers",
      {
        "a.conf": Array.from(
          { length: 1_500 },
          (_, index) => `server { listen 80; server_name s${index}; location / { proxy_pass http://a; } }\n`,
        ).join(""),
      },
    ],
    [
      "many locations",
      {
        "a.conf": `server { listen 80;\n${Array.from({ length: 1_500 }, (_, index) => `location /l${index} { proxy_pass http://a${index}; }\n`).join("")}}`,
      },
    ],
    [
      "variables",
      { "a.conf": `server { set $a $b; set $b $a; location / { proxy_pass http://${"$a".repeat(5_000)}; } }\n` },
    ],
    ["a long word", { "a.conf": `server { server_name ${"x".repeat(500_000)}; }\n` }],
    ["quotes", { "a.conf": `server { return 200 "${"\\".repeat(300_000)}` }],
  ])("of %s costs no more than its caps", (_, texts) => {
    const started = threadMs();
    read(texts, official);
    expect(threadMs() - started).toBeLessThan(3_000);
  });

  test("makes nothing throw", () => {
    const part = fc.constantFrom(
      "server",
      "{",
      "}",
      ";",
      " ",
      "\n",
      "location",
      "/",
      "~",
      "listen",
      "80",
      "443 ssl",
      "proxy_pass",
      "http://a",
      "$x",
      "${X}",
      '"',
      "'",
      "\\",
      "#",
      "include",
      "*.conf",
      "if",
      "(",
      "return",
      "301",
      "upstream",
      "allow",
      "deny all",
      "add_header X y",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        for (const { message } of read({ "a.conf": parts.join(" ") }).problems) expect(message).toMatch(/[.?]$/);
      }),
      { numRuns: 150 },
    );
  });
});

const nginx = labProgram("nginx", process.env) ?? labProgram("../trees/newer/usr/sbin/nginx", process.env);

test.skipIf(nginx === undefined)("nginx itself takes the syntax of the fixtures", () => {
  for (const name of ["main.conf"]) {
    const { stderr } = spawnSync(
      nginx ?? "",
      ["-t", "-q", "-g", "error_log stderr emerg;", "-c", new URL(`fixtures/${name}`, import.meta.url).pathname],
      { encoding: "utf8" },
    );
    // Only what is not on this machine may be missing.
    const mistakes = stderr
      .split("\n")
      .filter(
        (line) =>
          line.includes("[emerg]") &&
          !/cannot load certificate|getpwnam|open\(\)|host not found|BIO_new_file/.test(line),
      );
    expect(mistakes).toEqual([]);
  }
});

test("A limit of no zone has no rate, whatever zones are called", () => {
  const text = `events {}
http {
  limit_req_zone $binary_remote_addr zone=undefined:1m rate=5r/s;
  server { listen 80; server_name a.example.org; limit_req burst=5; location / { proxy_pass http://127.0.0.1:1; } }
}
`;
  expect(routeTo(routesOf({ "nginx.conf": text }), "a.example.org").rateLimit).toMatchObject({ kind: "unknown" });
});

describe("Thousands of sites in one nginx.conf", () => {
  const sites = (count: number) =>
    Array.from(
      { length: count },
      (_, at) => `
  upstream u${at} { server 127.0.0.1:${10_000 + at}; }
  limit_req_zone $binary_remote_addr zone=z${at}:1m rate=5r/s;
  server { listen 80; server_name h${at}.example.org; return 301 https://$host$request_uri; }
  server {
    listen 443 ssl;
    server_name h${at}.example.org;
    location / { limit_req zone=z${at}; proxy_pass http://u${at}; }
    location /user/login { proxy_pass http://u${at}; }
  }`,
    ).join("");

  test("each look up their own redirect, group and zone, without a look at all others", () => {
    const text = `events {}\nhttp {\n  allow 10.0.0.0/8;\n  deny all;${sites(3_000)}\n}\n`;
    const started = threadMs();
    const routes = routesOf({ "nginx.conf": text });
    // Less than a second; with a look at all others for each it was ten.
    expect(threadMs() - started).toBeLessThan(5_000);
    expect(routes).toHaveLength(6_000);
    expect(routes.every(({ redirectsToTls }) => knownValue(redirectsToTls) === true)).toBe(true);
    expect(knownValue(routeTo(routes, "h2999.example.org").rateLimit)).toEqual({ requests: 5, windowSeconds: 1 });
  });
});
