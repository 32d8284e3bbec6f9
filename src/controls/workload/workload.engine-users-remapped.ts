/**
 * Root in a container is root on the host, unless the engine maps it to somebody else.
 *
 * Reads:  repository-file.configuration (Docker's engine: userns-remap)
 * Passes: it is mapped, or the engine itself runs without root.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, pass } from "../judge.ts";
import { onEngine } from "../knowledge/docker-daemon.ts";

export const engineUsersRemapped = defineControl({
  id: "workload.engine-users-remapped",
  on: "repository-file",
  software: ["docker-daemon"],
  severity: "info",
  title: "Root of a container is nobody on the host",
  claim: "The engine maps a container's root to a user without rights on the host, or runs without root itself.",
  threat: "Whoever breaks out of a container that runs as root is root on the host.",
  remedy:
    'Add `"userns-remap": "default"` on a host that is set up anew, or run the engine without root. It hides images and volumes that are there already, and files on bind mounts then belong to mapped users.',
  judged:
    "Fails as information where `userns-remap` is not stated. A file in `.config/docker`, where an engine without root reads it, passes.",
  frameworks: { cisDocker: ["2.9"], owaspDocker: ["D01", "D04"], nistCsf: ["PR.PS-01"], coverage: ["W1", "W4"] },
  exposureMatters: false,

  check(file) {
    return onEngine(file, ({ usersRemapped, rootless }) => {
      const { place } = usersRemapped;
      if (rootless) return pass("an engine without root reads it");
      if (usersRemapped.kind === "unknown")
        return cannotTell("whether root of a container is mapped (`userns-remap`)", usersRemapped.why, { place });
      if (usersRemapped.kind === "unstated")
        return fail("root of a container is root on the host, for `userns-remap` is not stated", { place });
      return pass(`root of a container is mapped (\`userns-remap: ${usersRemapped.value}\`)`, place);
    });
  },
});
