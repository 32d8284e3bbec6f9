/**
 * What is swapped out is on the disk, in the clear, after the machine is switched off.
 *
 * Reads:  repository-file.configuration (memory and storage of Vault)
 * Passes: memory is locked, or the storage is the integrated one, for which Vault recommends otherwise.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const vaultMemoryLocked = defineControl({
  id: "secrets.vault-memory-locked",
  on: "repository-file",
  software: ["vault"],
  severity: "low",
  title: "Vault keeps its memory out of swap",
  claim: "The memory of Vault is not written to swap.",
  threat: "Whoever gets the disk reads the keys that were in memory when the machine ran short of it.",
  remedy:
    "Remove `disable_mlock` and give the container `cap_add: [IPC_LOCK]`; or switch swap off (`swapoff -a`, `memswap_limit` like `mem_limit`), or encrypt it, and record that.",
  judged:
    "Fails, at low, for `disable_mlock = true` with any storage but `raft`: with the integrated storage Vault's own manual asks for it, together with swap switched off.",
  limits: "Whether the host has swap at all is not in a file.",
  frameworks: { nistCsf: ["PR.DS-10"], coverage: ["S5"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "vault" || !("memoryUnlocked" in configuration))
      return notApplicable("not Vault's configuration");
    const { memoryUnlocked, storage } = configuration;
    const place = memoryUnlocked.place;
    if (memoryUnlocked.kind === "unknown") return cannotTell("whether memory is locked", memoryUnlocked.why, { place });
    if (memoryUnlocked.kind === "unstated" || !memoryUnlocked.value) return pass("memory is locked", place);
    if (storage.kind === "unknown") return cannotTell("which storage it has", storage.why, { place });
    if (storage.kind === "stated" && storage.value === "raft") return pass("the integrated storage asks for it", place);
    return fail("its memory may be written to swap (`disable_mlock`)", { place });
  },
});
