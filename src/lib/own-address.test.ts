import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  hostOf,
  isLocalhost,
  isLoopback,
  isPrivateAddress,
  isTailnetAddress,
  isUnspecified,
  leadsToItself,
} from "./own-address.ts";

describe("A machine's own host", () => {
  test.each([
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ip6-localhost",
    "ip6-loopback",
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "127.0.0.0/8",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "[::ffff:7f00:1]",
  ])("is %s, and nobody else comes by there.", (host) => {
    expect([isLoopback(host), leadsToItself(host)]).toEqual([true, true]);
  });

  test.each([
    "",
    "localhost.example.org",
    "app.localhost",
    "127.example.org",
    "127.0.0.1.nip.io",
    "127.0.0.1/0",
    "127.300.0.1",
    "128.0.0.1",
    "::2",
    "[::1",
    "1::",
    "::ffff:128.0.0.1",
    "link-1",
  ])("is not `%s`.", (host) => {
    expect([isLoopback(host), leadsToItself(host)]).toEqual([false, false]);
  });

  test.each(["0.0.0.0", "::", "[::]", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0"])("is not %s, which leads there.", (host) => {
    expect([isLoopback(host), isUnspecified(host), leadsToItself(host)]).toEqual([false, true, true]);
  });

  test("is, for what Ringwall sends, no name that this machine may lack.", () => {
    expect(["localhost", "127.0.0.1", "[::1]"].map(isLocalhost)).toEqual([true, true, true]);
    expect(["ip6-localhost", "localhost.", "127.example.org"].map(isLocalhost)).toEqual([false, false, false]);
  });
});

describe("An address of one's own network", () => {
  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.1.10",
    "100.64.0.1",
    "169.254.1.1",
    "fd12::1",
    "[fd12::1]",
    "fe80::1%eth0",
    "::1",
    "::ffff:10.0.0.1",
    "10.0.0.0/8",
    "192.168.0.0/24",
    "FC00::/7",
  ])("is %s.", (address) => expect(isPrivateAddress(address)).toBe(true));

  test.each([
    "",
    "10.example.org",
    "192.168.1.10.example.org",
    "fdroid.example.org",
    "fd-proxy",
    "172.32.0.1",
    "100.128.0.1",
    "8.8.8.8",
    "2001:db8::1",
    "10.0.0.0/7",
    "192.168.0.0/8",
    "10.0.0.0/33",
    "0.0.0.0/0",
    "::/0",
    "::10.0.0.1",
    "::127.0.0.1",
    "::999.0.0.1",
  ])("is not `%s`.", (address) => expect(isPrivateAddress(address)).toBe(false));

  test("is `::0.0.0.1`, which is `::1`.", () => expect(isPrivateAddress("::0.0.0.1")).toBe(true));

  test("is what Node's own lists of addresses take for one, and so is the loopback.", () => {
    const own = new BlockList();
    own.addSubnet("127.0.0.0", 8);
    own.addAddress("::1", "ipv6");
    const near = new BlockList();
    for (const [start, bits] of [
      ["10.0.0.0", 8],
      ["172.16.0.0", 12],
      ["192.168.0.0", 16],
    ] as const)
      near.addSubnet(start, bits);
    for (const [start, bits] of [
      ["127.0.0.0", 8],
      ["169.254.0.0", 16],
      ["100.64.0.0", 10],
    ] as const)
      near.addSubnet(start, bits);
    for (const [start, bits] of [
      ["fc00::", 7],
      ["fe80::", 10],
      ["::1", 128],
    ] as const)
      near.addSubnet(start, bits, "ipv6");
    const first = fc.constantFrom(10, 100, 127, 128, 169, 172, 192);
    const second = fc.constantFrom(0, 15, 16, 31, 32, 63, 64, 127, 128, 168, 254);
    const ipv4 = fc.tuple(first, second, fc.nat(255), fc.nat(255)).map((parts) => parts.join("."));
    fc.assert(
      fc.property(fc.oneof(ipv4, fc.ipV4(), fc.ipV6()), (address) => {
        const family = address.includes(":") ? "ipv6" : "ipv4";
        expect([isLoopback(address), isPrivateAddress(address)]).toEqual([
          own.check(address, family),
          near.check(address, family),
        ]);
      }),
    );
  });
});

describe("An address of a tailnet", () => {
  test.each(["100.64.0.1", "100.127.255.254", "fd7a:115c:a1e0::1", "[FD7A:115C:A1E0:ab12::7]"])("is %s.", (address) =>
    expect(isTailnetAddress(address)).toBe(true),
  );

  test.each(["", "100.63.0.1", "100.128.0.1", "192.168.1.2", "fd7a:115d::1", "fd00::1", "100.example.org", "0.0.0.0"])(
    "is not `%s`.",
    (address) => expect(isTailnetAddress(address)).toBe(false),
  );
});

describe("The host of an address", () => {
  test.each([
    ["web:8080", "web"],
    ["web", "web"],
    ["127.0.0.1:8200", "127.0.0.1"],
    [":8200", ""],
    ["[::1]:8200", "[::1]"],
    ["[::1]", "[::1]"],
    ["::1", "::1"],
    ["fd00::1", "fd00::1"],
  ])("of %s is `%s`.", (address, host) => expect(hostOf(address)).toBe(host));
});
