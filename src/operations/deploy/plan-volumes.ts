import type { PlannedChange } from "../../contracts/platform.ts";
import type { ComposeVolume } from "../../platforms/compose/resources.ts";
import { ownership } from "./ownership.ts";
import type { PlanInputs } from "./plan-inputs.ts";
import type { VolumeOwner } from "./volume-owner.ts";

/** Volumes to make, to give another owner, and to keep. None is ever removed or made anew. Named by their key. */
export function planVolumes(inputs: Pick<PlanInputs, "resources" | "state" | "volumeOwners">): PlannedChange[] {
  const { resources, state, volumeOwners } = inputs;
  const wanted = resources.volumes.map((volume): PlannedChange => {
    const { key: name } = volume;
    const exists = state.volumes.some((found) => found.Name === volume.name);
    if (!exists) {
      return { kind: "volume", name, action: "create", because: [`owned by ${ownerText(volume)}`], needsRoot: true };
    }
    const owner = volumeOwners.get(volume.name);
    if (owner === undefined) {
      return {
        kind: "volume",
        name,
        action: "keep",
        because: ["its owner cannot be seen by this user"],
        needsRoot: false,
      };
    }
    if (sameOwner(owner, volume)) return { kind: "volume", name, action: "keep", because: [], needsRoot: false };
    const because = [`its root is owned by ${ownerText(owner)} and is to be owned by ${ownerText(volume)}`];
    return { kind: "volume", name, action: "change", because, needsRoot: true };
  });
  return [...wanted, ...keptOrphans(inputs)];
}

function keptOrphans({ resources, state }: Pick<PlanInputs, "resources" | "state">): PlannedChange[] {
  const names = new Set(resources.volumes.map((volume) => volume.name));
  return state.volumes
    .filter((volume) => !names.has(volume.Name) && ownership(volume.Labels, resources.project) === "ours")
    .map((volume) => ({
      kind: "volume",
      name: volume.Name,
      action: "keep",
      because: ["it is no longer declared, and Ringwall never removes data unasked"],
      needsRoot: false,
    }));
}

export function sameOwner(found: VolumeOwner, wanted: Pick<ComposeVolume, "uid" | "gid" | "mode">): boolean {
  return found.uid === wanted.uid && found.gid === wanted.gid && found.mode === wanted.mode;
}

function ownerText({ uid, gid, mode }: VolumeOwner): string {
  return `${uid}:${gid}, mode ${mode.toString(8).padStart(4, "0")}`;
}
