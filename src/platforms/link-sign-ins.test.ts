import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { evaluate } from "../controls/evaluate.ts";
import { allControls } from "../controls/registry.ts";
import { knownValue } from "../facts/fact.ts";
import type { System } from "../facts/system.ts";
import { ConfinedFiles } from "../repository/files.ts";
import { readPaths } from "./read-paths.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

type Files = Readonly<Record<string, string>>;

function systemsOf(files: Files): readonly System[] {
  const folder = mkdtempSync(join(tmpdir(), "sign-ins-"));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return readPaths([folder], { cwd: folder }).systems;
}

/** What is demanded on the way to a host: the value, or `unknown: why`; with what those say who are asked. */
function signIn(files: Files, host: string): string {
  const found = systemsOf(files)
    .flatMap((system) => system.all("route"))
    .filter((route) => route.host.kind === "stated" && route.host.value === host)
    .map(({ authentication, delegation }) => {
      const shown =
        authentication.kind === "unknown"
          ? `unknown: ${authentication.why}`
          : authentication.kind === "unstated"
            ? "unstated"
            : authentication.value;
      return delegation?.says === undefined ? shown : `${shown} (${delegation.says})`;
    });
  return [...new Set(found)].join("; ");
}

const authelia = (rules: string) =>
  `session:\n  name: s\nstorage:\n  local:\n    path: /config/db.sqlite3\naccess_control:\n  default_policy: deny\n  rules:\n${rules}`;
const rule = (domain: string, policy: string) => `    - domain: "${domain}"\n      policy: ${policy}\n`;
const twoFactors = authelia(rule("*.example.org", "two_factor"));
const bypass = authelia(rule("*.example.org", "bypass"));

/** A service with its labels. */
const service = (name: string, image: string, ...more: readonly string[]) =>
  [`  ${name}:`, `    image: ${image}`, ...more.map((line) => `    ${line}`), ""].join("\n");
const guard = (image: string) => service("guard", image, "volumes: [./guard:/config]");
const app = (middlewares: string, ...labels: readonly string[]) =>
  service(
    "portainer",
    "portainer/portainer-ce:2.33.0",
    'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]',
    "labels:",
    ...[
      "traefik.http.routers.portainer.rule=Host(`portainer.example.org`)",
      "traefik.http.routers.portainer.entrypoints=websecure",
      `traefik.http.routers.portainer.middlewares=${middlewares}`,
      "traefik.http.services.portainer.loadbalancer.server.port=9000",
      ...labels,
    ].map((label) => `  - "${label}"`),
  );
const traefik = service(
  "traefik",
  "traefik:v3.7",
  'command: ["--providers.docker=true", "--entrypoints.websecure.address=:443", "--entrypoints.websecure.http.tls=true"]',
  'ports: ["443:443"]',
);
const asks = (address: string) => `traefik.http.middlewares.sso.forwardauth.address=${address}`;
const stack = (...services: readonly string[]) => `name: lab\nservices:\n${services.join("")}`;
const labelled = (image: string, address: string, config?: string): Files => ({
  "compose.yaml": stack(traefik, guard(image), app("sso", asks(address))),
  ...(config === undefined ? {} : { "guard/configuration.yml": config }),
});

const endpoint = "http://guard:9091/api/authz/forward-auth";
const host = "portainer.example.org";

// covers: A3 A4 | compose
describe("A route whose proxy asks Authelia", () => {
  test.each([
    ["bypass", "none (Authelia lets everybody pass (`bypass`, guard/configuration.yml:10))"],
    ["one_factor", "single-factor (Authelia demands a sign-in (guard/configuration.yml:10))"],
    ["two_factor", "two-factor (Authelia demands two factors (guard/configuration.yml:10))"],
    ["deny", "two-factor (Authelia lets nobody pass (`deny`, guard/configuration.yml:10))"],
  ])("demands what Authelia's rule says: %s.", (policy, expected) => {
    const files = labelled("authelia/authelia:4.39", endpoint, authelia(rule(host, policy)));
    expect(signIn(files, host)).toBe(expected);
  });

  test("has a sign-in of unknown strength where Authelia's rules are not among the files.", () => {
    expect(signIn(labelled("authelia/authelia:4.39", endpoint), host)).toBe(
      "delegated (Authelia is asked who comes (`forwardAuth`))",
    );
  });

  test("has a sign-in by the one configuration there is where none is seen to be mounted, and not by an example.", () => {
    const unseen = {
      "compose.yaml": stack(traefik, service("guard", "authelia/authelia:4.39"), app("sso", asks(endpoint))),
    };
    expect(signIn({ ...unseen, "etc/authelia/configuration.yml": twoFactors }, host)).toContain("two-factor");
    expect(signIn({ ...unseen, "examples/authelia/configuration.yml": bypass }, host)).toContain("delegated");
    const both = { "a/authelia/configuration.yml": twoFactors, "b/authelia/configuration.yml": bypass };
    expect(signIn({ ...unseen, ...both }, host)).toContain("delegated");
  });

  test("cannot be told where it is asked for nothing that it decides.", () => {
    const files = labelled("authelia/authelia:4.39", "http://guard:9091/api/health", twoFactors);
    expect(signIn(files, host)).toContain(
      "unknown: `forwardAuth` asks guard, and `/api/health` is no address at which",
    );
  });

  test("is told by the name that a route of the same system leads from.", () => {
    const labels = [
      "traefik.http.routers.sso.rule=Host(`auth.example.org`)",
      "traefik.http.services.sso.loadbalancer.server.port=9091",
    ];
    const named = service(
      "guard",
      "authelia/authelia:4.39",
      "volumes: [./guard:/config]",
      "labels:",
      ...labels.map((label) => `  - "${label}"`),
    );
    const files = {
      "compose.yaml": stack(
        traefik,
        named,
        app("sso", asks("https://auth.example.org/api/verify?rd=https://auth.example.org")),
      ),
      "guard/configuration.yml": twoFactors,
    };
    expect(signIn(files, host)).toContain("two-factor");
  });
});

describe("A route whose proxy asks another service", () => {
  test.each([
    ["ghcr.io/goauthentik/server:2026.2", "http://guard:9000/outpost.goauthentik.io/auth/traefik", "authentik"],
    ["quay.io/oauth2-proxy/oauth2-proxy:v7.9.0", "http://guard:4180/oauth2/auth", "OAuth2 Proxy"],
    ["thomseddon/traefik-forward-auth:2", "http://guard:4181", "Traefik Forward Auth"],
    ["ghcr.io/steveiliop56/tinyauth:v4", "http://guard:3000/api/auth/traefik", "Tinyauth"],
  ])("that is %s has a sign-in of unknown strength.", (image, address, name) => {
    expect(signIn(labelled(image, address), host)).toBe(`delegated (${name} is asked who comes (\`forwardAuth\`))`);
  });

  test.each([
    ["is no known product", labelled("traefik/whoami:v1.11", "http://guard:80/"), "what that service demands"],
    [
      "is not among the files",
      labelled("authelia/authelia:4.39", "http://authelia:9091/api/verify", twoFactors),
      "no service of that name",
    ],
    [
      "is a variable",
      labelled("authelia/authelia:4.39", "http://${AUTH}:9091/api/verify", twoFactors),
      "cannot be told",
    ],
    ["is elsewhere and of no known kind", labelled("x:1", "https://sso.example.net/check"), "is not known here"],
    [
      "is told its own health",
      labelled("quay.io/oauth2-proxy/oauth2-proxy:v7", "http://guard:4180/ping"),
      "no address at which",
    ],
  ])("that %s leaves the sign-in unknown.", (_title, files, why) => {
    expect(signIn(files, host)).toMatch(/^unknown: /);
    expect(signIn(files, host)).toContain(why);
  });

  test("that is CrowdSec's bouncer has no sign-in by that, and keeps the one beside it.", () => {
    const bouncer = service("bouncer", "fbonalair/traefik-crowdsec-bouncer:0.5");
    const screen = "traefik.http.middlewares.crowdsec.forwardauth.address=http://bouncer:8080/api/v1/forwardAuth";
    const files = (middlewares: string) => ({
      "compose.yaml": stack(
        traefik,
        bouncer,
        guard("authelia/authelia:4.39"),
        app(middlewares, screen, asks(endpoint)),
      ),
      "guard/configuration.yml": twoFactors,
    });
    expect(signIn(files("crowdsec"), host)).toBe("unstated");
    expect(signIn(files("crowdsec,sso"), host)).toContain("two-factor");
  });

  test("keeps a sign-in of the proxy's own beside one that lets everybody pass.", () => {
    const users = "traefik.http.middlewares.login.basicauth.users=admin:$$apr1$$x$$y";
    const files = {
      "compose.yaml": stack(traefik, guard("authelia/authelia:4.39"), app("login,sso", users, asks(endpoint))),
      "guard/configuration.yml": bypass,
    };
    expect(signIn(files, host)).toContain("single-factor");
  });
});

describe("The same is read of", () => {
  const services = (proxy: string) =>
    stack(proxy, guard("authelia/authelia:4.39"), service("portainer", "portainer/portainer-ce:2.33.0"));
  const around = { "guard/configuration.yml": twoFactors };

  test("a Caddyfile's `forward_auth`, short and written out.", () => {
    const caddy = service("caddy", "caddy:2.11", "volumes: [./Caddyfile:/etc/caddy/Caddyfile]", 'ports: ["443:443"]');
    const short = "forward_auth guard:9091 {\n\t\turi /api/authz/forward-auth\n\t\tcopy_headers Remote-User\n\t}";
    const long =
      "reverse_proxy guard:9091 {\n\t\tmethod GET\n\t\trewrite /api/verify?rd=https://auth.example.org\n\t\t@good status 2xx\n\t\thandle_response @good {\n\t\t}\n\t}";
    for (const way of [short, long]) {
      const Caddyfile = `${host} {\n\troute {\n\t${way}\n\treverse_proxy portainer:9000\n\t}\n}\n`;
      expect(signIn({ "compose.yaml": services(caddy), Caddyfile, ...around }, host)).toContain("two-factor");
    }
  });

  test("a snippet of a Caddyfile that asks on some paths only, which cannot be told.", () => {
    const caddy = service("caddy", "caddy:2.11", "volumes: [./Caddyfile:/etc/caddy/Caddyfile]", 'ports: ["443:443"]');
    const Caddyfile = `${host} {\n\tforward_auth /admin/* guard:9091 {\n\t\turi /api/verify\n\t}\n\treverse_proxy portainer:9000\n}\n`;
    expect(signIn({ "compose.yaml": services(caddy), Caddyfile, ...around }, host)).toMatch(/^unknown/);
  });

  const nginx = service("nginx", "nginx:1.29", "volumes: [./conf.d:/etc/nginx/conf.d]", 'ports: ["80:80"]');
  const server = (asked: string) =>
    `server {\n  listen 80;\n  server_name ${host};\n  ${asked}\n  location / {\n    auth_request /internal/authelia/authz;\n    proxy_pass http://portainer:9000;\n  }\n}\n`;

  test("nginx' `auth_request`, through the location that it names and the variables in it.", () => {
    const upstream = "set $upstream_authelia http://guard:9091/api/authz/auth-request;";
    const asked = `${upstream}\n  location /internal/authelia/authz {\n    internal;\n    proxy_pass $upstream_authelia;\n  }`;
    expect(signIn({ "compose.yaml": services(nginx), "conf.d/a.conf": server(asked), ...around }, host)).toContain(
      "two-factor",
    );
    const own =
      "location = /internal/authelia/authz {\n    set $up http://guard:9091/api/authz/auth-request;\n    proxy_pass $up;\n  }";
    expect(signIn({ "compose.yaml": services(nginx), "conf.d/a.conf": server(own), ...around }, host)).toContain(
      "two-factor",
    );
  });

  test.each([
    ["answers by itself", "location = /internal/authelia/authz {\n    return 200;\n  }"],
    ["is not there", ""],
    [
      "asks nobody who decides",
      "location /internal/authelia/authz {\n    internal;\n    proxy_pass http://portainer:9000/;\n  }",
    ],
  ])("nginx' `auth_request` whose location %s, which cannot be told.", (_title, asked) => {
    expect(signIn({ "compose.yaml": services(nginx), "conf.d/a.conf": server(asked), ...around }, host)).toMatch(
      /^unknown/,
    );
  });

  test("files of a machine, where one configuration of Authelia lies beside the proxy's.", () => {
    const Caddyfile = `${host} {\n\tforward_auth localhost:9091 {\n\t\turi /api/authz/forward-auth\n\t}\n\treverse_proxy localhost:9000\n}\n`;
    expect(signIn({ Caddyfile, "authelia/configuration.yml": bypass }, host)).toContain(
      "none (Authelia lets everybody",
    );
  });

  test("a guard in another project's Compose file, by its name.", () => {
    const caddy = `name: edge\nservices:\n${service("caddy", "caddy:2.11", "volumes: [./Caddyfile:/etc/caddy/Caddyfile]")}${service("portainer", "portainer/portainer-ce:2.33.0")}`;
    const Caddyfile = `${host} {\n\tforward_auth guard:9091 {\n\t\turi /api/verify\n\t}\n\treverse_proxy portainer:9000\n}\n`;
    const sso = `name: sso\nservices:\n${guard("authelia/authelia:4.39")}`;
    const files = { "edge/compose.yaml": caddy, "edge/Caddyfile": Caddyfile, "sso/compose.yaml": sso };
    expect(signIn({ ...files, "sso/guard/configuration.yml": twoFactors }, host)).toContain("two-factor");
    expect(signIn(files, host)).toContain("delegated");
  });
});

const section = "session:\n  name: s\nstorage:\n  local:\n    path: /config/db.sqlite3\n";
const rulesAlone = (policy: string) =>
  `access_control:\n  default_policy: deny\n  rules:\n${rule("*.example.org", policy)}`;

// covers: A3 A4 | compose
describe("An Authelia whose configuration stands in several files", () => {
  const started = (how: readonly string[], files: Files): Files => ({
    "compose.yaml": stack(
      traefik,
      service("guard", "authelia/authelia:4.39", "volumes: [./guard:/config]", ...how),
      app("sso", asks(endpoint)),
    ),
    ...files,
  });
  const args = (...paths: readonly string[]) => [
    `command: [authelia, ${paths.map((path) => `"--config=/config/${path}"`).join(", ")}]`,
  ];
  const split = { "guard/configuration.yml": section, "guard/configuration.acl.yml": rulesAlone("two_factor") };
  const both = ["configuration.yml", "configuration.acl.yml"];

  test.each<readonly [string, readonly string[], Files, string]>([
    ["by arguments", args(...both), split, "two-factor (Authelia demands two factors (guard/configuration.acl.yml:5))"],
    [
      "by a list in the variable",
      ['environment: ["X_AUTHELIA_CONFIG=/config/configuration.yml,/config/configuration.acl.yml"]'],
      split,
      "two-factor",
    ],
    ["as a folder", ["environment: {X_AUTHELIA_CONFIG: /config}"], split, "two-factor"],
    [
      "of which the last has the last word",
      args(...both),
      { ...split, "guard/configuration.yml": bypass },
      "two-factor",
    ],
    [
      "of which the last lets everybody pass",
      args(...both.toReversed()),
      { ...split, "guard/configuration.yml": bypass },
      "none (Authelia lets",
    ],
    [
      "beside one that it does not read",
      args(...both),
      { ...split, "guard/configuration.old.yml": bypass },
      "two-factor",
    ],
    [
      "of which a later one is not here",
      args(...both, "gone.yml"),
      split,
      "unknown: a rule of Authelia's cannot be told: `/config/gone.yml`",
    ],
    ["of which an earlier one is not here", args("gone.yml", ...both), split, "two-factor"],
    ["that nothing names, of which one alone has rules", [], split, "two-factor"],
    ["that nothing names, of which two have rules", [], { ...split, "guard/configuration.yml": bypass }, "none"],
  ])("%s.", (_, how, files, expected) => {
    expect(signIn(started(how, files), host)).toContain(expected);
  });

  test("of another project counts where one of its files alone has rules.", () => {
    const elsewhere = (files: Files): Files => ({
      "app/compose.yaml": stack(traefik, app("sso", asks("http://authelia:9091/api/authz/forward-auth"))),
      "sso/compose.yaml": `name: sso\nservices:\n${service("authelia", "authelia/authelia:4.39")}`,
      ...files,
    });
    const rules = {
      "sso/config/configuration.yml": section,
      "sso/config/configuration.acl.yml": rulesAlone("one_factor"),
    };
    expect(signIn(elsewhere(rules), host)).toContain("single-factor");
    expect(signIn(elsewhere({ ...rules, "sso/config/configuration.yml": bypass }), host)).toContain("delegated");
  });
});

const kubernetes = (...documents: readonly string[]) => documents.join("---\n");
const pods = (namespace: string, name: string, image: string, port: number) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec:\n  selector: {matchLabels: {app: ${name}}}\n  template:\n    metadata: {labels: {app: ${name}}}\n    spec:\n      containers:\n        - name: ${name}\n          image: ${image}\n          ports: [{containerPort: ${port}}]\n          volumeMounts: [{name: config, mountPath: /config}]\n      volumes: [{name: config, configMap: {name: ${name}}}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec:\n  selector: {app: ${name}}\n  ports: [{port: ${port}}]\n`;
const ingress = (annotation: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: app\n  namespace: apps\n  annotations:\n    ${annotation}\nspec:\n  ingressClassName: nginx\n  rules:\n    - host: ${host}\n      http:\n        paths: [{path: /, pathType: Prefix, backend: {service: {name: app, port: {number: 80}}}}]\n`;
const configMap = (text: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: authelia, namespace: security}\ndata:\n  configuration.yml: |\n${text.replace(/^/gm, "    ").trimEnd()}\n`;

// covers: A3 A4 | kubernetes
describe("In a cluster", () => {
  const inside = kubernetes(
    pods("apps", "app", "portainer/portainer-ce:2.33.0", 80),
    pods("security", "authelia", "ghcr.io/authelia/authelia:4.39", 9091),
    configMap(twoFactors),
  );
  const url = "http://authelia.security.svc.cluster.local:9091/api/authz/auth-request";

  test("`auth-url` leads to Authelia's pods by their Service, and to the rules in its ConfigMap.", () => {
    const annotation = `nginx.ingress.kubernetes.io/auth-url: ${url}`;
    expect(signIn({ "all.yaml": kubernetes(inside, ingress(annotation)) }, host)).toContain("two-factor");
  });

  test.each<readonly [string, string, string]>([
    ["by arguments", 'args: ["--config=/config/configuration.yml", "--config", "/config/acl.yml"]', "two-factor"],
    ["in the other order", "args: ['--config=/config/acl.yml,/config/configuration.yml']", "none"],
    ["as a folder", "env: [{name: X_AUTHELIA_CONFIG, value: /config}]", "none"],
    [
      "beside one that is not seen",
      "env: [{name: X_AUTHELIA_CONFIG, value: '/config/acl.yml,/secrets/oidc.yml'}]",
      "unknown",
    ],
  ])("Authelia reads several keys of its ConfigMap: %s.", (_, how, expected) => {
    const keys = `${configMap(bypass)}  acl.yml: |\n${rulesAlone("two_factor").replace(/^/gm, "    ").trimEnd()}\n`;
    const several = kubernetes(
      pods("apps", "app", "portainer/portainer-ce:2.33.0", 80),
      pods("security", "authelia", "ghcr.io/authelia/authelia:4.39", 9091).replace(
        "          ports:",
        `          ${how}\n          ports:`,
      ),
      keys,
      ingress(`nginx.ingress.kubernetes.io/auth-url: ${url}`),
    );
    expect(signIn({ "all.yaml": several }, host)).toContain(expected);
  });

  test("a Service that is not among the files leaves it unknown.", () => {
    const annotation = `nginx.ingress.kubernetes.io/auth-url: ${url.replace("authelia.security", "sso.security")}`;
    expect(signIn({ "all.yaml": kubernetes(inside, ingress(annotation)) }, host)).toMatch(/^unknown/);
  });

  test("`auth-url` by a public name of a known product is a sign-in of unknown strength.", () => {
    const annotation = 'nginx.ingress.kubernetes.io/auth-url: "https://$host/oauth2/auth"';
    expect(signIn({ "all.yaml": kubernetes(inside, ingress(annotation)) }, host)).toBe(
      "delegated (OAuth2 Proxy is asked who comes (`auth-url`))",
    );
  });

  test("a Middleware of Traefik's and a SecurityPolicy of Envoy Gateway's are followed alike.", () => {
    const middleware = `apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: sso, namespace: security}\nspec:\n  forwardAuth: {address: "${url}"}\n`;
    const route = `apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: app, namespace: apps}\nspec:\n  entryPoints: [websecure]\n  routes:\n    - match: Host(\`${host}\`)\n      kind: Rule\n      middlewares: [{name: sso, namespace: security}]\n      services: [{name: app, port: 80}]\n`;
    expect(signIn({ "all.yaml": kubernetes(inside, middleware, route) }, host)).toContain("two-factor");
    const http = `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: app, namespace: security}\nspec:\n  hostnames: [${host}]\n  parentRefs: [{name: gate}]\n  rules: [{backendRefs: [{name: app, namespace: apps, port: 80}]}]\n`;
    const policy = `apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: SecurityPolicy\nmetadata: {name: sso, namespace: security}\nspec:\n  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: app}]\n  extAuth: {http: {path: /api/authz/ext-authz/, backendRefs: [{name: authelia, port: 9091}]}}\n`;
    const grant = `apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {name: app, namespace: apps}\nspec:\n  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: security}]\n  to: [{group: "", kind: Service}]\n`;
    expect(signIn({ "all.yaml": kubernetes(inside, http, policy, grant) }, host)).toContain("two-factor");
  });
});

/** How bad it is that Portainer holds the engine's socket and can be reached. */
function severities(config: string): readonly string[] {
  const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;
  const systems = systemsOf(labelled("authelia/authelia:4.39", endpoint, config));
  return evaluate(systems, allControls, options)
    .findings.filter(({ control }) => control === "workload.exposure-contained")
    .map(({ severity }) => severity);
}

// covers: A3 A4 N7 | compose
test("Portainer with the engine's socket is critical where Authelia lets everybody pass, and less where it asks.", () => {
  expect(severities(bypass)).toEqual(["critical"]);
  expect(severities(authelia(rule(host, "one_factor")))).toEqual(["high"]);
  expect(severities(twoFactors)).toEqual(["medium"]);
});

describe("Where every service has a project of its own,", () => {
  const edge = `name: edge\nservices:\n${service("traefik", "traefik:v3.7", 'ports: ["443:443"]')}`;
  const sso = (...labels: readonly string[]) =>
    `name: sso\nservices:\n${service("guard", "authelia/authelia:4.39", "volumes: [./guard:/config]", "labels:", ...labels.map((label) => `  - "${label}"`))}`;
  const portainer = (middlewares: string) => `name: portainer\nservices:\n${app(middlewares)}`;
  const files = (middlewares: string, ...labels: readonly string[]) => ({
    "edge/compose.yaml": edge,
    "sso/compose.yaml": sso("traefik.enable=true", ...labels),
    "sso/guard/configuration.yml": twoFactors,
    "portainer/compose.yaml": portainer(middlewares),
  });
  const label = asks("http://guard:9091/api/verify?rd=https://auth.${DOMAIN}");

  test("a middleware on the guard's own container is found by its name.", () => {
    expect(signIn(files("sso@docker", label), host)).toContain("two-factor");
    expect(signIn(files("sso", label), host)).toContain("two-factor");
  });

  test("one that is defined nowhere, twice, or in a container that Traefik leaves alone, is not.", () => {
    expect(signIn(files("sso@docker"), host)).toMatch(/^unknown/);
    const again = {
      "other/compose.yaml": `name: other\nservices:\n${service("x", "x:1", "labels:", `  - "${asks("http://other:1/x")}"`)}`,
    };
    expect(signIn({ ...files("sso@docker", label), ...again }, host)).toContain("several files define");
    const left = { "sso/compose.yaml": sso("traefik.enable=false", label) };
    expect(signIn({ ...files("sso@docker", label), ...left }, host)).toMatch(/^unknown/);
  });

  test("a chain in a file of the proxy's project is followed too.", () => {
    const chain =
      'http:\n  middlewares:\n    secured:\n      chain:\n        middlewares: [sso]\n    sso:\n      forwardAuth:\n        address: "http://guard:9091/api/authz/forward-auth"\n';
    const all = { ...files("secured@file"), "edge/traefik/dynamic/middlewares.yml": chain };
    expect(signIn(all, host)).toContain("two-factor");
  });
});

describe("Many projects that each ask a guard of their own", () => {
  const edge = "networks:\n  web: { external: true }\n";
  const files = (count: number): Files =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        [
          `p${at}/compose.yaml`,
          `services:\n  p${at}:\n    image: x:1\n    networks: [web]\n  caddy:\n    image: caddy:2.10\n    networks: [web]\n    volumes: ["./Caddyfile:/etc/caddy/Caddyfile"]\n${edge}`,
        ],
        [
          `p${at}/Caddyfile`,
          `h${at}.example.org {\n  forward_auth Outpost${at}:9000 {\n    uri /outpost.goauthentik.io/auth/caddy\n  }\n  reverse_proxy p${at}:80\n}\n`,
        ],
        [
          `guards/g${at}/compose.yaml`,
          `services:\n  guard:\n    container_name: outpost${at}\n    image: ghcr.io/goauthentik/proxy:2025.8\n    networks: [web]\n${edge}`,
        ],
      ]).flat(),
    );

  test("have them looked up in each file once, not once for each of them.", () => {
    const looks = (count: number) => {
      const spy = vi.spyOn(ConfinedFiles.prototype, "glance");
      const routes = systemsOf(files(count)).flatMap((system) => system.all("route"));
      const { length } = spy.mock.calls;
      spy.mockRestore();
      expect(routes).toHaveLength(count);
      expect(routes.every(({ authentication }) => knownValue(authentication) === "delegated")).toBe(true);
      return length;
    };
    expect(looks(40)).toBeLessThanOrEqual(2 * looks(20));
  });
});
