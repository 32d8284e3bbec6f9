import { posix } from "node:path";
import { defaulted, type Fact, knownValue, mapFact, unknown, unstated } from "../../../../facts/fact.ts";
import type { Mount } from "../../../../facts/subjects.ts";
import { asText, type Fields, type ScalarParser } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { PodContainer, PodContext } from "./context.ts";
import { flagFact, members } from "./scalars.ts";
import type { VolumeSource } from "./volumes.ts";

type MountFacts = Pick<Mount, "type" | "source" | "target" | "readOnly" | "propagation" | "place">;

/** The `volumeMounts` of one container with what lies behind each. */
export function readMounts(
  pod: PodContext,
  { fields, ref }: PodContainer,
  volumes: ReadonlyMap<string, VolumeSource>,
): readonly Mount[] {
  const list = members(fields, "volumeMounts");
  const found = list.items.map((mount) => mountOf(mount, volumes));
  const all = list.complete ? found : [...found, hidden(list.why, list.place)];
  return all.map((facts, index) => ({
    kind: "mount",
    ref: { kind: "mount", system: ref.system, name: `${ref.name}:${knownValue(facts.target) ?? `?${index}`}` },
    lens: pod.cluster.lens,
    platform: "kubernetes",
    owner: ref,
    ...facts,
  }));
}

function hidden(why: string, place: Place): MountFacts {
  const fact = unknown<never>(why, place);
  return { place, type: fact, source: fact, target: fact, readOnly: fact, propagation: fact };
}

function mountOf(mount: Fields, volumes: ReadonlyMap<string, VolumeSource>): MountFacts {
  const { place } = mount;
  const target = mount.fact("mountPath", asText, "a path", unstated);
  const name = mount.fact("name", asText, "a text", unstated);
  const volume = volumes.get(knownValue(name) ?? "");
  if (volume === undefined) {
    const why = name.kind === "unknown" ? name.why : `no volume of the pod is called \`${knownValue(name) ?? ""}\``;
    return { ...hidden(why, place), target };
  }
  const readOnly = flagFact(mount, "readOnly", (at) => defaulted(false, "platform", at));
  return {
    place: volume.changedAt ?? place,
    type: volume.type,
    source: sourceOf(mount, volume),
    target,
    readOnly: volume.readOnly.kind === "unstated" || knownValue(readOnly) === true ? readOnly : volume.readOnly,
    propagation: mount.fact("mountPropagation", asPropagation, "a kind of propagation", (at) =>
      defaulted("rprivate", "platform", at),
    ),
  };
}

/** What of the volume is mounted. What `subPathExpr` comes to is decided by the pod: then it is the volume as a whole. */
function sourceOf(mount: Fields, volume: VolumeSource): Fact<string> {
  const within = mount.fact("subPath", asText, "a path", unstated);
  if (within.kind !== "stated" || knownValue(volume.type) !== "bind") return volume.source;
  return mapFact(volume.source, (path) => posix.join(path, within.value));
}

const propagations: ReadonlyMap<string, string> = new Map(
  Object.entries({
    None: "rprivate",
    HostToContainer: "rslave",
    Bidirectional: "rshared",
  }),
);

const asPropagation: ScalarParser<string> = (node) => propagations.get(asText(node) ?? "");
