import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { manifestsOf } from "../../testing/manifests.ts";
import { type Cluster, isOnNode } from "../cluster.ts";
import type { ClusterPod } from "../cluster-pods.ts";
import { readCluster } from "../index.ts";
import { type Answer, and, or } from "../labels.ts";
import { clusterFlows } from "./flows.ts";
import { Policies, type Side } from "./isolation.ts";
import { anyPodOf, type Candidate, names, type Policy, takes } from "./policy.ts";

const keys = ["app", "tier", "app.kubernetes.io/name"];
const values = ["a", "b", "c"];
const namespaces = ["one", "two", "three"];

const key = fc.constantFrom(...keys);
const value = fc.constantFrom(...values);
const labels = fc.dictionary(
  key,
  fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant("${HIDDEN}") }),
  {
    maxKeys: 3,
  },
);
const expression = fc.oneof(
  fc.record({ key, operator: fc.constantFrom("In", "NotIn"), values: fc.array(value, { minLength: 1, maxLength: 2 }) }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);
const selector = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: fc.record({ matchLabels: fc.dictionary(key, value, { minKeys: 1, maxKeys: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ matchExpressions: fc.array(expression, { minLength: 1, maxLength: 2 }) }) },
);
const inNamespaces = fc.oneof(
  fc.constant({}),
  fc.constantFrom(...namespaces).map((name) => ({ matchLabels: { "kubernetes.io/metadata.name": name } })),
  fc.constant({ matchLabels: { team: "x" } }),
);

const pod = fc.record({
  namespace: fc.constantFrom(...namespaces),
  labels,
  onNode: fc.nat(9).map((roll) => roll === 0),
});
const blocks = fc.constantFrom("0.0.0.0/0", "10.0.0.0/8").map((cidr) => ({ ipBlock: { cidr } }));
const peer = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  inNamespaces.map((namespaceSelector) => ({ namespaceSelector })),
  fc.record({ podSelector: selector, namespaceSelector: inNamespaces }),
  blocks,
);
const ports = fc.constantFrom({}, { ports: [{ port: 80 }] });

function rules(direction: string) {
  const rule = fc.tuple(fc.array(peer, { maxLength: 2 }), ports).map(([peers, on]) => ({ [direction]: peers, ...on }));
  return fc.array(rule, { maxLength: 2 });
}

const networkPolicy = fc.record({
  kind: fc.constant("NetworkPolicy"),
  namespace: fc.constantFrom(...namespaces),
  spec: fc.record({
    podSelector: selector,
    policyTypes: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
    ingress: rules("from"),
    egress: rules("to"),
  }),
});

const endpoints = fc.oneof(
  selector,
  fc
    .tuple(fc.constantFrom(...namespaces), value)
    .map(([name, app]) => ({ matchLabels: { "k8s:io.kubernetes.pod.namespace": name, "k8s:app": app } })),
  fc.constantFrom(...namespaces).map((name) => ({ matchLabels: { "io.kubernetes.pod.namespace": name } })),
);
const ciliumRule = (to: string) =>
  fc.oneof(
    fc.array(endpoints, { maxLength: 2 }).map((each) => ({ [`${to}Endpoints`]: each })),
    fc.constantFrom("cluster", "world", "all").map((entity) => ({ [`${to}Entities`]: [entity] })),
    fc.constant({}),
  );
const ciliumPolicy = fc.record({
  kind: fc.constantFrom("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"),
  namespace: fc.constantFrom(...namespaces),
  spec: fc.record(
    {
      endpointSelector: endpoints,
      ingress: fc.array(ciliumRule("from"), { maxLength: 2 }),
      egress: fc.array(ciliumRule("to"), { maxLength: 2 }),
      ingressDeny: fc.array(ciliumRule("from"), { maxLength: 1 }),
      egressDeny: fc.array(ciliumRule("to"), { maxLength: 1 }),
    },
    { requiredKeys: ["endpointSelector"] },
  ),
});

const group = fc.oneof(
  inNamespaces.map((each) => ({ namespaces: each })),
  fc.record({ pods: fc.record({ namespaceSelector: inNamespaces, podSelector: selector }) }),
);
const adminRule = (to: string) =>
  fc.record({
    action: fc.constantFrom("Allow", "Deny", "Pass"),
    [to]: fc.array(group, { minLength: 1, maxLength: 2 }),
  });
const adminPolicy = fc.record({
  kind: fc.constantFrom("AdminNetworkPolicy", "BaselineAdminNetworkPolicy"),
  namespace: fc.constant(undefined),
  spec: fc.record({
    subject: group,
    ingress: fc.array(adminRule("from"), { maxLength: 2 }),
    egress: fc.array(adminRule("to"), { maxLength: 2 }),
  }),
});

const groups: Readonly<Record<string, string>> = {
  NetworkPolicy: "networking.k8s.io/v1",
  CiliumNetworkPolicy: "cilium.io/v2",
  CiliumClusterwideNetworkPolicy: "cilium.io/v2",
  AdminNetworkPolicy: "policy.networking.k8s.io/v1alpha1",
  BaselineAdminNetworkPolicy: "policy.networking.k8s.io/v1alpha1",
};

const cluster = fc
  .tuple(
    fc.array(pod, { minLength: 1, maxLength: 8 }),
    fc.array(fc.oneof(networkPolicy, ciliumPolicy, adminPolicy), { maxLength: 6 }),
  )
  .map(([pods, policies]) => {
    const objects: unknown[] = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "one", labels: { team: "x" } } },
      ...pods.map(({ namespace, labels: own, onNode }, number) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `pod${number}`, namespace, labels: own },
        spec: { ...(onNode && { hostNetwork: true }), containers: [{ name: "main", image: "example/app" }] },
      })),
      ...policies.map(({ kind, namespace, spec }, number) => ({
        apiVersion: groups[kind],
        kind,
        metadata: { name: `policy${number}`, namespace },
        spec,
      })),
    ];
    return objects.map((object) => JSON.stringify(object)).join("\n---\n");
  });

function read(text: string): Cluster {
  return readCluster(manifestsOf(text), { systemName: "cluster" }).cluster;
}

/** What `Policies.taking` is to answer, asked of every policy. */
function plainTaking(policies: readonly Policy[], pod: Candidate, side: Side): readonly unknown[] {
  const ordered = [
    ...policies.filter((each) => each.namespace !== undefined),
    ...policies.filter((each) => each.namespace === undefined),
  ];
  return ordered.flatMap((policy) => {
    const answer = policy[side] === undefined ? "no" : takes(policy, pod);
    return answer === "no" ? [] : [{ policy: policy.name, takes: answer }];
  });
}

/** Whether one side of a connection lets the pod on the other side, asked of every policy. */
function lets({ policies }: Cluster, pod: ClusterPod, other: ClusterPod, side: Side): Answer {
  const taking = policies.all.flatMap((policy) => {
    const direction = policy[side];
    const answer = takes(policy, pod);
    return direction === undefined || answer === "no" ? [] : [{ policy, direction, answer }];
  });
  const normal = taking.filter(({ policy }) => policy.tier === "normal");
  const isIsolated = (all: typeof taking) =>
    all.some(({ direction, answer }) => and(answer, direction.isolates) === "yes");
  const counting = isIsolated(normal) ? normal : taking;
  const denied = counting.some(
    ({ direction, answer }) =>
      answer === "yes" && direction.deny.some((each) => each.ports.every && names(each, other) === "yes"),
  );
  if (denied) return "no";
  if (!isIsolated(counting)) return "yes";
  const peers = counting.flatMap(({ direction }) => direction.allow);
  return peers
    .filter((each) => each.ports.every || each.ports.ranges.length > 0)
    .reduce<Answer>((sum, each) => or(sum, names(each, other)), "no");
}

/** `pod0>pod1` for every connection that flows let through. */
function connections({ pods, policies }: Cluster): readonly string[] {
  const place = { kind: "nowhere", why: "a test" } as const;
  const inside = pods.filter((each) => !isOnNode(each));
  const flows = clusterFlows(inside, [], policies, place);
  const found = flows.flatMap(({ from, to, notFrom = [], notTo = [] }) =>
    from
      .filter((ref) => !notFrom.includes(ref))
      .flatMap((source) =>
        to.flatMap((target) => (notTo.includes(target) || source === target ? [] : `${source.name}>${target.name}`)),
      ),
  );
  return [...new Set(found)].sort();
}

// covers: N2 N8 N10 | kubernetes
describe("Policies that are looked up by what they ask for", () => {
  test("take the pods that they take when each is asked of each.", () => {
    fc.assert(
      fc.property(cluster, (text) => {
        const { policies, pods } = read(text);
        for (const each of [...pods, ...namespaces.map(anyPodOf)]) {
          for (const side of ["ingress", "egress"] as const) {
            const found = policies
              .taking(each, side)
              .map(({ policy, takes: answer }) => ({ policy: policy.name, takes: answer }));
            expect(found).toEqual(plainTaking(policies.all, each, side));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("deny a whole namespace where one that takes every pod of it does.", () => {
    fc.assert(
      fc.property(cluster, fc.constantFrom(...namespaces), (text, namespace) => {
        const { policies } = read(text);
        const place = { kind: "nowhere", why: "a test" } as const;
        const any = anyPodOf(namespace);
        const covering = policies.all.some(
          (policy) => policy.ingress !== undefined && and(takes(policy, any), policy.ingress.isolates) === "yes",
        );
        const denied = policies.deniedToAll(namespace, "ingress", place);
        expect(denied).toMatchObject({ value: covering });
      }),
      { numRuns: 150 },
    );
  });

  test("let through what they let through when each pod is asked of each other.", () => {
    fc.assert(
      fc.property(cluster, (text) => {
        const found = read(text);
        const inside = found.pods.filter((each) => !isOnNode(each));
        const expected = inside.flatMap((source) =>
          inside.flatMap((target) => {
            const answers = [lets(found, source, target, "egress"), lets(found, target, source, "ingress")];
            return source === target || answers.includes("no") ? [] : `${source.ref.name}>${target.ref.name}`;
          }),
        );
        expect(connections(found)).toEqual([...new Set(expected)].sort());
      }),
      { numRuns: 300 },
    );
  });

  test("that let everything through are no flow for each pair of them.", () => {
    const each = Array.from({ length: 600 }, (_, number) => [
      `{apiVersion: v1, kind: Pod, metadata: {name: pod${number}, labels: {app: a${number}}}, spec: {containers: [{name: main, image: example/app}]}}`,
      `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: policy${number}}, spec: {podSelector: {matchLabels: {app: a${number}}}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector: {}}]}], egress: [{to: [{namespaceSelector: {}}]}]}}`,
    ]);
    const found = read(each.flat().join("\n---\n"));
    const flows = clusterFlows(found.pods, [], found.policies, { kind: "nowhere", why: "a test" });
    expect(flows.length).toBe(600);
    expect(flows[7]).toMatchObject({
      allowedBy: "NetworkPolicy default/policy7 and the network policies of where it comes from let it",
      certain: true,
    });
    expect(flows.every(({ from, to }) => from.length === 600 && to.length === 1)).toBe(true);
  });

  test("are asked of the pods that have what they ask for, and of no others.", () => {
    const count = 400;
    let asked = 0;
    const pods = Array.from(
      { length: count },
      (_, number) =>
        `{apiVersion: v1, kind: Pod, metadata: {name: pod${number}, labels: {app: a${number}, tier: web}}, spec: {containers: [{name: main, image: example/app}]}}`,
    );
    const found = read(pods.join("\n---\n"));
    const policies = Array.from(
      { length: count },
      (_, number): Policy => ({
        name: `policy${number}`,
        place: { kind: "nowhere", why: "a test" },
        namespace: undefined,
        tier: "normal",
        takes: (each) => {
          asked += 1;
          return each.labels.values.get("app") === `a${number}` ? "yes" : "no";
        },
        needs: {
          labels: [
            { key: "tier", values: ["web"] },
            { key: "app", values: [`a${number}`] },
          ],
        },
        ingress: { place: { kind: "nowhere", why: "a test" }, isolates: "yes", allow: [], deny: [] },
        egress: undefined,
      }),
    );
    const index = new Policies(policies);
    expect(found.pods.flatMap((each) => index.taking(each, "ingress"))).toHaveLength(count);
    expect(asked).toBe(count);
  });
});
