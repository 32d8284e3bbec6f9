import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { freeAddress } from "./outside.ts";
import { within } from "./routes.ts";
import { highestFree } from "./witness.ts";

// covers: A1 | compose

describe("an address to ask from", () => {
  const lot = fc.integer({ min: 0, max: 999_999 }).map((number) => number / 1_000_000);

  it("is one of the network, and never its first or last", () => {
    const base = fc.integer({ min: 1 << 24, max: 100 * 2 ** 24 });
    fc.assert(
      fc.property(base, fc.integer({ min: 8, max: 30 }), lot, (number, bits, drawn) => {
        const text = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
        const network = ipaddr.IPv4.networkAddressFromCIDR(`${text}/${bits}`).toString();
        const address = freeAddress(`${network}/${bits}`, [], drawn);
        expect(address).toBeDefined();
        expect(within(address ?? "", [`${network}/${bits}`])).toBe(true);
        expect(address).not.toBe(network);
        expect(address).not.toBe(ipaddr.IPv4.broadcastAddressFromCIDR(`${network}/${bits}`).toString());
      }),
    );
  });

  it("is not taken from a network that the host itself is in, where it might be somebody's", () => {
    expect(freeAddress("192.168.1.0/24", ["10.0.0.5", "192.168.1.20"], 0.3)).toBeUndefined();
    expect(freeAddress("192.168.1.0/24", ["10.0.0.5"], 0)).toBe("192.168.1.1");
    expect(freeAddress("192.168.1.0/24", ["10.0.0.5"], 0.999999)).toBe("192.168.1.254");
  });

  it("does not exist in a network of one or two addresses, or in what is no network", () => {
    expect(freeAddress("192.0.2.1/32", [], 0.5)).toBeUndefined();
    expect(freeAddress("192.0.2.0/31", [], 0.5)).toBeUndefined();
    expect(freeAddress("everybody", [], 0.5)).toBeUndefined();
    expect(freeAddress("2001:db8::/32", [], 0.5)).toBeUndefined();
  });

  it("does not exist where no client comes from: a packet from there is dropped on its way", () => {
    for (const cidr of ["127.0.0.0/8", "224.0.0.0/8", "169.254.0.0/16"])
      expect(freeAddress(cidr, [], 0.5)).toBeUndefined();
  });
});

describe("the address of a neighbour", () => {
  it("is the highest that nobody has", () => {
    expect(highestFree("10.10.0.8/29", ["10.10.0.9", "10.10.0.10", "10.10.0.11"])).toBe("10.10.0.14/29");
    expect(highestFree("10.10.0.8/29", ["10.10.0.14", "10.10.0.13"])).toBe("10.10.0.12/29");
  });

  it("does not exist where all are taken", () => {
    expect(highestFree("10.10.0.0/30", ["10.10.0.2"])).toBeUndefined();
    expect(highestFree("fd00::/64", [])).toBeUndefined();
  });
});

describe("belonging to an audience", () => {
  it("compares within one family only and takes a broken network for empty", () => {
    expect(within("192.168.1.9", ["192.168.0.0/16"])).toBe(true);
    expect(within("192.168.1.9", ["10.0.0.0/8", "nonsense"])).toBe(false);
    expect(within("::1", ["0.0.0.0/0"])).toBe(false);
  });
});
