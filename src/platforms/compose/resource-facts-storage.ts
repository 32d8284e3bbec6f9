import { defaulted, stated, unstated } from "../../facts/fact.ts";
import type { Mount, SecretReference } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { containerRef, mountRef, secretRef, workloadRef } from "./refs.ts";
import type { ComposeMount, ComposeResources, ComposeService, ComposeTemporary } from "./resources.ts";

/** Volumes with the owner that `up` gives them, files of the host, configuration files, and places in memory. */
export function mountFacts(resources: ComposeResources, service: ComposeService, place: Place): readonly Mount[] {
  const owner = containerRef(resources.project, service.name);
  return [
    ...service.mounts.map(
      (mount): Mount => ({
        ...mountShared(resources.project, service.name, mount.target, place),
        owner,
        type: stated(mount.kind === "volume" ? "volume" : "bind", place),
        source: stated(mount.kind === "config" ? `./${mount.source}` : mount.source, place),
        readOnly: mount.kind === "volume" ? defaulted(false, "platform", place) : stated(mount.readOnly, place),
        propagation:
          mount.kind === "host" && mount.propagation !== undefined
            ? stated(mount.propagation, place)
            : defaulted("rprivate", "platform", place),
        ...volumeOwner(resources, mount, place),
      }),
    ),
    ...service.temporary.map((temporary) => temporaryFact(resources.project, service.name, temporary, place)),
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
  resources: ComposeResources,
  mount: ComposeMount,
  place: Place,
): Pick<Mount, "sourceOwner" | "sourceMode"> {
  const volume = mount.kind === "volume" ? resources.volumes.find((one) => one.key === mount.source) : undefined;
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
export function secretFacts(
  resources: ComposeResources,
  service: ComposeService,
  place: Place,
): readonly SecretReference[] {
  const files = new Map(resources.secretFiles.map((file) => [file.key, file]));
  const shared = {
    kind: "secret-reference",
    lens: "declared",
    platform: "compose",
    place,
    owner: workloadRef(resources.project, service.name),
    plaintextSource: stated("none", place),
  } as const;
  const asFiles = service.secrets.map((mount): SecretReference => {
    const file = files.get(mount.key);
    return {
      ...shared,
      ref: secretRef(resources.project, service.name, mount.secret),
      secret: mount.secret,
      delivery: stated("file", place),
      mode: file === undefined ? unstated(place) : stated(file.mode, place),
      uid: file === undefined ? unstated(place) : stated(file.uid, place),
      target: stated(mount.target, place),
    };
  });
  const asVariables = resources.environmentFiles
    .filter((file) => file.service === service.name)
    .flatMap((file) => file.variables)
    .map(
      (variable): SecretReference => ({
        ...shared,
        ref: secretRef(resources.project, service.name, variable.name),
        secret: variable.secret,
        delivery: stated("environment", place),
        mode: unstated(place),
        uid: unstated(place),
        target: stated(variable.name, place),
      }),
    );
  return [...asFiles, ...asVariables];
}
