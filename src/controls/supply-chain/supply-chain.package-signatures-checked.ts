/**
 * Package managers verify signatures unless somebody tells them not to.
 *
 * Reads:  repository-file.configuration (risks of a Dockerfile)
 * Passes: no command switches signatures off.
 */

import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { dockerfileOf, forbidRisks } from "../knowledge/build-risks.ts";

/** Options that do nothing else. */
const removable = /^--(?:allow-unauthenticated|nogpgcheck|no-gpgchecks|no-gpg-checks|allow-untrusted|nosignature)$/;

export const packageSignaturesChecked = defineControl({
  id: "supply-chain.package-signatures-checked",
  on: "repository-file",
  software: ["dockerfile"],
  severity: "medium",
  title: "Packages are installed with their signatures checked",
  claim: "No image is built from packages whose signature nobody checked.",
  threat: "A mirror that was taken over, or somebody on the way, gives the build packages of their own.",
  remedy:
    "Remove the switch, and install the key of the source instead: for APT `Signed-By:` with a key under `/etc/apt/keyrings/`, for RPM `rpm --import`, for apk the key under `/etc/apk/keys/`.",
  judged:
    "Fails for `--allow-unauthenticated`, `[trusted=yes]`, `--nogpgcheck`, `gpgcheck=0`, `--allow-untrusted`, `--no-gpg-checks`, `--nosignature` and their like.",
  frameworks: { cisDocker: ["4.11"], owaspDocker: ["D08"], nistCsf: ["ID.RA-09", "PR.PS-05"], coverage: ["V3"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "The build fails where a package has no signature, or none whose key is known.",
    onlyNamed: true,
    edits(file, _system, { place }) {
      const { option = "" } = dockerfileOf(file)?.risks.items.find((risk) => risk.place === place) ?? {};
      return removable.test(option)
        ? valueAt(place, new RegExp(`[^#"'\`]{0,400}?([ \\t]${option})(?![\\w=-])`), "")
        : undefined;
    },
  },

  check(file) {
    return forbidRisks(file, { "signatures-unverified": "medium" }, "no signature check is switched off");
  },
});
