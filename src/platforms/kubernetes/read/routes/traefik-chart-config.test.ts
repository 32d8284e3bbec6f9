import { expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { describePlace, Source } from "../../../../lib/place.ts";
import { mapScalars } from "../../load/nodes.ts";
import { clusterOf } from "../../testing/manifests.ts";
import { planned, removeFolders } from "../../testing/plans.ts";
import { readKubernetes } from "../index.ts";
import { chartArguments, exposedPorts, servedPorts } from "./traefik-chart-arguments.ts";

function valuesOf(text: string): TreeNode | undefined {
  return parseYaml(new Source("values.yaml", text), text).documents[0];
}

function argumentsOf(values: string): readonly string[] {
  const place = { kind: "nowhere", why: "a test" } as const;
  return chartArguments(valuesOf(values), place).map(({ text, why }) => `${text.reveal()}${why ?? ""}`);
}

test("Traefik's chart starts it with its own ports, of which two lead in.", () => {
  expect(argumentsOf("deployment: {replicas: 2}")).toEqual([
    "--entryPoints.web.address=:8000/tcp",
    "--entryPoints.websecure.address=:8443/tcp",
    "--entryPoints.websecure.http.tls=true",
    "--entryPoints.traefik.address=:8080/tcp",
    "--entryPoints.metrics.address=:9100/tcp",
    "--providers.kubernetescrd=true",
    "--providers.kubernetesingress=true",
  ]);
  expect(argumentsOf("ports: {web: null}")[0]).toBe("--entryPoints.websecure.address=:8443/tcp");
});

test.each([
  ["{}", ["web", "websecure"], [8000, 8443]],
  ["ports: {web: null, traefik: {expose: {default: true}}}", ["websecure", "traefik"], [8443, 8080]],
  ["ports: {web: {expose: false}, mail: {port: 2525, expose: true}}", ["websecure", "mail"], [8443, 2525]],
  ["ports: {metrics: {hostPort: 9100}}", ["web", "websecure", "metrics"], [8000, 8443, 9100]],
  ["hostNetwork: true", ["web", "websecure", "traefik", "metrics"], [8000, 8443, 8080, 9100]],
])("The ports that are led to with the values %s are %j.", (values, names, ports) => {
  expect([...exposedPorts(valuesOf(values))]).toEqual(names);
  expect([...(servedPorts(valuesOf(values)) ?? [])]).toEqual(ports);
});

test.each([
  ["{redirections: {entryPoint: {to: websecure, permanent: true}}}"],
  ["{http: {redirections: {entryPoint: {to: websecure, scheme: https}}}}"],
  ["{redirectTo: {port: websecure}}"],
  ["{redirectTo: websecure}"],
])("The port of plain HTTP sends on in each way in which the chart has had it written: %s.", (web) => {
  expect(argumentsOf(`ports: {web: ${web}}`).slice(1, 3)).toEqual([
    "--entryPoints.web.http.redirections.entryPoint.to=:443",
    "--entryPoints.web.http.redirections.entryPoint.scheme=https",
  ]);
});

const config = (values: string) =>
  `apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: traefik, namespace: kube-system}\nspec:\n  valuesContent: |-\n    ${values}\n---\n`;
const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: traefik
  rules: [{host: a.example.org, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`;

test("Of a value that a variable fills in, the option is known alone.", () => {
  const open = (node: TreeNode): TreeNode =>
    node.kind === "scalar" && node.value === "X" ? { ...node, unresolved: "a variable" } : node;
  const place = { kind: "nowhere", why: "a test" } as const;
  const values = valuesOf("{api: {insecure: X}, ports: {web: {forwardedHeaders: {trustedIPs: [10.0.0.0/8, X]}}}}");
  const words = chartArguments(values && mapScalars(values, open), place);
  expect(words.flatMap(({ text, why }) => (why === undefined ? [] : [text.reveal()]))).toEqual([
    "--entryPoints.web.forwardedHeaders.trustedIPs=",
    "--api.insecure=",
  ]);
});

// covers: N5 | kubernetes
test.each([
  ["in the open beside its certificate", "ports: {web: {port: 8000}}", "none", undefined],
  [
    "over TLS alone",
    "ports: {web: {redirections: {entryPoint: {to: websecure, scheme: https}}}}",
    { minimum: "1.2" },
    true,
  ],
  ["over TLS alone where nothing listens in plain", "ports: {web: null}", { minimum: "1.2" }, undefined],
])("An Ingress of k3s is served %s, as the chart's ports say.", (_, values, tls, redirects) => {
  const [route] = clusterOf(config(values) + ingress).all("route");
  expect(route && [knownValue(route.tls), knownValue(route.redirectsToTls)]).toEqual([tls, redirects]);
});

test("What k3s's Traefik is told is not known where its values have a mistake, or two objects tell it.", () => {
  for (const text of [config("ports: {web: ["), config("{}") + config("{}").replace("kube-system", "other")]) {
    const [route] = clusterOf(text + ingress).all("route");
    expect(route?.addition).toEqual({ unseen: expect.stringContaining("traefik") });
  }
});

const flux = (values: string, more = "") => `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: traefik, namespace: flux-system}
spec: {url: https://traefik.github.io/charts, interval: 1h}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: traefik, namespace: network}
spec:
  interval: 1h
  chart: {spec: {chart: traefik, version: 37.1.2, sourceRef: {kind: HelmRepository, name: traefik, namespace: flux-system}}}
  ${more}
  values: ${values}
---
`;
const application = (values: string) => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: traefik, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://helm.traefik.io/traefik, chart: traefik, targetRevision: 37.1.2, helm: {valuesObject: ${values}}}
  destination: {server: https://kubernetes.default.svc, namespace: network}
---
`;
const ofChart = (text: string) => {
  const [each] = clusterOf(text)
    .all("repository-file")
    .flatMap(({ configuration }) => (configuration?.software === "traefik" ? [configuration] : []));
  return each;
};

// covers: N5 | kubernetes
test.each([
  ["a HelmRelease", flux],
  ["an Application", application],
])("An Ingress is served as the values of %s say.", (_, installed) => {
  const served = (values: string) => clusterOf(installed(values) + ingress).all("route")[0];
  const plain = served("{}");
  expect(plain && [knownValue(plain.tls), knownValue(plain.redirectsToTls)]).toEqual(["none", undefined]);
  const sent = served("{ports: {web: {redirections: {entryPoint: {to: websecure}}}}}");
  expect(sent && [knownValue(sent.tls), knownValue(sent.redirectsToTls)]).toEqual([{ minimum: "1.2" }, true]);
});

test("Values that are not seen leave open what they may say, and what is said stays.", () => {
  const hidden = "valuesFrom: [{kind: Secret, name: elsewhere}]";
  const [route] = clusterOf(flux("{}", hidden) + ingress).all("route");
  expect(route?.addition).toEqual({ unseen: expect.stringContaining("traefik") });
  const open = ofChart(flux("{}", hidden));
  expect([open?.openDashboard.kind, open?.trustedForwarders.kind, open?.doors.complete]).toEqual([
    "unknown",
    "unknown",
    false,
  ]);
  const said = ofChart(flux("{additionalArguments: [--api.insecure=true]}", hidden));
  expect(said && knownValue(said.openDashboard)).toBe(true);
});

test.each([
  ["another's chart of that name", (text: string) => text.replace("traefik.github.io/charts", "charts.truecharts.org")],
  ["a chart before its own values became these", (text: string) => text.replace("37.1.2", "10.24.0")],
  ["a repository that is not among the files", (text: string) => text.slice(text.indexOf("---") + 4)],
])("Nothing is told of the values of %s.", (_, changed) => {
  expect(ofChart(flux("{api: {insecure: true}}"))).toBeDefined();
  expect(ofChart(changed(flux("{api: {insecure: true}}")))).toBeUndefined();
});

test("Only pods come to the port of the dashboard that nothing leads to.", () => {
  const reach = (values: string) => ofChart(flux(values))?.doors.items.map((door) => knownValue(door.reach));
  expect(reach("{api: {insecure: true}}")).toEqual(["inside"]);
  expect(reach("{api: {insecure: true}, ports: {traefik: {expose: {default: true}}}}")).toEqual(["everywhere"]);
});

test.each([
  ["on the chart's own entry point, which nothing leads to", "{enabled: true}", []],
  ["on one that is led to", "{enabled: true, entryPoints: [websecure]}", [false]],
  [
    "behind a sign-in",
    "{enabled: true, entryPoints: [websecure], matchRule: Host(`t.example.org`), middlewares: [{name: login}]}",
    [true],
  ],
])("The chart's route to the dashboard, %s, is judged as one that is written.", (_, dashboard, signIns) => {
  const login = `apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: login, namespace: network}
spec: {basicAuth: {secret: users}}
---
`;
  const doors = clusterOf(flux(`{ingressRoute: {dashboard: ${dashboard}}}`) + login)
    .all("repository-file")
    .flatMap(({ configuration }) => (configuration?.software === "traefik" ? configuration.doors.items : []));
  expect(doors.map(({ signIn }) => knownValue(signIn))).toEqual(signIns);
});

test("What a chart's values open stands where they say it, in an object or in the file that a generator takes up.", () => {
  const door = (of: ReturnType<typeof ofChart>) => of?.doors.items.map(({ place }) => describePlace(place));
  const lines = "\n    api: {insecure: true}\n    additionalArguments:\n    - --api.insecure=true";
  expect(door(ofChart(flux(lines)))).toEqual(["manifests.yaml:16:7"]);
  const { clusters } = planned({
    "kustomization.yaml":
      "resources: [traefik.yaml]\nnamespace: network\nconfigMapGenerator:\n- {name: values, files: [values.yaml=own.yaml]}\ngeneratorOptions: {disableNameSuffixHash: true}\n",
    "own.yaml": "ports:\n  web: {port: 80}\napi:\n  insecure: true\n",
    "traefik.yaml": flux("{}", "valuesFrom: [{kind: ConfigMap, name: values}]").replaceAll(/, namespace: [\w-]+/g, ""),
  });
  const [cluster] = clusters;
  const files = cluster && readKubernetes(cluster, { systemName: "cluster" }).all("repository-file");
  const [found] =
    files?.flatMap(({ configuration }) => (configuration?.software === "traefik" ? [configuration] : [])) ?? [];
  expect(door(found)).toEqual(["own.yaml:4:13"]);
  removeFolders();
});
