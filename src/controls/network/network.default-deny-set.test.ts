import { describe, expect, test } from "vitest";
import { clusterOf } from "../../platforms/kubernetes/testing/manifests.ts";
import { evaluate } from "../evaluate.ts";
import { defaultDenySet } from "./network.default-deny-set.ts";

function pod(name: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: data, labels: {app: ${name}}}\nspec: {containers: [{name: a, image: example/a}]}\n`;
}

function policy(app: string, types: string): string {
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${app}, namespace: data}\nspec: {podSelector: {matchLabels: {app: ${app}}}, policyTypes: [${types}]}\n`;
}

function told(...objects: readonly string[]): string | undefined {
  const options = { today: new Date("2026-11-22"), profile: "homelab", ownStack: false } as const;
  const { findings } = evaluate([clusterOf(objects.join("---\n"))], [defaultDenySet], options);
  return findings[0]?.message;
}

// covers: N12 | kubernetes
describe("Pods without a policy are spoken of", () => {
  test("as one where one is left out.", () => {
    expect(told(pod("db"), pod("web"), policy("web", "Ingress, Egress"))).toMatch(
      /db, which no policy isolates, accepts connections .*what it opens/i,
    );
    expect(told(pod("db"), pod("web"), policy("web", "Ingress, Egress"), policy("db", "Ingress"))).toMatch(
      /that db, which no policy isolates, opens/,
    );
  });

  test("as several where several are.", () => {
    expect(told(pod("db"), pod("web"), pod("api"), policy("web", "Ingress, Egress"))).toMatch(
      /which no policy isolates, accept connections .*what they open/,
    );
    expect(told(pod("db"))).toMatch(/its pods \(db\) accept connections .*what they open/i);
  });
});
