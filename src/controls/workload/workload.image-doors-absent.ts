/**
 * Servers for remote shells, and sudo without a password, make a container a machine to log in to.
 *
 * Reads:  repository-file.configuration (risks of a Dockerfile)
 * Passes: no step installs such a server or lets sudo ask for nothing.
 */
import { defineControl } from "../define.ts";
import { forbidRisks } from "../knowledge/build-risks.ts";

export const imageDoorsAbsent = defineControl({
  id: "workload.image-doors-absent",
  on: "repository-file",
  software: ["dockerfile"],
  severity: "low",
  title: "Images bring no server for remote shells and no open sudo",
  claim: "No image that is built here brings a server for remote shells, or sudo without a password.",
  threat:
    "A server for shells is one more login to guess, and sudo without a password makes root of whoever breaks the program.",
  remedy:
    "Leave the package and the sudoers entry out: `docker compose exec` enters a container, and what needs root belongs before `USER`.",
  judged:
    "Fails for packages of SSH, Telnet and rsh servers that end up in the image, and for `NOPASSWD` in sudoers. A container that starts an SSH server is judged by workload.sshd-absent.",
  limits: "Alpine's `openssh`, which is mostly taken for the client, passes.",
  frameworks: { cisDocker: ["4.3", "5.7"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },
  exposureMatters: false,

  check(file) {
    return forbidRisks(
      file,
      {
        "remote-shell": { inImage: "low", elsewhere: undefined },
        "sudo-without-password": { inImage: "low", elsewhere: undefined },
      },
      "no door is built in",
    );
  },
});
