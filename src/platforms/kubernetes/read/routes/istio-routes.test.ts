import { describe, expect, it } from "vitest";
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

const object = (kind: string, name: string, namespace: string, spec: string) =>
  `---\napiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
const gateway = (servers: string) =>
  object("Gateway", "gw", "istio-ingress", `{selector: {istio: ingressgateway}, servers: [${servers}]}`);
const service = (spec: string, name = "web") => object("VirtualService", name, "shop", spec);
const plain = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.example.org"]}';
const sending = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"], tls: {httpsRedirect: true}}';
const encrypted = (tls = "mode: SIMPLE") =>
  `{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*/*.example.org"], tls: {${tls}, credentialName: a}}`;
const toWeb = "http: [{route: [{destination: {host: web}}]}]";

function routesOf(...more: readonly string[]): readonly Route[] {
  return clusterOf([app, ...more].join("")).all("route");
}

function shown({ host, path, target, tls, redirectsToTls, transport = "http" }: Route) {
  return [
    `${knownValue(host)}${knownValue(path)}`,
    knownValue(target)?.workload.name,
    knownValue(tls),
    knownValue(redirectsToTls),
    transport,
  ];
}

// covers: N5 | kubernetes
describe("A VirtualService of Istio that is bound to a Gateway", () => {
  const bound = "hosts: [shop.example.org], gateways: [istio-ingress/gw]";

  it("leads to its destinations, by what the Gateway's servers do for its hosts", () => {
    const rules =
      "http: [{match: [{uri: {prefix: /api}}, {uri: {exact: /}}], route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]}]";
    const routes = routesOf(gateway(`${sending}, ${encrypted()}`), service(`{${bound}, ${rules}}`));
    expect(routes.map(shown)).toEqual([
      ["shop.example.org/api", "shop/Deployment/web", { minimum: "1.2" }, true, "http"],
      ["shop.example.org/", "shop/Deployment/web", { minimum: "1.2" }, true, "http"],
    ]);
  });

  it("is served in the open where the Gateway has no encrypted server, or beside one", () => {
    const [open] = routesOf(gateway(plain), service(`{${bound}, ${toWeb}}`));
    expect(open && shown(open).slice(2, 4)).toEqual(["none", undefined]);
    const old = encrypted("mode: SIMPLE, minProtocolVersion: TLSV1_0");
    const [both] = routesOf(gateway(`${plain}, ${old}`), service(`{${bound}, ${toWeb}}`));
    expect(both && shown(both).slice(2, 4)).toEqual([{ minimum: "1.0" }, false]);
  });

  it("counts as sent on where another one does that for every host", () => {
    const sends = service(
      '{hosts: ["*"], gateways: [istio-ingress/gw], http: [{match: [{port: 80}], redirect: {scheme: https}}]}',
      "all",
    );
    const [route] = routesOf(gateway(`${plain}, ${encrypted()}`), service(`{${bound}, ${toWeb}}`), sends);
    expect(route && shown(route)[3]).toBe(true);
  });

  it("hands connections on as they are where the Gateway passes them through", () => {
    const rules = "tls: [{match: [{sniHosts: [shop.example.org]}], route: [{destination: {host: web}}]}]";
    const [route] = routesOf(gateway(encrypted("mode: PASSTHROUGH")), service(`{${bound}, ${rules}}`));
    expect(route && shown(route)).toEqual(["shop.example.org/", "shop/Deployment/web", undefined, undefined, "tcp"]);
  });

  it("has the rules of the one that it delegates to", () => {
    const routes = routesOf(
      gateway(encrypted()),
      service(`{${bound}, http: [{match: [{uri: {prefix: /api}}], delegate: {name: api}}]}`),
      service(`{${toWeb}}`, "api"),
    );
    expect(routes.map((route) => shown(route)[0])).toEqual(["shop.example.org/api"]);
  });

  it("may be served otherwise where its Gateway is not among the files", () => {
    const [route] = routesOf(service(`{${bound}, ${toWeb}}`));
    expect(route && [knownValue(route.tls), route.addition]).toEqual([
      undefined,
      { unseen: expect.stringContaining("the Gateway istio-ingress/gw is not among the files") },
    ]);
  });

  it("asks for a sign-in where the Gateway demands a certificate of the visitor", () => {
    const [route] = routesOf(gateway(encrypted("mode: MUTUAL")), service(`{${bound}, ${toWeb}}`));
    expect(route && knownValue(route.authentication)).toBe("single-factor");
    const asks = (to: string) => {
      const filter = object(
        "EnvoyFilter",
        "f",
        "istio-ingress",
        `{configPatches: [{applyTo: ${to}, patch: {value: {}}}]}`,
      );
      return routesOf(gateway(encrypted("mode: MUTUAL")), service(`{${bound}, ${toWeb}}`), filter)[0]?.authentication
        .kind;
    };
    expect(["HTTP_ROUTE", "FILTER_CHAIN"].map(asks)).toEqual(["stated", "unknown"]);
  });

  it("is for the policies at the Gateway's pods to decide", () => {
    const policy = (rule: string) =>
      `---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: who, namespace: istio-ingress}\nspec: {selector: {matchLabels: {istio: ingressgateway}}, rules: [${rule}]}\n`;
    const route = (rule: string) => routesOf(gateway(encrypted()), service(`{${bound}, ${toWeb}}`), policy(rule))[0];
    const token = route('{from: [{source: {requestPrincipals: ["*"]}}]}');
    expect([token?.authentication.kind, token?.audience.kind]).toEqual(["unknown", "unstated"]);
    const addresses = route("{from: [{source: {remoteIpBlocks: [192.168.0.0/16]}}]}");
    expect([addresses?.authentication.kind, addresses?.audience.kind]).toEqual(["unstated", "unknown"]);
  });

  it.each([
    ["asks somebody", "istio-ingress", "HTTP_FILTER", "{name: envoy.filters.http.ext_authz}", "unknown"],
    ["is written in a language", "istio-system", "HTTP_FILTER", "{name: envoy.filters.http.lua}", "unknown"],
    ["has no name", "istio-ingress", "FILTER_CHAIN", "{}", "unknown"],
    ["counts requests", "istio-ingress", "HTTP_FILTER", "{name: envoy.filters.http.local_ratelimit}", "unstated"],
    ["is about those behind", "istio-ingress", "CLUSTER", "{}", "unstated"],
    ["is for another namespace", "shop-b", "HTTP_FILTER", "{name: envoy.filters.http.lua}", "unstated"],
  ])("is open where an EnvoyFilter changes its Gateway by a filter that %s (%s)", (_, namespace, to, value, kind) => {
    const filter = object(
      "EnvoyFilter",
      "f",
      namespace,
      `{configPatches: [{applyTo: ${to}, patch: {value: ${value}}}]}`,
    );
    const pod = app
      .replaceAll("shop", "istio-ingress")
      .replace("labels: {app: web}", "labels: {istio: ingressgateway}");
    const [route] = routesOf(`---\n${pod}`, gateway(encrypted()), service(`{${bound}, ${toWeb}}`), filter);
    expect([route?.authentication.kind, route?.audience.kind]).toEqual([kind, kind]);
    if (kind === "unknown")
      expect(route?.authentication).toMatchObject({ why: expect.stringContaining("EnvoyFilter f") });
  });
});

// covers: N5 | kubernetes
describe("A VirtualService of Istio for the mesh alone", () => {
  it.each(["{hosts: [a], http: []}", `{hosts: [a], gateways: [mesh], ${toWeb}}`])("lets nobody in: %s", (spec) => {
    expect(routesOf(service(spec))).toEqual([]);
  });
});
