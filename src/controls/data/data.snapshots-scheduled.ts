/**
 * What was deleted, encrypted or broken an hour ago is only there if somebody kept it.
 *
 * Reads:  workload.incus.volumes, workload.incus.snapshots, workload.incus.instanceKind
 * Passes: every volume that is written to, or an instance without one, has a schedule and an expiry of its snapshots.
 */

import type { Judgement } from "../../contracts/verdict.ts";
import type { IncusSnapshots } from "../../facts/extensions-incus.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { linesAt } from "../fix.ts";
import { all, cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const snapshotsScheduled = defineControl({
  id: "data.snapshots-scheduled",
  on: "workload",
  platforms: ["incus"],
  severity: "low",
  title: "Snapshots are taken by themselves, and end",
  claim: "Every volume that is written to has scheduled snapshots with an expiry.",
  threat:
    "A mistake, a bad update or an intruder who encrypts the data leaves nothing to go back to; snapshots that never end fill the pool until everything stops.",
  remedy:
    'Add `"snapshots.schedule" = "@daily"` and `"snapshots.expiry" = "7d"` to the `config` of the volume (`incus_storage_volume`); to that of the instance where its data lie on its root disk.',
  judged:
    "For each volume besides the root disk that is not attached read-only; for an instance with an init system, or a virtual machine, that has none, its own `snapshots.schedule`, as information, for nothing says whether data lie there. Fails low without a schedule, and for a schedule without an expiry. A volume that is not described here is unknown. An OCI image without a volume keeps nothing.",
  limits: "A snapshot lies on the same disk as what it is of: it is no backup.",
  frameworks: { nistCsf: ["PR.DS-11"], coverage: ["B1"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "A new snapshot is deleted a week after it was taken.",
    onlyNamed: true,
    edits({ incus }, _system, { place, detail }) {
      const snapshots =
        detail === "root" ? incus?.snapshots : incus?.volumes.items.find(({ name }) => name === detail)?.snapshots;
      // How often one is worth its room in the pool is for a person to say.
      return snapshots?.schedule.kind === "stated" ? linesAt(place, "after", '"snapshots.expiry" = "7d"') : undefined;
    },
  },

  check({ incus, place }) {
    if (incus === undefined) return notApplicable("no Incus instance");
    const { volumes, instanceKind, snapshots } = incus;
    const written = volumes.items.filter(({ readOnly }) => knownValue(readOnly) !== true);
    const found = written.map((volume) => judge(`the volume ${volume.name}`, volume.name, volume.snapshots));
    const kind = knownValue(instanceKind);
    if (!volumes.complete) return all(found, cannotTell("which volumes it has", volumes.why, { place: volumes.place }));
    if (written.length > 0) return all(found);
    if (instanceKind.kind === "unknown") {
      return cannotTell("whether its root disk holds data", instanceKind.why, { place: instanceKind.place });
    }
    if (kind === "application") return pass("it has no volume to keep", place);
    // Whether anything worth keeping lies there is not known.
    return { ...judge("the instance", "root", snapshots), severity: "info" };
  },
});

function judge(what: string, detail: string, { schedule, expiry }: IncusSnapshots): Judgement {
  if (schedule.kind === "unknown") {
    return cannotTell(`whether ${what} has snapshots`, schedule.why, {
      place: schedule.place,
      detail,
      severity: "info",
    });
  }
  if (knownValue(schedule) === undefined)
    return fail(`${what} has no scheduled snapshots`, { place: schedule.place, detail });
  if (expiry.kind === "unknown")
    return cannotTell(`whether snapshots of ${what} end`, expiry.why, { place: expiry.place, detail });
  return knownValue(expiry) === undefined
    ? fail(`snapshots of ${what} are taken ${knownValue(schedule)} and never end`, { place: schedule.place, detail })
    : pass(`snapshots of ${what} are taken ${knownValue(schedule)} and kept for ${knownValue(expiry)}`, schedule.place);
}
