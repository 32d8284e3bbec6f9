import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { knownValue } from "../facts/fact.ts";
import { refKey } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import { describePlace } from "../lib/place.ts";
import { readRendered } from "./kubernetes/index.ts";
import { readPaths } from "./read-paths.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function read(files: Readonly<Record<string, string>>): readonly System[] {
  const folder = mkdtempSync(join(tmpdir(), "held-"));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return readPaths([folder], { cwd: folder }).systems;
}

function cluster(files: Readonly<Record<string, string>>): System {
  const found = read(files).filter(({ platform }) => platform === "kubernetes");
  expect(found).toHaveLength(1);
  return found[0] as System;
}

function programs(system: System): readonly string[] {
  return system.all("repository-file").flatMap(({ ref, configuration, owner }) => {
    if (configuration === undefined || configuration.software === "kubernetes") return [];
    return [`${configuration.software} ${ref.name}${owner === undefined ? "" : ` of ${owner.name}`}`];
  });
}

const pod = (name: string, image: string, mounts: string, volumes: string) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: edge, labels: {app: ${name}}}
spec:
  containers: [{name: main, image: "${image}", ports: [{containerPort: 80}], volumeMounts: [${mounts}]}]
  volumes: [${volumes}]
`;

const service = (name: string, namespace = "edge") => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {app: ${name}}, ports: [{port: 8080, targetPort: 80}]}
`;

const nginx = `apiVersion: v1
kind: ConfigMap
metadata: {name: proxy, namespace: edge}
data:
  nginx.conf: |
    events {}
    http {
      include /etc/nginx/conf.d/*.conf;
    }
  site.conf: |
    server {
      listen 80;
      server_name files.example.org;
      location / {
        proxy_pass http://files:8080;
      }
    }
`;

const nginxPod = pod(
  "proxy",
  "nginx:1.29",
  "{name: c, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}, {name: s, mountPath: /etc/nginx/conf.d}",
  "{name: c, configMap: {name: proxy}}, {name: s, configMap: {name: proxy, items: [{key: site.conf, path: site.conf}]}}",
);

// covers: N6 | kubernetes
test("A proxy's configuration in a ConfigMap leads through a Service to the pods behind it, at its line of the manifest.", () => {
  const system = cluster({ "all.yaml": nginx + nginxPod + service("files") + pod("files", "nginx:1", "", "") });
  const [route, ...others] = system.all("route");
  expect(others).toEqual([]);
  expect(route === undefined ? "" : describePlace(route.place)).toMatch(/^all\.yaml:1[3-5]:/);
  expect(route === undefined ? undefined : knownValue(route.target)).toMatchObject({
    workload: { name: "edge/Pod/files" },
    port: 80,
  });
  expect(programs(system)).toEqual(["nginx all.yaml: /etc/nginx/nginx.conf of edge/Pod/proxy"]);
});

test("A name means the Service of the asking pod's own namespace, and another one only with that namespace behind it.", () => {
  const elsewhere = service("files", "media") + pod("files", "nginx:1", "", "").replace("edge", "media");
  const near = cluster({ "all.yaml": nginx + nginxPod + elsewhere });
  expect(near.all("route").map(({ target }) => knownValue(target))).toEqual([undefined]);
  const named = nginx.replace("http://files:", "http://files.media.svc.cluster.local:");
  const far = cluster({ "all.yaml": named + nginxPod + elsewhere });
  expect(far.all("route").map(({ target }) => knownValue(target)?.workload.name)).toEqual(["media/Pod/files"]);
});

test("A file that a kustomization makes a ConfigMap of is read once, for the pod that mounts it, at its own line.", () => {
  const systems = read({
    "kustomization.yaml":
      "resources: [pod.yaml]\nnamespace: edge\nconfigMapGenerator: [{name: broker, files: [mosquitto.conf]}]\n",
    "mosquitto.conf": "listener 1883\nallow_anonymous true\n",
    "pod.yaml": pod(
      "broker",
      "eclipse-mosquitto:2",
      "{name: c, mountPath: /mosquitto/config}",
      "{name: c, configMap: {name: broker}}",
    ),
  });
  expect(systems.flatMap(programs)).toEqual([
    "mosquitto mosquitto.conf: /mosquitto/config/mosquitto.conf of edge/Pod/broker",
  ]);
});

test("What nothing among the files mounts is read by itself, and so are texts of a chart's values and of a plain Secret.", () => {
  const system = cluster({
    "all.yaml": `apiVersion: v1
kind: Secret
metadata: {name: alertmanager-main, namespace: o11y}
stringData:
  alertmanager.yaml: |
    route: {receiver: none}
    receivers: [{name: none}]
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: grafana, namespace: o11y}
spec:
  values:
    configMaps:
      main:
        data:
          grafana.ini: |
            [auth.anonymous]
            enabled = true
`,
  });
  expect(system.all("repository-file").flatMap(({ configuration }) => configuration?.software ?? [])).toEqual(
    expect.arrayContaining(["alertmanager", "grafana"]),
  );
  const grafana = system.all("repository-file").find(({ configuration }) => configuration?.software === "grafana");
  expect(grafana?.place === undefined ? "" : describePlace(grafana.place)).toBe("all.yaml:18:13");
});

test("A value that Flux will substitute, a key that no pod takes, and a text of no known name give nothing.", () => {
  const encrypted = nginx.replace("http://files:8080", `http://\${TARGET}`);
  const flux = `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./apps, postBuild: {substituteFrom: [{kind: Secret, name: vars}]}, sourceRef: {kind: GitRepository, name: flux-system}}
`;
  const systems = read({ "flux.yaml": flux, "apps/all.yaml": encrypted + nginxPod });
  expect(systems.flatMap((system) => system.all("route")).map(({ ref }) => refKey(ref))).toEqual([]);
  const partly = pod(
    "proxy",
    "nginx:1",
    "{name: c, mountPath: /srv/x.txt, subPath: x.txt}",
    "{name: c, configMap: {name: proxy}}",
  );
  expect(programs(cluster({ "all.yaml": nginx + partly }))).toEqual([]);
  const odd = nginx
    .replace("nginx.conf", "notes.txt")
    .replace("site.conf", "todo.txt")
    .replace("name: proxy", "name: x");
  expect(programs(cluster({ "all.yaml": odd + pod("a", "b:1", "", "") }))).toEqual([]);
});

const encoded = (name: string, bytes: Buffer | string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: proxy, namespace: edge}\nbinaryData:\n  ${name}: ${typeof bytes === "string" ? bytes : bytes.toString("base64")}\n`;
const whole =
  "events {}\nhttp { server { listen 80; server_name files.example.org; location / { proxy_pass http://files:8080; } } }\n";
const wholePod = pod("proxy", "nginx:1.29", "{name: c, mountPath: /etc/nginx}", "{name: c, configMap: {name: proxy}}");

// covers: N6 | kubernetes
test("A configuration that a ConfigMap holds as base64 is read like any other, at the key that holds it.", () => {
  const system = cluster({
    "all.yaml":
      encoded("nginx.conf", Buffer.from(whole)) + wholePod + service("files") + pod("files", "nginx:1", "", ""),
  });
  expect(programs(system)).toEqual(["nginx all.yaml: /etc/nginx/nginx.conf of edge/Pod/proxy"]);
  const [route] = system.all("route");
  expect(route && describePlace(route.place)).toBe("all.yaml:5:15");
  expect(route && knownValue(route.target)?.workload.name).toBe("edge/Pod/files");
});

test.each<readonly [string, string, Buffer | string, string | undefined]>([
  ["bytes that are no text", "nginx.conf", Buffer.from([1, 0, 2]), "is a binary file (it has a zero byte)"],
  ["text of another encoding", "nginx.conf", Buffer.from("\u00e4", "latin1"), "is not valid UTF-8"],
  [
    "no base64",
    "nginx.conf",
    "'%%%'",
    "The API server does not take the key nginx.conf of ConfigMap edge/proxy: its value is no base64.",
  ],
  ["half of a group", "nginx.conf", "ZXZlbnR", "its value is no base64"],
  ["a picture", "favicon.ico", Buffer.from([1, 0, 2]), undefined],
  ["nothing", "nginx.conf", "''", undefined],
])("Of base64 that holds %s nothing is read, and it is said where it matters.", (_, name, bytes, message) => {
  const system = cluster({ "all.yaml": encoded(name, bytes) + wholePod });
  expect(programs(system)).toEqual([]);
  expect(system.problems.map((problem) => `${problem.message} ${describePlace(problem.place)}`)).toEqual(
    message === undefined ? [] : [expect.stringContaining(message)],
  );
  for (const { place } of system.problems) expect(describePlace(place)).toMatch(/^all\.yaml:5:/);
});

test("A rendered text has no folder, and its files are read all the same.", () => {
  const answer = readRendered("-", nginx + nginxPod, { name: (own) => own, profile: undefined });
  expect(answer instanceof Error ? [] : programs(answer.system)).toEqual([
    "nginx -: /etc/nginx/nginx.conf of edge/Pod/proxy",
  ]);
});

const dynamicFile = `apiVersion: v1
kind: ConfigMap
metadata: {name: dynamic, namespace: edge}
data:
  apps.yaml: |
    http:
      routers:
        files:
          rule: Host(\`files.example.org\`)
          service: files
          middlewares: [head, edge-limit@kubernetescrd]
      services:
        files:
          loadBalancer: {servers: [{url: "http://files:8080"}], serversTransport: own}
      middlewares:
        head:
          headers: {contentTypeNosniff: true}
        login:
          basicAuth: {users: ["a:b"]}
      serversTransports:
        own: {insecureSkipVerify: true}
`;

const limit = `---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: limit, namespace: edge}
spec: {rateLimit: {average: 10, period: 1m}}
`;

const traefikPod = (args: string, mount = "/etc/traefik/dynamic", more = "") => `---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: edge, labels: {app: proxy}}
spec:
  containers:
    - name: main
      image: traefik:v3.5
      args: [${args}]
      volumeMounts: [{name: d, mountPath: ${mount}}${more === "" ? "" : ", {name: e, mountPath: /etc/traefik/dynamic/more}"}]
  volumes: [{name: d, configMap: {name: dynamic}}${more}]
`;

const told = [
  "--entrypoints.web.address=:80",
  "--entrypoints.web.http.redirections.entrypoint.to=websecure",
  "--entrypoints.websecure.address=:443",
  "--entrypoints.websecure.http.tls=true",
  "--entrypoints.websecure.http.middlewares=login@file",
  "--providers.file.directory=/etc/traefik/dynamic",
];
const toldAll = told.map((word) => `"${word}"`).join(", ");
const files = pod("files", "example/files", "", "") + service("files");

function traefikOf(system: System) {
  const file = system.all("repository-file").find(({ ref }) => ref.name === "edge/Pod/proxy's arguments");
  if (file?.configuration?.software !== "traefik") throw new Error("there are no settings");
  return file.configuration;
}

// covers: T4 A3 | kubernetes
test("A router of a dynamic file in a ConfigMap has what the arguments of its Traefik say of the entry points.", () => {
  const system = cluster({ "edge.yaml": dynamicFile + limit + traefikPod(toldAll) + files });
  const [route, ...others] = system.all("route");
  expect(others).toEqual([]);
  expect(route?.ref.name).toBe("edge/Pod/proxy/files.example.org");
  expect(route && knownValue(route.tls)).toEqual({ minimum: "1.2" });
  expect(route && knownValue(route.redirectsToTls)).toBe(true);
  // The entry point asks for a login, the router for a header, and an object of the cluster limits the rate.
  expect(route && knownValue(route.authentication)).toBe("single-factor");
  expect(route?.headers.items.map(({ name }) => name)).toEqual(["x-content-type-options"]);
  expect(route && knownValue(route.rateLimit)).toEqual({ requests: 10, windowSeconds: 60 });
  expect(route && knownValue(route.target)).toMatchObject({ workload: { name: "edge/Pod/files" } });
  expect(route && describePlace(route.place)).toBe("edge.yaml:9:17");
});

test("What such a file says of certificates is told with the arguments, and the file is not told of apart.", () => {
  const system = cluster({ "edge.yaml": dynamicFile + limit + traefikPod(toldAll) + files });
  expect(programs(system)).toEqual([
    // What Traefik's own kinds define, here the middleware.
    "traefik edge.yaml: Traefik",
    "traefik edge/Pod/proxy's arguments of edge/Pod/proxy",
  ]);
  const { unverifiedUpstreams } = traefikOf(system);
  expect([unverifiedUpstreams.complete, unverifiedUpstreams.items.length]).toEqual([true, 1]);
  const [upstream] = unverifiedUpstreams.items;
  expect(upstream && describePlace(upstream.place)).toBe("edge.yaml:21:35");
});

test.each<readonly [string, string]>([
  [
    "a volume in its folder is not seen",
    traefikPod(toldAll, undefined, ", {name: e, persistentVolumeClaim: {claimName: x}}"),
  ],
  ["another folder is named", traefikPod(toldAll, "/dynamic")],
])("Where %s, the file provider may define more.", (_, proxy) => {
  const system = cluster({ "edge.yaml": dynamicFile + limit + proxy + files });
  expect(traefikOf(system).unverifiedUpstreams.complete).toBe(false);
});

test("A text beside it that Flux puts something into later may define what it names.", () => {
  const flux = `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./apps, postBuild: {substituteFrom: [{kind: Secret, name: vars}]}, sourceRef: {kind: GitRepository, name: flux-system}}
`;
  const open = dynamicFile.replace("middlewares: [head,", "middlewares: [late,");
  const later = "  late.yaml: |\n    http: {middlewares: {late: {forwardAuth: {address: 'http://${HOST}/'}}}}\n";
  const [system] = read({ "flux.yaml": flux, "apps/all.yaml": open + later + traefikPod(toldAll) + files }).filter(
    (each) => each.all("route").length > 0,
  );
  if (system === undefined) throw new Error("there is no route");
  expect(traefikOf(system).unverifiedUpstreams.complete).toBe(false);
  const headers = system.all("route")[0]?.headers;
  expect(headers?.complete === false && headers.why).toContain("`late.yaml` is not resolved");
});
