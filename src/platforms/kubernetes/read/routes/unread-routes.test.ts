import { expect, test } from "vitest";
import { clusterOf } from "../../testing/manifests.ts";

function told(apiVersion: string, kind: string, spec: string): readonly string[] {
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x, namespace: shop}\nspec: ${spec}\n`;
  return clusterOf(text).problems.map(({ message }) => message);
}

// covers: N5 | kubernetes
test.each([
  ["networking.istio.io/v1", "VirtualService", "{hosts: [a], gateways: [gw], http: []}"],
  ["projectcontour.io/v1", "HTTPProxy", "{virtualhost: {fqdn: a}}"],
])("A route of the kind %s %s is said not to be judged.", (apiVersion, kind, spec) => {
  expect(told(apiVersion, kind, spec)).toEqual([`1 object is of a kind whose routes are not judged: ${kind} x.`]);
});

test.each(["{hosts: [a], http: []}", "{hosts: [a], gateways: [mesh]}"])(
  "A VirtualService for the mesh alone lets nobody in: %s.",
  (spec) => {
    expect(told("networking.istio.io/v1", "VirtualService", spec)).toEqual([]);
  },
);
