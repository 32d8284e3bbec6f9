import { expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { knownValue } from "../../facts/fact.ts";
import { systemOf } from "./testing/system-of.ts";

const networks = (count: number) => `
resource "incus_network" "n" {
  for_each = { for i in range(${count}) : "n\${i}" => i }
  name     = each.key
}
`;

// covers: N1 | incus
test("Two hundred networks with one instance each are read in the time that they take two by two", () => {
  const text = `${networks(200)}
resource "incus_instance" "x" {
  for_each = { for i in range(200) : "i\${i}" => i }
  name     = each.key
  image    = "images:debian/12"
  profiles = []
  device {
    name       = "eth0"
    type       = "nic"
    properties = { network = incus_network.n["n\${each.value}"].name }
  }
}`;
  const started = threadMs();
  const system = systemOf(text);
  expect(threadMs() - started).toBeLessThan(2000);
  const network = system.get({ kind: "network", system: system.name, name: "n7" });
  expect(network?.incus?.routedFrom.items.map(({ from }) => from.length)).toEqual([200]);
  const flow = network?.flows?.find(({ allowedBy }) => allowedBy === "Incus routes from other networks into n7");
  expect([flow?.from.length, flow?.notFrom?.map(({ name }) => name)]).toEqual([200, ["i7"]]);
  expect(flow?.to.map(({ name }) => name)).toEqual(["i7"]);
  const into = system.reach.into({ kind: "workload", system: system.name, name: "i7" });
  expect(into.filter(({ from }) => from.kind === "workload")).toHaveLength(199);
});

test("Fifty instances that stand on a hundred networks by their profiles are read as quickly", () => {
  const text = `${networks(100)}
resource "incus_profile" "p" {
  for_each = { for i in range(100) : "p\${i}" => i }
  name = each.key
  device {
    name = "eth\${each.value}"
    type = "nic"
    properties = { network = "n\${each.value}" }
  }
}
resource "incus_instance" "x" {
  for_each = { for i in range(50) : "i\${i}" => i }
  name     = each.key
  image    = "images:debian/12"
  profiles = [for p in incus_profile.p : p.name]
}`;
  const started = threadMs();
  const system = systemOf(text);
  expect(threadMs() - started).toBeLessThan(5000);
  const network = system.get({ kind: "network", system: system.name, name: "n7" });
  expect(network?.flows?.map(({ from, to }) => from.length * to.length)).toEqual([2500, 2500]);
});

test("The rules of an ACL are read once for a network, however many others there are", () => {
  const text = `
resource "incus_network" "n" {
  for_each = { for i in range(120) : "n\${i}" => i }
  name     = each.key
  config   = { "ipv4.address" = "10.\${each.value}.0.1/24", "security.acls" = "edge" }
}
resource "incus_network_acl" "edge" {
  name    = "edge"
  egress  = [{ action = "allow", state = "enabled" }]
  ingress = [for i in range(250) : { action = "allow", state = "enabled", protocol = "tcp", destination_port = "\${i}" }]
}
resource "incus_instance" "x" {
  name     = "x"
  image    = "images:debian/12"
  profiles = []
}`;
  const started = threadMs();
  const system = systemOf(text);
  expect(threadMs() - started).toBeLessThan(3000);
  const network = system.get({ kind: "network", system: system.name, name: "n7" });
  expect(network?.incus?.routedFrom.items.every(({ open }) => knownValue(open) === false)).toBe(true);
});

test("Peers that are named by their names are looked up once for all networks", () => {
  const text = `
resource "incus_network" "n" {
  for_each = { for i in range(300) : "n\${i}" => i }
  name     = each.key
  type     = "ovn"
  config   = { "network" = "UPLINK" }
}
resource "incus_network_peer" "p" {
  for_each       = { for i in range(600) : "p\${i}" => i }
  name           = each.key
  network        = "n\${each.value % 300}"
  target_network = "n\${(each.value + (each.value < 300 ? 1 : 299)) % 300}"
}
resource "incus_instance" "x" {
  name     = "x"
  image    = "images:debian/12"
  profiles = []
}`;
  const started = threadMs();
  const system = systemOf(text);
  expect(threadMs() - started).toBeLessThan(1500);
  const network = system.get({ kind: "network", system: system.name, name: "n7" });
  expect(network?.incus?.routedFrom.items.map(({ from }) => from[0]?.name).toSorted()).toEqual(["n6", "n8"]);
});
