import { expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { device, instance, systemOf } from "./testing/system-of.ts";

function mountOf(properties: string, more = "") {
  const [mount] = systemOf(instance(`${more}${device("d", "disk", properties)}`)).all("mount");
  if (mount === undefined) throw new Error("There is no mount.");
  return { type: knownValue(mount.type), nobody: mount.asNobody && knownValue(mount.asNobody) };
}

// covers: W6 | incus
test.each(["/dev/sda1", "/dev/mapper/vg-root", "/dev/zvol/tank/vm", "/dev/disk/by-id/ata-x", "/dev/nvme0n1"])(
  "The disk %s of the host is a path of the host, and a virtual machine is root to it",
  (source) => {
    expect(mountOf(`source = "${source}", path = "/mnt"`)).toEqual({ type: "bind", nobody: true });
    expect(mountOf(`source = "${source}"`, '  type = "virtual-machine"\n')).toEqual({ type: "bind", nobody: false });
  },
);

test("A disk of Ceph and a volume are no paths of the host", () => {
  expect(mountOf('source = "ceph:rbd/vol", path = "/mnt"').type).toBe("other");
  expect(mountOf('source = "data", pool = "default", path = "/mnt"').type).toBe("volume");
});

// covers: W6 | incus
test.each([
  ['"raw.idmap" = "both 0 0"', false],
  ['"raw.idmap" = "uid 0-999 0-999"', false],
  ['"raw.lxc" = "lxc.idmap = u 0 0 65536"', false],
  ['"raw.idmap" = "both 1000 1000"', true],
  ['"raw.idmap" = "gid 0 0"', true],
  ['"raw.idmap" = var.idmap', undefined],
])("With %s a container that is unprivileged is nobody to the host's root: %s", (setting, nobody) => {
  const text = `variable "idmap" {}\n${instance(`  config = { ${setting} }\n${device("d", "disk", 'source = "/", path = "/host"')}`)}`;
  const [mount] = systemOf(text).all("mount");
  expect(mount?.asNobody && knownValue(mount.asNobody)).toBe(nobody);
});
