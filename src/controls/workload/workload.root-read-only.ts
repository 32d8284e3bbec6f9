/**
 * What cannot be written cannot be replaced: an attacker's tools need a place to lie.
 *
 * Reads:  container.readOnlyRoot
 * Passes: the root file system is read-only.
 */
import { defineControl } from "../define.ts";
import { demand } from "../judge.ts";
import { termFor, unlessWindows } from "../knowledge/platform-terms.ts";

export const rootReadOnly = defineControl({
  id: "workload.root-read-only",
  on: "container",
  platforms: ["compose", "kubernetes"],
  severity: "low",
  title: "The root file system is read-only",
  claim: "No container can write to its own root file system.",
  threat:
    "A taken-over program replaces its own files and keeps tools beside them, which stay until the container is made anew.",
  remedy:
    "Add `read_only: true`, and for what must be written `tmpfs: [/tmp, /run]` or a volume. The image's documentation, or the first error in its log, names the paths.",
  remedies: {
    kubernetes:
      "Add `securityContext: { readOnlyRootFilesystem: true }` to the container, and for what must be written an `emptyDir` volume (mounted at `/tmp`, say) or a claim. The first error in the container's log names the path.",
  },
  judged: "Fails when it is off or not stated, for the platform's default is writable.",
  limits: "Some images cannot do without: record those as exceptions.",
  frameworks: {
    cisDocker: ["5.13"],
    owaspDocker: ["D04", "D09"],
    nsaKubernetes: ["immutable-root"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W5"],
  },
  exposureMatters: false,

  check(container) {
    return (
      unlessWindows(container) ??
      demand(container.readOnlyRoot, (value) => value, {
        what: termFor(container, { kubernetes: "`readOnlyRootFilesystem`" }, "read_only"),
      })
    );
  },
});
