import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { freeAddress } from "./outside.ts";
import { within } from "./routes.ts";

// covers: A1 | compose

describe("an address to ask from", () => {
  it("is one of the network, and never its first or last", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 30 }), (number, bits) => {
        const base = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
        const network = ipaddr.IPv4.networkAddressFromCIDR(`${base}/${bits}`).toString();
        const address = freeAddress(`${network}/${bits}`, []);
        expect(address).toBeDefined();
        expect(within(address ?? "", [`${network}/${bits}`])).toBe(true);
        expect(address).not.toBe(network);
        expect(address).not.toBe(ipaddr.IPv4.broadcastAddressFromCIDR(`${network}/${bits}`).toString());
      }),
    );
  });

  it("is not taken from a network that the host itself is in, where it might be somebody's", () => {
    expect(freeAddress("192.168.1.0/24", ["10.0.0.5", "192.168.1.20"])).toBeUndefined();
    expect(freeAddress("192.168.1.0/24", ["10.0.0.5"])).toBe("192.168.1.77");
  });

  it("does not exist in a network of one or two addresses, or in what is no network", () => {
    expect(freeAddress("192.0.2.1/32", [])).toBeUndefined();
    expect(freeAddress("192.0.2.0/31", [])).toBeUndefined();
    expect(freeAddress("everybody", [])).toBeUndefined();
    expect(freeAddress("2001:db8::/32", [])).toBeUndefined();
  });
});

describe("belonging to an audience", () => {
  it("compares within one family only and takes a broken network for empty", () => {
    expect(within("192.168.1.9", ["192.168.0.0/16"])).toBe(true);
    expect(within("192.168.1.9", ["10.0.0.0/8", "nonsense"])).toBe(false);
    expect(within("::1", ["0.0.0.0/0"])).toBe(false);
  });
});
