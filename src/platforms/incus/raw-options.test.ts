import { expect, test } from "vitest";
import { instance, systemOf } from "./testing/system-of.ts";

function rawOptions(setting: string) {
  const [workload] = systemOf(instance(`  config = { ${setting} }`)).all("workload");
  return workload?.incus?.rawOptions.items.map(({ does, leadsOut }) => `${does}${leadsOut ? ", out" : ""}`);
}

// covers: W4 | incus
test.each([
  ["lxc.namespace.share.net = web", []],
  ["lxc.namespace.share.net = 1", ["shares a namespace of the host, out"]],
  ["lxc.namespace.share.ipc = 4711", ["shares a namespace of the host's process 4711"]],
  ["lxc.namespace.share.pid = /proc/1/ns/pid", ["shares a namespace of the host, out"]],
  ["lxc.namespace.share.net = /run/netns/vpn", []],
  ["lxc.namespace.keep = net", ["shares a namespace of the host, out"]],
])("The line %s is told as what it does", (line, expected) => {
  expect(rawOptions(`"raw.lxc" = "${line}"`)).toEqual(expected);
});

test.each(["early", "pre-start", "post-start"])("Commands to the emulator are told: raw.qemu.qmp.%s", (when) => {
  expect(rawOptions(`"raw.qemu.qmp.${when}" = "[]"`)).toHaveLength(1);
});
