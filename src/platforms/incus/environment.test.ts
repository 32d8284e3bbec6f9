import { expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { instance, systemOf } from "./testing/system-of.ts";

// covers: S1 | incus
test("A variable that a line of raw.lxc sets is one of the instance, and its secret is found", () => {
  const text = instance(
    '  config = { "raw.lxc" = "lxc.environment = DB_PASSWORD=Sup3rGeheim99\\nlxc.environment = TZ" }',
  );
  const system = systemOf(text);
  const [container] = system.all("container");
  expect(container?.environment.items.map(({ name, value }) => [name, knownValue(value)?.reveal()])).toEqual([
    ["DB_PASSWORD", "Sup3rGeheim99"],
  ]);
  expect(system.all("secret-reference").map(({ secret, delivery }) => [secret, knownValue(delivery)])).toEqual([
    ["DB_PASSWORD", "environment"],
  ]);
  expect(JSON.stringify(system.subjects)).not.toContain("Sup3rGeheim99");
});

// covers: S1 | incus
test("Variables are not all known where raw.lxc is not, but a virtual machine has none from there", () => {
  const list = (more: string) => {
    const text = `variable "x" {}\n${instance(`  config = { "raw.lxc" = var.x }${more}`)}`;
    return systemOf(text).all("container")[0]?.environment.complete;
  };
  expect(list("")).toBe(false);
  expect(list('\n  type = "virtual-machine"')).toBe(true);
});
