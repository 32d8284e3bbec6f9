import { expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { device, instance, systemOf } from "./testing/system-of.ts";

const peer = (from: string, to: string) => `
resource "incus_network_peer" "${from}${to}" {
  name           = "${from}${to}"
  network        = incus_network.${from}.name
  target_network = "${to}"
}`;

function routes(more: string, acls = "") {
  const networks = ["a", "b"].map(
    (name) =>
      `resource "incus_network" "${name}" {\n  name = "${name}"\n  type = "ovn"\n  config = { "network" = "UPLINK"${acls} }\n}`,
  );
  const system = systemOf(`${networks.join("\n")}\n${more}\n${instance(device("eth0", "nic", 'network = "a"'))}`);
  const network = system.get({ kind: "network", system: system.name, name: "a" });
  return network?.incus?.routedFrom.items.map(({ from, open }) => [from.name, knownValue(open)]);
}

// covers: N10 | incus
test("Two OVN networks that name one another as peers reach one another, unless an ACL stops it", () => {
  expect(routes("")).toEqual([]);
  expect(routes(peer("a", "b"))).toEqual([]);
  expect(routes(peer("a", "b") + peer("b", "a"))).toEqual([["b", true]]);
  const acl = '\nresource "incus_network_acl" "edge" {\n  name = "edge"\n  ingress = []\n  egress = []\n}\n';
  expect(routes(peer("a", "b") + peer("b", "a") + acl, ', "security.acls" = "edge"')).toEqual([["b", false]]);
});
