import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configInput, namedWorkload } from "../../../test/support/config-input.ts";
import { threadMs } from "../../../test/support/thread-time.ts";
import { knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Route } from "../../facts/subjects.ts";
import { describePlace } from "../../lib/place.ts";
import type { ConfigInput } from "../config-format.ts";
import { caddyfileFormat } from "./caddyfile-format.ts";

function read(text: string, more: Partial<ConfigInput> = {}, others: Record<string, string> = {}) {
  return caddyfileFormat.read(configInput({ Caddyfile: text, ...others }, more));
}

function routesOf(
  text: string,
  more: Partial<ConfigInput> = {},
  others: Record<string, string> = {},
): readonly Route[] {
  return read(text, more, others).subjects.filter((subject) => subject.kind === "route");
}

function routeTo(routes: readonly Route[], host: string, path = "/"): Route {
  const found = routes.find((each) => knownValue(each.host) === host && knownValue(each.path) === path);
  if (found === undefined) throw new Error(`there is no route to ${host}${path}`);
  return found;
}

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.caddyfile`, import.meta.url), "utf8");
}

const page = "blog.example.org {\n\treverse_proxy blog:2368\n}\n";

describe("A site as people write it at home", () => {
  test("leads to the service of that name, over TLS with a redirect, and states nothing else", () => {
    const caddy = namedWorkload("caddy");
    const blog = namedWorkload("blog");
    const [route] = routesOf(page, { owner: caddy, find: (host) => (host === "blog" ? blog : undefined) });
    expect(route?.ref.name).toBe("caddy/blog.example.org");
    expect(route && knownValue(route.target)).toEqual({ workload: blog.ref, port: 2368 });
    expect(route?.edge).toEqual(caddy.ref);
    expect(route && knownValue(route.tls)).toEqual({ minimum: "1.2" });
    expect(route && knownValue(route.redirectsToTls)).toBe(true);
    expect(route?.authentication.kind).toBe("unstated");
    expect(route?.headers).toMatchObject({ items: [], complete: true });
    expect(route?.whole).toBe(true);
  });

  test("has its place at the directive that leads on", () => {
    const [route] = routesOf(page);
    expect(route && describePlace(route.place)).toBe("Caddyfile:2:2");
    expect(route && describePlace(route.target.place)).toBe("Caddyfile:2:16");
  });

  test("leads to no target of the system where none of that name is there", () => {
    const [route] = routesOf(page);
    expect(route?.target.kind).toBe("unstated");
  });
});

describe("A template of another program", () => {
  test.each([
    ["Caddyfile.j2", "{{ domain }} {\n  reverse_proxy {{ upstream }}\n}\n"],
    ["Caddyfile.tmpl", "blog.example.org {\n  reverse_proxy {{ .Upstream }}\n}\n"],
    ["Caddyfile", "{% for site in sites %}\n{{ site.name }} {\n}\n{% endfor %}\n"],
  ])("is said to be one and not read: %s", (path, text) => {
    const { subjects, problems } = caddyfileFormat.read(configInput({ [path]: text }, { path }));
    expect(subjects).toEqual([]);
    expect(problems).toMatchObject([{ severity: "warning", message: expect.stringContaining("This is a template") }]);
  });

  test("is none where only an answer holds such marks, or only the name says so", () => {
    const answer = 'blog.example.org {\n  respond "{{ hello }}"\n  reverse_proxy blog:2368\n}\n';
    expect(read(answer).problems).toEqual([]);
    expect(routesOf(page, { path: "Caddyfile.j2" }, { "Caddyfile.j2": page })).toHaveLength(1);
  });
});

describe("What stands before a service", () => {
  test("counts where it stands: an abort behind the handle that serves all keeps nobody off", () => {
    const late = routesOf(fixture("lan-only-too-late"))[0];
    expect(late && knownValue(late.audience)).toEqual({ kind: "public" });
    const early = routeTo(routesOf(fixture("lan-only")), "portainer.example.org");
    expect(knownValue(early.audience)).toMatchObject({
      kind: "networks",
      cidrs: expect.arrayContaining(["10.0.0.0/8"]),
    });
  });

  test("is the proxy's address, and no client's, for remote_ip behind a trusted proxy", () => {
    const routes = routesOf(fixture("behind-a-proxy"));
    expect(knownValue(routeTo(routes, "one.example.org").audience)).toEqual({
      kind: "networks",
      cidrs: ["203.0.113.0/24"],
    });
    expect(routeTo(routes, "two.example.org").audience.kind).toBe("unknown");
  });

  test("is a sign-in where Caddy asks for all paths, and unknown where it asks for some or another service asks", () => {
    const wild = routesOf(fixture("wildcard-handles"));
    expect(knownValue(routeTo(wild, "radarr.example.org").authentication)).toBe("single-factor");
    expect(routeTo(wild, "sonarr.example.org").authentication.kind).toBe("unstated");
    const guarded = routesOf(fixture("authelia"));
    expect(routeTo(guarded, "paperless.example.org").authentication.kind).toBe("unknown");
    expect(routeTo(guarded, "api.example.org").authentication.kind).toBe("unknown");
    expect(routeTo(guarded, "auth.example.org").authentication.kind).toBe("unstated");
    const parts = routesOf(fixture("paths-of-one-app"));
    expect(routeTo(parts, "two.example.org", "/api").authentication.kind).toBe("unknown");
    expect(routeTo(parts, "two.example.org").authentication.kind).toBe("unstated");
  });

  test("is a sign-in where clients must show a certificate, and none where they may", () => {
    const routes = routesOf(fixture("tls-options"));
    expect(knownValue(routeTo(routes, "b.example.org").authentication)).toBe("single-factor");
    expect(routeTo(routes, "c.example.org").authentication.kind).toBe("unstated");
    expect(knownValue(routeTo(routes, "a.example.org").tls)).toEqual({ minimum: "1.3" });
  });

  test("limits everybody, or logins alone", () => {
    const routes = routesOf(fixture("rate-limit"));
    const app = routeTo(routes, "app.example.org");
    expect(knownValue(app.rateLimit)).toEqual({ requests: 100, windowSeconds: 60 });
    expect(knownValue(app.loginRateLimit)).toEqual({ requests: 10, windowSeconds: 60 });
    expect(routeTo(routes, "other.example.org").rateLimit.kind).toBe("unstated");
    expect(knownValue(routeTo(routes, "other.example.org").loginRateLimit)).toEqual({ requests: 5, windowSeconds: 60 });
  });

  test("keeps what an import may hold that is not in this folder in doubt, for that site alone", () => {
    const routes = routesOf(
      "a.example.org {\n\timport /etc/caddy/secret.conf\n\treverse_proxy a:80\n}\nb.example.org {\n\treverse_proxy b:80\n}\n",
    );
    const a = routeTo(routes, "a.example.org");
    expect([a.authentication.kind, a.audience.kind, a.rateLimit.kind, a.headers.complete]).toEqual([
      "unknown",
      "unknown",
      "unknown",
      false,
    ]);
    const b = routeTo(routes, "b.example.org");
    expect([b.authentication.kind, b.audience.kind, b.headers.complete]).toEqual(["unstated", "defaulted", true]);
  });
});

describe("Plain HTTP", () => {
  test("is none where automatic HTTPS works, and is seen where a site asks for it", () => {
    const routes = routesOf(fixture("plain-http"));
    expect(knownValue(routeTo(routes, "nas.lan").tls)).toBe("none");
    const both = routes.filter((each) => knownValue(each.host) === "public.example.org");
    expect(both.map((each) => knownValue(each.tls))).toEqual(expect.arrayContaining(["none", { minimum: "1.2" }]));
    expect(both.map((each) => knownValue(each.redirectsToTls))).toEqual([false, false]);
  });

  test("counts as redirected where a site of its own does so, or nothing answers", () => {
    expect(routesOf(fixture("admin-off")).map((each) => knownValue(each.redirectsToTls))).toEqual([true, true]);
  });
});

describe("Variables", () => {
  const text = "{$DOMAIN:fallback.example.org} {\n\treverse_proxy {$UPSTREAM}\n\theader X-Key {$API_TOKEN}\n}\n";

  test("are unknown where the environment is, also with a default", () => {
    const [route] = routesOf(text);
    expect(route?.host.kind).toBe("unknown");
    expect(route?.tls.kind).toBe("unknown");
    expect(route?.target.kind).toBe("unknown");
    expect(route?.headers.complete).toBe(false);
  });

  test("are what the owner's environment says, their default where it says nothing, and never a secret", () => {
    const secret = "sk_live_abcdefghijklmnopqrstuvwx";
    const environment = (name: string) => {
      const place = { kind: "nowhere", why: "test" } as const;
      if (name === "UPSTREAM") return stated(new Sensitive("blog:2368 other:80"), place);
      if (name === "API_TOKEN") return stated(new Sensitive(secret), place);
      return name === "DOMAIN" ? unstated<Sensitive>(place) : unknown<Sensitive>("not asked", place);
    };
    const blog = namedWorkload("blog");
    const [route, more] = routesOf(text, { environment, find: (host) => (host === "blog" ? blog : undefined) });
    expect(more).toBeUndefined();
    expect(route && knownValue(route.host)).toBe("fallback.example.org");
    expect(route && knownValue(route.target)).toEqual({ workload: blog.ref, port: 2368 });
    expect(JSON.stringify(route?.headers)).not.toContain(secret.slice(0, 8));
    expect(route?.headers.complete).toBe(false);
  });

  test("that may hold whole lines or sites leave open what else there is", () => {
    const { subjects, problems } = read(
      "{\n\t{$GLOBAL}\n}\n{$EXTRA}\n{$SITE:localhost} {\n\t{$LINES}\n\treverse_proxy app:80\n}\n",
    );
    expect(problems).toEqual([]);
    const route = subjects.find((subject) => subject.kind === "route");
    expect(route?.kind === "route" && route.authentication.kind).toBe("unknown");
    const file = subjects.find((subject) => subject.kind === "repository-file");
    const settings = file?.kind === "repository-file" ? file.configuration : undefined;
    expect(settings?.software === "caddy" && settings.doors.complete).toBe(false);
  });
});

describe("The file as a whole", () => {
  function settingsOf(text: string, more: Partial<ConfigInput> = {}) {
    const file = read(text, more).subjects.find((subject) => subject.kind === "repository-file");
    const settings = file?.kind === "repository-file" ? file.configuration : undefined;
    if (settings?.software !== "caddy") throw new Error("there are no settings");
    return settings;
  }

  test("says where the admin API listens", () => {
    const reach = (text: string) => settingsOf(text).doors.items.map((door) => knownValue(door.reach));
    expect(reach(page)).toEqual(["loopback"]);
    expect(reach(`{\n\tadmin off\n}\n${page}`)).toEqual([]);
    expect(reach(`{\n\tadmin :2019\n}\n${page}`)).toEqual(["everywhere"]);
    expect(reach(`{\n\tadmin unix//run/caddy.sock\n}\n${page}`)).toEqual(["socket"]);
    expect(reach(`{\n\tadmin {$ADMIN}\n}\n${page}`)).toEqual([undefined]);
  });

  test("takes CADDY_ADMIN of its owner for the admin API's address", () => {
    const place = { kind: "nowhere", why: "test" } as const;
    const environment = () => stated(new Sensitive("0.0.0.0:2019"), place);
    expect(settingsOf(page, { environment }).doors.items.map((door) => knownValue(door.reach))).toEqual(["everywhere"]);
  });

  test("names trusted proxies, unverified upstreams and listed folders", () => {
    expect(knownValue(settingsOf(fixture("trusts-everybody")).trustedForwarders)).toBe("everybody");
    expect(knownValue(settingsOf(page).trustedForwarders)).toBe("nobody");
    expect(settingsOf(fixture("lan-only")).unverifiedUpstreams.items.map(({ name }) => name)).toEqual([
      "192.168.1.5:8006",
    ]);
    expect(settingsOf(fixture("no-braces")).listings.items).toHaveLength(1);
  });

  test("leaves open which requests a matcher takes that a variable names", () => {
    const trusting = "{\n\tservers {\n\t\ttrusted_proxies static private_ranges\n\t}\n}\n";
    const lists = (matcher: string) =>
      settingsOf(
        `${trusting}a.example.org {\n\t@far not remote_ip private_ranges\n\tabort ${matcher}\n\treverse_proxy app:80\n}\n`,
      ).blindAllowLists;
    expect([lists("@far").items.length, lists("@far").complete]).toEqual([1, true]);
    expect([lists("{$MATCHER}").items.length, lists("{$MATCHER}").complete]).toEqual([0, false]);
    const [route] = routesOf("a.example.org {\n\tabort {$MATCHER}\n\treverse_proxy app:80\n}\n");
    expect(route && knownValue(route.audience)).toEqual({ kind: "public" });
  });
});

describe("Bad input gets a sentence with its place", () => {
  test.each<readonly [string, string, RegExp]>([
    ["a.example.org {\n\treverse_proxy a:80\n", "1:15", /has no end; expected a "\}"/],
    ["a.example.org {\n}\n}\n", "3:1", /closes nothing/],
    ['a.example.org {\n\trespond "x\n}\n', "2:10", /has no end; expected another "/],
    ["a.example.org {\n\trespond <<E\n\tx\n}\n", "2:10", /expected a line with "E"/],
    ["a.example.org{\n}\n", "1:1", /Expected a space before the "\{"/],
    ["a.example.org {\n\timport\n}\n", "2:2", /Expected the name of a snippet or a file/],
    ["a.example.org {\n\timport nowhere\n}\n", "2:9", /There is no snippet "\(nowhere\)"/],
    ["a.example.org {\n\treverse_proxy @x a:80\n}\n", "2:16", /names the matcher "@x"/],
    ["ftp://a.example.org {\n}\n", "1:1", /is no address of a site/],
    ["a.example.org {\n}\na.example.org {\n}\n", "3:1", /defined twice/],
    ["a.example.org {\n}\n{\n\tadmin off\n}\n", "3:1", /must come first/],
    ["reverse_proxy app:80\n", "1:1", /is a directive, and stands where a site's address belongs/],
    ["{\n\tauto_https on\n}\na.example.org {\n}\n", "2:13", /"on" is nothing that auto_https takes/],
    ["a.example.org {\n\theader { X y }\n}\n", "2:9", /Expected the line to end after "\{"/],
  ])("%j", (text, place, message) => {
    const { problems } = read(text);
    expect(problems.map((problem) => problem.message).join(" ")).toMatch(message);
    expect(problems.map((problem) => describePlace(problem.place))).toContain(`Caddyfile:${place}`);
  });

  test("and what an option means that Caddy refuses, or a variable decides, is not known", () => {
    for (const word of ["on", "{$AUTO_HTTPS}"]) {
      const { subjects } = read(`{\n\tauto_https ${word}\n}\na.example.org {\n\treverse_proxy a:80\n}\n`);
      const [route] = subjects.filter((subject) => subject.kind === "route");
      expect([route?.tls.kind, route?.redirectsToTls.kind]).toEqual(["unknown", "unknown"]);
    }
  });

  test("and what could be read stays, in doubt where it may not be whole", () => {
    const { subjects } = read("a.example.org {\n\treverse_proxy a:80\n}\nb.example.org {\n");
    expect(subjects.filter((subject) => subject.kind === "route")).toHaveLength(1);
  });
});

/** One site under some addresses, with what has its conditions compared. */
const site = (addresses: string) =>
  `${addresses} {\n\tencode gzip\n\tbasic_auth /x/* {\n\t\ta b\n\t}\n\thandle /a/* {\n\t\treverse_proxy a:1\n\t}\n\treverse_proxy b:2\n}\n`.repeat(
    2,
  );

test.each([
  ["a snippet in itself", "(s) {\n\tencode gzip\n\timport s\n}\na {\n\timport s\n}\n", "(s)", 3],
  ["snippets in one another", "(s) {\n\timport t\n}\n(t) {\n\timport s\n}\na {\n\timport s\n}\n", "(s)", 5],
  ["a file in itself", "a {\n\tfile_server\n}\nimport Caddyfile\n", "Caddyfile", 4],
])("An import of %s is told where it stands, as Caddy refuses it.", (_, text, name, line) => {
  const { problems } = read(text, {}, { Caddyfile: text });
  const told = problems.find(({ message }) => message.includes("from within itself"));
  expect(told).toMatchObject({ severity: "error", message: expect.stringContaining(`imports ${name} from within`) });
  expect(told?.place.kind === "file" && told.place.source.locate(told.place.offset).line).toBe(line);
});

test("A snippet that several sites and another snippet import is no circle.", () => {
  const text =
    "(s) {\n\tencode gzip\n}\n(t) {\n\timport s\n\timport s\n}\na {\n\timport t\n\timport s\n}\nb {\n\timport s\n}\n";
  expect(read(text, {}, {}).problems).toEqual([]);
});

describe("A hostile Caddyfile", () => {
  test.each<readonly [string, string, Record<string, string>]>([
    [
      "snippets that double",
      `${Array.from({ length: 30 }, (_, index) => `(s${index + 1}) {\n\timport s${index}\n\timport s${index}\n}\n`).join("")}(s0) {\n\tencode gzip\n}\na {\n\timport s30\n}\n`.replace(
        /^/,
        "",
      ),
      {},
    ],
    ["a file that imports itself", "import Caddyfile\n", {}],
    ["files that import one another", "import b\n", { b: "import Caddyfile\n" }],
    [
      "a snippet that imports itself amid its lines",
      "(s) {\n\theader {\n\t}\n\timport s\n\trespond ok\n}\na {\n\timport s\n}\n",
      {},
    ],
    ["depth", `a ${"{\nhandle ".repeat(20_000)}`, {}],
    ["headers without number", `a {\n${"\theader X y\n".repeat(20_000)}\treverse_proxy b:80\n}\n`, {}],
    ["variables without end", "{$".repeat(200_000), {}],
    [
      "many sites",
      Array.from({ length: 2_000 }, (_, index) => `s${index}.example.org {\n\treverse_proxy a:80\n}\n`).join(""),
      {},
    ],
    [
      "one site with many handlers",
      `a {\n${Array.from({ length: 3_000 }, (_, index) => `\treverse_proxy /p${index}/* a:${index}\n\theader /p${index}/* X y\n`).join("")}}\n`,
      {},
    ],
    [
      "wildcards",
      `a {\n\t@x path ${"*a".repeat(2_000)}\n\trespond @x 403\n\treverse_proxy ${"/*".repeat(1_000)} a:80\n}\n`,
      {},
    ],
    ["one name of a site again and again", site("- ".repeat(2_000)), {}],
    ["many names of a site", site(Array.from({ length: 2_000 }, (_, at) => `a${at}.example.org`).join(" ")), {}],
    ["many patterns of a site", site(Array.from({ length: 2_000 }, (_, at) => `*.a${at}.example.org`).join(" ")), {}],
    ["a long word", `a {\n\treverse_proxy ${"x".repeat(1_000_000)}\n}\n`, {}],
  ])("of %s costs no more than its caps", (_, text, others) => {
    const started = threadMs();
    read(text, {}, others);
    expect(threadMs() - started).toBeLessThan(3_000);
  });

  test("makes nothing throw", () => {
    const part = fc.constantFrom(
      "{",
      "}",
      " ",
      "\n",
      "a.example.org",
      ":80",
      "import",
      "(s)",
      "s",
      "&(n)",
      "invoke",
      "@m",
      "path",
      "/x/*",
      "not",
      "reverse_proxy",
      "handle",
      "route",
      "header",
      "-Server",
      "{args[0]}",
      "{args[:]}",
      "{block}",
      "{$V}",
      "{$V:d}",
      '"',
      "`",
      "<<E",
      "E",
      "\\",
      "#",
      "tls",
      "bind",
      "servers",
      "trusted_proxies",
      "rate_limit",
      "zone",
      "basic_auth",
      "root",
      "file_server",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), fc.boolean(), (parts, spaced) => {
        const text = parts.join(spaced ? " " : "");
        for (const { message } of read(text).problems) expect(message).toMatch(/[.?]$/);
      }),
      { numRuns: 150 },
    );
  });
});
