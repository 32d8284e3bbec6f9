import { describe, expect, test } from "vitest";
import { type Fact, knownValue } from "../../../../facts/fact.ts";
import type { Route } from "../../../../facts/subjects.ts";
import type { System } from "../../../../facts/system.ts";
import { clusterOf } from "../../testing/manifests.ts";

const app = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: example/app, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
`;

function read(...objects: readonly string[]): System {
  return clusterOf([app, ...objects].join("---\n"));
}

function shown<T>(fact: Fact<T> | undefined): string {
  if (fact === undefined) return "-";
  return fact.kind === "stated" || fact.kind === "defaulted" ? JSON.stringify(fact.value) : fact.kind;
}

function only(system: System): Route {
  const routes = system.all("route");
  expect(routes).toHaveLength(1);
  return routes[0] as Route;
}

const target = '{"workload":{"kind":"workload","system":"cluster","name":"shop/Deployment/web"},"port":8080}';

function ingress(spec: string, annotations = "{}"): string {
  return `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: ${annotations}}\nspec: ${spec}\n`;
}

const rule =
  "rules: [{host: shop.example, http: {paths: [{path: /a, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}}]";
const nginx = `{ingressClassName: nginx, ${rule}}`;
const nginxTls = `{ingressClassName: nginx, tls: [{hosts: [shop.example], secretName: t}], ${rule}}`;

// covers: A3 T4 | kubernetes
describe("An Ingress", () => {
  test("leads by host and path to the pods behind its Service.", () => {
    const system = read(ingress(nginx));
    const route = only(system);
    expect([shown(route.host), shown(route.path), shown(route.target)]).toEqual(['"shop.example"', '"/a"', target]);
    const [workload] = system.all("workload");
    expect(workload && system.reach.exposure(workload)).toEqual({
      exposure: "proxied",
      why: "shop.example is routed to it",
    });
  });

  test.each([
    ["without TLS is served in the open by nginx", nginx, "{}", '"none"', "unstated"],
    ["with TLS is redirected by nginx", nginxTls, "{}", '{"minimum":"1.2"}', "true"],
    [
      "may switch the redirect off",
      nginxTls,
      "{nginx.ingress.kubernetes.io/ssl-redirect: 'false'}",
      '{"minimum":"1.2"}',
      "false",
    ],
    ["of an unknown class leaves open what its controller adds", `{${rule}}`, "{}", "unstated", "unstated"],
    [
      "of Traefik leaves open what its entry point adds",
      `{ingressClassName: traefik, ${rule}}`,
      "{}",
      "unstated",
      "unstated",
    ],
    [
      "of Traefik may have TLS by an annotation",
      `{ingressClassName: traefik, ${rule}}`,
      "{traefik.ingress.kubernetes.io/router.tls: 'true'}",
      '{"minimum":"1.2"}',
      "unstated",
    ],
    [
      "has no TLS for a host that no entry names",
      nginxTls.replace("hosts: [shop.example]", "hosts: [other.example]"),
      "{}",
      '"none"',
      "unstated",
    ],
    [
      "has TLS for a host that a wildcard names",
      nginxTls.replace("hosts: [shop.example]", "hosts: ['*.example']"),
      "{}",
      '{"minimum":"1.2"}',
      "true",
    ],
  ])("%s.", (_, spec, annotations, tls, redirect) => {
    const route = only(read(ingress(spec, annotations)));
    expect([shown(route.tls), shown(route.redirectsToTls)]).toEqual([tls, redirect]);
  });

  test.each([
    [
      "nginx.ingress.kubernetes.io/whitelist-source-range: '10.0.0.0/8, 192.168.1.0/24'",
      "audience",
      '{"kind":"networks","cidrs":["10.0.0.0/8","192.168.1.0/24"]}',
    ],
    ["nginx.ingress.kubernetes.io/auth-type: basic", "authentication", '"single-factor"'],
    ["nginx.ingress.kubernetes.io/auth-url: http://authelia", "authentication", "unknown"],
    ["nginx.ingress.kubernetes.io/limit-rps: '5'", "rateLimit", '{"requests":5,"windowSeconds":1}'],
    ["nginx.ingress.kubernetes.io/limit-rpm: '100'", "rateLimit", '{"requests":100,"windowSeconds":60}'],
    ["traefik.ingress.kubernetes.io/router.middlewares: shop-auth@kubernetescrd", "authentication", "unknown"],
    ["example.org/unrelated: x", "authentication", "unstated"],
    ["nginx.ingress.kubernetes.io/whitelist-source-range: {}", "audience", "unknown"],
    ["nginx.ingress.kubernetes.io/auth-url: {}", "authentication", "unknown"],
    ["nginx.ingress.kubernetes.io/auth-type: {}", "authentication", "unknown"],
    ["nginx.ingress.kubernetes.io/auth-tls-secret: a/b", "authentication", '"single-factor"'],
    ["nginx.ingress.kubernetes.io/auth-tls-secret: {}", "authentication", "unknown"],
    [
      "nginx.ingress.kubernetes.io/auth-tls-secret: a/b, nginx.ingress.kubernetes.io/auth-tls-verify-client: optional",
      "authentication",
      "unstated",
    ],
    [
      "nginx.ingress.kubernetes.io/auth-tls-secret: a/b, nginx.ingress.kubernetes.io/auth-tls-verify-client: {}",
      "authentication",
      "unknown",
    ],
    ["nginx.ingress.kubernetes.io/limit-rps: {}", "rateLimit", "unknown"],
    ["nginx.ingress.kubernetes.io/force-ssl-redirect: {}", "redirectsToTls", "unknown"],
    ["traefik.ingress.kubernetes.io/router.middlewares: {}", "authentication", "unknown"],
  ] as const)("says by %s what its %s is.", (annotation, field, expected) => {
    const spec = annotation.startsWith("traefik") ? nginx.replace("nginx", "traefik") : nginx;
    const used = field === "redirectsToTls" ? nginxTls : spec;
    expect(shown(only(read(ingress(used, `{${annotation}}`)))[field] as Fact<unknown>)).toBe(expected);
  });

  test("is in doubt about all that its annotations may say where they are not resolved.", () => {
    const { audience, authentication, rateLimit } = only(read(ingress(nginx, "[a]")));
    expect([audience, authentication, rateLimit].map((fact) => fact.kind)).toEqual(["unknown", "unknown", "unknown"]);
  });

  test.each([
    ["traefik", "nginx.ingress.kubernetes.io/auth-url: http://authelia", "unstated"],
    ["nginx", "traefik.ingress.kubernetes.io/router.middlewares: shop-auth@kubernetescrd", "unstated"],
    ["internal", "nginx.ingress.kubernetes.io/auth-url: http://authelia", "unknown"],
  ])("of the class %s takes %s for a sign-in only where its controller reads that.", (name, annotation, expected) => {
    const route = only(read(ingress(nginx.replace("nginx", name), `{${annotation}}`)));
    expect(shown(route.authentication)).toBe(expected);
  });

  test("sets headers by a snippet.", () => {
    const snippet =
      "{nginx.ingress.kubernetes.io/configuration-snippet: 'more_set_headers \"X-Frame-Options: DENY\";'}";
    expect(only(read(ingress(nginx, snippet))).headers.items).toMatchObject([
      { name: "x-frame-options", value: "DENY" },
    ]);
  });

  // covers: N5 | kubernetes
  test.each([
    ["nothing", "", "networks"],
    ["`false`", ', annotations: {tailscale.com/funnel: "false"}', "networks"],
    ["`true`", ', annotations: {tailscale.com/funnel: "true"}', "public"],
    ["what is not resolved", ", annotations: {tailscale.com/funnel: {}}", "unknown"],
    ["annotations that are not resolved", ", annotations: [a]", "unknown"],
  ])("of Tailscale answers the tailnet or everybody where the annotation for Funnel says %s.", (_, more, expected) => {
    const ingress = `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: t, namespace: shop${more}}\nspec: {ingressClassName: tailscale, defaultBackend: {service: {name: web, port: {number: 80}}}}\n`;
    const [route] = clusterOf(ingress).all("route");
    expect(route && (knownValue(route.audience)?.kind ?? route.audience.kind)).toBe(expected);
  });

  test("to a Service that is not among the files has an unknown target.", () => {
    expect(shown(only(read(ingress(nginx.replace("name: web", "name: api")))).target)).toBe("unknown");
  });

  const controller = (name: string, args = "") => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ingress}
spec:
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: "registry.k8s.io/ingress-nginx/controller:v1.13.0", args: [${args}], ports: [{containerPort: 443}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ingress}
spec: {type: LoadBalancer, selector: {app: ${name}}, ports: [{port: 443}]}
`;

  test("goes through the controller where that is seen to be published.", () => {
    const system = read(controller("controller"), ingress(nginxTls));
    expect(only(system).edge?.name).toBe("ingress/Deployment/controller");
    const path = system.reach.pathFromOutside({ kind: "workload", system: "cluster", name: "shop/Deployment/web" });
    expect(path.map((edge) => edge.allowedBy)).toEqual([
      "port 443 is published by the Service ingress/controller of type LoadBalancer",
      "shop.example is routed to it",
    ]);
  });

  const classOf = (name: string, by: string) =>
    `apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: ${name}}\nspec: {controller: k8s.io/${by}}\n`;

  test.each([
    ["{}", '"none"'],
    ["[a]", "unstated"],
  ])("without a class is of the default one, unless its annotations may name another: %s.", (annotations, expected) => {
    const standard = classOf("nginx", "ingress-nginx").replace(
      "{name: nginx}",
      '{name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}',
    );
    expect(shown(only(read(standard, ingress(`{${rule}}`, annotations))).tls)).toBe(expected);
  });

  // covers: N5 | kubernetes
  test.each([
    ["by what its class names", "--controller-class=k8s.io/b", [classOf("nginx", "b")], "ingress/Deployment/b"],
    [
      "by an option and its value apart",
      "--controller-class, k8s.io/b",
      [classOf("nginx", "b")],
      "ingress/Deployment/b",
    ],
    ["by its class's name", "--ingress-class=b", [], "ingress/Deployment/a"],
    [
      "by the name where it is asked to",
      "--ingress-class=nginx, --ingress-class-by-name, --controller-class=k8s.io/c",
      [classOf("nginx", "b")],
      "ingress/Deployment/b",
    ],
    [
      "by the name, in the short word for that",
      "--ingress-class=nginx, --ingress-class-by-name=t, --controller-class=k8s.io/c",
      [classOf("nginx", "b")],
      "ingress/Deployment/b",
    ],
    ["not where both serve its class", "--v=2", [classOf("nginx", "ingress-nginx")], undefined],
    [
      "not where a variable says whom the other serves",
      "--controller-class=$(CLASS)",
      [classOf("nginx", "ingress-nginx")],
      undefined,
    ],
  ])("goes through that of two controllers which serves its class, told %s.", (_, args, classes, expected) => {
    const system = read(controller("a"), controller("b", args), ...classes, ingress(nginxTls));
    expect(only(system).edge?.name).toBe(expected);
  });
});

const gateway = (listeners: string, className = "envoy") => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: main, namespace: network}
spec: {gatewayClassName: ${className}, listeners: [${listeners}]}
`;
const http = "{name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: All}}}";
const httpSame = "{name: http, protocol: HTTP, port: 80}";
const https = "{name: https, protocol: HTTPS, port: 443, allowedRoutes: {namespaces: {from: All}}}";

function httpRoute(
  rules = "[{backendRefs: [{name: web, port: 80}]}]",
  parent = "{name: main, namespace: network}",
): string {
  return `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, namespace: shop}\nspec: {hostnames: [shop.example], parentRefs: [${parent}], rules: ${rules}}\n`;
}

const redirect =
  "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: redirect, namespace: network}\nspec: {parentRefs: [{name: main, sectionName: http}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]}\n";

// covers: A3 T4 | kubernetes
describe("An HTTPRoute", () => {
  test.each([
    [
      "on an encrypted listener alone has TLS, and nothing plain beside it",
      [gateway(https), httpRoute()],
      '{"minimum":"1.2"}',
      "true",
    ],
    [
      "on both listeners is served in the open too",
      [gateway(`${http}, ${https}`), httpRoute()],
      '{"minimum":"1.2"}',
      "false",
    ],
    [
      "on the encrypted one by name is not",
      [gateway(`${http}, ${https}`), httpRoute(undefined, "{name: main, namespace: network, sectionName: https}")],
      '{"minimum":"1.2"}',
      "unstated",
    ],
    [
      "does not attach where its namespace may not",
      [gateway(`${httpSame}, ${https}`), httpRoute()],
      '{"minimum":"1.2"}',
      "unstated",
    ],
    [
      "is redirected by another route of its gateway",
      [gateway(`${httpSame}, ${https}`), redirect, httpRoute()],
      '{"minimum":"1.2"}',
      "true",
    ],
    ...(
      [
        ["for its host", "hostnames: [shop.example], ", "", "true"],
        ["for all below its domain", "hostnames: ['*.example'], ", "", "true"],
        ["for another host alone", "hostnames: [other.example], ", "", "unstated"],
        ["of a host that is not resolved", "hostnames: [{}], ", "", "unstated"],
        ["of every path", "", "matches: [{path: {type: PathPrefix, value: /}}], ", "true"],
        ["of one path alone", "", "matches: [{path: {type: PathPrefix, value: /a}}], ", "unstated"],
        ["of requests with a header alone", "", "matches: [{headers: [{name: a, value: b}]}], ", "unstated"],
      ] as const
    ).map(
      ([what, hosts, matches, expected]) =>
        [
          `is redirected, or not, by another route ${what}`,
          [
            gateway(`${httpSame}, ${https}`),
            redirect.replace("{parentRefs", `{${hosts}parentRefs`).replace("rules: [{", `rules: [{${matches}`),
            httpRoute(),
          ],
          '{"minimum":"1.2"}',
          expected,
        ] as const,
    ),
    [
      "beside a listener whose protocol is not resolved may be served in the open",
      [
        gateway(`${httpSame.replace("HTTP", "{}")}, ${https}`),
        httpRoute(undefined, "{name: main, namespace: network, sectionName: https}"),
      ],
      '{"minimum":"1.2"}',
      "unknown",
    ],
    ["on a plain listener alone has no TLS", [gateway(http), httpRoute()], '"none"', "unstated"],
    ["of a gateway that is not among the files leaves it open", [httpRoute()], "unstated", "unstated"],
    [
      "of a gateway whose program is not known leaves the versions open",
      [gateway(https, "special"), httpRoute()],
      "unstated",
      "true",
    ],
  ] as const)("%s.", (_, objects, tls, redirects) => {
    const route = read(...objects)
      .all("route")
      .find((each) => each.ref.name.includes("/web "));
    expect([shown(route?.tls), shown(route?.redirectsToTls)]).toEqual([tls, redirects]);
  });

  test("is not redirected by one for its first host alone, where its other hosts are not resolved.", () => {
    const own = redirect.replace("{parentRefs", "{hostnames: [shop.example], parentRefs");
    const all = httpRoute().replace("[shop.example]", "[shop.example, {}]");
    const routes = read(gateway(`${httpSame}, ${https}`), own, all).all("route");
    expect(routes.map((route) => shown(route.redirectsToTls))).toEqual(["unstated", "unstated"]);
  });

  test("with a redirect of its own is read in seconds beside a thousand like it.", () => {
    const named = (text: string, index: number) =>
      text.replace("name: web,", `name: web${index},`).replace("name: redirect,", `name: redirect${index},`);
    const own = redirect.replace("{parentRefs", "{hostnames: [shop.example], parentRefs");
    const objects = Array.from({ length: 3000 }, (_, index) =>
      [httpRoute(), own].map((text) => named(text, index).replace("shop.example", `shop${index}.example`)),
    ).flat();
    const started = performance.now();
    const routes = read(gateway(`${httpSame}, ${https}`), ...objects).all("route");
    expect(performance.now() - started).toBeLessThan(4500);
    expect(new Set(routes.map((route) => shown(route.redirectsToTls)))).toEqual(new Set(["true"]));
  });

  test("is in doubt about a listener that takes namespaces by labels which are not known.", () => {
    const selecting =
      "{name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {open: 'yes'}}}}}";
    expect(shown(only(read(gateway(`${selecting}, ${https}`), httpRoute())).redirectsToTls)).toBe("unknown");
    const labelled = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {open: 'no'}}\n";
    expect(shown(only(read(gateway(`${selecting}, ${https}`), labelled, httpRoute())).redirectsToTls)).toBe("unstated");
  });

  test.each([
    ["[{}]", ["?"]],
    ["{}", ["?"]],
    ["[]", ["a.example", "b.example"]],
    ["[shop.example]", ["shop.example"]],
  ])("with the hosts %s has those of its listeners where it names none.", (hosts, expected) => {
    const named = ["a.example", "b.example", "a.example"].map(
      (host, index) =>
        `{name: l${index}, protocol: HTTPS, port: 443, hostname: ${host}, allowedRoutes: {namespaces: {from: All}}}`,
    );
    const routes = read(gateway(named.join(", ")), httpRoute().replace("[shop.example]", hosts)).all("route");
    expect(routes.map(({ host }) => (host.kind === "stated" ? host.value : "?"))).toEqual(expected);
  });

  test("that only redirects is no route of its own.", () => {
    expect(read(gateway(http), redirect).all("route")).toEqual([]);
  });

  test("has one route for each path and backend.", () => {
    const rules =
      "[{matches: [{path: {value: /a}}, {path: {value: /b}}, {path: {value: /a}, method: GET}], backendRefs: [{name: web, port: 80}]}, {backendRefs: [{name: api, port: 80}]}]";
    const routes = read(gateway(https), httpRoute(rules)).all("route");
    expect(routes.map((route) => [shown(route.path), shown(route.target)])).toEqual([
      ['"/a"', target],
      ['"/b"', target],
      ['"/"', "unknown"],
    ]);
  });

  test("sets and removes response headers.", () => {
    const filter =
      "[{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: Strict-Transport-Security, value: max-age=31536000}], remove: [Server]}}]";
    const { headers } = only(
      read(gateway(https), httpRoute(`[{filters: ${filter}, backendRefs: [{name: web, port: 80}]}]`)),
    );
    expect(headers.items.map(({ name, value }) => [name, value])).toEqual([
      ["strict-transport-security", "max-age=31536000"],
      ["server", null],
    ]);
    expect(headers.complete).toBe(true);
  });

  test("with a filter of another kind is in doubt about what that does.", () => {
    const filter = "[{type: ExtensionRef, extensionRef: {group: traefik.io, kind: Middleware, name: auth}}]";
    const route = only(read(gateway(https), httpRoute(`[{filters: ${filter}, backendRefs: [{name: web, port: 80}]}]`)));
    expect(route.authentication).toMatchObject({ kind: "unknown", why: "the filter Middleware auth decides" });
    expect(route.headers.complete).toBe(false);
  });

  test("gets what Envoy Gateway's policies say for it or for its gateway.", () => {
    const security =
      "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: SecurityPolicy\nmetadata: {name: s, namespace: shop}\nspec: {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: web}], oidc: {clientID: a}, authorization: {defaultAction: Deny, rules: [{action: Allow, principal: {clientCIDRs: [10.0.0.0/8]}}]}}\n";
    const traffic =
      "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: BackendTrafficPolicy\nmetadata: {name: b, namespace: network}\nspec: {targetSelectors: [{group: gateway.networking.k8s.io, kind: Gateway}], rateLimit: {local: {rules: [{limit: {requests: 50, unit: Minute}}]}}}\n";
    const client =
      "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: ClientTrafficPolicy\nmetadata: {name: c, namespace: network}\nspec: {targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: main}, tls: {minVersion: '1.0'}}\n";
    const route = only(read(gateway(https), httpRoute(), security, traffic, client));
    expect(shown(route.authentication)).toBe('"single-factor"');
    expect(shown(route.audience)).toBe('{"kind":"networks","cidrs":["10.0.0.0/8"]}');
    expect(shown(route.rateLimit)).toBe('{"requests":50,"windowSeconds":60}');
    expect(shown(route.tls)).toBe('{"minimum":"1.0"}');
  });

  test("leaves authentication, audience and rate limit open where nothing among the files says them.", () => {
    const route = only(read(gateway(https), httpRoute()));
    expect([route.authentication.kind, route.audience.kind, route.rateLimit.kind]).toEqual([
      "unstated",
      "unstated",
      "unstated",
    ]);
  });
});

// covers: N6 N12 | kubernetes
describe("A TCPRoute", () => {
  const route =
    "apiVersion: gateway.networking.k8s.io/v1\nkind: TCPRoute\nmetadata: {name: web, namespace: shop}\nspec: {parentRefs: [{name: main, namespace: network}], rules: [{backendRefs: [{name: web, port: 80}]}]}\n";
  const tcp = "{name: tcp, protocol: TCP, port: 9000, allowedRoutes: {namespaces: {from: All}}}";
  const listener = (more: string, ...objects: readonly string[]) =>
    read(gateway(tcp).replace("{gatewayClassName", `{${more}gatewayClassName`), route, ...objects)
      .all("listener")
      .find((each) => each.ref.name.includes("TCPRoute"));

  test("publishes what it leads to on the gateway's port.", () => {
    expect(listener("")).toMatchObject({
      hostPort: { value: 9000 },
      port: { value: 8080 },
      reach: { value: "everywhere" },
    });
  });

  test.each(["namespace: {}", "kind: ServiceImport", "kind: {}"])(
    "publishes nothing that has merely the name of its backend: %s.",
    (more) => {
      const elsewhere = route.replace("{name: web, port: 80}", `{name: web, port: 80, ${more}}`);
      const found = read(gateway(tcp), elsewhere).all("listener");
      expect(found.filter((each) => each.ref.name.includes("TCPRoute"))).toEqual([]);
    },
  );

  const pool =
    "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: lan, namespace: metallb}\nspec: {addresses: [192.168.1.0/24]}\n";
  test.each([
    ["a private address", "addresses: [{type: IPAddress, value: 192.168.1.9}], ", [], "one-address"],
    ["addresses, one of them public", "addresses: [{value: 192.168.1.9}, {value: 203.0.113.9}], ", [], "everywhere"],
    ["an address that is not resolved", "addresses: [{value: {}}], ", [], "?"],
    ["addresses that are no list", "addresses: {}, ", [], "?"],
    [
      "a private address by an annotation",
      "infrastructure: {annotations: {lbipam.cilium.io/ips: 192.168.1.9}}, ",
      [],
      "one-address",
    ],
    ["an address of a private pool", "", [pool], "one-address"],
    ["a public address, whatever the pools have", "addresses: [{value: 203.0.113.9}], ", [pool], "everywhere"],
  ])("through a Gateway with %s is as wide as that.", (_, more, objects, expected) => {
    const found = listener(more, ...objects);
    expect((found && knownValue(found.reach)) ?? "?").toBe(expected);
  });
});
