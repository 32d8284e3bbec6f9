import { expect, test } from "vitest";
import { handsOverEngineSocket, isEngineSocket, normalizePath } from "./engine-socket.ts";
import { hostPathDanger } from "./host-paths.ts";

test.each([
  ["/var/run/docker.sock", "/run/docker.sock"],
  ["//var//run/./docker.sock", "/run/docker.sock"],
  ["/srv/../var/run/docker.sock/", "/run/docker.sock"],
  ["/../etc", "/etc"],
  ["/", "/"],
  ["~", "/home/somebody"],
  ["~/.ssh", "/home/somebody/.ssh"],
  ["./etc", "./etc"],
  ["data", "data"],
])("The path %s is %s", (written, plain) => expect(normalizePath(written)).toBe(plain));

test.each([
  "/run/docker.sock",
  "/run/user/1000/docker.sock",
  "/run/podman/podman.sock",
  "/run/containerd/containerd.sock",
  "/run/k3s/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/var/lib/incus/unix.socket",
  "/var/snap/lxd/common/lxd/unix.socket",
])("%s is an engine's socket", (path) => expect(isEngineSocket(path)).toBe(true));

test.each(["/run/mysqld/mysqld.sock", "/srv/docker.sock.bak", "/run/dbus/system_bus_socket"])("%s is none", (path) =>
  expect(handsOverEngineSocket(path)).toBe(false),
);

test.each([
  ["/", "high", "critical"],
  ["/etc", "medium", "critical"],
  ["/etc/cron.d", "medium", "critical"],
  ["/etc/shadow", "high", "critical"],
  ["/etc/localtime", undefined, "low"],
  ["/root", "high", "critical"],
  ["/home/alex/.ssh/id_ed25519", "high", "critical"],
  ["/var/lib/docker", "high", "critical"],
  ["/dev/sda", "high", "high"],
  ["/etc/kubernetes/pki", "high", "critical"],
  ["/var/lib/etcd", "high", "critical"],
  ["/var/lib/rancher/k3s/server/tls", "high", "critical"],
  ["/var/lib/kubelet", "high", "critical"],
  ["/var/lib/kubelet/pods", "high", "critical"],
  ["/var/lib/kubelet/device-plugins", "low", "medium"],
] as const)("%s gives away: read %s, write %s", (path, read, write) => {
  expect(hostPathDanger(path)).toMatchObject({ read, write });
});

test.each(["/srv/shop/data", "/home/alex/stacks/shop/data", "./etc", "/opt/shop", "/etcetera", "/var/lib/shop"])(
  "Nothing is known against %s",
  (path) => expect(hostPathDanger(path)).toBeUndefined(),
);
