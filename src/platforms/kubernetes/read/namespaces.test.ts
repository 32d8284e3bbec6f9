import { describe, expect, test } from "vitest";
import type { NamespaceExtension } from "../../../facts/extensions-cluster.ts";
import { knownValue } from "../../../facts/fact.ts";
import { clusterOf } from "../testing/manifests.ts";

function namespaceOf(text: string, name = "shop"): NamespaceExtension {
  const zone = clusterOf(text)
    .all("zone")
    .find((each) => each.ref.name === name);
  if (zone?.kubernetes === undefined) throw new Error(`there is no namespace ${name}`);
  return zone.kubernetes;
}

const pod =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: web, image: example/web}]}\n";

// covers: N1 W7 | kubernetes
describe("A namespace", () => {
  test("has its Pod Security levels with their versions; a level without one means the latest.", () => {
    const namespace = namespaceOf(
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.36, pod-security.kubernetes.io/warn: restricted}}\n",
    );
    expect([knownValue(namespace.enforce.level), knownValue(namespace.enforce.version)]).toEqual(["baseline", "v1.36"]);
    expect([knownValue(namespace.warn.level), knownValue(namespace.warn.version)]).toEqual(["restricted", "latest"]);
    expect([namespace.audit.level.kind, namespace.audit.version.kind]).toEqual(["unstated", "unstated"]);
  });

  test("has an unknown level where the label is none, or is filled in later.", () => {
    const label = (value: string) =>
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: ${value}}}\n`;
    expect(namespaceOf(label("strict")).enforce.level.kind).toBe("unknown");
  });

  test("that only its pods name is known to be undeclared, and its labels are unknown.", () => {
    const namespace = namespaceOf(pod);
    expect(namespace.declared).toBe(false);
    expect(namespace.enforce.level.kind).toBe("unknown");
    expect(namespace.pods.items.map(({ workload }) => workload.name)).toEqual(["shop/Pod/web"]);
  });

  test("lists its quotas and limit ranges, and not those of others.", () => {
    const quota = (where: string) =>
      `apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: all, namespace: ${where}}\n`;
    expect(namespaceOf(`${pod}---\n${quota("shop")}---\n${quota("other")}`).quotas.items).toEqual(["all"]);
    expect(namespaceOf(`${pod}---\n${quota("other")}`).quotas).toMatchObject({ items: [], complete: true });
  });

  test("of the cluster itself says so.", () => {
    expect(namespaceOf("apiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system}\n", "kube-system").system).toBe(
      true,
    );
  });

  test("may be held to rules by a policy engine.", () => {
    const engine = "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: psp}\n";
    expect(namespaceOf(`${pod}---\n${engine}`).otherAdmission).toBe("Gatekeeper's constraints");
    expect(namespaceOf(pod).otherAdmission).toBeUndefined();
  });
});
