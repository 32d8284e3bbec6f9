/**
 * A secret that every user of the container may read is every user's secret.
 *
 * Reads:  secret-reference.mode, secret-reference.delivery
 * Passes: the delivered file can be read by its owner, or owner and group, alone.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";

export const deliveryRestricted = defineControl({
  id: "secrets.delivery-restricted",
  on: "secret-reference",
  severity: "low",
  title: "Delivered secrets are readable by their service's user only",
  claim: "Every delivered secret can be read by its service's user alone.",
  threat: "Any other process in the container, and any other user of the host when the file is mounted, reads it.",
  remedy:
    "Make the file belong to the service's uid at mode 0400: `chown 1000 secrets/NAME && chmod 0400 secrets/NAME`. Compose mounts the file as it is and ignores `uid`, `gid` and `mode`; `ringwall up` does it by itself.",
  remedies: {
    incus:
      'Add `mode = "0400"` and the `uid` of the service to the `file` block: without a mode the provider makes it 0755.',
    kubernetes:
      "Add `defaultMode: 0400` to the Secret's volume (0440 with an `fsGroup`, which is how a user that is not root reads it).",
  },
  judged:
    "Fails when others may read or write the delivered file. In a file's lens a mode that is not stated, or that Compose does not honour, is not judged: what counts is the file on the host, which `ringwall probe` reads. On Kubernetes a mode is judged where somebody stated one; Incus makes a file without one 0755, which fails.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.AA-05"],
    coverage: ["S2", "S4"],
  },
  exposureMatters: false,

  check(reference) {
    const { mode, delivery, lens } = reference;
    if (knownValue(delivery) !== undefined && knownValue(delivery) !== "file")
      return notApplicable("not delivered as a file");
    const honoured = reference.platform === "incus" && mode.kind === "defaulted";
    if (lens === "written" && mode.kind !== "stated" && !honoured) {
      return notApplicable(
        reference.platform === "kubernetes"
          ? "no mode is stated, and nobody but the pod's own programs can read its volumes"
          : "the mode of the file on the host counts, which these files do not show",
      );
    }
    return demand(mode, (value) => (value & 0o027) === 0, {
      what: `the mode of ${reference.secret}`,
      show: (value) => `0${value.toString(8)}`,
    });
  },
});
