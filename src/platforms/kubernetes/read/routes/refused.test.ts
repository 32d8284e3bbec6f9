import { describe, expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import { Source, wholeFile } from "../../../../lib/place.ts";
import type { KubernetesManifests } from "../../objects.ts";
import { clusterOf, manifestsOf } from "../../testing/manifests.ts";
import { readKubernetes } from "../index.ts";

const pod = `apiVersion: v1
kind: Pod
metadata: {name: a, namespace: app, labels: {a: a}}
spec: {containers: [{name: a, image: example/a, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: app}
spec: {selector: {a: a}, ports: [{port: 80}]}
`;

function gateway(listener: string, namespace = "infra"): string {
  return `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: ${namespace}}\nspec: {gatewayClassName: cilium, listeners: [{name: web, port: 443, ${listener}}]}\n`;
}

function route(namespace: string | undefined, backend: string, kind = "HTTPRoute"): string {
  const own = namespace === undefined ? "" : `, namespace: ${namespace}`;
  return `apiVersion: gateway.networking.k8s.io/v1\nkind: ${kind}\nmetadata: {name: r${own}}\nspec: {parentRefs: [{name: gw, namespace: infra}], rules: [{backendRefs: [${backend}]}]}\n`;
}

const here = "{name: a, port: 80}";
const there = "{name: a, namespace: app, port: 80}";

function section(name: string): string {
  return route("app", here).replace("namespace: infra}]", `namespace: infra, sectionName: ${name}, port: 443}]`);
}

function parent(more: string): string {
  return route("app", here).replace("namespace: infra}]", `namespace: infra, ${more}}]`);
}

function grant(kind: string, namespace: string, to: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1\nkind: ReferenceGrant\nmetadata: {name: g, namespace: ${namespace}}\nspec: {from: [{group: gateway.networking.k8s.io, kind: ${kind}, namespace: infra}], to: [${to}]}\n`;
}

function told(...objects: readonly string[]): readonly [routes: number, problems: readonly string[]] {
  const system = clusterOf([pod, ...objects].join("---\n"));
  return [system.all("route").length, system.problems.map(({ message }) => message)];
}

const https = "protocol: HTTPS";
const all = `${https}, allowedRoutes: {namespaces: {from: All}}`;
const refused = [0, [expect.stringContaining("No listener of the Gateways that the HTTPRoute app/r names takes it")]];
const ungranted = [0, [expect.stringContaining("no ReferenceGrant of that namespace lets it")]];

// covers: N5 | kubernetes
describe("A route through a Gateway", () => {
  test.each([
    ["of another namespace leads nowhere where nothing takes it", gateway(https), route("app", here), refused],
    ["leads on where its listener takes all", gateway(all), route("app", here), [1, []]],
    [
      "leads nowhere by a listener of another protocol",
      gateway(all.replace("HTTPS", "TCP")),
      route("app", here),
      refused,
    ],
    [
      "stays where a variable says whom the listener takes",
      gateway(all.replace("All", "{a: b}")),
      route("app", here),
      [1, []],
    ],
    [
      "stays where a listener's name is not resolved",
      gateway(all).replace("name: web", "name: {}"),
      section("web"),
      [1, []],
    ],
    ["stays where a listener's port is not resolved", gateway(all).replace("443", "{}"), section("web"), [1, []]],
    ["stays where the name that it asks for is not resolved", gateway(all), section("{}"), [1, []]],
    ["leads nowhere by the name of no listener", gateway(all), section("other"), refused],
    ["stays where the kind of its parent is not resolved", gateway(https), parent("kind: {}"), [1, []]],
    ["stays where its parent is no Gateway", gateway(https), parent("kind: Service"), [1, []]],
    ["stays where its namespace is not stated", gateway(https), route(undefined, there), [1, []]],
    ["to another namespace is refused without a grant", gateway(https), route("infra", there), ungranted],
  ])("%s.", (_, listener, object, expected) => {
    expect(told(listener, object)).toEqual(expected);
  });

  test.each([
    ["HTTPRoute", '{group: "", kind: Service}', [1, []]],
    ["HTTPRoute", "{kind: Service, name: a}", [1, []]],
    ["HTTPRoute", "{kind: Service, name: b}", ungranted],
    ["TCPRoute", "{kind: Service}", ungranted],
    ["HTTPRoute", "{kind: Secret}", ungranted],
  ])(
    "of the kind HTTPRoute to a Service needs more than a grant for %s to %s, or exactly that.",
    (kind, to, expected) => {
      expect(told(gateway(https), route("infra", there), grant(kind, "app", to))).toEqual(expected);
    },
  );

  const doubtful = [1, [expect.stringContaining("Whether a ReferenceGrant lets the HTTPRoute infra/r refer to")]];
  test.each([
    ["the kind that it is for", "{}", "{kind: Service}", there],
    ["the name that it grants", "HTTPRoute", "{kind: Service, name: {}}", there],
    ["the kind that it grants", "HTTPRoute", "{kind: {}}", there],
    ["the name of the backend", "HTTPRoute", "{kind: Service, name: a}", there.replace("name: a", "name: {}")],
  ])("is taken for granted, and said to be in doubt, where %s is not resolved.", (_, kind, to, backend) => {
    expect(told(gateway(https), route("infra", backend), grant(kind, "app", to))).toEqual(doubtful);
  });

  test("finds its grant in seconds among those of a thousand others.", () => {
    const objects = Array.from({ length: 1500 }, (_, index) => [
      route("infra", there.replace("name: a", `name: a${index}`)).replace("name: r,", `name: r${index},`),
      grant("HTTPRoute", "app", `{kind: Service, name: a${index}}`).replace("name: g,", `name: g${index},`),
    ]).flat();
    const started = performance.now();
    expect(told(gateway(https), ...objects)).toEqual([1500, []]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("is taken for granted by a grant that states no namespace.", () => {
    const loose = grant("HTTPRoute", "app", "{kind: Service}").replace(", namespace: app", "");
    expect(told(gateway(https), route("infra", there), loose)).toEqual(doubtful);
  });

  test("names no Service of its own namespace where that of its backend is not resolved.", () => {
    const open = route("app", here.replace("port", "namespace: {}, port"));
    const [found] = clusterOf([pod, gateway(all), open].join("---\n")).all("route");
    expect(found?.target.kind).toBe("unknown");
  });

  test("is not refused where a chart may make the grant.", () => {
    const manifests = manifestsOf([pod, gateway(https), route("infra", there)].join("---\n"));
    const unseen = {
      kind: "chart",
      what: "HelmRelease app/x",
      why: "",
      namespace: "app",
      place: wholeFile(new Source("a.yaml", "")),
    } as const;
    const read = (each: KubernetesManifests) => readKubernetes(each, { systemName: "cluster" }).all("route").length;
    expect([read(manifests), read({ ...manifests, unseen: [unseen] })]).toEqual([0, 1]);
  });
});

test("A Gateway's certificate of another namespace needs a grant for Secrets.", () => {
  const listener = `${https}, tls: {certificateRefs: [{name: t, namespace: certs}]}`;
  expect(told(gateway(listener))[1]).toEqual([expect.stringContaining("refers to the Secret certs/t")]);
  expect(told(gateway(listener), grant("Gateway", "certs", "{kind: Secret}"))[1]).toEqual([]);
});

test("A Service of the class tailscale is published to the devices of the tailnet.", () => {
  const service =
    "apiVersion: v1\nkind: Service\nmetadata: {name: b, namespace: app}\nspec: {type: LoadBalancer, loadBalancerClass: tailscale, selector: {a: a}, ports: [{port: 80}]}\n";
  const [listener] = clusterOf([pod, service].join("---\n"))
    .all("listener")
    .filter(({ publishedBy }) => publishedBy !== undefined);
  expect(listener && knownValue(listener.reach)).toBe("one-address");
  expect(listener?.audience && knownValue(listener.audience)).toMatchObject({ kind: "networks" });
});
