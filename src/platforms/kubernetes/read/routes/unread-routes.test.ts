import { expect, test } from "vitest";
import { clusterOf } from "../../testing/manifests.ts";

function told(apiVersion: string, kind: string, spec: string): readonly string[] {
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x, namespace: shop}\nspec: ${spec}\n`;
  return clusterOf(text).problems.map(({ message }) => message);
}

// covers: N5 | kubernetes
test.each([
  ["getambassador.io/v3alpha1", "Mapping", "{hostname: a, prefix: /, service: web}"],
  ["route.openshift.io/v1", "Route", "{host: a, to: {kind: Service, name: web}}"],
])("A route of the kind %s %s is said not to be judged.", (apiVersion, kind, spec) => {
  expect(told(apiVersion, kind, spec)).toEqual([`1 object is of a kind whose routes are not judged: ${kind} x.`]);
});
