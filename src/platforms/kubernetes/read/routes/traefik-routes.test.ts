import { describe, expect, test } from "vitest";
import type { TraefikConfiguration } from "../../../../facts/configuration/traefik.ts";
import { type Fact, knownValue } from "../../../../facts/fact.ts";
import type { Route } from "../../../../facts/subjects.ts";
import type { System } from "../../../../facts/system.ts";
import type { Place } from "../../../../lib/place.ts";
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

function object(kind: string, name: string, spec: string, namespace = "shop"): string {
  return `apiVersion: traefik.io/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
}

function routed(more = "", services = "[{name: web, port: 80}]", spec = "tls: {}"): string {
  return object(
    "IngressRoute",
    "web",
    `{entryPoints: [websecure], ${spec}, routes: [{kind: Rule, match: "Host(\`shop.example\`) && PathPrefix(\`/a\`)", services: ${services}${more}}]}`,
  );
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

function settingsOf(system: System): TraefikConfiguration {
  const file = system.all("repository-file").find(({ ref }) => ref.name.endsWith(": Traefik"));
  if (file?.configuration?.software !== "traefik") throw new Error("there are no settings");
  return file.configuration;
}

function traefikAt(system: System): Place | undefined {
  return system.all("container").find(({ ref }) => ref.name.startsWith("infra/"))?.place;
}

const behind = { workload: { kind: "workload", system: "cluster", name: "shop/Deployment/web" }, port: 8080 };

// covers: A3 T4 | kubernetes
describe("An IngressRoute", () => {
  test("leads by host and path to the pods behind its Service.", () => {
    const system = read(routed());
    const route = only(system);
    expect([shown(route.host), shown(route.path)]).toEqual(['"shop.example"', '"/a"']);
    expect(knownValue(route.target)).toEqual(behind);
    const [workload] = system.all("workload");
    expect(workload && system.reach.exposure(workload).exposure).toBe("proxied");
  });

  test.each<readonly [string, string, string]>([
    ["by the port's name", "[{name: web, port: http}]", JSON.stringify(behind)],
    ["in another namespace", "[{name: web, namespace: other, port: 80}]", "unknown"],
    ["to a port that the Service lacks", "[{name: web, port: 81}]", "unknown"],
    ["to nothing", "[]", "unknown"],
    ["to a TraefikService that is not here", "[{name: gone, kind: TraefikService}]", "unknown"],
  ])("leads %s.", (_, services, expected) => {
    expect(shown(only(read(routed("", services))).target)).toBe(expected);
  });

  test("leads through a TraefikService, and not in circles.", () => {
    const weighted =
      "{weighted: {services: [{name: web, port: 80}, {name: split, kind: TraefikService}, {name: gone, kind: TraefikService}]}}";
    const system = read(
      routed("", "[{name: split, kind: TraefikService}]"),
      object("TraefikService", "split", weighted),
    );
    expect(system.all("route").map(({ target }) => shown(target))).toEqual([JSON.stringify(behind), "unknown"]);
  });

  test("passes middlewares of its namespace and of others, through chains.", () => {
    const system = read(
      routed(", middlewares: [{name: safe}, {name: login.v1, namespace: infra}]"),
      object("Middleware", "safe", "{chain: {middlewares: [{name: limit}, {name: head, namespace: infra}]}}"),
      object("Middleware", "limit", "{rateLimit: {average: 10, period: 1m}}"),
      object("Middleware", "head", "{headers: {contentTypeNosniff: true}}", "infra"),
      object("Middleware", "login.v1", "{basicAuth: {secret: users}}", "infra"),
    );
    const route = only(system);
    expect([shown(route.rateLimit), shown(route.authentication), route.headers.items.map(({ name }) => name)]).toEqual([
      '{"requests":10,"windowSeconds":60}',
      '"single-factor"',
      ["x-content-type-options"],
    ]);
  });

  test("is in doubt of a middleware that is not among the files.", () => {
    const route = only(read(routed(", middlewares: [{name: gone}]")));
    expect([
      shown(route.rateLimit),
      shown(route.authentication),
      shown(route.audience),
      route.headers.complete,
    ]).toEqual(["unknown", "unknown", "unknown", false]);
  });

  test.each<readonly [string, string, string]>([
    ["TLS 1.2 at least", "tls: {secretName: t}", '{"minimum":"1.2"}'],
    ["options by name", "tls: {options: {name: strict, namespace: infra}}", '{"minimum":"1.3"}'],
    ["options that are not here", "tls: {options: {name: strict}}", "unknown"],
    ["that of its entry point", "x: 1", "unknown"],
  ])("has %s.", (_, spec, tls) => {
    const options = object("TLSOption", "strict", "{minVersion: VersionTLS13}", "infra");
    expect(shown(only(read(routed("", undefined, spec), options)).tls)).toBe(tls);
  });

  test("has what Traefik's own arguments say of its entry point.", () => {
    const traefik = (args: string) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: traefik, namespace: infra}\nspec: {template: {metadata: {labels: {app: t}}, spec: {containers: [{name: traefik, image: 'traefik:v3', args: [${args}]}]}}}\n`;
    const args =
      "--entrypoints.web.address=:80, --entrypoints.websecure.address=:443, --entrypoints.websecure.http.tls=true";
    const route = only(read(traefik(args), routed("", undefined, "x: 1")));
    expect([shown(route.tls), shown(route.redirectsToTls)]).toEqual(['{"minimum":"1.2"}', "true"]);
    const filed = only(read(traefik(`${args}, --configfile=/x.yml`), routed("", undefined, "x: 1")));
    expect(shown(filed.tls)).toBe("unknown");
  });

  test.each<readonly [string, string, string, string]>([
    ["the ConfigMap that its pod mounts", "traefik.yml", "[{name: c, mountPath: /etc/traefik}]", '{"minimum":"1.2"}'],
    ["no ConfigMap under another name", "other.yml", "[{name: c, mountPath: /etc/traefik}]", "unknown"],
    ["no ConfigMap that it does not mount", "traefik.yml", "[]", "unknown"],
  ])("has what Traefik's own file says of its entry point: %s.", (_, key, mounts, tls) => {
    const file =
      "{entryPoints: {web: {address: ':80'}, websecure: {address: ':443', http: {tls: {}}}}, providers: {kubernetesCRD: {}}}";
    const held = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: static, namespace: infra}\ndata:\n  ${key}: "${file}"\n`;
    const traefik = `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: traefik, namespace: infra}\nspec: {template: {metadata: {labels: {app: t}}, spec: {volumes: [{name: c, configMap: {name: static}}], containers: [{name: traefik, image: 'ghcr.io/traefik/traefik:v3', volumeMounts: ${mounts}}]}}}\n`;
    const system = read(held, traefik, routed("", undefined, "x: 1"));
    const route = only(system);
    expect(shown(route.tls)).toBe(tls);
    if (tls !== "unknown") expect(route.tls.place).toEqual(traefikAt(system));
  });

  test("is in doubt where several Traefiks run, each with its own configuration.", () => {
    const traefik = (name: string, args: string) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: infra}\nspec: {template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: traefik, image: 'traefik:v3', args: [${args}]}]}}}\n`;
    const encrypted = "--entrypoints.websecure.address=:443, --entrypoints.websecure.http.tls=true";
    const tlsWith = (...pods: readonly string[]) => shown(only(read(...pods, routed("", undefined, "x: 1"))).tls);
    expect(tlsWith(traefik("a", encrypted), traefik("b", encrypted))).toBe('{"minimum":"1.2"}');
    expect(tlsWith(traefik("a", encrypted), traefik("b", "--entrypoints.websecure.address=:443"))).toBe("unknown");
  });

  describe("that names a middleware of another provider", () => {
    const definitions = (text: string, name = "dynamic") =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: infra}\ndata:\n  edge.yaml: |\n    ${text}\n`;
    const login = '{http: {middlewares: {login: {basicAuth: {users: ["a:b"]}}}}, tls: {options: {}}}';
    const traefik = (
      args = "--providers.file.directory=/etc/traefik/dynamic, --entrypoints.websecure.address=:443",
      { name = "traefik", held = "dynamic", more = "" } = {},
    ) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: infra}\nspec: {template: {metadata: {labels: {app: ${name}}}, spec: {volumes: [{name: d, configMap: {name: ${held}}}${more}], containers: [{name: ${name}, image: 'traefik:v3', args: [${args}], volumeMounts: [{name: d, mountPath: /etc/traefik/dynamic}${more === "" ? "" : ", {name: e, mountPath: /etc/traefik/dynamic/e}"}]}]}}}\n`;
    const route = routed(", middlewares: [{name: login@file}]", undefined, "tls: {secretName: t}");
    const signIn = (...objects: readonly string[]) => only(read(route, ...objects)).authentication;

    // covers: A3 | kubernetes
    test("has what the dynamic files define that its Traefik reads, at the file that defines it.", () => {
      const found = signIn(definitions(login), traefik());
      expect(shown(found)).toBe('"single-factor"');
      const { place } = found;
      expect(place.kind === "file" ? place.source.locate(place.offset).line : place).toBe(23);
    });

    test("has them where a file in a ConfigMap starts the Traefik, and nothing is told twice.", () => {
      const file =
        "{entryPoints: {websecure: {address: ':443'}}, providers: {file: {filename: /etc/traefik/dynamic/edge.yaml}}}";
      const held = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: static, namespace: infra}\ndata:\n  traefik.yml: "${file}"\n`;
      const more = ", {name: e, configMap: {name: static}}";
      const args = "--configfile=/etc/traefik/dynamic/e/traefik.yml";
      const text = login.replace("{middlewares", "{serversTransports: {lax: {insecureSkipVerify: true}}, middlewares");
      const system = read(route, definitions(text), held, traefik(args, { more }));
      expect(shown(only(system).authentication)).toBe('"single-factor"');
      expect(settingsOf(system).unverifiedUpstreams.items).toEqual([]);
    });

    test.each<readonly [string, readonly string[]]>([
      ["no Traefik is seen to read them", [definitions(login)]],
      ["the Traefik reads no files", [definitions(login), traefik("--entrypoints.websecure.address=:443")]],
      ["they define another name", [definitions(login.replace("login:", "log-in:")), traefik()]],
      ["what the Traefik mounts is not among the files", [traefik()]],
      ["its command line may name others", [definitions(login), traefik("'--configfile=$(X)'")]],
      [
        "it may not name them",
        [
          definitions(login),
          traefik(
            "--providers.file.directory=/etc/traefik/dynamic, --providers.kubernetescrd.crossProviderNamespaces=a",
          ),
        ],
      ],
      [
        "a second Traefik reads others",
        [
          definitions(login),
          definitions(login.replace("basicAuth", "digestAuth"), "other"),
          traefik(),
          traefik(undefined, { name: "second", held: "other" }),
        ],
      ],
    ])("is in doubt where %s.", (_, objects) => {
      expect(shown(signIn(...objects))).toBe("unknown");
    });

    test("has the TLS options that they name or lay over the default, and what an entry point puts before it.", () => {
      const options =
        '{http: {middlewares: {login: {basicAuth: {users: ["a:b"]}}}}, tls: {options: {default: {minVersion: VersionTLS13}}}}';
      const args =
        "--providers.file.directory=/etc/traefik/dynamic, --entrypoints.websecure.address=:443, --entrypoints.websecure.http.middlewares=login@file";
      const plain = routed("", undefined, "tls: {}");
      const found = only(read(plain, definitions(options), traefik(args)));
      expect([shown(found.tls), shown(found.authentication)]).toEqual(['{"minimum":"1.3"}', '"single-factor"']);
    });
  });

  test("that only sends on says so of the one beside it.", () => {
    const plain = object(
      "IngressRoute",
      "plain",
      '{entryPoints: [web], routes: [{match: "Host(`shop.example`)", middlewares: [{name: s}], services: [{name: web, port: 80}]}]}',
    );
    const redirect = object("Middleware", "s", "{redirectScheme: {scheme: https}}");
    expect(shown(only(read(routed(), plain, redirect)).redirectsToTls)).toBe("true");
  });

  test("of TCP hands connections on.", () => {
    const spec = '{entryPoints: [pg], routes: [{match: "HostSNI(`*`)", services: [{name: web, port: 80}]}]}';
    const route = only(read(object("IngressRouteTCP", "db", spec)));
    expect([route.transport, knownValue(route.target)]).toEqual(["tcp", behind]);
  });

  test("of before Traefik 3 is read too.", () => {
    expect(read(routed().replace("traefik.io", "traefik.containo.us")).all("route")).toHaveLength(1);
  });
});

describe("What Traefik's objects say of it as a whole", () => {
  const dashboard = (more: string) =>
    object(
      "IngressRoute",
      "dashboard",
      `{routes: [{match: "Host(\`t.example\`)", services: [{name: api@internal, kind: TraefikService}]${more}}], tls: {}}`,
    );

  test("has a door where a route leads to the dashboard.", () => {
    const login = object("Middleware", "login", "{basicAuth: {secret: users}}");
    const signIns = (text: string) => settingsOf(read(text, login)).doors.items.map(({ signIn }) => shown(signIn));
    expect(signIns(dashboard(""))).toEqual(["false"]);
    expect(signIns(dashboard(", middlewares: [{name: login}]"))).toEqual(["true"]);
    expect(signIns(dashboard(", middlewares: [{name: gone}]"))).toEqual(["unknown"]);
  });

  test("has no door where nothing publishes the entry point that leads to it.", () => {
    const traefik = (network = "") =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: traefik, namespace: infra}\nspec: {template: {metadata: {labels: {app: t}}, spec: {${network}containers: [{name: traefik, image: 'traefik:v3', args: ['--entrypoints.traefik.address=:8080', '--entrypoints.web.address=:8000']}]}}}\n`;
    const published = (port: number, type = "LoadBalancer") =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: traefik, namespace: infra}\nspec: {type: ${type}, selector: {app: t}, ports: [{port: 80, targetPort: ${port}}]}\n`;
    const inner = dashboard("").replace("{routes:", "{entryPoints: [traefik], routes:");
    const doors = (...objects: readonly string[]) => settingsOf(read(inner, ...objects)).doors.items.length;
    expect(doors(traefik(), published(8000))).toBe(0);
    expect(doors(traefik(), published(8080))).toBe(1);
    expect(doors(traefik(), published(8000, "ClusterIP"))).toBe(1);
    expect(doors(traefik("hostNetwork: true, "), published(8000))).toBe(1);
    expect(doors()).toBe(1);
  });

  test("has transports that look at no certificate.", () => {
    const system = read(object("ServersTransport", "lax", "{insecureSkipVerify: true}"));
    expect(settingsOf(system).unverifiedUpstreams.items.map(({ name }) => name)).toEqual(["upstreams by `shop-lax`"]);
  });
});

describe("An Ingress with Traefik's middlewares", () => {
  const ingress = (names: string) =>
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {traefik.ingress.kubernetes.io/router.middlewares: '${names}'}}\nspec: {ingressClassName: traefik, rules: [{host: a.example, http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}\n`;
  const limit = object("Middleware", "limit", "{rateLimit: {average: 10}}");
  const login = object("Middleware", "login", "{basicAuth: {secret: users}}");

  test("has what they do.", () => {
    const route = only(read(ingress("shop-limit@kubernetescrd, shop-login@kubernetescrd"), limit, login));
    expect([shown(route.rateLimit), shown(route.authentication), shown(route.audience)]).toEqual([
      '{"requests":10,"windowSeconds":1}',
      '"single-factor"',
      '{"kind":"public"}',
    ]);
  });

  test("has what a file of the Traefik defines that runs here, though the cluster has none of Traefik's own kinds.", () => {
    const held =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dynamic, namespace: infra}\ndata:\n  a.yml: "{http: {middlewares: {login: {basicAuth: {users: [x]}}}}}"\n';
    const traefik =
      "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: traefik, namespace: infra}\nspec: {template: {metadata: {labels: {app: t}}, spec: {volumes: [{name: d, configMap: {name: dynamic}}], containers: [{name: traefik, image: 'traefik:v3', args: [--providers.file.filename=/d/a.yml], volumeMounts: [{name: d, mountPath: /d}]}]}}}\n";
    expect(shown(only(read(ingress("login@file"), held, traefik)).authentication)).toBe('"single-factor"');
    expect(shown(only(read(ingress("login@file"), traefik)).authentication)).toBe("unknown");
  });

  describe("and a Traefik whose own arguments are seen", () => {
    const traefik = (...args: readonly string[]) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: traefik, namespace: infra}\nspec: {template: {metadata: {labels: {app: t}}, spec: {containers: [{name: traefik, image: 'traefik:v3', args: [${args.join(", ")}]}]}}}\n`;
    const web = "--entrypoints.web.address=:80";
    const secure = ["--entrypoints.websecure.address=:443", "--entrypoints.websecure.http.tls"];
    const sends = "--entrypoints.web.http.redirections.entrypoint.to=websecure";
    const provider = "--providers.kubernetesingress";
    const plain = ingress("x").replace("router.middlewares: 'x'", "router.pathmatcher: Path");
    const annotated = (more: string) => plain.replace("router.pathmatcher: Path", more);

    test.each<readonly [string, readonly string[], string, string, string]>([
      ["is served in the open on an entry point without TLS", [web, provider], plain, '"none"', "unstated"],
      [
        "is served in the open where one of its entry points has none",
        [web, ...secure, provider],
        plain,
        '"none"',
        "unstated",
      ],
      [
        "is encrypted and redirected where the other sends all on",
        [web, sends, ...secure, provider],
        plain,
        '{"minimum":"1.2"}',
        "true",
      ],
      [
        "is encrypted on the one that it names",
        [web, ...secure, provider],
        annotated("router.entrypoints: websecure"),
        '{"minimum":"1.2"}',
        "unstated",
      ],
      [
        "is encrypted by an annotation",
        [web, provider],
        annotated("router.tls: 'true'"),
        '{"minimum":"1.2"}',
        "unstated",
      ],
      [
        "is on an entry point that is defined nowhere",
        [web, provider],
        annotated("router.entrypoints: gone"),
        "unknown",
        "unstated",
      ],
      [
        "is in doubt by entry points that are not resolved",
        [web, ...secure, provider],
        annotated("router.entrypoints: {}"),
        "unknown",
        "unstated",
      ],
      [
        "is in doubt by an annotation for TLS that is not",
        [web, provider],
        annotated("router.tls: {}"),
        "unknown",
        "unstated",
      ],
      [
        "is nothing to a Traefik that reads no Ingresses",
        [web, "--providers.kubernetescrd"],
        plain,
        "unstated",
        "unstated",
      ],
    ])("%s.", (_, args, text, tls, redirects) => {
      const route = only(read(traefik(...args), text));
      expect([shown(route.tls), shown(route.redirectsToTls)]).toEqual([tls, redirects]);
    });

    test.each(["router.middlewares: {}", "router.middlewares: '{{ .x }}'"])(
      "is in doubt by %s, whatever it may be.",
      (more) => {
        const { authentication, audience } = only(read(traefik(web, provider), annotated(more)));
        expect([authentication.kind, audience.kind]).toEqual(["unknown", "unknown"]);
      },
    );

    test("is in doubt where its annotations are not resolved.", () => {
      const hidden = plain.replace(/annotations: \{[^}]*\}/, "annotations: [a]");
      const { authentication, tls } = only(read(traefik(web, ...secure, provider), hidden));
      expect([authentication.kind, tls.kind]).toEqual(["unknown", "unknown"]);
    });

    test("has what the entry point puts before every router.", () => {
      const args = [web, "--entrypoints.web.http.middlewares=shop-login@kubernetescrd", provider];
      expect(shown(only(read(traefik(...args), plain, login)).authentication)).toBe('"single-factor"');
      expect(shown(only(read(traefik(...args), plain)).authentication)).toBe("unknown");
    });
  });

  test("has those of other namespaces, also of before Traefik 3.", () => {
    const shared = object("Middleware", "auth.v1", "{basicAuth: {secret: users}}", "infra-edge");
    for (const each of [shared, shared.replace("traefik.io", "traefik.containo.us")])
      expect(shown(only(read(ingress("infra-edge-auth-v1@kubernetescrd"), each)).authentication)).toBe(
        '"single-factor"',
      );
    expect(shown(only(read(ingress("infra-auth-v1@kubernetescrd"), shared)).authentication)).toBe("unknown");
  });

  test("is in doubt of those that are not here.", () => {
    const route = only(read(ingress("shop-limit@kubernetescrd,shop-gone@kubernetescrd"), limit));
    expect([shown(route.rateLimit), shown(route.authentication)]).toEqual([
      '{"requests":10,"windowSeconds":1}',
      "unknown",
    ]);
  });
});
