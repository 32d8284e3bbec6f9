import { expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { Source } from "../../../../lib/place.ts";
import { clusterOf } from "../../testing/manifests.ts";
import { chartArguments } from "./traefik-chart-arguments.ts";

function argumentsOf(values: string, ofAll = true): readonly string[] {
  return chartArguments(parseYaml(new Source("values.yaml", values), values).documents[0], ofAll);
}

test("Traefik's chart starts it with its own ports, of which two lead in.", () => {
  expect(argumentsOf("deployment: {replicas: 2}", false)).toEqual([
    "--entryPoints.web.address=:8000/tcp",
    "--entryPoints.websecure.address=:8443/tcp",
    "--entryPoints.websecure.http.tls=true",
    "--providers.kubernetescrd=true",
    "--providers.kubernetesingress=true",
  ]);
  expect(argumentsOf("ports: {web: null, traefik: {expose: {default: true}}}", false).slice(0, 3)).toEqual([
    "--entryPoints.websecure.address=:8443/tcp",
    "--entryPoints.websecure.http.tls=true",
    "--entryPoints.traefik.address=:8080/tcp",
  ]);
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
