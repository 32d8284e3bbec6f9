import { describe, expect, it } from "vitest";
import { isLoopbackAddress } from "../../lib/own-address.ts";
import { capabilityNames, parseCgroups, parseIpv6Addresses, parseMounts, parseSockets, parseStatus } from "./proc.ts";

// covers: N2 W4 | compose

describe("sockets as the kernel prints them", () => {
  const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

  it("reads the listening ones and passes over connections", () => {
    const text = `${header}   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 4242 1
   1: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17 1
   2: 0300120A:1F90 0200120A:D2F0 01 00000000:00000000 00:00000000 00000000   101        0 99 1\n`;
    expect(parseSockets(text, "tcp")).toEqual([
      { protocol: "tcp", address: "0.0.0.0", port: 8080, inode: 4242 },
      { protocol: "tcp", address: "127.0.0.1", port: 631, inode: 17 },
    ]);
  });

  it("reads IPv6 addresses, and IPv4 ones that are mapped into them", () => {
    const text = `${header}   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0 0 0 0 0 7
   1: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 0 0 0 0 0 8
   2: B80D0120000000000000000001000000:0052 00000000000000000000000000000000:0000 0A 0 0 0 0 0 9\n`;
    expect(parseSockets(text, "tcp").map((socket) => socket.address)).toEqual(["::1", "127.0.0.1", "2001:db8::1"]);
    expect(parseSockets(text, "tcp").map((socket) => isLoopbackAddress(socket.address))).toEqual([true, true, false]);
  });

  it("takes unconnected UDP sockets for listening", () => {
    const text = `${header}   0: 00000000:0035 00000000:0000 07 0 0 0 0 0 5\n   1: 00000000:0036 0100007F:0035 01 0 0 0 0 0 6\n`;
    expect(parseSockets(text, "udp").map((socket) => socket.port)).toEqual([53]);
  });

  it("makes nothing of a text that is no table", () => {
    expect(parseSockets("", "tcp")).toEqual([]);
    expect(parseSockets("garbage\nmore garbage\n", "tcp")).toEqual([]);
  });
});

describe("the status of a process", () => {
  it("reads ids, capabilities, no-new-privileges and seccomp", () => {
    const status = parseStatus(
      "Name:\tcaddy\nUid:\t901\t901\t901\t901\nGid:\t901\t902\t901\t901\nGroups:\t5 6 \nCapEff:\t0000000000000400\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\n",
    );
    expect(status.uids).toEqual([901, 901, 901, 901]);
    expect(status.gids[1]).toBe(902);
    expect(status.groups).toEqual([5, 6]);
    expect(status.effectiveCapabilities).toEqual(["NET_BIND_SERVICE"]);
    expect(status.boundingCapabilities).toContain("NET_RAW");
    expect(status.noNewPrivileges).toBe(true);
    expect(status.seccomp).toBe(2);
  });

  it("says undefined for what an older kernel does not print, never a good value", () => {
    const status = parseStatus("Name:\tx\nUid:\t0\t0\t0\t0\n");
    expect(status.noNewPrivileges).toBeUndefined();
    expect(status.seccomp).toBeUndefined();
  });

  it("names a capability that is newer than the table by its bit", () => {
    expect(capabilityNames((1n << 45n).toString(16))).toEqual(["CAP_45"]);
    expect(capabilityNames("0000000000000000")).toEqual([]);
  });
});

describe("mounts, addresses and control groups", () => {
  it("takes a mount for read-only when the mount or its superblock is", () => {
    const mounts = parseMounts(
      "100 90 0:50 / / ro,relatime master:1 - overlay overlay rw,lowerdir=x\n101 100 0:51 / /data rw - ext4 /dev/x ro\n102 100 0:52 / /with\\040space rw - tmpfs tmpfs rw\n",
    );
    expect(mounts.map((mount) => [mount.mountPoint, mount.readOnly])).toEqual([
      ["/", true],
      ["/data", true],
      ["/with space", false],
    ]);
  });

  it("tells global IPv6 addresses from link-local ones", () => {
    const addresses = parseIpv6Addresses(
      "fe800000000000000042acfffe110002 08 40 20 80 eth0\nfd00dead000100000000000000000002 08 40 00 80 eth0\n",
    );
    expect(addresses.map((entry) => [entry.address, entry.scope])).toEqual([
      ["fe80::42:acff:fe11:2", "link"],
      ["fd00:dead:1::2", "global"],
    ]);
  });

  it("finds a controller's group in both versions", () => {
    expect(parseCgroups("5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n").get("cpuacct")).toBe("/docker/abc");
    expect(parseCgroups("0::/system.slice/docker-abc.scope\n").get("")).toBe("/system.slice/docker-abc.scope");
  });
});
