import type { KubernetesVolume } from "../../../../facts/extensions-kubernetes.ts";
import { defaulted, type Fact, type FactList, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { MountKind } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import { flagFact, members } from "./scalars.ts";
import type { PodTemplate } from "./template.ts";

/** Where a volume comes from, as a mount of it shows it. */
export interface VolumeSource {
  readonly type: Fact<MountKind>;
  readonly source: Fact<string>;
  /** Whether it is read-only whatever the mount says; unstated where the mount decides. */
  readonly readOnly: Fact<boolean>;
  /** Where a path of the host stands that another file than the volume's sets. */
  readonly changedAt?: Place;
}

/** The entries of `volumes`. One that names no source is an `emptyDir`, as the API server sets it. */
export function readVolumes(template: PodTemplate): FactList<KubernetesVolume> {
  const list = members(template.spec, "volumes");
  const items = list.items.map((volume) => ({
    name: nameOf(volume) ?? "?",
    source: sourceKey(volume),
    place: volume.place,
  }));
  return { ...list, items };
}

/**
 * Each volume of the pod by its name, the claims that a StatefulSet makes for it among them. `behind` gives the path of the
 * node that a claim is bound to.
 */
export function volumeSources(
  template: PodTemplate,
  behind: (claim: string) => Fields | undefined,
): ReadonlyMap<string, VolumeSource> {
  const found = new Map<string, VolumeSource>();
  for (const claim of members(template.ownerSpec, "volumeClaimTemplates").items) {
    const metadata = claim.fields("metadata");
    const name = nameOf(metadata);
    if (name !== undefined) found.set(name, volume("volume", stated(name, metadata.place)));
  }
  for (const each of members(template.spec, "volumes").items) {
    const name = nameOf(each);
    if (name !== undefined) found.set(name, sourceOf(each, behind));
  }
  return found;
}

function nameOf(fields: Fields): string | undefined {
  return knownValue(fields.fact("name", asText, "a text", unstated));
}

function sourceKey(volume: Fields): Fact<string> {
  const entry = volume.entries.find(({ key }) => key !== "name" && volume.node(key) !== undefined);
  if (entry !== undefined) return stated(entry.key, entry.keyPlace);
  return volume.hidden === undefined
    ? defaulted("emptyDir", "platform", volume.place)
    : unknown(volume.hidden, volume.place);
}

/** A path that a patch in another file set is told where that file says it. */
function changedIn(path: Place, around: Place): Pick<VolumeSource, "changedAt"> {
  const isElsewhere = path.kind === "file" && around.kind === "file" && path.source.path !== around.source.path;
  return isElsewhere ? { changedAt: path } : {};
}

function volume(type: MountKind, source: Fact<string>, readOnly: Fact<boolean> = unstated(source.place)): VolumeSource {
  return { type: stated(type, source.place), source, readOnly };
}

/** Kinds that the kubelet mounts read-only by itself, with the key that names what they hold. */
const projections: ReadonlyMap<string, string> = new Map([
  ["configMap", "name"],
  ["secret", "secretName"],
  ["projected", ""],
  ["downwardAPI", ""],
  ["image", "reference"],
]);

function sourceOf(fields: Fields, behind: (claim: string) => Fields | undefined): VolumeSource {
  const key = sourceKey(fields);
  if (key.kind === "unknown") return { type: key, source: key, readOnly: key };
  const kind = knownValue(key) ?? "emptyDir";
  const source = fields.fields(kind);
  const text = (name: string) => source.fact(name, asText, "a text", unstated);
  const readOnly = flagFact(source, "readOnly", unstated);
  const always: Fact<boolean> = defaulted(true, "platform", key.place);
  if (projections.has(kind)) {
    const name = projections.get(kind) ?? "";
    return volume("other", name === "" ? stated(kind, key.place) : text(name), always);
  }
  switch (kind) {
    case "hostPath":
      return { ...volume("bind", text("path")), ...changedIn(text("path").place, fields.place) };
    case "emptyDir":
      return volume(knownValue(text("medium")) === "Memory" ? "tmpfs" : "anonymous-volume", stated(kind, key.place));
    case "persistentVolumeClaim": {
      const mode = knownValue(readOnly) === true ? readOnly : unstated<boolean>(key.place);
      const path = behind(knownValue(text("claimName")) ?? "");
      return path === undefined
        ? volume("volume", text("claimName"), mode)
        : volume("bind", path.fact("path", asText, "a path", unstated), mode);
    }
    default:
      return volume("volume", stated(kind, key.place), knownValue(readOnly) === true ? readOnly : unstated(key.place));
  }
}
