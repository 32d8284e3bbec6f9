import { expect, test } from "vitest";
import { systemOf } from "./testing/system-of.ts";

function loosened(config: string) {
  const text = `variable "paths" {}\nresource "incus_project" "p" {\n  name = "p"\n  config = { "restricted" = "true", ${config} }\n}\n`;
  const [project] = systemOf(text).all("grant");
  return project?.incus?.loosened.items.map(({ key }) => key.replace("restricted.", ""));
}

// covers: A13 | incus
test.each([
  ['"restricted.devices.disk" = "allow"', ["devices.disk"]],
  ['"restricted.devices.disk" = "allow", "restricted.devices.disk.paths" = "/"', ["devices.disk"]],
  ['"restricted.devices.disk" = "allow", "restricted.devices.disk.paths" = "/srv,/"', ["devices.disk"]],
  ['"restricted.devices.disk" = "allow", "restricted.devices.disk.paths" = "/srv/shared"', []],
  ['"restricted.devices.disk.paths" = "/"', []],
  ['"restricted.idmap.uid" = "0"', ["idmap.uid"]],
  ['"restricted.idmap.uid" = "1000,0-99"', ["idmap.uid"]],
  ['"restricted.idmap.uid" = "1000-1010,100"', []],
  ['"restricted.idmap.gid" = "0-1000"', ["idmap.gid"]],
  ['"restricted.devices.gpu" = "allow"', ["devices.gpu"]],
  ['"restricted.devices.usb" = "allow"', ["devices.usb"]],
  ['"restricted.devices.unix-hotplug" = "allow"', ["devices.unix-hotplug"]],
  ['"restricted.devices.unix-char" = "allow"', ["devices.unix-char"]],
  ['"restricted.devices.unix-block" = "allow"', ["devices.unix-block"]],
  ['"restricted.containers.nesting" = "allow"', ["containers.nesting"]],
  ['"restricted.containers.interception" = "full"', ["containers.interception"]],
  ['"restricted.containers.nesting" = "block"', []],
])("A project with %s is loosened by %j", (config, keys) => {
  expect(loosened(config)).toEqual(keys);
});

test("Paths that cannot be told leave open whether disks are kept", () => {
  const text = `variable "paths" {}
resource "incus_project" "p" {
  name = "p"
  config = { "restricted" = "true", "restricted.devices.disk" = "allow", "restricted.devices.disk.paths" = var.paths }
}`;
  const [project] = systemOf(text).all("grant");
  expect(project?.incus?.loosened).toMatchObject({ items: [], complete: false });
});
