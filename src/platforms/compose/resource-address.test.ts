import { expect, test } from "vitest";
import { firstAddress } from "./resource-address.ts";

test.each([
  ["10.10.0.0/24", "10.10.0.1"],
  ["10.10.0.16/28", "10.10.0.17"],
  ["10.10.0.77/28", "10.10.0.65"],
  ["172.16.0.0/12", "172.16.0.1"],
  ["fd00:1::/64", "fd00:1::1"],
])("the first address of %s is %s", (cidr, address) => {
  expect(firstAddress(cidr)).toBe(address);
});

test.each(["", "10.10.0.0", "10.10.0.0/33", "nonsense"])("%j is refused with a sentence", (cidr) => {
  expect(() => firstAddress(cidr)).toThrow(`The subnet "${cidr}" is not an address and a prefix length.`);
});
