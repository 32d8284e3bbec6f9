import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Fact, knownValue } from "../../../../facts/fact.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { Source } from "../../../../lib/place.ts";
import { clusterOf } from "../../testing/manifests.ts";

/** Two pods of a namespace, one in another, and the policies that are given. */
function cluster(...policies: readonly string[]) {
  return clusterOf(
    [namespace("shop"), pod("shop", "web"), pod("shop", "db"), pod("other", "web"), ...policies].join("---\n"),
  );
}

function namespace(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {team: ${name}}}\n`;
}

function pod(where: string, app: string, extra = ""): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${app}, namespace: ${where}, labels: {app: ${app}}}
spec:
  containers: [{name: main, image: example/app}]
${extra}`;
}

function kubernetes(spec: string, where = "shop"): string {
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ${where}}\nspec: ${spec}\n`;
}

function cilium(spec: string, kind = "CiliumNetworkPolicy"): string {
  const where = kind === "CiliumNetworkPolicy" ? ", namespace: shop" : "";
  return `apiVersion: cilium.io/v2\nkind: ${kind}\nmetadata: {name: p${where}}\nspec: ${spec}\n`;
}

function clusterwide(spec: string): string {
  return cilium(spec, "CiliumClusterwideNetworkPolicy");
}

function shown(fact: Fact<boolean>): string {
  return fact.kind === "unknown" ? "?" : fact.kind === "unstated" ? "-" : fact.value ? "denied" : "open";
}

/** `web in/out, db in/out`, of the namespace. */
function states(text: readonly string[], where = "shop"): string {
  const zone = cluster(...text)
    .all("zone")
    .find((each) => each.ref.name === where);
  return (zone?.kubernetes?.pods.items ?? [])
    .map((each) => `${each.workload.name.split("/").at(-1)} ${shown(each.ingressDenied)}/${shown(each.egressDenied)}`)
    .join(", ");
}

/** Whether every pod of the namespace, seen or not, is denied. */
function everyPod(text: string, where = "shop"): string {
  const zone = cluster(text)
    .all("zone")
    .find((each) => each.ref.name === where)?.kubernetes;
  return zone === undefined ? "" : `${shown(zone.ingressDenied)}/${shown(zone.egressDenied)}`;
}

// covers: N8 | kubernetes
describe("A Kubernetes NetworkPolicy", () => {
  test.each([
    [
      "with an empty selector and no rules denies all that comes in",
      "{podSelector: {}}",
      "web denied/open, db denied/open",
    ],
    [
      "with `ingress: []` denies all that comes in",
      "{podSelector: {}, ingress: []}",
      "web denied/open, db denied/open",
    ],
    [
      "with the types says which directions it is about",
      "{podSelector: {}, policyTypes: [Egress]}",
      "web open/denied, db open/denied",
    ],
    [
      "without types is about egress only where it has egress rules",
      "{podSelector: {}, egress: []}",
      "web denied/open, db denied/open",
    ],
    [
      "without types and with egress rules is about both",
      "{podSelector: {}, egress: [{}]}",
      "web denied/denied, db denied/denied",
    ],
    [
      "takes the pods that its labels match",
      "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress]}",
      "web open/open, db denied/denied",
    ],
    [
      "takes by expressions",
      "{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}",
      "web open/open, db denied/open",
    ],
  ])("%s.", (_, spec, expected) => {
    expect(states([kubernetes(spec)])).toBe(expected);
  });

  test("takes no pod of another namespace.", () => {
    expect(states([kubernetes("{podSelector: {}}", "other")])).toBe("web open/open, db open/open");
    expect(states([kubernetes("{podSelector: {}}")], "other")).toBe("web open/open");
  });

  test("does not take pods on the node's own network.", () => {
    const system = clusterOf(`${pod("shop", "agent", "  hostNetwork: true\n")}---\n${kubernetes("{podSelector: {}}")}`);
    expect(system.all("zone")[0]?.kubernetes?.pods.items).toEqual([]);
  });

  test("covers pods that are not seen when its selector is empty, and not when it names labels.", () => {
    expect(everyPod(kubernetes("{podSelector: {}, policyTypes: [Ingress, Egress]}"))).toBe("denied/denied");
    expect(everyPod(kubernetes("{podSelector: {matchLabels: {app: db}}}"))).toBe("open/open");
  });
});

// covers: N8 | kubernetes
describe("A Cilium policy", () => {
  test.each([
    [
      "with an empty rule denies by default what comes in",
      "{endpointSelector: {}, ingress: [{}]}",
      "web denied/open, db denied/open",
    ],
    [
      "with an empty list is not about that direction",
      "{endpointSelector: {}, ingress: [], egress: [{}]}",
      "web open/denied, db open/denied",
    ],
    ["without rules isolates nothing", "{endpointSelector: {}}", "web open/open, db open/open"],
    [
      "with a denial alone denies by default too",
      "{endpointSelector: {matchLabels: {app: db}}, ingressDeny: [{fromEntities: [world]}]}",
      "web open/open, db denied/open",
    ],
    [
      "that switches the default off does not isolate",
      "{endpointSelector: {}, enableDefaultDeny: {egress: false}, egressDeny: [{toCIDR: [10.0.0.0/8]}]}",
      "web open/open, db open/open",
    ],
    [
      "that switches the default on isolates without rules",
      "{endpointSelector: {}, enableDefaultDeny: {ingress: true}}",
      "web denied/open, db denied/open",
    ],
    [
      "takes labels with their source before them",
      "{endpointSelector: {matchLabels: {'k8s:app': db}}, ingress: [{}]}",
      "web open/open, db denied/open",
    ],
    [
      "takes by the account that pods run as",
      "{endpointSelector: {matchLabels: {io.cilium.k8s.policy.serviceaccount: default}}, ingress: [{}]}",
      "web denied/open, db denied/open",
    ],
  ])("%s.", (_, spec, expected) => {
    expect(states([cilium(spec)])).toBe(expected);
  });

  test("of a namespace takes no pod of another.", () => {
    expect(states([cilium("{endpointSelector: {}, ingress: [{}]}")], "other")).toBe("web open/open");
  });

  test("may hold several rules under `specs`.", () => {
    const text =
      "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\nspecs:\n- {endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}\n- {endpointSelector: {matchLabels: {app: db}}, egress: [{}]}\n";
    expect(states([text])).toBe("web denied/open, db open/denied");
  });
});

// covers: N8 | kubernetes
describe("A clusterwide Cilium policy", () => {
  test("with an empty selector takes the pods of every namespace.", () => {
    const policy = clusterwide("{endpointSelector: {}, ingress: [{}], egress: [{}]}");
    expect(states([policy])).toBe("web denied/denied, db denied/denied");
    expect(states([policy], "other")).toBe("web denied/denied");
    expect(everyPod(policy, "other")).toBe("denied/denied");
  });

  test("takes namespaces by their name, with or without the label's source.", () => {
    for (const key of ["'k8s:io.kubernetes.pod.namespace'", "io.kubernetes.pod.namespace"]) {
      const policy = clusterwide(`{endpointSelector: {matchLabels: {${key}: shop}}, ingress: [{}]}`);
      expect(everyPod(policy)).toBe("denied/open");
      expect(everyPod(policy, "other")).toBe("open/open");
    }
  });

  test("takes all namespaces but those that it names.", () => {
    const policy = clusterwide(
      "{endpointSelector: {matchExpressions: [{key: io.kubernetes.pod.namespace, operator: NotIn, values: [kube-system, other]}]}, ingress: [{}]}",
    );
    expect(everyPod(policy)).toBe("denied/open");
    expect(everyPod(policy, "other")).toBe("open/open");
  });

  test("takes namespaces by their labels, and is in doubt where those are not known.", () => {
    const policy = clusterwide(
      "{endpointSelector: {matchLabels: {'k8s:io.cilium.k8s.namespace.labels.team': shop}}, ingress: [{}]}",
    );
    expect(states([policy])).toBe("web denied/open, db denied/open");
    expect(states([policy], "other")).toBe("web ?/open");
  });

  test("for nodes takes no pod.", () => {
    expect(states([clusterwide("{nodeSelector: {}, ingress: [{}]}")])).toBe("web open/open, db open/open");
  });
});

describe("Other ways to isolate", () => {
  test("are a baseline admin policy that denies every pod of the cluster.", () => {
    const policy =
      "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\nspec:\n  subject: {namespaces: {}}\n  ingress: [{action: Deny, from: [{namespaces: {}}]}]\n";
    expect(states([policy])).toBe("web denied/open, db denied/open");
  });

  test("are policies of kinds that are not interpreted, which leave everything in doubt.", () => {
    const calico =
      "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: deny}\nspec: {selector: all()}\n";
    expect(states([calico])).toBe("web ?/?, db ?/?");
    const kyverno =
      "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: deny}\nspec: {rules: [{name: deny, generate: {kind: NetworkPolicy}}]}\n";
    expect(states([kyverno])).toBe("web ?/?, db ?/?");
  });

  test("are Cilium's enforcement mode, as its chart's values have it.", () => {
    const release =
      "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cilium, namespace: kube-system}\nspec: {values: {policyEnforcementMode: always}}\n";
    expect(states([release])).toBe("web denied/denied, db denied/denied");
  });
});

describe("Names", () => {
  const toWeb = "{endpointSelector: {}, egress: [{toEndpoints: [{matchLabels: {app: web}}]}]}";
  const dns = (policy: string) => {
    const zone = cluster(policy)
      .all("zone")
      .find((each) => each.ref.name === "shop");
    const [first] = zone?.kubernetes?.pods.items ?? [];
    return first === undefined
      ? ""
      : first.dns.kind === "unknown"
        ? "?"
        : String("value" in first.dns && first.dns.value);
  };

  test.each([
    ["cannot be asked where egress goes to other pods alone", cilium(toWeb), "false"],
    [
      "can be asked of the cluster's servers by Cilium's labels",
      cilium(
        "{endpointSelector: {}, egress: [{toEndpoints: [{matchLabels: {'k8s:io.kubernetes.pod.namespace': kube-system, k8s-app: kube-dns}}], toPorts: [{ports: [{port: '53', protocol: ANY}]}]}, {toFQDNs: [{matchName: a.example}]}]}",
      ),
      "true",
    ],
    [
      "can be asked on any port of the cluster",
      cilium("{endpointSelector: {}, egress: [{toEntities: [cluster]}, {toEndpoints: [{}]}]}"),
      "true",
    ],
    [
      "can be asked of the cluster's servers by a Kubernetes policy",
      kubernetes(
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}, {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], ports: [{port: 53, protocol: UDP}]}]}",
      ),
      "true",
    ],
    [
      "cannot be asked when port 53 leads to another namespace",
      kubernetes("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: 53}]}]}"),
      "false",
    ],
    ["are not missed by what is denied everything", kubernetes("{podSelector: {}, policyTypes: [Egress]}"), "true"],
    [
      "are not missed by what goes to addresses alone",
      kubernetes(
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 443}]}]}",
      ),
      "true",
    ],
  ])("%s.", (_, policy, expected) => {
    expect(dns(policy)).toBe(expected);
  });
});

const schemas = join(
  dirname(fileURLToPath(import.meta.url)),
  "../../../../../../shared/schemas/cilium/main-2026-05-29",
);

describe.skipIf(!existsSync(schemas))("Cilium's own description of its policies (needs ../shared/schemas)", () => {
  // covers: N8 | kubernetes | real: Cilium CRDs of 2026-05-29
  test("names every field that is read, and says of an empty list that it is not about its direction.", () => {
    const text = readFileSync(join(schemas, "ciliumclusterwidenetworkpolicies.yaml"), "utf8");
    const rule = JSON.stringify(plainSpec(text));
    for (const name of ["Endpoints", "CIDR", "CIDRSet", "Entities", "Groups", "Nodes"]) {
      expect(rule).toContain(`"from${name}":`);
      expect(rule).toContain(`"to${name}":`);
    }
    for (const name of ["toFQDNs", "toServices", "toPorts", "icmps", "ingressDeny", "egressDeny", "enableDefaultDeny"])
      expect(rule).toContain(`"${name}":`);
    expect(rule).toContain("If omitted or empty, this");
    expect(rule).toContain("an empty non-nil FromEndpoints does not select anything");
  });
});

function plainSpec(text: string): unknown {
  const { documents } = parseYaml(new Source("crd.yaml", text), text);
  const flat: Record<string, unknown> = {};
  const walk = (node: (typeof documents)[number]) => {
    if (node.kind === "mapping") {
      for (const [key, entry] of node.entries) {
        flat[key] =
          entry.value.kind === "scalar" ? `${String(flat[key] ?? "")} ${String(entry.value.value)}` : (flat[key] ?? {});
        walk(entry.value);
      }
    } else if (node.kind === "sequence") for (const item of node.items) walk(item);
  };
  for (const document of documents) walk(document);
  return flat;
}

// covers: N8 | kubernetes
describe("A rule of a policy with something in it that is not resolved", () => {
  const admin = (ingress: string) =>
    `apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\nspec: {priority: 1, subject: {namespaces: {}}, ingress: ${ingress}}\n`;

  test.each([
    ["its rules", kubernetes("{podSelector: {}, ingress: {}}")],
    ["whom a rule lets in", kubernetes("{podSelector: {}, ingress: [{from: {}}]}")],
    ["a block of addresses", kubernetes("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: {}}}]}]}")],
    ["a peer", kubernetes("{podSelector: {}, ingress: [{from: [a]}]}")],
    ["its pods", kubernetes("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: [a]}]}]}")],
    ["its namespaces", kubernetes("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: [a]}}]}]}")],
    ["endpoints of Cilium's", cilium("{endpointSelector: {}, ingress: [{fromEndpoints: [[a]]}]}")],
    ["a block of Cilium's", cilium("{endpointSelector: {}, ingress: [{fromCIDRSet: [{cidr: {}}]}]}")],
    ["an entity", cilium("{endpointSelector: {}, ingress: [{fromEntities: [{}]}]}")],
    ["the list of entities", cilium("{endpointSelector: {}, ingress: [{fromEntities: {}}]}")],
    ["pods of an administrator's", admin("[{action: Allow, from: [{pods: [a]}]}]")],
    ["namespaces of an administrator's", admin("[{action: Allow, from: [{namespaces: [a]}]}]")],
    ["networks of an administrator's", admin("[{action: Allow, from: [{networks: [{}]}]}]")],
  ])("may be as wide as any: %s.", (_, policy) => {
    const rules = cluster(policy).all("policy-rule");
    expect(rules.some(({ kubernetes: own }) => own?.peers.kind === "unknown")).toBe(true);
  });

  test.each([
    kubernetes(
      "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: {}}}}]}]}",
    ),
    kubernetes("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: [a]}}]}]}"),
    cilium("{endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {app: {}}}]}]}"),
    admin("[{action: Allow, from: [{namespaces: {matchLabels: {team: {}}}}]}]"),
  ])("is of some pods alone where it says that much: %s.", (policy) => {
    const rules = cluster(policy).all("policy-rule");
    expect(rules.map(({ kubernetes: own }) => own && knownValue(own.peers))).toEqual(["some"]);
  });

  test("denies nothing for certain where it is not seen whom.", () => {
    const baseline = (namespaces: string) =>
      admin(`[{action: Deny, from: [{namespaces: ${namespaces}}]}]`)
        .replace("kind: Admin", "kind: BaselineAdmin")
        .replace("priority: 1, ", "");
    const found = ["{}", "[a]", "{matchLabels: {team: {}}}"].map((namespaces) => states([baseline(namespaces)]));
    expect(found.map((each) => each.split("/")[0])).toEqual(["web denied", "web ?", "web open"]);
  });

  test("leaves open whether pods let in what comes from outside.", () => {
    const reach = (policy: string) => {
      const service = `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}\n`;
      const found = cluster(service, policy)
        .all("listener")
        .find(({ publishedBy }) => publishedBy !== undefined);
      return found?.reach.kind === "stated" ? found.reach.value : found?.reach.kind;
    };
    expect(reach(kubernetes("{podSelector: {}}"))).toBe("unknown");
    expect(reach(kubernetes("{podSelector: {}, ingress: [{from: {}}]}"))).toBe("everywhere");
  });

  test("that is about egress leaves open whether pods are isolated there.", () => {
    expect(states([kubernetes("{podSelector: {}, egress: {}}")])).toBe("web denied/?, db denied/?");
    expect(states([kubernetes("{podSelector: {}, policyTypes: [Ingress, {}]}")])).toBe("web ?/?, db ?/?");
  });

  test.each([
    "{key: app, operator: In, values: {}}",
    "{key: app, operator: NotIn, values: {}}",
    "{key: app, operator: In}",
  ])("that says which pods it takes may take any: %s.", (expression) => {
    const selecting = kubernetes(`{podSelector: {matchExpressions: [${expression}]}}`);
    expect(states([selecting])).toBe("web ?/open, db ?/open");
  });

  test.each(["0.0.0.0/0", "::/0", "0:0:0:0:0:0:0:0/0"])(
    "is for everybody by the block %s, and not in doubt.",
    (cidr) => {
      const rules = cluster(kubernetes(`{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: "${cidr}"}}]}]}`));
      expect(rules.all("policy-rule").map(({ kubernetes: own }) => own && knownValue(own.peers))).toEqual([
        "everybody",
      ]);
    },
  );

  test("may be the one that allows what a later one denies.", () => {
    const rules = (action: string) =>
      cluster(admin(`[{action: ${action}, from: [{namespaces: {}}]}, {action: Deny, from: [{namespaces: {}}]}]`))
        .all("policy-rule")
        .map((rule) => (rule.action.kind === "stated" ? rule.action.value : "?"));
    expect([rules("Allow"), rules("{}"), rules("Deny")]).toEqual([["allow"], ["allow"], ["deny", "deny"]]);
  });
});
