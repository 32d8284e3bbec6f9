import { describe, expect, it } from "vitest";
import { finding, reportInput, systemOf } from "../../test/support/report-input.ts";
import { clusterOf } from "../platforms/kubernetes/testing/manifests.ts";
import { htmlReport } from "./html.ts";
import { mapModel } from "./map-model.ts";
import { plainStyle } from "./style.ts";
import { textReport } from "./text.ts";

const pod = (name: string, namespace: string, spec = "") =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}containers: [{name: a, image: "a:1"}]}\n`;

const cluster = clusterOf(
  `${pod("web", "edge")}${pod("db", "data")}${pod("cache", "data")}${pod("agent", "kube-system", "hostNetwork: true, ")}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: data}
spec: {podSelector: {}, policyTypes: [Ingress]}
`,
);

// covers: G4 | kubernetes
describe("the map of a cluster", () => {
  it("has a box for each namespace that says whether policies close it, and one for the nodes' network", () => {
    const { groups, noun } = mapModel(cluster, []);
    expect(noun).toBe("workload");
    expect(groups.map(({ name, note, nodes }) => [name, note, nodes.map(({ label }) => label)])).toEqual([
      ["edge", "open to every pod", ["web"]],
      ["data", "closed by policies", ["db", "cache"]],
      ["the nodes' network", "every port is the node's", ["agent"]],
    ]);
  });

  it("and the report call its pods workloads and their groups namespaces", () => {
    const input = reportInput([], { systems: [cluster], clusterWorkloads: 4 });
    const page = htmlReport(input);
    expect(page).toContain("<li><b>4</b> workloads</li>");
    expect(page).toContain("<th>Workload</th><th>Namespace</th>");
    expect(page).not.toMatch(/Find a service|\d services?<|Those in one box reach/);
    expect(textReport(input, { style: plainStyle, width: 120, all: false })).toContain("1 file, 4 workloads, ");
  });
});

describe("the map of many services", () => {
  it("asks each finding once whom it concerns, and not once for each service", () => {
    const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
    const text = `name: shop\nservices:\n${names.map((name) => `  ${name}: { image: "a:1" }\n`).join("")}`;
    let asked = 0;
    const findings = names.map((name) => {
      const own = finding({ subject: { kind: "workload", system: "shop", name } });
      return Object.defineProperty(own, "waiver", { get: () => void asked++ });
    });
    const { groups } = mapModel(systemOf(text), findings);
    expect(groups.flatMap(({ nodes }) => nodes.map((node) => node.findings))).toEqual(names.map(() => 1));
    expect(asked).toBe(names.length);
  });
});
