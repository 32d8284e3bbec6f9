import { describe, expect, test } from "vitest";
import { knownValue } from "../../../facts/fact.ts";
import type { Listener } from "../../../facts/subjects.ts";
import { clusterOf, manifestsOf } from "../testing/manifests.ts";
import { clusterPods } from "./cluster-pods.ts";
import { ClusterContext } from "./context.ts";
import { PodIndex } from "./pod-index.ts";
import { Services } from "./services.ts";

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      containers: [{name: main, image: example/app, ports: [{name: http, containerPort: 8080}]}]
`;

function service(spec: string, annotations = "{}"): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, annotations: ${annotations}}\nspec: ${spec}\n`;
}

function listeners(...objects: readonly string[]): readonly Listener[] {
  return clusterOf([web, ...objects].join("---\n")).all("listener");
}

/** The listener that a Service makes. */
function published(...objects: readonly string[]): Listener | undefined {
  return listeners(...objects).find((listener) => listener.ref.name.includes("/Service/"));
}

function shown(listener: Listener | undefined) {
  if (listener === undefined) return "none";
  const port = listener.hostPort === undefined ? "-" : (knownValue(listener.hostPort) ?? "?");
  const address = listener.hostAddress === undefined ? "-" : (knownValue(listener.hostAddress) ?? "?");
  const reach = knownValue(listener.reach) ?? "?";
  return `${address}:${port} to ${knownValue(listener.port) ?? "?"}, ${reach}`;
}

// covers: N6 N12 | kubernetes
describe("A Service", () => {
  test.each([
    ["inside the cluster publishes nothing", "{selector: {app: web}, ports: [{port: 80, targetPort: http}]}", "none"],
    [
      "of type NodePort is on every node",
      "{type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http, nodePort: 30080}]}",
      "0.0.0.0:30080 to 8080, everywhere",
    ],
    [
      "of type NodePort without a number gets one",
      "{type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}",
      "0.0.0.0:? to 8080, everywhere",
    ],
    [
      "of type LoadBalancer is on an address of its own",
      "{type: LoadBalancer, selector: {app: web}, ports: [{port: 443, targetPort: http}]}",
      "0.0.0.0:443 to 8080, everywhere",
    ],
    [
      "with a private address is in one network",
      "{type: LoadBalancer, loadBalancerIP: 192.168.1.9, selector: {app: web}, ports: [{port: 80, targetPort: http}]}",
      "192.168.1.9:80 to 8080, one-address",
    ],
    [
      "with a public address is everybody's",
      "{type: LoadBalancer, loadBalancerIP: 203.0.113.9, selector: {app: web}, ports: [{port: 80, targetPort: http}]}",
      "203.0.113.9:80 to 8080, everywhere",
    ],
    [
      "with external addresses is on those",
      "{externalIPs: [10.0.0.9], selector: {app: web}, ports: [{port: 80, targetPort: http}]}",
      "10.0.0.9:80 to 8080, one-address",
    ],
    [
      "with external addresses is as wide as the widest of them",
      "{externalIPs: [10.0.0.9, 203.0.113.9], selector: {app: web}, ports: [{port: 80, targetPort: http}]}",
      "10.0.0.9:80 to 8080, everywhere",
    ],
    [
      "with an external address that is not resolved may be anywhere",
      "{externalIPs: [10.0.0.9, {}], selector: {app: web}, ports: [{port: 80, targetPort: http}]}",
      "10.0.0.9:80 to 8080, ?",
    ],
    [
      "with external addresses that are not resolved is published all the same",
      "{externalIPs: {}, selector: {app: web}, ports: [{port: 80, targetPort: http}]}",
      "?:80 to 8080, ?",
    ],
    ["of an external name publishes nothing", "{type: ExternalName, externalName: a.example}", "none"],
    [
      "that selects no pod here publishes nothing",
      "{type: NodePort, selector: {app: other}, ports: [{port: 80}]}",
      "none",
    ],
    [
      "that selects by two labels needs both",
      "{type: NodePort, selector: {app: web, tier: back}, ports: [{port: 80}]}",
      "none",
    ],
    [
      "to a port by a name that no container has is not resolved",
      "{type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: admin, nodePort: 30080}]}",
      "0.0.0.0:30080 to ?, everywhere",
    ],
    [
      "inside the cluster to a port that no container declares listens there",
      "{selector: {app: web}, ports: [{port: 9000}]}",
      "-:- to 9000, networks",
    ],
  ])("%s.", (_, spec, expected) => {
    expect(shown(published(service(spec)))).toBe(expected);
  });

  test("says by what it publishes, and to whom where that is narrowed.", () => {
    const listener = published(
      service(
        "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8], selector: {app: web}, ports: [{port: 80, targetPort: http}]}",
      ),
    );
    expect(listener?.publishedBy).toBe("the Service shop/web of type LoadBalancer");
    expect(listener?.audience).toMatchObject({ value: { kind: "networks", cidrs: ["10.0.0.0/8"] } });
    const open = published(
      service(
        "{type: LoadBalancer, loadBalancerSourceRanges: [0.0.0.0/0], selector: {app: web}, ports: [{port: 80, targetPort: http}]}",
      ),
    );
    expect(open?.audience).toBeUndefined();
  });

  test.each(["[10.0.0.0/8, {}]", "{}"])("answers nobody knows whom with the source ranges %s.", (ranges) => {
    const listener = published(
      service(
        `{type: LoadBalancer, loadBalancerSourceRanges: ${ranges}, selector: {app: web}, ports: [{port: 80, targetPort: http}]}`,
      ),
    );
    expect(listener?.audience?.kind).toBe("unknown");
  });

  const inside = "{selector: {app: web}, ports: [{port: 80, targetPort: http}]}";
  test.each([
    ["{tailscale.com/expose: 'true', tailscale.com/hostname: web}", inside, "?:80 to 8080, one-address"],
    ["{tailscale.com/expose: 'true'}", inside.replace("{", "{clusterIP: None, "), "none"],
    ["{tailscale.com/expose: 'false'}", inside, "none"],
    ["{tailscale.com/expose: {}}", inside, "?:80 to 8080, ?"],
    ["{tailscale.com/hostname: web}", inside, "none"],
  ])("with the annotations %s is a device of the tailnet, or not: %s.", (annotations, spec, expected) => {
    const listener = published(service(spec, annotations));
    expect(shown(listener)).toBe(expected);
    if (listener === undefined) return;
    expect(listener.publishedBy).toBe("the Service shop/web with the annotation tailscale.com/expose");
    expect(listener.audience).toMatchObject({
      value: { kind: "networks", cidrs: ["100.64.0.0/10", expect.anything()] },
    });
  });

  test("of the tailnet gets no address of a pool, whatever annotations ask for.", () => {
    const spec =
      "{type: LoadBalancer, loadBalancerClass: tailscale, selector: {app: web}, ports: [{port: 80, targetPort: http}]}";
    expect(shown(published(service(spec, "{metallb.io/loadBalancerIPs: 203.0.113.5}")))).toBe(
      "?:80 to 8080, one-address",
    );
  });

  test("of the tailnet is in doubt where policies may keep its proxy out.", () => {
    const policy =
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}}\n";
    expect(published(service(inside, "{tailscale.com/expose: 'true'}"), policy)?.reach).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining("the operator's proxy"),
    });
  });

  const balanced = "{type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: http}]}";

  test.each([
    ["{lbipam.cilium.io/ips: 192.168.69.128}", "192.168.69.128:80 to 8080, one-address"],
    ["{metallb.io/loadBalancerIPs: '192.168.1.5,fd00::5'}", "192.168.1.5:80 to 8080, one-address"],
    ["{service.beta.kubernetes.io/azure-load-balancer-internal: 'true'}", "?:80 to 8080, one-address"],
    ["{networking.gke.io/load-balancer-type: Internal}", "?:80 to 8080, one-address"],
    ["{metallb.io/loadBalancerIPs: '192.168.1.5,203.0.113.5'}", "192.168.1.5:80 to 8080, everywhere"],
  ])("with the annotation %s is on one address, or on a public one besides.", (annotations, expected) => {
    expect(shown(published(service(balanced, annotations)))).toBe(expected);
  });

  test("gets a private address where every pool has private ones.", () => {
    const pool =
      "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: lan, namespace: metallb}\nspec: {addresses: [192.168.1.200-192.168.1.220]}\n";
    expect(shown(published(service(balanced), pool))).toBe("?:80 to 8080, one-address");
    const cilium =
      "apiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata: {name: lan}\nspec: {blocks: [{cidr: 203.0.113.0/28}]}\n";
    expect(shown(published(service(balanced), cilium))).toBe("0.0.0.0:80 to 8080, everywhere");
  });

  test.each([
    "kind: IPAddressPool\nmetadata: {name: a, namespace: m}\nspec: {addresses: [192.168.1.200-192.168.1.220, {}]}",
    "kind: IPAddressPool\nmetadata: {name: a, namespace: m}\nspec: {addresses: {}}",
  ])("may get any address where a pool is not resolved: %j.", (pool) => {
    expect(shown(published(service(balanced), `apiVersion: metallb.io/v1beta1\n${pool}\n`))).toMatch(/everywhere$/);
  });

  test.each(["[{cidr: 192.168.1.0/24}, {cidr: {}}]", "{}"])(
    "may get any address where a pool of Cilium's is not resolved: %s.",
    (blocks) => {
      const lan =
        "apiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata: {name: a}\nspec: {blocks: [{cidr: 192.168.0.0/24}]}\n";
      const pool = `apiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata: {name: b}\nspec: {blocks: ${blocks}}\n`;
      expect(shown(published(service(balanced), lan))).toMatch(/one-address$/);
      expect(shown(published(service(balanced), lan, pool))).toMatch(/everywhere$/);
    },
  );

  test("whose pods let no outside address in is in doubt.", () => {
    const policy =
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}}\n";
    expect(published(service(balanced), policy)?.reach.kind).toBe("unknown");
    const open =
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: open, namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}\n";
    expect(published(service(balanced), policy, open)?.reach.kind).toBe("stated");
  });

  test("gives its pods the names by which others reach them.", () => {
    const system = clusterOf(
      [web, service("{selector: {app: web}, ports: [{port: 80, targetPort: http}]}")].join("---\n"),
    );
    const [attachment] = system.all("workload")[0]?.attachments.items ?? [];
    expect(attachment?.aliases).toEqual(["web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local"]);
  });
});

describe("Services that select many pods", () => {
  const pods = (count: number) =>
    Array.from(
      { length: count },
      (_, number) =>
        `{apiVersion: v1, kind: Pod, metadata: {name: p${number}, namespace: shop, labels: {app: web}}, spec: {containers: [{name: main, image: example/app}]}}`,
    );
  const services = (count: number) =>
    Array.from(
      { length: count },
      (_, number) =>
        `{apiVersion: v1, kind: Service, metadata: {name: s${number}, namespace: shop}, spec: {selector: {app: web}, ports: [{port: 80}]}}`,
    );
  const read = (texts: readonly string[]) => {
    const context = new ClusterContext(manifestsOf(texts.join("\n---\n")), "cluster", "written");
    return new Services(context, new PodIndex(clusterPods(context)));
  };

  test("lead to each of them.", () => {
    const found = read([...pods(400), ...services(1)]);
    expect(found.all[0]?.pods.length).toBe(400);
    expect(found.problems).toEqual([]);
  });

  test("are told of where the pods behind later ones are not followed.", () => {
    const found = read([...pods(400), ...services(252)]);
    expect(found.all.map((each) => each.pods.length)).toEqual([...Array(250).fill(400), 50, 50]);
    expect(found.problems).toMatchObject([
      {
        severity: "warning",
        message: "2 Services have more pods behind them than are followed: Service shop/s250 and Service shop/s251.",
      },
    ]);
  });
});

test("Pods that Multus puts on a macvlan are published there, whatever policies say.", () => {
  const system = clusterOf(`apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: iot, namespace: network}
spec: {config: '{"cniVersion": "0.3.1", "type": "macvlan", "master": "br0"}'}
---
apiVersion: v1
kind: Pod
metadata: {name: hub, namespace: home, annotations: {k8s.v1.cni.cncf.io/networks: network/iot@eth1}}
spec: {containers: [{name: main, image: example/hub}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: home}
spec: {podSelector: {}}
`);
  const [workload] = system.all("workload");
  expect(workload === undefined ? "" : system.reach.exposure(workload)).toMatchObject({
    exposure: "published",
    why: "the network network/iot gives it an address of its own on the local network",
  });
});
