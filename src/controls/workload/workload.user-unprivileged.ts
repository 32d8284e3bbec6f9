/**
 * Root inside a container is root outside of it as soon as anything between gives way.
 *
 * Reads:  container.user, container.environment (PUID)
 * Passes: a user other than 0 is stated, or known from the image, component or kernel.
 */
import { knownValue } from "../../facts/fact.ts";
import type { Container, UserIdentity } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { demand, fail } from "../judge.ts";

export const userUnprivileged = defineControl({
  id: "workload.user-unprivileged",
  on: "container",
  severity: "medium",
  title: "Containers run as a user of their own, not as root",
  claim: "Every container runs as a user that is not root.",
  threat:
    "Root in the container owns every file that is mounted into it and needs one hole in the kernel or the engine to be root on the host.",
  remedy:
    'State the user that the image is made for, for example `user: "1000:1000"`, and give it the folders and volumes that it writes. Images that take `PUID` and `PGID` start as root and drop to them: where the image has a rootless mode, use it.',
  judged:
    "Fails when the user is 0 or root, and when no user is stated, for then the image decides, and most decide for root. With `PUID` set to another user it fails at low, because the image starts as root but is meant to drop to that user. Unknown when the value cannot be resolved.",
  limits: "What a running container's processes really are is read by `ringwall probe`.",
  frameworks: { cisDocker: ["4.1"], owaspDocker: ["D01"], nistCsf: ["PR.AA-05"], coverage: ["W1"] },
  exposureMatters: false,

  check(container) {
    const dropsTo = container.user.kind === "unstated" ? userItDropsTo(container) : undefined;
    if (dropsTo !== undefined) {
      return fail(`user is not stated; PUID says that the image drops to ${dropsTo} after it has started as root`, {
        place: container.user.place,
        severity: "low",
      });
    }
    return demand(container.user, isUnprivileged, {
      what: "user",
      show: (user) => user.text,
      unstated: "and the image decides",
    });
  },
});

function isUnprivileged(user: UserIdentity): boolean {
  if (user.uid !== undefined) return user.uid !== 0;
  return user.name !== undefined && user.name !== "" && user.name !== "root";
}

function userItDropsTo(container: Container): string | undefined {
  const variable = container.environment.items.find((each) => each.name === "PUID" || each.name === "USER_UID");
  const value = variable === undefined ? undefined : knownValue(variable.value)?.reveal();
  return value !== undefined && /^[1-9]\d*$/.test(value) ? value : undefined;
}
