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
