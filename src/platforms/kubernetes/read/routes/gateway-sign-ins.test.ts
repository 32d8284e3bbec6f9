import { describe, expect, test } from "vitest";
import { type Fact, knownValue } from "../../../../facts/fact.ts";
import type { Route } from "../../../../facts/subjects.ts";
import { clusterOf } from "../../testing/manifests.ts";

const app = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: example/app, ports: [{containerPort: 8080}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: authelia, namespace: auth}
spec: {template: {metadata: {labels: {app: authelia}}, spec: {containers: [{name: main, image: authelia/authelia, ports: [{containerPort: 9091}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: authelia, namespace: auth}
spec: {selector: {app: authelia}, ports: [{port: 80, targetPort: 9091}]}
`;

function gateway(className: string, name = "main"): string {
  const listeners = ["http", "https"].map(
    (each) =>
      `{name: ${each}, protocol: ${each.toUpperCase()}, port: ${each === "http" ? 80 : 443}, allowedRoutes: {namespaces: {from: All}}}`,
  );
  return `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: ${name}, namespace: shop}\nspec: {gatewayClassName: ${className}, listeners: [${listeners.join(", ")}]}\n`;
}

function httpRoute(filters: string, parents = "[{name: main}]", more = ""): string {
  return `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, namespace: shop}\nspec: {hostnames: [a.example], parentRefs: ${parents}, rules: [{name: all, filters: ${filters}, backendRefs: [{name: web, port: 80${more}}]}]}\n`;
}

function object(apiVersion: string, kind: string, name: string, spec: string, namespace = "shop"): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
}

function only(...objects: readonly string[]): Route {
  const routes = clusterOf([app, ...objects].join("---\n")).all("route");
  expect(routes).toHaveLength(1);
  return routes[0] as Route;
}

function shown<T>(fact: Fact<T>): string {
  return fact.kind === "stated" || fact.kind === "defaulted" ? JSON.stringify(fact.value) : fact.kind;
}

const refTo = (group: string, kind: string, name: string) =>
  `[{type: ExtensionRef, extensionRef: {group: ${group}, kind: ${kind}, name: ${name}}}]`;

// covers: A3 | kubernetes
describe("ExternalAuth on an HTTPRoute", () => {
  const external = (backend: string, http = "") =>
    `[{type: ExternalAuth, externalAuth: {protocol: HTTP, backendRef: ${backend}${http}}}]`;

  test("asks the pods behind its Service.", () => {
    const filter = external("{name: authelia, namespace: auth, port: 80}", ", http: {path: /api/authz/ext-authz/}");
    const { authentication, delegation } = only(gateway("nginx"), httpRoute(filter));
    expect(authentication.kind).toBe("unknown");
    expect(delegation?.asked).toMatchObject([
      {
        by: "ExternalAuth",
        address: { value: { host: "authelia.auth", port: 80, path: "/api/authz/ext-authz/" } },
        workload: { name: "auth/Deployment/authelia" },
      },
    ]);
  });

  test.each([
    ["a Service that is not here", "{name: gone, port: 80}"],
    ["a Service without a port", "{name: authelia, namespace: auth}"],
    ["another kind", "{group: x.io, kind: Backend, name: authelia, port: 80}"],
  ])("is no protection that is seen where it asks %s.", (_, backend) => {
    const { authentication, delegation } = only(gateway("nginx"), httpRoute(external(backend)));
    expect([authentication.kind, delegation?.asked.map(({ workload }) => workload)]).toEqual(["unknown", [undefined]]);
  });

  test("counts on a single backend too.", () => {
    const filter = external("{name: authelia, namespace: auth, port: 80}");
    const route = only(gateway("nginx"), httpRoute("[]", "[{name: main}]", `, filters: ${filter}`));
    expect(route.delegation?.asked).toHaveLength(1);
  });
});

// covers: A3 | kubernetes
describe("ExtensionRef on an HTTPRoute", () => {
  const traefik = (name: string, spec: string, namespace?: string) =>
    object("traefik.io/v1alpha1", "Middleware", name, spec, namespace);
  const forward = "{forwardAuth: {address: 'http://authelia.auth.svc.cluster.local/api/authz/forward-auth'}}";

  test("to Traefik's forwardAuth asks whom that asks, and no longer leaves the rest open.", () => {
    const route = only(
      gateway("traefik"),
      httpRoute(refTo("traefik.io", "Middleware", "sso")),
      traefik("sso", forward),
    );
    expect(route.delegation?.asked).toMatchObject([
      { by: "forwardAuth", workload: { name: "auth/Deployment/authelia" } },
    ]);
    expect([route.headers.complete, route.audience.kind, route.rateLimit.kind]).toEqual([true, "unstated", "unstated"]);
  });

  test("to Traefik's basicAuth, in a chain or not, is a sign-in, and its other middlewares count.", () => {
    const chain = "{chain: {middlewares: [{name: login}, {name: limit}, {name: own}]}}";
    const route = only(
      gateway("traefik"),
      httpRoute(refTo("traefik.io", "Middleware", "all")),
      traefik("all", chain),
      traefik("login", "{basicAuth: {secret: users}}"),
      traefik("limit", "{rateLimit: {average: 10}}"),
      traefik("own", "{ipAllowList: {sourceRange: [10.0.0.0/8]}}"),
    );
    expect([shown(route.authentication), shown(route.rateLimit), knownValue(route.audience)?.kind]).toEqual([
      '"single-factor"',
      '{"requests":10,"windowSeconds":1}',
      "networks",
    ]);
  });

  test.each<readonly [string, string, string, readonly string[], string]>([
    ["a Middleware that is not here", "traefik", refTo("traefik.io", "Middleware", "gone"), [], "unknown"],
    [
      "one of another namespace",
      "traefik",
      refTo("traefik.io", "Middleware", "login"),
      [traefik("login", "{basicAuth: {}}", "infra")],
      "unknown",
    ],
    [
      "one of another program",
      "cilium",
      refTo("traefik.io", "Middleware", "login"),
      [traefik("login", "{basicAuth: {}}")],
      "unknown",
    ],
    ["a plugin", "traefik", refTo("traefik.io", "Middleware", "p"), [traefik("p", "{plugin: {x: {a: 1}}}")], "unknown"],
    [
      "one that only sets headers",
      "traefik",
      refTo("traefik.io", "Middleware", "h"),
      [traefik("h", "{headers: {frameDeny: true}}")],
      "unstated",
    ],
    [
      "a kind that nobody knows",
      "special",
      refTo("example.org", "Guard", "g"),
      [object("example.org/v1", "Guard", "g", "{}")],
      "unknown",
    ],
    [
      "Envoy Gateway's filter",
      "envoy",
      refTo("gateway.envoyproxy.io", "HTTPRouteFilter", "r"),
      [object("gateway.envoyproxy.io/v1alpha1", "HTTPRouteFilter", "r", "{urlRewrite: {}}")],
      "unstated",
    ],
    [
      "Envoy Gateway's filter that is not here",
      "envoy",
      refTo("gateway.envoyproxy.io", "HTTPRouteFilter", "r"),
      [],
      "unknown",
    ],
    [
      "NGINX's filter",
      "nginx",
      refTo("gateway.nginx.org", "AuthenticationFilter", "b"),
      [
        object(
          "gateway.nginx.org/v1alpha1",
          "AuthenticationFilter",
          "b",
          "{type: Basic, basic: {realm: x, secretRef: {name: u}}}",
        ),
      ],
      '"single-factor"',
    ],
    [
      "NGINX's filter of another type",
      "nginx",
      refTo("gateway.nginx.org", "AuthenticationFilter", "b"),
      [object("gateway.nginx.org/v1alpha1", "AuthenticationFilter", "b", "{type: Other}")],
      "unknown",
    ],
    [
      "NGINX's snippets",
      "nginx",
      refTo("gateway.nginx.org", "SnippetsFilter", "s"),
      [object("gateway.nginx.org/v1alpha1", "SnippetsFilter", "s", "{}")],
      "unknown",
    ],
  ])("to %s.", (_, className, filters, objects, expected) => {
    const { authentication } = only(gateway(className), httpRoute(filters), ...objects);
    expect(shown(authentication)).toBe(expected);
  });

  test("adds to what a policy asks, and takes nothing from it.", () => {
    const policy = object(
      "gateway.envoyproxy.io/v1alpha1",
      "SecurityPolicy",
      "s",
      "{targetRefs: [{kind: HTTPRoute, name: web}], basicAuth: {users: {name: u}}}",
    );
    const route = only(gateway("envoy"), httpRoute(refTo("example.org", "Guard", "g")), policy);
    expect(shown(route.authentication)).toBe('"single-factor"');
  });
});

// covers: A3 | kubernetes
describe("A policy that attaches to a route", () => {
  const policy = (spec: string, name = "s") => object("gateway.envoyproxy.io/v1alpha1", "SecurityPolicy", name, spec);
  const basic = "basicAuth: {users: {name: u}}";
  const both = "[{name: main}, {name: inner}]";

  test.each<readonly [string, readonly string[], string]>([
    ["for the whole route", [policy(`{targetRefs: [{kind: HTTPRoute, name: web}], ${basic}}`)], '"single-factor"'],
    [
      "for this rule",
      [policy(`{targetRefs: [{kind: HTTPRoute, name: web, sectionName: all}], ${basic}}`)],
      '"single-factor"',
    ],
    [
      "for another rule",
      [policy(`{targetRefs: [{kind: HTTPRoute, name: web, sectionName: admin}], ${basic}}`)],
      "unstated",
    ],
    ...[
      "{kind: HTTPRoute, name: web, sectionName: {}}",
      "{kind: Gateway, name: main, sectionName: {}}",
      "{kind: HTTPRoute, name: {}}",
      "{kind: {}, name: web}",
    ].map(
      (target) =>
        [`for ${target}, which is not resolved`, [policy(`{targetRefs: [${target}], ${basic}}`)], "unknown"] as const,
    ),
    ...["targetRefs: {}", "targetRefs: [a]", "targetRef: [a]", "targetSelectors: {}"].map(
      (targets) =>
        [`with \`${targets}\`, which is not resolved`, [policy(`{${targets}, ${basic}}`)], "unknown"] as const,
    ),
    [
      "with a selector that is not resolved",
      [policy(`{targetSelectors: [{kind: HTTPRoute, matchExpressions: {}}], ${basic}}`)],
      "unknown",
    ],
    ["for its gateway", [policy(`{targetRefs: [{kind: Gateway, name: main}], ${basic}}`)], '"single-factor"'],
    [
      "for one listener of two",
      [policy(`{targetRefs: [{kind: Gateway, name: main, sectionName: https}], ${basic}}`)],
      "unknown",
    ],
    [
      "for both listeners",
      [
        policy(
          `{targetRefs: [{kind: Gateway, name: main, sectionName: https}, {kind: Gateway, name: main, sectionName: http}], ${basic}}`,
        ),
      ],
      '"single-factor"',
    ],
    [
      "with a token that may be absent",
      [policy("{targetRefs: [{kind: HTTPRoute, name: web}], jwt: {optional: true, providers: []}}")],
      "unstated",
    ],
    ["with a token", [policy("{targetRefs: [{kind: HTTPRoute, name: web}], jwt: {providers: []}}")], '"single-factor"'],
    [
      "in place of its gateway's",
      [
        policy(`{targetRefs: [{kind: Gateway, name: main}], ${basic}}`, "g"),
        policy("{targetRefs: [{kind: HTTPRoute, name: web}], cors: {}}"),
      ],
      "unstated",
    ],
    [
      "laid over its gateway's",
      [
        policy(`{targetRefs: [{kind: Gateway, name: main}], ${basic}}`, "g"),
        policy("{mergeType: StrategicMerge, targetRefs: [{kind: HTTPRoute, name: web}], cors: {}}"),
      ],
      '"single-factor"',
    ],
    [
      "of kgateway",
      [
        object(
          "gateway.kgateway.dev/v1alpha1",
          "TrafficPolicy",
          "t",
          "{targetRefs: [{kind: HTTPRoute, name: web}], extAuth: {extensionRef: {name: a}}}",
        ),
      ],
      "unknown",
    ],
    [
      "of kgateway about something else",
      [
        object(
          "gateway.kgateway.dev/v1alpha1",
          "TrafficPolicy",
          "t",
          "{targetRefs: [{kind: HTTPRoute, name: web}], retry: {}}",
        ),
      ],
      "unstated",
    ],
    [
      "of Kuadrant",
      [object("kuadrant.io/v1", "AuthPolicy", "a", "{targetRef: {kind: Gateway, name: main}, rules: {}}")],
      "unknown",
    ],
  ])("%s.", (_, objects, expected) => {
    expect(shown(only(gateway("envoy"), httpRoute("[]"), ...objects).authentication)).toBe(expected);
  });

  test.each<readonly [string, readonly string[], string]>([
    ["one of its gateways", [policy(`{targetRefs: [{kind: Gateway, name: main}], ${basic}}`)], "unknown"],
    [
      "both of its gateways",
      [policy(`{targetRefs: [{kind: Gateway, name: main}, {kind: Gateway, name: inner}], ${basic}}`)],
      '"single-factor"',
    ],
  ])("for %s.", (_, objects, expected) => {
    const route = only(gateway("envoy"), gateway("envoy", "inner"), httpRoute("[]", both), ...objects);
    expect(shown(route.authentication)).toBe(expected);
  });

  test("for a gateway is in doubt where another one is not among the files.", () => {
    const route = only(
      gateway("envoy"),
      httpRoute("[]", both),
      policy(`{targetRefs: [{kind: Gateway, name: main}], ${basic}}`),
    );
    expect(shown(route.authentication)).toBe("unknown");
  });
});

// covers: N5 T4 | kubernetes
describe("What Envoy Gateway is told to allow", () => {
  const policy = (authorization: string) =>
    object(
      "gateway.envoyproxy.io/v1alpha1",
      "SecurityPolicy",
      "s",
      `{targetRefs: [{kind: HTTPRoute, name: web}], authorization: ${authorization}}`,
    );
  const own = "{action: Allow, principal: {clientCIDRs: [10.0.0.0/8]}}";
  const networks = '{"kind":"networks","cidrs":["10.0.0.0/8"]}';

  test.each([
    [`{defaultAction: Deny, rules: [${own}]}`, networks],
    [`{rules: [${own}]}`, networks],
    [`{rules: [${own}, {action: Deny, principal: {clientCIDRs: [0.0.0.0/0]}}]}`, networks],
    [`{defaultAction: Allow, rules: [${own}]}`, "unstated"],
    [`{rules: [${own}, {action: Allow, principal: {headers: [{name: x, values: [y]}]}}]}`, "unstated"],
    [`{defaultAction: {}, rules: [${own}]}`, "unknown"],
    [`{rules: [${own}, {action: Allow, principal: {clientCIDRs: {}}}]}`, "unknown"],
    [`{rules: [{action: Allow, principal: {clientCIDRs: [10.0.0.0/8, {}]}}]}`, "unknown"],
    ["[a]", "unknown"],
  ])("by %s leaves the audience %s.", (authorization, expected) => {
    expect(shown(only(gateway("envoy"), httpRoute("[]"), policy(authorization)).audience)).toBe(expected);
  });

  test.each([
    ["'1.0'", '{"minimum":"1.0"}'],
    ["Auto", '{"minimum":"1.2"}'],
    ["{}", "unknown"],
  ])("as the least version %s of TLS is %s.", (version, expected) => {
    const client = object(
      "gateway.envoyproxy.io/v1alpha1",
      "ClientTrafficPolicy",
      "c",
      `{targetRefs: [{kind: Gateway, name: main}], tls: {minVersion: ${version}}}`,
    );
    expect(shown(only(gateway("envoy"), httpRoute("[]"), client).tls)).toBe(expected);
  });
});

// covers: A3 T4 | kubernetes
describe("What Envoy Gateway's policies say of a route on two gateways", () => {
  const kinds = { tls: "ClientTrafficPolicy", rateLimit: "BackendTrafficPolicy" } as const;
  const policyFor = (kind: string, target: string, name: string, spec: string) =>
    object(
      "gateway.envoyproxy.io/v1alpha1",
      kind,
      name,
      `{targetRefs: [{group: gateway.networking.k8s.io, kind: ${target === "web" ? "HTTPRoute" : "Gateway"}, name: ${target}}], ${spec}}`,
    );
  const tls = (target: string, version: string) =>
    policyFor(kinds.tls, target, `tls-${target}`, `tls: {minVersion: "${version}"}`);
  const limit = (target: string) =>
    policyFor(
      kinds.rateLimit,
      target,
      `limit-${target}`,
      "rateLimit: {local: {rules: [{limit: {requests: 9, unit: Minute}}]}}",
    );
  const both = "[{name: inner, sectionName: https}, {name: outer, sectionName: https}]";
  const read = (...policies: readonly string[]) =>
    only(gateway("envoy", "inner"), gateway("envoy", "outer"), httpRoute("[]", both), ...policies);

  test.each([
    ["the lower version, where each states one", [tls("inner", "1.3"), tls("outer", "1.0")], '{"minimum":"1.0"}'],
    ["what holds without a word, where one states none", [tls("inner", "1.3")], '{"minimum":"1.2"}'],
    ["the same version, where both state it", [tls("inner", "1.3"), tls("outer", "1.3")], '{"minimum":"1.3"}'],
    [
      "nothing, where the version of one is not resolved",
      [tls("inner", "1.3"), tls("outer", "{}").replace('"{}"', "{}")],
      "unknown",
    ],
  ])("of TLS is %s.", (_, policies, expected) => {
    expect(shown(read(...policies).tls)).toBe(expected);
  });

  const limited = '{"requests":9,"windowSeconds":60}';
  test.each([
    ["in doubt, where that is for one of them", [limit("inner")], "unknown"],
    ["in doubt, where each has one of its own", [limit("inner"), limit("outer")], "unknown"],
    ["that of the route, where it has one", [limit("web"), limit("inner")], limited],
    ["unstated, where none states one", [], "unstated"],
  ])("of a rate limit is %s.", (_, policies, expected) => {
    expect(shown(read(...policies).rateLimit)).toBe(expected);
  });

  test.each([
    ["of every address by itself", "clientSelectors: [{sourceCIDR: {value: 0.0.0.0/0, type: Distinct}}], ", limited],
    ["of one address alone", "clientSelectors: [{sourceCIDR: {value: 192.0.2.9/32}}], ", "unknown"],
    ["of requests with a header alone", "clientSelectors: [{headers: [{name: a, value: b}]}], ", "unknown"],
    ["of requests of a kind that is not resolved", "clientSelectors: {}, ", "unknown"],
  ])("of a rate limit %s is that, or in doubt.", (_, selectors, expected) => {
    expect(shown(read(limit("web").replace("{limit:", `{${selectors}limit:`)).rateLimit)).toBe(expected);
  });

  test("of the sign-in of one alone leaves that open, and says nothing of the addresses that none names.", () => {
    const oidc = policyFor("SecurityPolicy", "inner", "sso", "oidc: {provider: {issuer: https://a.example}}");
    const { authentication, audience } = read(oidc);
    expect([authentication.kind, audience.kind]).toEqual(["unknown", "unstated"]);
  });

  test("counts for nothing where one of them is of another program that is not known.", () => {
    const route = only(gateway("envoy", "inner"), gateway("special", "outer"), httpRoute("[]", both));
    expect(route.addition).toMatchObject({ unseen: expect.anything() });
    expect(route.tls.kind).toBe("unstated");
  });
});

// covers: A3 | kubernetes
describe("An AuthorizationPolicy of Istio that selects pods", () => {
  const istio = (name: string, spec: string, namespace?: string) =>
    object("security.istio.io/v1", "AuthorizationPolicy", name, spec, namespace);
  const jwt = "rules: [{from: [{source: {requestPrincipals: ['*']}}]}]";
  test.each([
    ["behind a route", istio("p", `{selector: {matchLabels: {app: web}}, ${jwt}}`), "unknown"],
    ["of a whole namespace", istio("p", `{${jwt}}`), "unknown"],
    ["of the whole mesh", istio("p", `{${jwt}}`, "istio-system"), "unknown"],
    [
      "of the gateway",
      istio(
        "p",
        "{selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: main}}, action: CUSTOM, provider: {name: oauth2}, rules: [{}]}",
      ),
      "unknown",
    ],
    ["by what is not resolved", istio("p", `{selector: {matchLabels: {app: {}}}, ${jwt}}`), "unknown"],
    ["of other pods", istio("p", `{selector: {matchLabels: {app: other}}, ${jwt}}`), "unstated"],
    ["of another namespace", istio("p", `{${jwt}}`, "other"), "unstated"],
    [
      "behind it and asks for programs alone",
      istio("p", "{selector: {matchLabels: {app: web}}, rules: [{from: [{source: {principals: ['*']}}]}]}"),
      "unstated",
    ],
  ])("%s may ask for a sign-in, or not.", (_, policy, expected) => {
    expect(only(gateway("istio"), httpRoute("[]"), policy).authentication.kind).toBe(expected);
  });

  test("may ask who comes by an Ingress too.", () => {
    const ingress = object(
      "networking.k8s.io/v1",
      "Ingress",
      "web",
      "{ingressClassName: nginx, rules: [{host: a.example, http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}",
    );
    const policy = istio("p", `{selector: {matchLabels: {app: web}}, ${jwt}}`);
    expect([only(ingress), only(ingress, policy)].map(({ authentication }) => authentication.kind)).toEqual([
      "unstated",
      "unknown",
    ]);
  });
});
