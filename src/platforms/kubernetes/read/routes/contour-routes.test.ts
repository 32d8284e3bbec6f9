import { describe, expect, it, test } from "vitest";
import { threadMs } from "../../../../../test/support/thread-time.ts";
import { knownValue } from "../../../../facts/fact.ts";
import type { Route } from "../../../../facts/subjects.ts";
import { clusterOf } from "../../testing/manifests.ts";

const app = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`;

const proxy = (name: string, spec: string) =>
  `---\napiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;

function routesOf(...more: readonly string[]): readonly Route[] {
  return clusterOf([app, ...more].join("")).all("route");
}

function shown(route: Route | undefined) {
  if (route === undefined) return undefined;
  const { host, path, target, tls, redirectsToTls, transport = "http" } = route;
  return [
    `${knownValue(host)}${knownValue(path)}`,
    knownValue(target)?.workload.name,
    knownValue(tls),
    knownValue(redirectsToTls),
    transport,
  ];
}

// covers: N5 | kubernetes
describe("A virtual host of Contour", () => {
  it("leads to the Services of its routes and of what it includes, and sends plain HTTP on where it has a certificate", () => {
    const routes = routesOf(
      proxy(
        "root",
        "{virtualhost: {fqdn: shop.example.org, tls: {secretName: shop}}, includes: [{name: child, conditions: [{prefix: /api}]}], routes: [{services: [{name: web, port: 80}]}]}",
      ),
      proxy(
        "child",
        "{routes: [{conditions: [{prefix: /v1}], permitInsecure: true, services: [{name: web, port: 80}]}]}",
      ),
    );
    expect(routes.map(shown)).toEqual([
      ["shop.example.org/", "shop/Deployment/web", { minimum: "1.2" }, true, "http"],
      ["shop.example.org/api/v1", "shop/Deployment/web", { minimum: "1.2" }, false, "http"],
    ]);
  });

  it("is served in the open without `tls`, and by nobody without a virtual host", () => {
    const routes = routesOf(
      proxy("root", "{virtualhost: {fqdn: shop.example.org}, routes: [{services: [{name: web, port: 80}]}]}"),
      proxy("orphan", "{routes: [{services: [{name: web, port: 80}]}]}"),
    );
    expect(routes.map(shown)).toEqual([["shop.example.org/", "shop/Deployment/web", "none", undefined, "http"]]);
  });

  it("hands connections on as they are with `tcpproxy`", () => {
    const [route] = routesOf(
      proxy(
        "root",
        "{virtualhost: {fqdn: db.example.org, tls: {passthrough: true}}, tcpproxy: {services: [{name: web, port: 80}]}}",
      ),
    );
    expect(shown(route)).toEqual(["db.example.org/", "shop/Deployment/web", undefined, undefined, "tcp"]);
  });

  it("that includes itself, or what is not here, ends", () => {
    const routes = routesOf(
      proxy("root", "{virtualhost: {fqdn: a.example.org}, includes: [{name: child}, {name: gone}]}"),
      proxy("child", "{includes: [{name: child}]}"),
    );
    expect(routes.map((route) => route.target.kind)).toEqual(["unknown"]);
  });
});

describe("What a virtual host of Contour asks for", () => {
  const service =
    "---\napiVersion: projectcontour.io/v1alpha1\nkind: ExtensionService\nmetadata: {name: auth, namespace: shop}\nspec: {services: [{name: web, port: 80}]}\n";
  const host = (settings: string, rule = "") =>
    proxy(
      "root",
      `{virtualhost: {fqdn: a.example.org, tls: {secretName: a}, ${settings}}, routes: [{${rule}services: [{name: web, port: 80}]}]}`,
    );

  test.each([
    ["a token by default", "jwtProviders: [{name: a, default: true}]", "", "single-factor"],
    ["a token that no route demands", "jwtProviders: [{name: a}]", "", undefined],
    [
      "a token that the route demands",
      "jwtProviders: [{name: a}]",
      "jwtVerificationPolicy: {require: a}, ",
      "single-factor",
    ],
    [
      "a token, but not for this route",
      "jwtProviders: [{name: a, default: true}]",
      "jwtVerificationPolicy: {disabled: true}, ",
      undefined,
    ],
    ["nobody in plain", "jwtProviders: [{name: a, default: true}]", "permitInsecure: true, ", "unknown"],
  ])("%s", (_name, settings, rule, expected) => {
    const [route] = routesOf(host(settings, rule));
    const { authentication } = route ?? {};
    expect(authentication?.kind === "unknown" ? "unknown" : authentication && knownValue(authentication)).toBe(
      expected,
    );
  });

  it("of another service is that one's affair, unless the route is left out", () => {
    const asked = (settings: string, rule = "") => {
      const [route] = routesOf(service, host(`authorization: {extensionRef: {name: auth}${settings}}`, rule));
      const [first] = route?.delegation?.asked ?? [];
      return first && [first.workload?.name, first.failsOpen && knownValue(first.failsOpen)];
    };
    expect(asked("")).toEqual(["shop/Deployment/web", false]);
    expect(asked(", failOpen: true")).toEqual(["shop/Deployment/web", true]);
    expect(asked("", "authPolicy: {disabled: true}, ")).toBeUndefined();
  });

  it("narrows who comes by addresses, the route's before the host's", () => {
    const cidrs = (settings: string, rule = "") => {
      const audience = routesOf(host(settings, rule))[0]?.audience;
      const known = audience && knownValue(audience);
      return known?.kind === "networks" ? known.cidrs : known?.kind;
    };
    const own = "ipAllowPolicy: [{source: Remote, cidr: 192.168.0.0/16}]";
    expect(cidrs(own)).toEqual(["192.168.0.0/16"]);
    expect(cidrs(own, "ipAllowPolicy: [{source: Remote, cidr: 0.0.0.0/0}], ")).toBe("public");
    expect(cidrs("ipDenyPolicy: [{source: Remote, cidr: 10.0.0.0/8}]")).toBeUndefined();
  });
});

test("Contour's own configuration is looked through in time that grows with it.", () => {
  const text = `disablePermitInsecure: true\n${"\n".repeat(100_000)}`;
  const settings = JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "contour" },
    data: { "contour.yaml": text },
  });
  const started = threadMs();
  const [route] = routesOf(
    proxy("root", "{virtualhost: {fqdn: a.example.org}, routes: [{services: [{name: web, port: 80}]}]}"),
    `---\n${settings}\n`,
  );
  expect(route?.addition).toBe("none");
  expect(threadMs() - started).toBeLessThan(1_000);
});
