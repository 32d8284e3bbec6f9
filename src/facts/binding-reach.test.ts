import { expect, test } from "vitest";
import { reachOfBinding } from "./binding-reach.ts";

test.each([
  ["", "everywhere"],
  ["*", "everywhere"],
  ["0.0.0.0", "everywhere"],
  ["::", "everywhere"],
  ["[::]", "everywhere"],
  ["0:0:0:0:0:0:0:0", "everywhere"],
  ["::ffff:0.0.0.0", "everywhere"],
  ["127.0.0.53", "loopback"],
  ["localhost", "loopback"],
  ["[::1]", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["192.168.1.10", "one-address"],
  ["fe80::1%eth0", "one-address"],
  ["127.example.org", "one-address"],
  ["a name that is none", "one-address"],
])("What listens on `%s` can be reached: %s.", (address, reach) => {
  expect(reachOfBinding(address)).toBe(reach);
});
