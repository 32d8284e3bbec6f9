import { expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { instance, systemOf } from "./testing/system-of.ts";

const acl = (ingress: string) => `
  variable "x" {}
  resource "incus_network_acl" "edge" {
    name    = "edge"
    egress  = [{ action = "allow", state = "enabled" }]
    ingress = [${ingress}]
  }
`;
const network = (name: string, config: string) =>
  `resource "incus_network" "${name}" {\n  name = "${name}"\n  config = { ${config} }\n}\n`;

/** What gets from `b` into `a`: open, shut, or why it cannot be told. */
function route(ingress: string, ofA: string, ofB: string) {
  const system = systemOf(
    `${acl(ingress)}${network("a", `"security.acls" = "edge"${ofA}`)}${network("b", ofB)}${instance("")}`,
  );
  const found = system.get({ kind: "network", system: system.name, name: "a" })?.incus?.routedFrom.items[0]?.open;
  return found?.kind === "unknown" ? found.why : found === undefined ? undefined : knownValue(found);
}

const only4 = (subnet: string) => `"ipv4.address" = "${subnet}", "ipv6.address" = "none"`;
const both4 = (ingress: string) => route(ingress, `, ${only4("10.1.0.1/24")}`, only4("10.2.0.1/24"));
const allow = '{ action = "allow", state = "enabled" }';

// covers: N10 | incus
test("A rule whose state cannot be told neither opens an edge nor closes it", () => {
  expect(both4('{ action = "allow", state = var.x }')).toContain("var.x");
  expect(both4(`${allow}, { action = "drop", state = var.x }`)).toContain("var.x");
  expect(both4(`${allow}, { action = "drop", state = "enabled", source = var.x }`)).toContain("var.x");
  expect(both4(`{ action = "drop", state = "enabled" }, { action = "allow", state = var.x }`)).toBe(false);
  expect(both4(`{ action = "allow", state = "logged" }`)).toBe(true);
});

// covers: N10 | incus
test("What drops one family of addresses leaves the other open", () => {
  const drop = (source: string) => `${allow}, { action = "drop", state = "enabled", source = "${source}" }`;
  expect(route(drop("::/0"), "", "")).toBe(true);
  expect(route(drop("0.0.0.0/0"), "", "")).toBe(true);
  expect(route(drop("0.0.0.0/0,::/0"), "", "")).toBe(false);
  expect(both4(drop("::/0"))).toBe(true);
  expect(both4(drop("0.0.0.0/0"))).toBe(false);
  expect(route(drop("10.2.0.0/24"), ', "ipv4.address" = "10.1.0.1/24"', '"ipv4.address" = "10.2.0.1/24"')).toBe(true);
  expect(route(`${allow}, { action = "drop", state = "enabled", destination = "::/0" }`, "", "")).toBe(true);
});

// covers: N10 | incus
test("Routing that is switched off for IPv4 alone leaves IPv6 open, which a bridge has by default", () => {
  const off = ', "ipv4.routing" = "false"';
  expect(route(allow, off, "")).toBe(true);
  expect(route(allow, `${off}, "ipv6.address" = "none"`, "")).toBe(false);
  expect(route(allow, `${off}, "ipv6.routing" = "false"`, "")).toBe(false);
  expect(route(allow, off, '"ipv6.address" = "none"')).toBe(false);
  expect(route(allow, `${off}, "ipv6.address" = var.x`, "")).toContain("var.x");
  expect(route(allow, ', "ipv6.address" = var.x', "")).toBe(true);
});
