/**
 * The installer is the operating system: which one it is should not be left to the day.
 *
 * Reads:  repository-file.configuration (Talos: install.image)
 * Passes: the installer's image names a version.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";
import { onMachine } from "../knowledge/talos.ts";

export const installerPinned = defineControl({
  id: "supply-chain.installer-pinned",
  on: "repository-file",
  software: ["talos"],
  severity: "medium",
  title: "Talos is installed from a named version",
  claim: "Which version of Talos a machine installs is stated.",
  threat:
    "A machine that is installed or upgraded today gets another operating system than its neighbours, or whatever was pushed under the moving tag.",
  remedy:
    "Name the version, as in `ghcr.io/siderolabs/installer:v1.13.9` or `factory.talos.dev/metal-installer/SCHEMATIC:v1.13.9`.",
  judged:
    "Passes when `machine.install.image` (UnattendedInstallConfig in newer versions) has a tag that is no moving one, or a digest. Not applicable where no image is stated: then it is that of the version that boots.",
  frameworks: {
    nsaKubernetes: ["trusted-registries"],
    nistCsf: ["ID.RA-09", "PR.PS-02"],
    coverage: ["V3", "W9"],
  },
  exposureMatters: false,

  check(file) {
    return onMachine(file, (machine) => {
      if (machine.installImage.kind === "unstated") return notApplicable("no image is stated");
      return demand(machine.installImage, isPinned, { what: "the installer's image" });
    });
  },
});

function isPinned(image: string): boolean {
  if (image.includes("@sha256:")) return true;
  const tag = /:([\w][\w.-]*)$/.exec(image)?.[1];
  return tag !== undefined && !/^(?:latest|main|master|edge|stable|nightly)$/i.test(tag);
}
