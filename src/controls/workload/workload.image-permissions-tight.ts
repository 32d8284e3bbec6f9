/**
 * A set-user-id program, or one that everybody may write, is a way up for whoever is inside.
 *
 * Reads:  repository-file.configuration (risks of a Dockerfile)
 * Passes: no step adds the set-user-id bit or gives files to everybody to write.
 */
import { defineControl } from "../define.ts";
import { forbidRisks } from "../knowledge/build-risks.ts";

export const imagePermissionsTight = defineControl({
  id: "workload.image-permissions-tight",
  on: "repository-file",
  software: ["dockerfile"],
  severity: "medium",
  title: "Images give no file more rights than it needs",
  claim: "No image that is built here adds set-user-id programs or files that everybody may write.",
  threat:
    "Whoever breaks the program inside becomes root by a set-user-id program, or changes code that somebody else runs.",
  remedy:
    "Remove the bit (`chmod u-s`), give files to the user that needs them (`COPY --chown=app:app`), and use 755 or 750 instead of 777.",
  judged:
    "Fails at medium for set-user-id bits that end up in the image, at low for modes such as 777 and `a+w`. `/tmp` and modes with the sticky bit pass.",
  limits:
    "Set-user-id programs of the base image are not seen; workload.no-new-privileges-on takes their effect at run time.",
  frameworks: { cisDocker: ["4.8"], owaspDocker: ["D04"], nistCsf: ["PR.AA-05"], coverage: ["W4"] },
  exposureMatters: false,

  check(file) {
    return forbidRisks(
      file,
      {
        "set-user-id": { inImage: "medium", elsewhere: undefined },
        "world-writable": { inImage: "low", elsewhere: undefined },
      },
      "no step gives files more rights",
    );
  },
});
