/** What a checker must not do: miss the policies of a segmented cluster, and report one finding for each of its pods. */
import { describe, expect, test } from "vitest";
import { clusterOf } from "../../platforms/kubernetes/testing/manifests.ts";
import { evaluate } from "../evaluate.ts";
import { allControls } from "../registry.ts";

const namespaces = Array.from({ length: 20 }, (_, at) => `team-${at}`);

function workload(namespace: string, name: string, port: number, image = "ghcr.io/example/app:1.4.2"): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: ${image}, ports: [{containerPort: ${port}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {app: ${name}}, ports: [{port: ${port}}]}
`;
}

/** 20 namespaces with three workloads each, behind one gateway. */
function cluster(...policies: readonly string[]): string {
  const gateway =
    "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: main, namespace: gateway}\nspec: {gatewayClassName: cilium, listeners: [{name: https, protocol: HTTPS, port: 443, allowedRoutes: {namespaces: {from: All}}}]}\n";
  const teams = namespaces.map((name) =>
    [
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`,
      workload(name, "web", 8080),
      workload(name, "worker", 9000),
      workload(name, "db", 5432, "docker.io/library/postgres:17.2"),
      `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, namespace: ${name}}\nspec: {hostnames: [${name}.example.org], parentRefs: [{name: main, namespace: gateway}], rules: [{backendRefs: [{name: web, port: 8080}]}]}\n`,
    ].join("---\n"),
  );
  return [gateway, ...teams, ...policies].join("---\n");
}

const denyEverywhere = `apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: default-deny}
spec:
  endpointSelector: {matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: NotIn, values: [kube-system]}]}
  ingress: [{}]
  egress:
    - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system, k8s-app: kube-dns}}]
      toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
`;

/** The gateway may reach the page, the page its database. */
const allowed = namespaces.flatMap((name) => [
  `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: web, namespace: ${name}}\nspec: {endpointSelector: {matchLabels: {app: web}}, ingress: [{fromEntities: [ingress], toPorts: [{ports: [{port: "8080"}]}]}], egress: [{toEndpoints: [{matchLabels: {app: db}}], toPorts: [{ports: [{port: "5432"}]}]}]}\n`,
  `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: db, namespace: ${name}}\nspec: {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: "5432"}]}]}]}\n`,
]);

function findings(text: string) {
  const system = clusterOf(text);
  const options = { today: new Date("2026-11-21"), profile: "homelab", ownStack: false } as const;
  const { findings: found } = evaluate([system], allControls, options);
  const policies = found.filter(({ control }) =>
    /^network\.(?:default-deny-set|dns-allowed|policy-rule-narrow)$/.test(control),
  );
  return { system, policies };
}

// covers: N2 N8 N10 | kubernetes
describe("A cluster of 60 workloads in 20 namespaces", () => {
  test("that Cilium segments clusterwide has no finding about its policies.", () => {
    expect(findings(cluster(denyEverywhere, ...allowed)).policies).toEqual([]);
  });

  test("that a policy in each namespace segments has none either.", () => {
    const each = namespaces.map(
      (name) =>
        `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: deny, namespace: ${name}}\nspec: {endpointSelector: {}, ingress: [{}], egress: [{}]}\n`,
    );
    expect(findings(cluster(...each)).policies).toEqual([]);
    const plain = namespaces.map(
      (name) =>
        `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: ${name}}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n`,
    );
    expect(findings(cluster(...plain)).policies).toEqual([]);
  });

  test("without any policy has one finding for each namespace, and not for each pod.", () => {
    const { policies } = findings(cluster());
    expect(policies).toHaveLength(20);
    expect(new Set(policies.map(({ subject }) => subject.name)).size).toBe(20);
    expect(policies[0]?.message).toContain("web, worker and db");
  });

  test("lets the way from outside lead to the page, and to its database only by way of it.", () => {
    const way = (name: string, text: string) =>
      findings(text)
        .system.reach.pathFromOutside({ kind: "workload", system: "cluster", name: `team-0/Deployment/${name}` })
        .map((edge) => edge.allowedBy);
    const segmented = cluster(denyEverywhere, ...allowed);
    expect(way("web", segmented)).toEqual(["team-0.example.org is routed to it"]);
    expect(way("db", segmented)).toEqual([
      "team-0.example.org is routed to it",
      "CiliumNetworkPolicy team-0/db and CiliumNetworkPolicy team-0/web let it",
    ]);
    expect(way("worker", segmented)).toEqual([]);
    expect(way("worker", cluster())).toHaveLength(2);
  });
});
