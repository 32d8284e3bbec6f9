import { describe, expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import type { Route } from "../../facts/subjects.ts";
import { isForPrivateNetworks, isPrivateName } from "./front-door.ts";

function routeOf(host: string): Route {
  const label = `traefik.http.routers.app.rule: "Host(\`${host}\`)"`;
  const system = composeSystem(`services:\n  app:\n    image: example/app:1\n    labels:\n      ${label}\n`);
  const route = system.all("route")[0];
  if (route === undefined) throw new Error(`no route to ${host}`);
  return route;
}

describe("A name of one's own network", () => {
  test.each([
    "nas",
    "nas.lan",
    "192.168.1.10",
    "fd12::10",
    "::ffff:10.0.0.1",
    "app.192.168.1.10.nip.io",
    "app-10-0-0-5.sslip.io",
  ])("is %s.", (host) => expect(isPrivateName(routeOf(host))).toBe(true));

  test.each([
    "app.example.org",
    "10.example.org",
    "fd.example.org",
    "8.8.8.8",
    "2001:db8::1",
    "app.8.8.8.8.nip.io",
    "192.168.1.10.example.org",
  ])("is not %s.", (host) => expect(isPrivateName(routeOf(host))).toBe(false));
});

describe("A route for one's own networks", () => {
  const answering = (...cidrs: readonly string[]): Route => {
    const route = routeOf("app.example.org");
    return { ...route, audience: { kind: "stated", value: { kind: "networks", cidrs }, place: route.place } };
  };

  test("answers nobody else.", () => {
    expect(isForPrivateNetworks(answering("192.168.0.0/16", "10.1.2.3", "fd00::/8", "100.64.0.0/10"))).toBe(true);
  });

  test.each(["10.0.0.0/7", "172.16.0.0/8", "0.0.0.0/0", "203.0.113.0/24"])("is none that also answers %s.", (cidr) => {
    expect(isForPrivateNetworks(answering("192.168.0.0/16", cidr))).toBe(false);
  });
});
