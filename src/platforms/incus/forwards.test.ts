import { expect, test } from "vitest";
import { type Fact, knownValue } from "../../facts/fact.ts";
import { device, instance, systemOf } from "./testing/system-of.ts";

const app = instance(device("eth0", "nic", 'network = "inner", "ipv4.address" = "10.5.0.10"'));
const shown = <T>(fact: Fact<T> | undefined) => (fact?.kind === "unknown" ? "?" : String(fact && knownValue(fact)));

function listeners(row: string, listen = '"192.0.2.7"') {
  const forward = `resource "incus_network_forward" "f" {
    network        = "inner"
    listen_address = ${listen}
    ports          = [{ target_address = "10.5.0.10", ${row} }]
  }\n`;
  return systemOf(`variable "x" {}\n${app}${forward}`)
    .all("listener")
    .map(({ hostAddress, hostPort, port, protocol, reach }) =>
      [hostAddress, hostPort, port, protocol, reach].map((fact) => shown<unknown>(fact)).join(" "),
    );
}

// covers: N6 | incus
test("A network forward's ports are read with the spaces that the server drops", () => {
  expect(listeners('protocol = "tcp", listen_port = "80, 8080", target_port = "81 , 8081"')).toEqual([
    "192.0.2.7 80 81 tcp one-address",
    "192.0.2.7 8080 8081 tcp one-address",
  ]);
  const proxy = instance(device("d", "proxy", 'listen = "tcp:0.0.0.0:80, 443", connect = "tcp:127.0.0.1:80, 443"'));
  expect(
    systemOf(proxy)
      .all("listener")
      .map(({ hostPort }) => shown(hostPort)),
  ).toEqual(["80", "443"]);
});

// covers: N6 | incus
test("What of a network forward cannot be told is a listener all the same, and is not taken for a default", () => {
  expect(listeners('protocol = "tcp", listen_port = "http", target_port = "80"')).toEqual(["? ? ? ? ?"]);
  expect(listeners('protocol = "tcp", listen_port = "80", target_port = "web"')).toEqual([
    "192.0.2.7 80 ? tcp one-address",
  ]);
  expect(listeners('protocol = var.x, listen_port = "80"')).toEqual(["192.0.2.7 80 80 ? one-address"]);
  expect(listeners('protocol = "udp", listen_port = "80"', "var.x")).toEqual(["? 80 80 udp one-address"]);
});
