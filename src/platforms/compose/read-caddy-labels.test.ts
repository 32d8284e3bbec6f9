import { describe, expect, test } from "vitest";
import { composeProjectOf } from "../../../test/support/compose-tree.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { readComposeProject } from "./read.ts";

function shown<T>(fact: Fact<T>): string {
  return fact.kind === "stated" || fact.kind === "defaulted" ? JSON.stringify(fact.value) : fact.kind;
}

/** A service `web` with some labels, beside another one and the proxy. */
function read(
  labels: Readonly<Record<string, string>>,
  proxy = "",
  others: Readonly<Record<string, string>> = {},
): System {
  const lines = (all: Readonly<Record<string, string>>) =>
    Object.entries(all)
      .map(([name, value]) => `      ${JSON.stringify(name)}: ${JSON.stringify(value)}\n`)
      .join("");
  const own =
    proxy === "none"
      ? ""
      : `  caddy:\n    image: lucaslorentz/caddy-docker-proxy:2.9\n    ports: ["443:443"]\n${proxy}`;
  return readComposeProject(
    composeProjectOf(
      `services:\n  web:\n    image: example/web:1\n    labels:\n${lines(labels)}  api:\n    image: example/api:1\n    labels:\n      x: y\n${lines(others)}${own}`,
    ),
  );
}

function only(system: System): Route {
  const routes = system.all("route");
  expect(routes.map(({ ref }) => ref.name)).toHaveLength(1);
  return routes[0] as Route;
}

function targetOf({ target }: Route): string {
  const known = knownValue(target);
  return known === undefined ? target.kind : `${known.workload.name}:${known.port}`;
}

const site = (more: Readonly<Record<string, string>> = {}) => ({
  caddy: "shop.example.org",
  "caddy.reverse_proxy": "{{upstreams 8080}}",
  ...more,
});

// covers: A3 T4 | compose
describe("Labels of caddy-docker-proxy", () => {
  test("make a route to the service, named after it.", () => {
    const route = only(read(site()));
    expect([route.ref.name, targetOf(route), route.edge?.name, route.owner?.name, route.whole]).toEqual([
      "web/shop.example.org/",
      "web:8080",
      "caddy",
      "web",
      true,
    ]);
    expect([shown(route.tls), shown(route.redirectsToTls)]).toEqual(['{"minimum":"1.2"}', "true"]);
  });

  test.each<readonly [string, string]>([
    ["{{upstreams}}", "web:80"],
    ["{{upstreams https 8443}}", "web:8443"],
    ["{{ upstreams http 3000 }}", "web:3000"],
    ["{{https}}://api:9443", "api:9443"],
    ["api:9000", "api:9000"],
    ["/x/* {{upstreams 81}}", "web:81"],
    ["{{.Spec.Name}}:80", "unknown"],
    ["${ELSEWHERE}", "unknown"],
  ])("lead by %s.", (value, target) => {
    expect(targetOf(only(read(site({ "caddy.reverse_proxy": value }))))).toBe(target);
  });

  test.each<readonly [string, Readonly<Record<string, string>>, keyof Route, string]>([
    ["a sign-in", { "caddy.basic_auth.bob": "$$2a$$14$$x" }, "authentication", '"single-factor"'],
    [
      "a sign-in for a part alone",
      { "caddy.basic_auth": "/admin/*", "caddy.basic_auth.bob": "x" },
      "authentication",
      "unknown",
    ],
    ["one that another program asks for", { "caddy.forward_auth": "auth:9091" }, "authentication", "unknown"],
    [
      "an allow-list",
      { "caddy.@far.not": "remote_ip 10.0.0.0/8", "caddy.abort": "@far" },
      "audience",
      '{"kind":"networks","cidrs":["10.0.0.0/8"]}',
    ],
    ["nobody turned away", {}, "audience", '{"kind":"public"}'],
    ["plain HTTP", { caddy: "http://shop.example.org" }, "tls", '"none"'],
    ["a snippet from elsewhere", { "caddy.import": "secured" }, "authentication", "unknown"],
    ["a host in a variable", { caddy: "${HOST}" }, "host", "unknown"],
    ["a template that may be anything", { "caddy.import": "{{.X}}" }, "authentication", "unknown"],
  ])("say: %s.", (_, labels, field, expected) => {
    const routes = read(site(labels)).all("route");
    const main = routes.find(({ path }) => knownValue(path) === "/") ?? (routes[0] as Route);
    expect(shown(main[field] as Fact<unknown>)).toBe(expected);
  });

  test("set headers.", () => {
    const route = only(read(site({ "caddy.header.-Server": "", "caddy.header.X-Frame-Options": '"DENY"' })));
    expect(route.headers.items.map(({ name, value }) => [name, value])).toEqual([
      ["server", null],
      ["x-frame-options", "DENY"],
    ]);
  });

  test("keep their order by numbers, and stay apart by them.", () => {
    const labels = {
      caddy: "shop.example.org",
      "caddy.1_handle": "/api/*",
      "caddy.1_handle.reverse_proxy": "api:9000",
      "caddy.2_handle.reverse_proxy": "{{upstreams 8080}}",
    };
    const routes = read(labels).all("route");
    expect(routes.map((route) => [route.ref.name, targetOf(route)])).toEqual([
      ["web/shop.example.org/api", "api:9000"],
      ["web/shop.example.org/", "web:8080"],
    ]);
  });

  test("have several sites, and snippets that other services define.", () => {
    const labels = {
      caddy_0: "a.example.org",
      "caddy_0.import": "secured",
      "caddy_0.reverse_proxy": "{{upstreams 1}}",
      caddy_1: "b.example.org, c.example.org",
      "caddy_1.reverse_proxy": "{{upstreams 2}}",
    };
    const system = read(labels, "", { caddy: "(secured)", "caddy.basic_auth.bob": "x" });
    expect(
      system.all("route").map((route) => [shown(route.host), targetOf(route), shown(route.authentication)]),
    ).toEqual([
      ['"a.example.org"', "web:1", '"single-factor"'],
      ['"b.example.org"', "web:2", "unstated"],
      ['"c.example.org"', "web:2", "unstated"],
    ]);
  });

  test("of one address on several services are one site.", () => {
    const part = (path: string, port: number) => ({
      caddy: "shop.example.org",
      "caddy.handle_path": path,
      "caddy.handle_path.reverse_proxy": `{{upstreams ${port}}}`,
    });
    const system = read(part("/a/*", 1), "", part("/b/*", 2));
    expect(system.all("route").map((route) => [route.ref.name, targetOf(route)])).toEqual([
      ["web/shop.example.org/a", "web:1"],
      ["api/shop.example.org/b", "api:2"],
    ]);
  });

  test("set options of Caddy as a whole.", () => {
    const trusting = { "caddy.servers.trusted_proxies": "static 0.0.0.0/0", "caddy.admin": "0.0.0.0:2019" };
    const system = read(site(), "", trusting);
    const [file] = system.all("repository-file").filter(({ configuration }) => configuration?.software === "caddy");
    const settings = file?.configuration;
    if (settings?.software !== "caddy") throw new Error("there are no settings");
    expect([file?.ref.name, shown(settings.trustedForwarders)]).toEqual(["caddy's labels", '"everybody"']);
    expect(settings.doors.items.map(({ reach }) => shown(reach))).toEqual(['"everywhere"']);
  });

  test("leave open what a Caddyfile adds that they are put into.", () => {
    const route = only(read(site(), "    environment: {CADDY_DOCKER_CADDYFILE_PATH: /etc/caddy/Caddyfile}\n"));
    expect(route.whole).toBeUndefined();
  });

  test("of a proxy that is not seen leave open what it does besides.", () => {
    const route = only(read(site(), "none"));
    expect([route.whole, route.edge, targetOf(route)]).toEqual([undefined, undefined, "web:8080"]);
  });

  test("without a site, or of another program, are none.", () => {
    expect(read({ "caddy.reverse_proxy": "{{upstreams}}" }).all("route")).toEqual([]);
    expect(read({ caddy_ingress_network: "edge", "caddy-name": "x" }).all("route")).toEqual([]);
  });

  test("in any disorder are read all the same.", () => {
    const deep = { [`caddy${".x".repeat(3_000)}`]: "1" };
    const open = { "caddy.reverse_proxy": "`{{upstreams", "caddy..": "{", "caddy.}": "}", "caddy.import": "" };
    for (const labels of [deep, open, { caddy: '"' }, { caddy: "{" }]) expect(() => read(site(labels))).not.toThrow();
  });
});
