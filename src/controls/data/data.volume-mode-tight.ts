/**
 * A volume that everybody may write to belongs to everybody.
 *
 * Reads:  mount.type, mount.sourceMode
 * Passes: the root of the volume is not open to users that neither own it nor are of its group.
 */
import { defineControl } from "../define.ts";
import { cannotTell, demand, notApplicable } from "../judge.ts";

export const volumeModeTight = defineControl({
  id: "data.volume-mode-tight",
  on: "mount",
  platforms: ["incus"],
  severity: "low",
  title: "Volumes are open to their owner alone",
  claim: "No volume is made with a mode that lets every user list or write it.",
  threat: "Any other program in the instance reads the service's data, or puts files of its own among them.",
  remedy:
    'Add `"initial.uid"`, `"initial.gid"` with the service\'s user and `"initial.mode" = "0700"` (0750 where a group reads it) to the volume\'s `config`. It counts when the volume is made; for one that is there, `chmod` it once.',
  judged:
    "For volumes that are described: fails low when others may list, medium when others may write. The server's own mode (0711) passes.",
  frameworks: { nistCsf: ["PR.AA-05"], coverage: ["W2"] },
  exposureMatters: false,

  check({ type, sourceMode }) {
    if (type.kind === "unknown")
      return cannotTell("whether it is a volume", type.why, { place: type.place, severity: "info" });
    if (sourceMode === undefined || type.kind === "unstated" || type.value !== "volume") {
      return notApplicable("no volume that is described");
    }
    const judgement = demand(sourceMode, (mode) => (mode & 0o006) === 0, {
      what: "`initial.mode`",
      show: (mode) => `0${mode.toString(8)}`,
    });
    const writable = sourceMode.kind === "stated" && (sourceMode.value & 0o002) !== 0;
    return writable && judgement.verdict === "fail" ? { ...judgement, severity: "medium" } : judgement;
  },
});
