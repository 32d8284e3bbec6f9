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
  return network?.incus?.routedFrom.items.map(({ from, open }) => [from[0]?.name, knownValue(open)]);
}

// covers: N10 | incus
test("Two OVN networks that name one another as peers reach one another, unless an ACL stops it", () => {
  expect(routes("")).toEqual([]);
  expect(routes(peer("a", "b"))).toEqual([]);
  expect(routes(peer("a", "b") + peer("b", "a"))).toEqual([["b", true]]);
  const acl = '\nresource "incus_network_acl" "edge" {\n  name = "edge"\n  ingress = []\n  egress = []\n}\n';
  expect(routes(peer("a", "b") + peer("b", "a") + acl, ', "security.acls" = "edge"')).toEqual([["b", false]]);
});

const between = (from: string, to: string, more = "") => `
resource "incus_network_peer" "${from.replace(/\W/g, "")}${to.replace(/\W/g, "")}" {
  name           = "x"
  network        = ${from}
  target_network = ${to}
${more}
}`;

function listOf(more: string, of = "a") {
  const networks = ["a", "b"].map(
    (name) =>
      `resource "incus_network" "${name}" {\n  name = "${name}"\n  type = "ovn"\n  config = { "network" = "UPLINK" }\n}`,
  );
  const system = systemOf(`variable "x" {}\n${networks.join("\n")}\n${more}\n${instance("")}`);
  const list = system.get({ kind: "network", system: system.name, name: of })?.incus?.routedFrom;
  return list?.complete === true ? list.items.map(({ from }) => from[0]?.name) : list?.why;
}

// covers: N10 | incus
test("A peer whose network cannot be told may be any, and the list of routes says so", () => {
  const answer = between('"b"', '"a"');
  expect(listOf(between('"a"', '"b"') + answer)).toEqual(["b"]);
  expect(listOf(between('"a"', "var.x") + answer)).toContain("var.x");
  expect(listOf(between('"a"', '"b"') + between('"b"', "var.x"))).toContain("var.x");
  expect(listOf(between("var.x", '"b"') + answer)).toContain("var.x");
  expect(listOf(between('"a"', "var.x"))).toEqual([]);
});

// covers: N10 | incus
test("Networks of one name in two projects are two: a peer is the one in the project that it names", () => {
  const other = (name: string) =>
    `resource "incus_network" "other-${name}" {\n  name = "${name}"\n  type = "ovn"\n  project = "lab"\n  config = {}\n}\n`;
  const target = (project: string) => `  target_project = ${project}`;
  const answer = between('"b"', '"a"');
  expect(listOf(between('"a"', '"b"', target('"lab"')) + answer)).toEqual(["b"]);
  expect(listOf(other("b") + between('"a"', '"b"', target('"lab"')) + answer)).toEqual([]);
  expect(listOf(other("b") + between('"a"', '"b"') + answer)).toEqual(["b"]);
  expect(listOf(other("b") + between('"a"', '"b"', target("var.x")) + answer)).toContain("var.x");
  const inLab = '  project = "lab"\n  target_project = "default"';
  expect(listOf(other("b") + between('"a"', '"b"', target('"lab"')) + between('"b"', '"a"', inLab))).toEqual(["b"]);
});

// covers: N10 | incus
test("The provider of LXD names the network of a peer otherwise", () => {
  const text = (between('"a"', '"b"') + between('"b"', '"a"'))
    .replaceAll("incus_network_peer", "lxd_network_peer")
    .replaceAll("  network  ", "  source_network  ");
  expect(listOf(text)).toEqual(["b"]);
});
