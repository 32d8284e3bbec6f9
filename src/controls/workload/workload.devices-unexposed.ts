/**
 * A device is a door through the kernel; a disk is the whole house.
 *
 * Reads:  container.devices, workload.compose.deviceCgroupRules, container.privileged
 * Passes: no device of the host is handed in.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { Device } from "../../facts/subjects.ts";
import { beforeAssignment } from "../../lib/before-assignment.ts";
import { defineControl } from "../define.ts";
import { all, fail, forbidAny } from "../judge.ts";
import { offWhenPrivileged } from "../knowledge/privileged.ts";

export const devicesUnexposed = defineControl({
  id: "workload.devices-unexposed",
  on: "container",
  platforms: ["compose", "incus"],
  severity: "medium",
  title: "No device of the host is handed in",
  claim: "No container holds a device of the host.",
  threat:
    "A disk or the memory as a device is the whole host past every file's rights; other drivers widen what of the kernel can be attacked.",
  remedy:
    "Remove the entry from `devices:`, or hand in the one device that is needed with the rights it needs (`/dev/ttyUSB0:/dev/ttyUSB0:rw`), and record why.",
  remedies: {
    incus:
      'Remove the device (`unix-char`, `unix-block`, `gpu`, `usb`), or hand in the one that is needed by its own `source` or identifiers, with `uid`, `gid` and `mode = "0660"`, and record why.',
  },
  judged:
    "High for disks, memory and ports (`/dev/sd*`, `/dev/nvme*`, `/dev/mem`, `/dev/port`, all of `/dev`), low for graphics, sound, video, serial and USB sticks, `/dev/net/tun` and `/dev/fuse`, medium for the rest and for rules that open whole kinds of devices.",
  frameworks: { cisDocker: ["5.18"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W6"] },
  exposureMatters: false,

  check(container, system) {
    const privileged = offWhenPrivileged(container);
    if (privileged !== undefined) return privileged;
    const devices = forbidAny(container.devices, judge, {
      what: "the list of devices",
      none: "no device is handed in",
    });
    const rules = system.workloadOf(container)?.compose?.deviceCgroupRules;
    if (rules === undefined || (rules.complete && rules.items.length === 0)) return devices;
    const opened = forbidAny(
      rules,
      ({ rule, place }) => {
        const shown = beforeAssignment(rule);
        return fail(`the rule ${shown} opens devices of a whole kind`, { place, detail: shown });
      },
      { what: "the list of device rules", none: "no rule opens devices" },
    );
    return all(devices, opened);
  },
});

const wholeHost =
  /^\/dev\/?$|^\/dev\/(?:sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk\d|dm-\d|md\d|mapper\/|disk\/|loop|mem$|kmem$|port$|kvm$)/;
const harmless =
  /^\/dev\/(?:dri|snd|video\d|fb\d|tty(?:USB|ACM|AMA|S)\d|serial\/|bus\/usb|net\/tun$|fuse$|rtc|hidraw\d|usb\/|vchiq|vcsm|apex_\d|nvidia|kfd$|hwrng$)/;

function judge({ source, permissions, place }: Device): Judgement {
  const severity: Severity = wholeHost.test(source) ? "high" : harmless.test(source) ? "low" : "medium";
  const shown = beforeAssignment(source);
  return fail(`the device ${shown} is handed in (${permissions})`, { place, detail: shown, severity });
}
