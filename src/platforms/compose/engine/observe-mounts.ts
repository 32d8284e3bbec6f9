import { stated, unknown, unstated } from "../../../facts/fact.ts";
import type { Mount, MountKind, SecretReference } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import { containerRef, mountRef, secretRef, workloadRef } from "../refs.ts";
import { labelNames } from "../resource-names.ts";
import { type SecretFolderMount, secretsInFolder } from "../secret-folder.ts";
import type { EngineContainer } from "./schemas.ts";

/** Owner and mode of a path of the engine's host. */
export interface PathOwner {
  readonly uid: number;
  readonly gid: number;
  /** Octal as a number, permission bits only. */
  readonly mode: number;
}

/** Looks a path of the engine's host up; a text says why it cannot be seen from here. */
export type LookUpPath = (path: string) => Promise<PathOwner | string>;

export interface ObservedMounts {
  readonly mounts: readonly Mount[];
  readonly secrets: readonly SecretReference[];
}

/** Mounts of a container; what was delivered as a secret becomes references to secrets and no mounts. */
export async function observeMounts(
  system: string,
  name: string,
  container: EngineContainer,
  place: Place,
  lookUp: LookUpPath,
): Promise<ObservedMounts> {
  const mounts: Mount[] = [];
  const secrets: SecretReference[] = [];
  for (const mount of container.Mounts) {
    const folder = secretsInFolder(folderMount(container, mount));
    if (folder !== undefined) {
      for (const [target, secret] of folder) {
        const file = `${mount.Source}${target.slice(mount.Destination.length)}`;
        secrets.push(secretReference(system, name, secret, target, await lookUp(file), place));
      }
      continue;
    }
    const onHost = mount.Type === "bind" || (mount.Type === "volume" && mount.Source !== "");
    const owner = onHost ? await lookUp(mount.Source) : undefined;
    const secret = mount.Type === "bind" ? secretName(mount.Source, mount.Destination) : undefined;
    if (secret !== undefined) {
      secrets.push(secretReference(system, name, secret, mount.Destination, owner ?? "it was not looked at", place));
    } else {
      mounts.push(mountOf(system, name, mount, owner, place));
    }
  }
  for (const [target, options] of Object.entries(container.HostConfig.Tmpfs)) {
    mounts.push(temporaryMount(system, name, target, options, place));
  }
  return { mounts, secrets };
}

function folderMount(container: EngineContainer, mount: EngineContainer["Mounts"][number]): SecretFolderMount {
  return {
    source: mount.Type === "bind" ? mount.Source : "",
    target: mount.Destination,
    readOnly: !mount.RW,
    label: container.Config.Labels[labelNames.secrets],
  };
}

/**
 * The name of a secret that a bind of one file delivers: Compose mounts secrets below `/run/secrets`, and Ringwall keeps
 * them in a folder `secret-files` of the stack, one folder for each service; it was `secrets` before.
 */
function secretName(source: string, target: string): string | undefined {
  const delivered = /\/secret(?:s|-files)\/[^/]+\/([^/]+?)(?:-[0-9a-f]{8})?$/.exec(source)?.[1];
  const mounted = /^\/run\/secrets\/(.+)$/.exec(target)?.[1];
  if (delivered !== undefined && (mounted !== undefined || source.startsWith("/var/lib/ringwall/"))) return delivered;
  return mounted;
}

function secretReference(
  system: string,
  name: string,
  secret: string,
  target: string,
  owner: PathOwner | string,
  place: Place,
): SecretReference {
  return {
    kind: "secret-reference",
    ref: secretRef(system, name, secret),
    lens: "running",
    platform: "compose",
    place,
    owner: workloadRef(system, name),
    secret,
    delivery: stated("file", place),
    mode: typeof owner === "string" ? unknown(owner, place) : stated(owner.mode, place),
    uid: typeof owner === "string" ? unknown(owner, place) : stated(owner.uid, place),
    target: stated(target, place),
    // A running engine has no files of a repository.
    plaintextSource: stated("none", place),
  };
}

function mountOf(
  system: string,
  name: string,
  mount: EngineContainer["Mounts"][number],
  owner: PathOwner | string | undefined,
  place: Place,
): Mount {
  const source = mount.Type === "volume" ? mount.Name : mount.Source;
  return {
    kind: "mount",
    ref: mountRef(system, name, mount.Destination),
    lens: "running",
    platform: "compose",
    place,
    owner: containerRef(system, name),
    type: stated(kindOf(mount), place),
    source: source === "" ? unstated(place) : stated(source, place),
    target: stated(mount.Destination, place),
    readOnly: stated(!mount.RW, place),
    propagation: mount.Propagation === "" ? unstated(place) : stated(mount.Propagation, place),
    ...(owner === undefined ? {} : ownerFacts(owner, place)),
  };
}

function ownerFacts(owner: PathOwner | string, place: Place): Required<Pick<Mount, "sourceOwner" | "sourceMode">> {
  if (typeof owner === "string") return { sourceOwner: unknown(owner, place), sourceMode: unknown(owner, place) };
  return { sourceOwner: stated(owner.uid, place), sourceMode: stated(owner.mode, place) };
}

function kindOf(mount: EngineContainer["Mounts"][number]): MountKind {
  switch (mount.Type) {
    case "bind":
    case "tmpfs":
      return mount.Type;
    case "volume":
      return /^[0-9a-f]{64}$/.test(mount.Name) ? "anonymous-volume" : "volume";
    default:
      return "other";
  }
}

function temporaryMount(system: string, name: string, target: string, options: string, place: Place): Mount {
  return {
    kind: "mount",
    ref: mountRef(system, name, target),
    lens: "running",
    platform: "compose",
    place,
    owner: containerRef(system, name),
    type: stated("tmpfs", place),
    source: unstated(place),
    target: stated(target, place),
    readOnly: stated(options.split(",").includes("ro"), place),
    propagation: unstated(place),
  };
}
