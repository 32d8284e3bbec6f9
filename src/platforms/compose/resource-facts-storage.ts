import { defaulted, stated, unstated } from "../../facts/fact.ts";
import type { Mount, SecretReference } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { containerRef, mountRef, secretRef, workloadRef } from "./refs.ts";
import type { ResourceIndex } from "./resource-facts-index.ts";
import type { ComposeMount, ComposeService, ComposeTemporary } from "./resources.ts";

/** Volumes with the owner that `up` gives them, files of the host, configuration files, and places in memory. */
export function mountFacts(index: ResourceIndex, service: ComposeService, place: Place): readonly Mount[] {
  const owner = containerRef(index.system, service.name);
  return [
    ...service.mounts.map(
      (mount): Mount => ({
        ...mountShared(index.system, service.name, mount.target, place),
        owner,
        type: stated(mount.kind === "volume" ? "volume" : "bind", place),
        source: stated(mount.kind === "config" ? `./${mount.source}` : mount.source, place),
        readOnly: mount.kind === "volume" ? defaulted(false, "platform", place) : stated(mount.readOnly, place),
        propagation:
          mount.kind === "host" && mount.propagation !== undefined
            ? stated(mount.propagation, place)
            : defaulted("rprivate", "platform", place),
        ...volumeOwner(index, mount, place),
      }),
    ),
    ...service.temporary.map((temporary) => temporaryFact(index.system, service.name, temporary, place)),
  ];
}

function mountShared(system: string, service: string, target: string, place: Place) {
  return {
    kind: "mount",
    ref: mountRef(system, service, target),
    lens: "declared",
    platform: "compose",
    place,
    target: stated(target, place),
  } as const;
}

function volumeOwner(
  index: ResourceIndex,
  mount: ComposeMount,
  place: Place,
): Pick<Mount, "sourceOwner" | "sourceMode"> {
  const volume = mount.kind === "volume" ? index.volumes.get(mount.source) : undefined;
  if (volume === undefined) return {};
  return { sourceOwner: stated(volume.uid, place), sourceMode: stated(volume.mode, place) };
}

function temporaryFact(system: string, service: string, temporary: ComposeTemporary, place: Place): Mount {
  return {
    ...mountShared(system, service, temporary.target, place),
    owner: containerRef(system, service),
    type: stated("tmpfs", place),
    source: unstated(place),
    readOnly: defaulted(false, "platform", place),
    propagation: defaulted("rprivate", "platform", place),
  };
}

/** Each secret as the service takes it; no value lies in any file of the repository. */
export function secretFacts(index: ResourceIndex, service: ComposeService, place: Place): readonly SecretReference[] {
  const shared = {
    kind: "secret-reference",
    lens: "declared",
    platform: "compose",
    place,
    owner: workloadRef(index.system, service.name),
    plaintextSource: stated("none", place),
  } as const;
  const asFiles = service.secrets.map((mount): SecretReference => {
    const file = index.secretFiles.get(mount.key);
    return {
      ...shared,
      ref: secretRef(index.system, service.name, mount.secret),
      secret: mount.secret,
      delivery: stated("file", place),
      mode: file === undefined ? unstated(place) : stated(file.mode, place),
      uid: file === undefined ? unstated(place) : stated(file.uid, place),
      target: stated(mount.target, place),
    };
  });
  const variables = index.environmentFiles.get(service.name)?.variables ?? [];
  const asVariables = variables.map(
    (variable): SecretReference => ({
      ...shared,
      ref: secretRef(index.system, service.name, variable.name),
      secret: variable.secret,
      delivery: stated("environment", place),
      mode: unstated(place),
      uid: unstated(place),
      target: stated(variable.name, place),
    }),
  );
  return [...asFiles, ...asVariables];
}
