import { describe, expect, test } from "vitest";
import { composeProjectOf } from "../../../test/support/compose-tree.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import { readComposeProject } from "./read.ts";

function shown<T>(fact: Fact<T>): string {
  return fact.kind === "stated" || fact.kind === "defaulted" ? JSON.stringify(fact.value) : fact.kind;
}

/** The routes to a service with some variables, beside nginx-proxy. */
function routesOf(variables: Readonly<Record<string, string>>, proxy = "", service = ""): readonly Route[] {
  const lines = Object.entries(variables).map(([name, value]) => `      ${name}: ${JSON.stringify(value)}\n`);
  const text = `services:\n  web:\n    image: example/web:1\n    environment:\n${lines.join("")}${service}  proxy:\n    image: nginxproxy/nginx-proxy:1.6\n    ports: ["80:80", "443:443"]\n${proxy}`;
  return readComposeProject(composeProjectOf(text)).all("route");
}

function mounting(path: string): string {
  return `    volumes: [{type: bind, source: ./files, target: ${path}}]\n`;
}

const host = { VIRTUAL_HOST: "shop.example.org" };

// covers: A3 | compose
describe("The variables of a service that ask nginx-proxy for a route", () => {
  test("lead to it, by the certificate that its companion fetches, for everybody.", () => {
    const [route, ...others] = routesOf({ ...host, VIRTUAL_PORT: "3000", LETSENCRYPT_HOST: "shop.example.org" });
    expect(others).toEqual([]);
    expect(route?.ref.name).toBe("web/shop.example.org/");
    expect(route?.edge?.name).toBe("proxy");
    expect(route && knownValue(route.target)).toMatchObject({ workload: { name: "web" }, port: 3000 });
    expect(route && [shown(route.tls), shown(route.redirectsToTls), shown(route.audience), route.whole]).toEqual([
      '{"minimum":"1.2"}',
      "true",
      '{"kind":"public"}',
      true,
    ]);
    expect(route?.headers.items.map(({ name }) => name)).toEqual(["strict-transport-security"]);
  });

  test("may name several hosts, and a pattern that is nobody's name.", () => {
    const routes = routesOf({ VIRTUAL_HOST: "a.example.org, b.example.org,~^c\\..*" });
    expect(routes.map((route) => shown(route.host))).toEqual(['"a.example.org"', '"b.example.org"', "unknown"]);
  });

  test.each<readonly [string, Readonly<Record<string, string>>, keyof Route, string]>([
    ["no port", {}, "target", "unknown"],
    ["a port that is none", { VIRTUAL_PORT: "http" }, "target", "unknown"],
    ["no certificate", {}, "tls", "unknown"],
    ["no encryption", { HTTPS_METHOD: "nohttps" }, "tls", '"none"'],
    ["no redirect", { HTTPS_METHOD: "noredirect", LETSENCRYPT_HOST: "x.org" }, "redirectsToTls", "false"],
    ["a method elsewhere", { HTTPS_METHOD: "${METHOD}", LETSENCRYPT_HOST: "x.org" }, "redirectsToTls", "unknown"],
    ["an audience elsewhere", { NETWORK_ACCESS: "${WHO}" }, "audience", "unknown"],
    ["a path", { VIRTUAL_PATH: "/shop" }, "path", '"/shop"'],
    ["a host elsewhere", { VIRTUAL_HOST: "${HOST}" }, "host", "unknown"],
  ])("say: %s.", (_, variables, field, expected) => {
    const [route] = routesOf({ ...host, ...variables });
    expect(route && shown(route[field] as Fact<unknown>)).toBe(expected);
  });

  const multiports = (text: string) =>
    routesOf({ ...host, VIRTUAL_PORT: "1", VIRTUAL_PATH: "/x", VIRTUAL_HOST_MULTIPORTS: text }).map(
      ({ host: asked, path, target }) => [shown(asked), shown(path), knownValue(target)?.port ?? target.kind].join(" "),
    );

  test("may name hosts with paths and ports in YAML, and nothing else counts then.", () => {
    expect(
      multiports('a.example.org:\nb.example.org:\n  "/": {port: 8000}\n  "/s": {port: "9000", dest: "/"}\n'),
    ).toEqual(['"a.example.org" "/" unknown', '"b.example.org" "/" 8000', '"b.example.org" "/s" 9000']);
    expect(multiports('{"a.example.org": {"/": {"port": 80}}}')).toEqual(['"a.example.org" "/" 80']);
    expect(multiports("~^a: {'~^/b': {}}")).toEqual(["unknown unknown unknown"]);
    for (const text of ["a: [b", "- a", "${HOSTS}", "x"]) expect(multiports(text)).toEqual(["unknown unknown unknown"]);
    expect(multiports("")).toEqual([]);
    expect(routesOf({ VIRTUAL_HOST_MULTIPORTS: "a.example.org:" })).toHaveLength(1);
  });

  test("say nothing of the networks inside where the proxy has a list of its own.", () => {
    const inside = { ...host, NETWORK_ACCESS: "internal" };
    expect(routesOf(inside).map(({ audience }) => audience.kind)).toEqual(["stated"]);
    const mount = mounting("/etc/nginx/network_internal.conf");
    expect(routesOf(inside, mount).map(({ audience }) => audience.kind)).toEqual(["unknown"]);
    expect(routesOf(host, mount).map(({ audience }) => audience.kind)).toEqual(["defaulted"]);
  });

  test("say little where files of the proxy are mounted.", () => {
    expect(routesOf(host, mounting("/etc/nginx/certs"))[0]?.whole).toBe(true);
    for (const path of ["/etc/nginx/htpasswd", "/etc/nginx/vhost.d"]) {
      const [route] = routesOf(host, mounting(path));
      expect(route && [shown(route.authentication), shown(route.audience), route.whole]).toEqual([
        "unknown",
        "unknown",
        undefined,
      ]);
    }
  });

  test("say nothing without the proxy, and beside another one.", () => {
    for (const image of ["pihole/pihole:2025.03.0", "jc21/nginx-proxy-manager:2"]) {
      const text = `services:\n  web: {image: 'example/web:1', environment: {VIRTUAL_HOST: a.example.org}}\n  other: {image: '${image}'}\n`;
      expect(readComposeProject(composeProjectOf(text)).all("route")).toEqual([]);
    }
  });
});
