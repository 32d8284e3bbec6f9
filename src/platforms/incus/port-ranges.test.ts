import { expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { knownValue } from "../../facts/fact.ts";
import { device, instance, systemOf } from "./testing/system-of.ts";

function told(listen: string, connect: string) {
  const system = systemOf(instance(device("d", "proxy", `listen = "${listen}", connect = "${connect}"`)));
  return system.all("listener").map(({ hostPort, port, publishedRange }) => {
    const ports = `${hostPort && knownValue(hostPort)}>${knownValue(port)}`;
    return publishedRange === undefined
      ? ports
      : `${ports} ${publishedRange.stands ? "all" : "one"} of ${publishedRange.ports}`;
  });
}

// covers: N6 | incus
test("A range of ports is one listener, and each port in it that is known to be for inside, or to take passwords in the clear, is one of its own", () => {
  expect(told("tcp:0.0.0.0:5001-5500", "tcp:127.0.0.1:5001-5500")).toEqual([
    "5001>5001 all of 5001-5500",
    "5222>5222 one of 5001-5500",
    "5269>5269 one of 5001-5500",
    "5432>5432 one of 5001-5500",
  ]);
  expect(told("tcp:0.0.0.0:15001-15500", "tcp:127.0.0.1:5001-5500")).toEqual([
    "15001>5001 all of 15001-15500",
    "15222>5222 one of 15001-15500",
    "15269>5269 one of 15001-15500",
    "15432>5432 one of 15001-15500",
  ]);
});

test("Few ports are told one by one, and a range that leads to one port once for that", () => {
  expect(told("tcp:0.0.0.0:80,443", "tcp:127.0.0.1:8080,8443")).toEqual(["80>8080", "443>8443"]);
  expect(told("tcp:0.0.0.0:7000-7100", "tcp:127.0.0.1:5432")).toEqual(["7000>5432 all of 7000-7100"]);
  expect(told("udp:0.0.0.0:30000-30100", "udp:127.0.0.1:30000-30100")).toEqual(["30000>30000 all of 30000-30100"]);
});

test("Every port there is makes no more than a handful of listeners, however often it is written", () => {
  const all = Array(500).fill("1-65535").join(",");
  const started = threadMs();
  expect(told(`tcp:0.0.0.0:${all}`, `tcp:127.0.0.1:${all}`)).toHaveLength(9);
  expect(threadMs() - started).toBeLessThan(3000);
});
