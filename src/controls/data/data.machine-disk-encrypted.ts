/**
 * A disk that leaves the house takes with it what is not encrypted.
 *
 * Reads:  repository-file.configuration (Talos: encryption of STATE and EPHEMERAL)
 * Passes: the machine's state and its ephemeral volume are encrypted.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { TalosMachine } from "../../facts/configuration/talos.ts";
import { defineControl } from "../define.ts";
import { all } from "../judge.ts";
import { demandOf, onMachine } from "../knowledge/talos.ts";

export const machineDiskEncrypted = defineControl({
  id: "data.machine-disk-encrypted",
  on: "repository-file",
  software: ["talos"],
  severity: "low",
  title: "Talos's disks are encrypted",
  claim:
    "The machine's configuration, the cluster's database and what pods keep on the machine are encrypted on the disk.",
  threat:
    "Whoever takes, buys or is sent back the disk reads the machine's keys, etcd with its Secrets, and the images' data.",
  remedy:
    "Add VolumeConfigs for STATE and EPHEMERAL (`machine.systemDiskEncryption` before v1.12) with a key in the TPM or a key service. It takes effect when the volume is made: the machine is installed anew.",
  judged:
    "For a whole configuration: fails for each of STATE and EPHEMERAL without keys for its encryption. A patch is judged for what it states.",
  limits:
    "A key that is made of the machine's own id (`nodeID`) lies on the same machine; it passes all the same. Volumes of the user are not judged.",
  frameworks: {
    nsaKubernetes: ["etcd-encryption", "encryption"],
    nistCsf: ["PR.DS-01"],
    coverage: ["B4", "W9"],
  },
  exposureMatters: false,

  check(file) {
    return onMachine(file, (machine) => {
      return all(judge(machine, "stateEncrypted", "STATE"), judge(machine, "ephemeralEncrypted", "EPHEMERAL"));
    });
  },
});

function judge(machine: TalosMachine, key: "stateEncrypted" | "ephemeralEncrypted", volume: string): Judgement {
  return demandOf(machine[key], machine, (is) => is, {
    what: `the encryption of ${volume}`,
    show: (is) => (is ? "on" : "off"),
    detail: volume,
  });
}
