/** What is not here is not said to be nowhere, and what has no name is spoken of. */
import { afterEach, expect, test } from "vitest";
import { planned, removeFolders } from "../testing/plans.ts";
import { readKubernetes } from "./index.ts";

afterEach(removeFolders);

const certificate =
  "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: shop}\nspec: {secretName: c, dnsNames: [a.example.org], issuerRef: {kind: ClusterIssuer, name: le}}\n";
const issuer =
  'apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: {acme: {server: "https://acme-v02.api.letsencrypt.org/directory"}}\n';

function whyUnknown(files: Readonly<Record<string, string>>): readonly string[] {
  return planned(files).clusters.flatMap((cluster) =>
    readKubernetes(cluster, { systemName: cluster.name })
      .all("certificate")
      .flatMap(({ certManager }) => (certManager?.issuerKind.kind === "unknown" ? [certManager.issuerKind.why] : [])),
  );
}

// covers: P6 | kubernetes
test("An issuer in another folder is not in the kustomization, and not said to be nowhere.", () => {
  const apps = { "apps/kustomization.yaml": "resources: [c.yaml]\n", "apps/c.yaml": certificate };
  expect(whyUnknown({ ...apps, "infra/issuer.yaml": issuer })).toEqual([
    "the ClusterIssuer le is not in this kustomization",
  ]);
  expect(whyUnknown({ "apps/c.yaml": certificate })).toEqual(["the ClusterIssuer le is not among the files"]);
  expect(whyUnknown({ "apps/c.yaml": certificate, "apps/issuer.yaml": issuer })).toEqual([]);
});

test("A Deployment whose name was forgotten is called by that.", () => {
  const deployment =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {namespace: shop}\nspec: {selector: {matchLabels: {a: y}}, template: {metadata: {labels: {a: y}}, spec: {containers: [{name: m, image: 'ghcr.io/example/a:1.0'}]}}}\n";
  const [cluster] = planned({ "a.yaml": deployment }).clusters;
  const system = cluster && readKubernetes(cluster, { systemName: "c" });
  expect(system?.all("workload").map(({ ref }) => ref.name)).toEqual(["shop/Deployment/(no name)"]);
});
