import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configInput, namedWorkload } from "../../../test/support/config-input.ts";
import { threadMs } from "../../../test/support/thread-time.ts";
import type { TraefikConfiguration } from "../../facts/configuration/traefik.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import { describePlace } from "../../lib/place.ts";
import type { ConfigInput } from "../config-format.ts";
import { traefikDynamicFormat, traefikStaticFormat } from "./traefik-format.ts";

type Texts = Readonly<Record<string, string>>;

const formats = [traefikStaticFormat, traefikDynamicFormat];

/** What the format that recognises the first file reads of it. */
function read(texts: Texts, more: Partial<ConfigInput> = {}) {
  const input = configInput(texts, more);
  const format = formats.find((each) => each.mayBe(input.path) && each.recognises(input.path, input.file.text));
  if (format === undefined) throw new Error(`no format takes ${input.path}`);
  return format.read(input);
}

function routesOf(texts: Texts, more: Partial<ConfigInput> = {}): readonly Route[] {
  return read(texts, more).subjects.filter((subject) => subject.kind === "route");
}

function only(texts: Texts, more: Partial<ConfigInput> = {}): Route {
  const routes = routesOf(texts, more);
  expect(routes.map(({ ref }) => ref.name)).toHaveLength(1);
  return routes[0] as Route;
}

function settingsOf(texts: Texts, more: Partial<ConfigInput> = {}): TraefikConfiguration {
  const file = read(texts, more).subjects.find((subject) => subject.kind === "repository-file");
  const settings = file?.kind === "repository-file" ? file.configuration : undefined;
  if (settings?.software !== "traefik") throw new Error("there are no settings");
  return settings;
}

function shown(fact: Fact<unknown>): string {
  return fact.kind === "stated" || fact.kind === "defaulted" ? JSON.stringify(fact.value) : fact.kind;
}

const entryPoints = "entryPoints:\n  web: {address: ':80'}\n  websecure: {address: ':443'}\n";
const redirecting =
  "entryPoints:\n  web: {address: ':80', http: {redirections: {entryPoint: {to: websecure}}}}\n  websecure: {address: ':443', http: {tls: {}}}\n";

/** A static configuration with one dynamic file beside it. */
function both(own: string, http: string, more = ""): Texts {
  return {
    "traefik/traefik.yml": `${own}providers: {file: {filename: dynamic.yml}}\n`,
    "traefik/dynamic.yml": `http:\n  services: {app: {loadBalancer: {servers: [{url: 'http://app:8080'}]}}}\n${http}${more}`,
  };
}

const router = (more: string) =>
  `  routers: {app: {rule: 'Host(\`app.example.org\`)', service: app${more === "" ? "" : `, ${more}`}}}\n`;
const withMiddleware = (middleware: string) =>
  both(redirecting, `${router("middlewares: [m], entryPoints: [websecure]")}  middlewares: {m: ${middleware}}\n`);

describe("A folder of Traefik's", () => {
  test.each([["traefik/config/static.yml"], ["stacks/traefik/config/static.yml"]])(
    "is known wherever it lies: %s.",
    (path) => {
      expect(
        settingsOf({ [path]: "api: {insecure: true}\nentryPoints: {web: {address: ':80'}}\n" }).doors.items,
      ).not.toEqual([]);
    },
  );
  test("of dynamic files is known at the root too.", () => {
    for (const path of ["dynamic/a.yml", "rules/a.toml"]) expect(traefikDynamicFormat.mayBe(path)).toBe(true);
  });
});

describe("A router of a dynamic file", () => {
  test("leads to the address of its service.", () => {
    const app = namedWorkload("app");
    const route = only(both(redirecting, router("")), {
      resolve: (host, port) => (host === "app" ? { workload: app, port } : undefined),
    });
    expect([shown(route.host), shown(route.path)]).toEqual(['"app.example.org"', '"/"']);
    expect(knownValue(route.target)).toEqual({ workload: app.ref, port: 8080 });
    expect([route.whole, describePlace(route.place)]).toEqual([true, "traefik/dynamic.yml:3:25"]);
  });

  test.each<readonly [string, string, readonly string[]]>([
    ["Host(`a.org`)", "one host", ["a.org/"]],
    ["Host(`a.org`, `b.org`)", "two hosts", ["a.org/", "b.org/"]],
    ["Host(`a.org`) || Host(`b.org`) && PathPrefix(`/x`)", "and before or", ["a.org/", "b.org/x"]],
    ["(Host(`a.org`) || Host(`b.org`)) && Path(`/x`)", "brackets", ["a.org/x", "b.org/x"]],
    ["PathPrefix(`/x`)", "any host", ["*/x"]],
    ["Host(\"a.org\") && PathPrefix('/x')", "other quotes", ["a.org/x"]],
    ["Host(`a.org`) && !Path(`/x`)", "what is excepted", ["a.org/"]],
    ["Host(`A.Org`)", "capital letters", ["a.org/"]],
    ["Host(`a.org`) && (Path(`/x`) || Path(`/y`))", "two paths", ["a.org/unknown"]],
    ["HostRegexp(`.+`)", "a pattern", ["unknown/unknown"]],
    ["Host(`a.org`", "no end", ["unknown/unknown"]],
    ["{{ env `RULE` }}", "a Go template", ["unknown/unknown"]],
  ])("with the rule %s has %s.", (rule, _, expected) => {
    const quoted = JSON.stringify(rule);
    const routes = routesOf(both(redirecting, `  routers: {app: {rule: ${quoted}, service: app}}\n`));
    const found = routes.map((each) => [each.host, each.path].map((fact) => knownValue(fact) ?? fact.kind).join(""));
    expect(
      found.map((each) => each.replace("unknownunknown", "unknown/unknown").replace("orgunknown", "org/unknown")),
    ).toEqual(expected);
  });

  test.each<readonly [string, string, string, string, string]>([
    ["on a plain entry point is served in the open", entryPoints, "entryPoints: [web]", '"none"', "false"],
    [
      "with TLS answers plain HTTP nowhere else",
      entryPoints,
      "entryPoints: [websecure], tls: {}",
      '{"minimum":"1.2"}',
      "true",
    ],
    ["has the TLS of its entry point", redirecting, "entryPoints: [websecure]", '{"minimum":"1.2"}', "true"],
    ["is on every entry point when it names none", entryPoints, "", '"none"', "false"],
    ["may name an entry point that nobody defines", entryPoints, "entryPoints: [https]", "unknown", "unknown"],
    ["may leave its TLS to a template", entryPoints, 'entryPoints: ["{{ .Entry }}"]', "unknown", "unknown"],
  ])("%s.", (_, own, more, tls, redirect) => {
    const route = only(both(own, router(more)));
    expect([shown(route.tls), shown(route.redirectsToTls)]).toEqual([tls, redirect]);
  });

  test("that only sends on to HTTPS is none of its own, and says so of the other.", () => {
    const secure = "app: {rule: 'Host(`a.org`)', service: app, entryPoints: [websecure], tls: {}}";
    const plain = "plain: {rule: 'Host(`a.org`)', service: app, entryPoints: [web], middlewares: [s]}";
    const http = (middlewares: string) => `  routers:\n    ${secure}\n    ${plain}\n  middlewares: {${middlewares}}\n`;
    expect(shown(only(both(entryPoints, http("s: {redirectScheme: {scheme: https}}"))).redirectsToTls)).toBe("true");
    const open = routesOf(both(entryPoints, http("s: {compress: {}}")));
    expect(open.map(({ tls, redirectsToTls }) => [shown(tls), shown(redirectsToTls)])).toEqual([
      ['{"minimum":"1.2"}', "false"],
      ['"none"', "false"],
    ]);
    const unseen = routesOf(both(entryPoints, http("other: {compress: {}}")));
    expect(unseen.map(({ redirectsToTls }) => shown(redirectsToTls))).toEqual(["unknown", "false"]);
  });

  test.each<readonly [string, "audience" | "authentication" | "rateLimit", string]>([
    ["{ipAllowList: {sourceRange: [10.0.0.0/8]}}", "audience", '{"kind":"networks","cidrs":["10.0.0.0/8"]}'],
    ["{ipWhiteList: {sourceRange: [10.0.0.0/8]}}", "audience", '{"kind":"networks","cidrs":["10.0.0.0/8"]}'],
    ["{ipAllowList: {sourceRange: []}}", "audience", "unknown"],
    ["{ipAllowList: {sourceRange: ['{{ env `NET` }}']}}", "audience", "unknown"],
    ["{compress: {}}", "audience", '{"kind":"public"}'],
    ["{basicAuth: {users: ['a:b']}}", "authentication", '"single-factor"'],
    ["{digestAuth: {usersFile: /u}}", "authentication", '"single-factor"'],
    ["{forwardAuth: {address: 'http://authelia'}}", "authentication", "unknown"],
    ["{plugin: {something: {}}}", "authentication", "unknown"],
    ["{compress: {}}", "authentication", "unstated"],
    ["{rateLimit: {average: 100}}", "rateLimit", '{"requests":100,"windowSeconds":1}'],
    ["{rateLimit: {average: 6, period: 1m}}", "rateLimit", '{"requests":6,"windowSeconds":60}'],
    ["{rateLimit: {average: 0}}", "rateLimit", '"none"'],
    ["{rateLimit: {average: 6, period: soon}}", "rateLimit", "unknown"],
    ["{compress: {}}", "rateLimit", "unstated"],
    ["{chain: {middlewares: [n]}}, n: {basicAuth: {users: ['a:b']}}", "authentication", '"single-factor"'],
    ["{chain: {middlewares: [m]}}", "authentication", "unknown"],
    ["{chain: {middlewares: [other@docker]}}", "rateLimit", "unknown"],
    ["{chain: {middlewares: [other@consul]}}", "rateLimit", "unknown"],
  ])("with the middleware %s has its %s.", (middleware, field, expected) => {
    expect(shown(only(withMiddleware(middleware))[field] as Fact<unknown>)).toBe(expected);
  });

  test("sends the headers of its middlewares.", () => {
    const headers =
      "{headers: {stsSeconds: 31536000, stsIncludeSubdomains: true, frameDeny: true, customResponseHeaders: {Server: '', X-Robots-Tag: none}}}";
    const route = only(withMiddleware(headers));
    expect(route.headers.items.map(({ name, value }) => [name, value])).toEqual([
      ["x-frame-options", "DENY"],
      ["server", null],
      ["x-robots-tag", "none"],
      ["strict-transport-security", "max-age=31536000; includeSubDomains"],
    ]);
    expect(route.headers.complete).toBe(true);
  });

  const bouncer =
    "{plugin: {bouncer: {enabled: true, crowdsecMode: live, crowdsecLapiKey: x, crowdsecLapiHost: 'crowdsec:8080'}}}";
  const among = (middlewares: string, ...own: readonly string[]) =>
    only(
      both(
        redirecting,
        `${router(`middlewares: [${middlewares}], entryPoints: [websecure]`)}  middlewares: {${own.join(", ")}}\n`,
      ),
    );
  const plugin = "p: {plugin: {any: {}}}";

  // covers: A5 | compose | real: chains of crowdsecurity's and Authelia's guides for Traefik
  test("keeps what one middleware demands, whatever a plugin beside it does.", () => {
    const own = [
      "l: {rateLimit: {average: 100}}",
      "a: {basicAuth: {users: ['x:y']}}",
      "i: {ipAllowList: {sourceRange: [10.0.0.0/8]}}",
    ];
    for (const order of ["p, l, a, i", "l, a, i, p", "l, other@consul, a, i"]) {
      const { rateLimit, authentication, audience } = among(order, plugin, ...own);
      expect([rateLimit, authentication, audience].map(shown)).toEqual([
        '{"requests":100,"windowSeconds":1}',
        '"single-factor"',
        '{"kind":"networks","cidrs":["10.0.0.0/8"]}',
      ]);
    }
    const { rateLimit, authentication } = among("p", plugin);
    expect([rateLimit, authentication].map(shown)).toEqual(["unknown", "unknown"]);
  });

  test("sends the headers that stand before a plugin for certain, and those behind it perhaps.", () => {
    const own = [plugin, "outer: {headers: {frameDeny: true}}", "inner: {headers: {contentTypeNosniff: true}}"];
    const { headers } = among("outer, p, inner", ...own);
    expect(headers.items.map(({ name }) => name)).toEqual(["x-frame-options"]);
    expect(headers.complete).toBe(false);
    const first = among("p, outer", ...own);
    expect([first.headers.items, first.headers.complete]).toEqual([[], false]);
  });

  test("sends of two headers of one name the one that stands first, since an answer passes it last.", () => {
    const own = ["outer: {headers: {customFrameOptionsValue: SAMEORIGIN}}", "inner: {headers: {frameDeny: true}}"];
    expect(among("outer, inner", ...own).headers.items.map(({ value }) => value)).toEqual(["SAMEORIGIN"]);
  });

  test("takes CrowdSec's bouncer for what it is: no sign-in, no limit, and no change of what it lets through.", () => {
    const { authentication, rateLimit, headers, audience } = among(
      "b, h, l",
      `b: ${bouncer}`,
      "h: {headers: {frameDeny: true}}",
      "l: {rateLimit: {average: 100}}",
    );
    expect([authentication, rateLimit, audience].map(shown)).toEqual([
      "unstated",
      '{"requests":100,"windowSeconds":1}',
      '{"kind":"public"}',
    ]);
    expect([headers.items.length, headers.complete]).toEqual([1, true]);
  });

  test("passes what its entry point puts before every router.", () => {
    const own = redirecting.replace("tls: {}", "tls: {}, middlewares: [m@file]");
    const http = `${router("entryPoints: [websecure]")}  middlewares: {m: {rateLimit: {average: 5}}}\n`;
    expect(shown(only(both(own, http)).rateLimit)).toBe('{"requests":5,"windowSeconds":1}');
  });

  test.each<readonly [string, string, string]>([
    ["tls:\n  options: {default: {minVersion: VersionTLS13}}\n", "tls: {}", '{"minimum":"1.3"}'],
    ["tls:\n  options: {old: {minVersion: VersionTLS10}}\n", "tls: {options: old}", '{"minimum":"1.0"}'],
    ["tls:\n  options: {old: {minVersion: VersionTLS10}}\n", "tls: {}", '{"minimum":"1.2"}'],
    ["tls:\n  options: {old: {minVersion: Newest}}\n", "tls: {options: old}", "unknown"],
    ["tls:\n  options: {old: {minVersion: constructor}}\n", "tls: {options: old}", "unknown"],
    ["", "tls: {options: modern}", "unknown"],
  ])("with %j and %s speaks its TLS.", (options, tls, expected) => {
    expect(shown(only(both(entryPoints, router(`entryPoints: [websecure], ${tls}`), options)).tls)).toBe(expected);
  });

  test("that asks for a client's certificate has a sign-in.", () => {
    const options = "tls:\n  options: {default: {clientAuth: {clientAuthType: RequireAndVerifyClientCert}}}\n";
    const route = only(both(entryPoints, router("entryPoints: [websecure], tls: {}"), options));
    expect(shown(route.authentication)).toBe('"single-factor"');
  });

  test("leads through services that share requests, and not in circles.", () => {
    const names: string[] = [];
    const services = "  routers: {r: {rule: 'Host(`a.org`)', service: all}}\n";
    const texts = both(redirecting, services);
    const dynamic = texts["traefik/dynamic.yml"]?.replace(
      "services: {",
      "services: {all: {weighted: {services: [{name: app}, {name: copy}, {name: all}]}}, copy: {mirroring: {service: app, mirrors: [{name: last}]}}, last: {loadBalancer: {servers: [{url: 'http://last'}]}}, ",
    );
    only(
      { ...texts, "traefik/dynamic.yml": dynamic ?? "" },
      {
        resolve: (host, port) => {
          names.push(`${host}:${port}`);
          return undefined;
        },
      },
    );
    expect(new Set(names)).toEqual(new Set(["app:8080", "last:80"]));
  });

  test("of TCP hands connections on.", () => {
    const tcp =
      "tcp:\n  routers: {db: {rule: 'HostSNI(`*`)', service: db, entryPoints: [pg]}}\n  services: {db: {loadBalancer: {servers: [{address: 'db:5432'}]}}}\n";
    const route = only({
      "traefik/traefik.yml": "entryPoints: {pg: {address: ':5432'}}\nproviders: {file: {filename: dynamic.yml}}\n",
      "traefik/dynamic.yml": tcp,
    });
    expect([route.transport, route.edgePorts?.items, shown(route.host)]).toEqual(["tcp", [5432], '"*"']);
  });
});

describe("Where files are looked for", () => {
  const dynamic = "http:\n  routers: {r: {rule: 'Host(`a.org`)', service: api@internal}}\n";
  test.each<readonly [string, string, string]>([
    ["a name from its folder", "filename: dynamic/a.yml", "traefik/dynamic/a.yml"],
    ["an absolute name beside it", "filename: /etc/traefik/dynamic/a.yml", "traefik/dynamic/a.yml"],
    ["a folder", "directory: /etc/traefik/dynamic", "traefik/dynamic/a.yml"],
    ["a folder within the folder", "directory: /dynamic", "traefik/dynamic/deep/b.yml"],
  ])("%s.", (_, provider, path) => {
    const files = {
      "traefik/traefik.yml": `${redirecting}providers: {file: {${provider}}}\n`,
      [path]: dynamic,
    };
    expect(routesOf(files)).toHaveLength(1);
    expect(read(files).sources).toHaveLength(1);
  });

  test("says where one is not there that it may hold more.", () => {
    const files = both(`${redirecting}`, router("middlewares: [far@file]"));
    const route = only(files);
    expect(route.authentication.kind === "unknown" ? route.authentication.why : "").toMatch(/defined nowhere/);
    const gone = { "traefik.yml": `${redirecting}providers: {file: {filename: gone.yml}}\n` };
    const list = settingsOf(gone).unverifiedUpstreams;
    expect(list.complete ? "" : list.why).toMatch(/gone\.yml/);
  });

  test("opens nothing outside the root.", () => {
    expect(routesOf({ "traefik.yml": `${redirecting}providers: {file: {directory: ../..}}\n` })).toEqual([]);
    expect(routesOf({ "traefik.yml": `${redirecting}providers: {file: {filename: /etc/passwd}}\n` })).toEqual([]);
  });
});

describe("A dynamic file without its static configuration", () => {
  const alone = { "traefik/dynamic/app.yml": both("", router("tls: {}"))["traefik/dynamic.yml"] ?? "" };

  test("leaves to that what it alone decides.", () => {
    const route = only(alone);
    expect([shown(route.tls), shown(route.redirectsToTls), route.whole]).toEqual([
      '{"minimum":"1.2"}',
      "unknown",
      undefined,
    ]);
  });

  test("says that plain HTTP is sent on where a router of the same host does.", () => {
    const file =
      "http:\n  routers:\n    a: {rule: 'Host(`a.org`)', service: x, tls: {}}\n    b: {rule: 'Host(`a.org`)', service: x, middlewares: [s]}\n  middlewares: {s: {redirectScheme: {scheme: https}}}\n";
    expect(shown(only({ "traefik/dynamic/app.yml": file }).redirectsToTls)).toBe("true");
  });
});

describe("What Traefik does as a whole", () => {
  const own = (more: string) => ({ "traefik.yml": `${entryPoints}${more}` });

  test.each<readonly [string, string, readonly string[]]>([
    ["a dashboard for everybody", "api: {insecure: true}\n", ['the dashboard and API: reading, "everywhere"']],
    ["one on loopback", "api: {insecure: true}\nx: 1\n", ['the dashboard and API: reading, "loopback"']],
    [
      "the REST provider",
      "providers: {rest: {insecure: true}}\n",
      ['the API of the REST provider: orders, "everywhere"'],
    ],
    ["no dashboard", "api: {dashboard: true}\n", []],
    ["a switch that is off", "api: {insecure: false}\n", []],
  ])("has %s.", (name, more, expected) => {
    const text = name.includes("loopback")
      ? { "traefik.yml": `entryPoints: {traefik: {address: '127.0.0.1:8080'}}\n${more}` }
      : own(more);
    const { doors } = settingsOf(text);
    expect(doors.items.map(({ name: door, allows, reach }) => `${door}: ${allows}, ${shown(reach)}`)).toEqual(expected);
  });

  test("has a door where a router leads to the dashboard and asks nobody.", () => {
    const dashboard = (more: string) =>
      both(
        redirecting,
        `  routers: {d: {rule: 'Host(\`t.org\`)', service: api@internal${more}}}\n  middlewares: {m: {basicAuth: {users: [x]}}}\n`,
      );
    const signIns = (texts: Texts) => settingsOf(texts).doors.items.map(({ signIn }) => shown(signIn));
    expect(signIns(dashboard(""))).toEqual(["false"]);
    expect(signIns(dashboard(", middlewares: [m]"))).toEqual(["true"]);
    expect(signIns(dashboard(", middlewares: [far@docker]"))).toEqual(["unknown"]);
  });

  test.each<readonly [string, string]>([
    ["entryPoints: {web: {address: ':80', forwardedHeaders: {insecure: true}}}\n", '"everybody"'],
    ["entryPoints: {web: {address: ':80', proxyProtocol: {insecure: true}}}\n", '"everybody"'],
    ["entryPoints: {web: {address: ':80', forwardedHeaders: {trustedIPs: [0.0.0.0/0]}}}\n", '"everybody"'],
    ["entryPoints: {web: {address: ':80', forwardedHeaders: {trustedIPs: [10.0.0.1/32]}}}\n", '["10.0.0.1/32"]'],
    [entryPoints, '"nobody"'],
  ])("believes by %j what others say of a client's address.", (text, expected) => {
    expect(shown(settingsOf({ "traefik.yml": text }).trustedForwarders)).toBe(expected);
  });

  test.each<readonly [string, string]>([
    ["providers: {docker: {}}\n", "true"],
    ["providers: {docker: {exposedByDefault: false}}\n", "false"],
    ["providers: {swarm: {exposedByDefault: true}}\n", "true"],
    ["providers: {file: {filename: x.yml}}\n", "unstated"],
  ])("takes containers by %j.", (text, expected) => {
    expect(shown(settingsOf(own(text)).exposedByDefault)).toBe(expected);
  });

  test("verifies no certificate where it is told so.", () => {
    const texts = both(
      `${redirecting}serversTransport: {insecureSkipVerify: true}\n`,
      "  serversTransports: {lax: {insecureSkipVerify: true}, strict: {insecureSkipVerify: false}}\n",
    );
    expect(settingsOf(texts).unverifiedUpstreams.items.map(({ name }) => name)).toEqual([
      "every upstream over TLS",
      "upstreams by `lax`",
    ]);
  });

  test("logs requests when it is asked to.", () => {
    expect(shown(settingsOf(own("")).accessLog)).toBe("false");
    expect(shown(settingsOf(own("accessLog: {}\n")).accessLog)).toBe("true");
    expect(shown(settingsOf(own("accessLog:\n  filePath: /var/log/a\n")).accessLog)).toBe("true");
  });

  test("is read of TOML all the same.", () => {
    const toml =
      '[entryPoints]\n  [entryPoints.web]\n    address = ":80"\n    [entryPoints.web.forwardedHeaders]\n      insecure = true\n[api]\n  insecure = true\n[providers.docker]\n  exposedByDefault = false\n[accessLog]\n';
    const settings = settingsOf({ "traefik.toml": toml });
    expect([shown(settings.trustedForwarders), shown(settings.exposedByDefault), shown(settings.accessLog)]).toEqual([
      '"everybody"',
      "false",
      "true",
    ]);
    expect(settings.doors.items).toHaveLength(1);
  });
});

describe("A Go template", () => {
  test("leaves what it fills in unknown, and reads the rest.", () => {
    const texts = both(redirecting, router("middlewares: [m]"), "");
    const route = only({
      ...texts,
      "traefik/dynamic.yml": `${texts["traefik/dynamic.yml"]}  middlewares: {m: {ipAllowList: {sourceRange: ["{{ env \\"LAN\\" }}"]}}}\n`,
    });
    expect([shown(route.audience), shown(route.authentication)]).toEqual(["unknown", "unstated"]);
  });

  test("that is no YAML is not taken for a mistake.", () => {
    const text = "http:\n  routers:\n{{ range $i, $e := until 100 }}\n    r{{ $i }}:\n      rule: a\n{{ end }}\n";
    const { subjects, problems } = read({ "traefik/dynamic/a.yml": text });
    expect(problems).toEqual([]);
    expect(subjects.filter(({ kind }) => kind === "route")).toEqual([]);
  });
});

describe("Bad input gets a sentence with its place", () => {
  test.each<readonly [string, string, string, RegExp]>([
    ["traefik.yml", "entryPoints:\n  web: {address: ':80'\n", "traefik.yml:", /./],
    ["traefik.yml", "entryPoints:\n  web:\n\taddress: x\n", "traefik.yml:3", /tab/i],
    ["traefik.toml", '[entryPoints]\n[entryPoints.web\naddress = ":80"\n', "traefik.toml:3", /./],
    ["traefik.toml", "[entryPoints.web]\naddress = :80\n", "traefik.toml:2", /./],
  ])("%s %j", (path, text, place, message) => {
    const { problems } = read({ [path]: text });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) {
      expect(problem.message).toMatch(/[.?]$/);
      expect(problem.message).toMatch(message);
    }
    expect(problems.map((problem) => describePlace(problem.place)).join(" ")).toContain(place);
  });
});

const reference = new URL("../../../../shared/schemas/traefik/reference-v3.7.9/", import.meta.url);

describe.skipIf(!existsSync(reference))("Traefik's own samples of every option", () => {
  const text = (name: string) => readFileSync(new URL(`${name}-configuration.yaml`, reference), "utf8");

  test("are read without a complaint.", () => {
    for (const [path, name] of [
      ["traefik.yml", "static"],
      ["traefik/dynamic.yml", "dynamic"],
    ] as const) {
      const { problems, subjects } = read({ [path]: text(name) });
      expect(problems).toEqual([]);
      expect(subjects.length).toBeGreaterThan(0);
    }
  });

  test("open every door.", () => {
    const settings = settingsOf({ "traefik.yml": text("static") });
    expect(settings.doors.items.map(({ name }) => name)).toEqual([
      "the dashboard and API",
      "the API of the REST provider",
    ]);
    expect(shown(settings.trustedForwarders)).toBe('"everybody"');
    expect(shown(settings.exposedByDefault)).toBe("true");
    expect(settings.unverifiedUpstreams.items.length).toBeGreaterThan(5);
  });
});

describe("A hostile configuration", () => {
  const many = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join("");
  const dynamic = (routers: string, middlewares: string): Texts => ({
    "traefik.yml": `${redirecting}providers: {file: {filename: d.yml}}\n`,
    "d.yml": `http:\n  routers:\n${routers}  middlewares:\n${middlewares}`,
  });

  test.each<readonly [string, Texts]>([
    [
      "many routers",
      dynamic(
        many(
          5_000,
          (index) =>
            `    r${index}: {rule: 'Host(\`h${index}.org\`)', service: s${index}, tls: {}, middlewares: [m]}\n`,
        ),
        "    m: {compress: {}}\n",
      ),
    ],
    [
      "many plain routers of one host",
      dynamic(
        many(
          3_000,
          (index) =>
            `    r${index}: {rule: 'Host(\`h.org\`) && Path(\`/${index}\`)', service: s, entryPoints: [web]}\n`,
        ),
        "    m: {compress: {}}\n",
      ),
    ],
    [
      "chains that double",
      dynamic(
        "    r: {rule: 'Host(`a`)', service: s, middlewares: [m0]}\n",
        many(40, (index) => `    m${index}: {chain: {middlewares: [${`m${index + 1}, `.repeat(20)}m${index + 1}]}}\n`),
      ),
    ],
    [
      "a rule that doubles",
      dynamic(
        `    r: {service: s, rule: '${Array.from({ length: 300 }, () => "(Host(`a`) || Host(`b`))").join(" && ")}'}\n`,
        "    m: {compress: {}}\n",
      ),
    ],
    [
      "a rule that is deep",
      dynamic(
        `    r: {service: s, rule: '${"(".repeat(4_000)}Host(\`a\`)${")".repeat(4_000)}'}\n`,
        "    m: {compress: {}}\n",
      ),
    ],
    [
      "a rule that is long",
      dynamic(
        `    r: {service: s, rule: '${"Host(`a`) || ".repeat(100_000)}Host(\`b\`)'}\n`,
        "    m: {compress: {}}\n",
      ),
    ],
  ])("of %s costs no more than its caps", (_, texts) => {
    const started = threadMs();
    read(texts);
    expect(threadMs() - started).toBeLessThan(4_000);
  });

  test("makes nothing throw", () => {
    const value = fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<unknown>(
        null,
        true,
        0,
        "",
        "x",
        ":80",
        "Host(`a`)",
        "{{ x }}",
        "app",
        "m@file",
        [],
        {},
        [[]],
        [{}],
        { "": "" },
      ),
    );
    const node: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "medium", withCrossShrink: true },
        value,
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            "entryPoints",
            "http",
            "tcp",
            "tls",
            "routers",
            "services",
            "middlewares",
            "options",
            "rule",
            "service",
            "loadBalancer",
            "servers",
            "url",
            "headers",
            "chain",
            "rateLimit",
            "providers",
            "file",
            "docker",
            "api",
            "insecure",
            "redirections",
          ),
          tie("node"),
          { maxKeys: 5 },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(node, node, (own, http) => {
        const texts = {
          "traefik.yml": `entryPoints: ${JSON.stringify(own)}\nproviders: {file: {filename: d.yml}}\n`,
          "d.yml": `http: ${JSON.stringify(http)}\n`,
        };
        for (const { message } of read(texts).problems) expect(message).toMatch(/[.?]$/);
      }),
      { numRuns: 150 },
    );
  });
});
