/**
 * An image that starts as root makes every container root that does not say otherwise.
 *
 * Reads:  repository-file.configuration (user, dropsRootBy of a Dockerfile)
 * Passes: the last stage names a user that is not root, or stands on an image that does.
 */
import type { DockerfileConfiguration } from "../../facts/configuration/dockerfile.ts";
import type { UserIdentity } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { demand, fail, notApplicable } from "../judge.ts";
import { dockerfileOf } from "../knowledge/build-risks.ts";

export const imageUserUnprivileged = defineControl({
  id: "workload.image-user-unprivileged",
  on: "repository-file",
  software: ["dockerfile"],
  severity: "medium",
  title: "Images start as a user of their own, not as root",
  claim: "Every image that is built here starts as a user that is not root.",
  threat:
    "Whoever breaks the program is root in the container, owns what is mounted into it, and needs one hole in the kernel or the engine to be root on the host.",
  remedy:
    "Make a user and switch to it at the end: `RUN adduser -D -u 10001 app` (Alpine) or `RUN useradd -r -u 10001 app` (Debian), then `USER 10001`. By number, Kubernetes can verify it too.",
  judged:
    "Of the last stage's `USER`, or the one known of its base image. Fails for root and 0; at low where the base image may decide otherwise, where `gosu`, `su-exec` or s6 drop root after the start, and for images that name no program, which are toolboxes. Not applicable to a last stage on `scratch` that starts nothing. Not applicable to a Dockerfile that a service of the repository builds: the service is judged by workload.user-unprivileged.",
  frameworks: { cisDocker: ["4.1"], owaspDocker: ["D01"], nistCsf: ["PR.AA-05"], coverage: ["W1"] },
  exposureMatters: false,

  check(file) {
    const dockerfile = dockerfileOf(file);
    if (dockerfile === undefined) return notApplicable("not a Dockerfile");
    if (file.owner !== undefined) return notApplicable("workload.user-unprivileged judges the service that builds it");
    const { user, dropsRootBy, program } = dockerfile;
    if (program.kind === "stated" && program.value === "none")
      return notApplicable("nothing runs in it: it hands out files");
    const known = user.kind === "stated" || user.kind === "defaulted" ? user.value : undefined;
    if (dropsRootBy.kind === "stated" && (known === undefined || !isUnprivileged(known)) && user.kind !== "unknown") {
      return fail(`the image starts as root; ${dropsRootBy.value} drops it after the start`, {
        place: user.place,
        severity: "low",
      });
    }
    const judged = demand(user, isUnprivileged, {
      what: "`USER`",
      show: (value) => value.text,
      unstated: "and the base image decides",
    });
    return user.kind === "unstated" || isToolbox(program, file.path) ? { ...judged, severity: "low" } : judged;
  },
});

/** An image that names no program is a toolbox of builds and development, unless its base is made to serve. */
function isToolbox(program: DockerfileConfiguration["program"], path: string): boolean {
  return (
    (program.kind === "stated" && program.value === "whatever the base has") || /(?:^|\/)\.devcontainer\//.test(path)
  );
}

function isUnprivileged(user: UserIdentity): boolean {
  return user.uid === undefined ? user.name !== undefined && user.name !== "root" : user.uid !== 0;
}
