import { describe, expect, test } from "vitest";
import { describeNode } from "../../../../facts/reach-edge.ts";
import type { System } from "../../../../facts/system.ts";
import { clusterOf } from "../../testing/manifests.ts";

function pod(where: string, app: string, extra = ""): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${app}, namespace: ${where}, labels: {app: ${app}}}\nspec:\n  containers: [{name: main, image: example/app}]\n${extra}`;
}

const base = [pod("shop", "web"), pod("shop", "db"), pod("other", "job")];

function read(...policies: readonly string[]): System {
  return clusterOf([...base, ...policies].join("---\n"));
}

/** `web>db` for each connection that may be opened. */
function connections(system: System): readonly string[] {
  const short = (node: Parameters<typeof describeNode>[0]) => describeNode(node).split("/").at(-1);
  return [...new Set(system.reach.edges.map((edge) => `${short(edge.from)}>${short(edge.to)}`))].sort();
}

function kubernetes(spec: string, where = "shop", name = "p"): string {
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: ${where}}\nspec: ${spec}\n`;
}

function cilium(spec: string): string {
  return `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\nspec: ${spec}\n`;
}

const all = ["db>job", "db>web", "job>db", "job>web", "web>db", "web>job"];

// covers: N2 N8 N10 | kubernetes
describe("Pods of a cluster", () => {
  test("reach one another across namespaces where no policy isolates them.", () => {
    expect(connections(read())).toEqual(all);
  });

  test("that are denied what comes in are reached by nobody, and reach others.", () => {
    expect(connections(read(kubernetes("{podSelector: {matchLabels: {app: db}}}")))).toEqual([
      "db>job",
      "db>web",
      "job>web",
      "web>job",
    ]);
  });

  test("that are denied what goes out reach nobody, and are reached.", () => {
    const policy = kubernetes("{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}");
    expect(connections(read(policy))).toEqual(["db>job", "db>web", "job>db", "job>web"]);
  });

  test("are reached by the peers that a rule lets in.", () => {
    const policy = kubernetes(
      "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}",
    );
    const system = read(policy);
    expect(connections(system)).toEqual(["db>job", "db>web", "job>web", "web>db", "web>job"]);
    const edge = system.reach.edges.find((each) => describeNode(each.to).endsWith("db"));
    expect(edge).toMatchObject({ port: 5432, allowedBy: "NetworkPolicy shop/p lets it", certain: true });
  });

  test("that a rule leaves out, and they alone, are let neither in nor to.", () => {
    const but =
      "[{namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}]";
    const isDb = "podSelector: {matchLabels: {app: db}}";
    const into = read(kubernetes(`{${isDb}, ingress: [{from: ${but}}]}`));
    expect(connections(into)).toEqual(all.filter((each) => each !== "web>db"));
    const outOf = read(kubernetes(`{${isDb}, policyTypes: [Egress], egress: [{to: ${but}}]}`));
    expect(connections(outOf)).toEqual(all.filter((each) => each !== "db>web"));
    for (const system of [into, outOf]) {
      const refs = system.all("workload").map(({ ref }) => ref);
      const known = system.reach.edges.length;
      expect(refs.flatMap((ref) => system.reach.into(ref))).toHaveLength(known);
      expect(refs.flatMap((ref) => system.reach.outOf(ref))).toHaveLength(known);
    }
  });

  test("need leave on both sides.", () => {
    const into = kubernetes(
      "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}}]}]}",
      "shop",
      "in",
    );
    const outOf = kubernetes(
      "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}",
      "shop",
      "out",
    );
    expect(connections(read(into, outOf))).toEqual(["db>web", "job>db", "job>web", "web>db"]);
  });

  test("are all reached by a rule that is about everybody.", () => {
    expect(connections(read(kubernetes("{podSelector: {}, ingress: [{}]}")))).toEqual(all);
  });

  test("are reached by nobody through an empty rule of Cilium.", () => {
    expect(connections(read(cilium("{endpointSelector: {}, ingress: [{}]}")))).toEqual(["db>job", "web>job"]);
  });

  test("are reached from their own namespace through an empty selector of Cilium.", () => {
    const policy = cilium("{endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}");
    expect(connections(read(policy))).toEqual(["db>job", "db>web", "web>db", "web>job"]);
  });

  test("are reached by nobody through an empty list of endpoints, or a rule about ICMP.", () => {
    expect(connections(read(cilium("{endpointSelector: {}, ingress: [{fromEndpoints: []}]}")))).toEqual([
      "db>job",
      "web>job",
    ]);
    expect(connections(read(cilium("{endpointSelector: {}, ingress: [{icmps: [{fields: [{type: 8}]}]}]}")))).toEqual([
      "db>job",
      "web>job",
    ]);
  });

  test("are reached by every pod through ports alone, and through the entity cluster.", () => {
    expect(
      connections(read(cilium("{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '80'}]}]}]}"))),
    ).toEqual(all);
    expect(connections(read(cilium("{endpointSelector: {}, ingress: [{fromEntities: [cluster]}]}")))).toEqual(all);
    expect(connections(read(cilium("{endpointSelector: {}, ingress: [{fromEntities: [world]}]}")))).toEqual([
      "db>job",
      "web>job",
    ]);
  });

  test("are not reached by whom a denial names, whatever is allowed.", () => {
    const policy = cilium(
      "{endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEntities: [all]}], ingressDeny: [{fromEndpoints: [{matchLabels: {'k8s:io.kubernetes.pod.namespace': other}}]}]}",
    );
    expect(connections(read(policy))).toEqual(["db>job", "db>web", "job>web", "web>db", "web>job"]);
  });

  test("are denied the addresses and not the pods that a denial of addresses names.", () => {
    const policy = cilium(
      "{endpointSelector: {}, enableDefaultDeny: {egress: false}, egressDeny: [{toCIDR: [10.0.0.0/8]}]}",
    );
    expect(connections(read(policy))).toEqual(all);
  });

  test("on the node's network reach whoever no policy isolates.", () => {
    const agent = pod("shop", "agent", "  hostNetwork: true\n");
    const edges = connections(read(agent, kubernetes("{podSelector: {}}")));
    expect(edges).toContain("agent>job");
    expect(edges).not.toContain("agent>db");
  });

  test("on the node's network reach whoever is closed to some pods alone.", () => {
    const agent = pod("shop", "agent", "  hostNetwork: true\n");
    const policy = cilium(
      "{endpointSelector: {matchLabels: {app: db}}, enableDefaultDeny: {ingress: false}, ingressDeny: [{fromEndpoints: [{matchLabels: {app: web}}]}]}",
    );
    const edges = connections(read(agent, policy));
    expect(edges).toContain("agent>db");
    expect(edges).toContain("job>db");
    expect(edges).not.toContain("web>db");
  });
});

describe("A cluster of 1,000 pods", () => {
  test("each with a rule that leaves out one of them keeps one list of all, and not one for each.", () => {
    const texts = Array.from({ length: 1_000 }, (_, index) =>
      [
        pod("shop", `a${index}`),
        kubernetes(
          `{podSelector: {matchLabels: {app: a${index}}}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [a${index + 1}]}]}}]}]}`,
          "shop",
          `p${index}`,
        ),
      ].join("---\n"),
    );
    const flows = clusterOf(texts.join("---\n")).all("network")[0]?.flows ?? [];
    expect(flows.length).toBe(1_000);
    const kept = new Set(flows.map(({ from }) => from));
    expect([...kept].reduce((sum, list) => sum + list.length, 0)).toBeLessThan(5_000);
    expect(flows.filter(({ notFrom }) => notFrom?.length === 1)).toHaveLength(999);
  });

  test("each with policies of its own is worked out in seconds.", () => {
    const parts = Array.from({ length: 1_000 }, (_, at) => {
      const where = `n${at % 100}`;
      return [
        pod(where, `a${at}`),
        kubernetes(
          `{podSelector: {matchLabels: {app: a${at}}}, ingress: [{from: [{podSelector: {matchLabels: {app: a${at + 100}}}}]}]}`,
          where,
          `p${at}`,
        ),
      ].join("---\n");
    });
    const text = parts.join("---\n");
    const started = performance.now();
    const system = clusterOf(text);
    expect(system.reach.exposure(system.all("workload")[0] as never).exposure).toBe("internal");
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
