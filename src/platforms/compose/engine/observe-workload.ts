import type { ComposeServiceExtension } from "../../../facts/extensions.ts";
import { complete, defaulted, type Fact, stated, unstated } from "../../../facts/fact.ts";
import { parseImageReference } from "../../../facts/image-reference.ts";
import type { Attachment, Image, NetworkMode, RestartPolicy, Workload } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import { containerRef, imageRef, networkRef, workloadRef } from "../refs.ts";
import { networkKey } from "./observe-network.ts";
import type { EngineContainer, EngineImage, EngineNetwork } from "./schemas.ts";
import { composeLabels, containerName } from "./snapshot.ts";

/** What an observed workload is named by in its system, and the containers that are it. */
export interface Group {
  readonly name: string;
  /** Never empty; the first stands for all. */
  readonly containers: readonly [EngineContainer, ...EngineContainer[]];
}

/** What the containers of a group share with others. */
export interface Surroundings {
  readonly system: string;
  readonly networks: readonly EngineNetwork[];
  /** The name of the workload that a container id belongs to, when it is part of the same system. */
  workloadOf(containerId: string): string | undefined;
}

export function observeWorkload(group: Group, around: Surroundings, place: Place): Workload {
  const [container] = group.containers;
  const { HostConfig: host } = container;
  const flag = (value: boolean): Fact<boolean> => (value ? stated(true, place) : defaulted(false, "platform", place));
  return {
    kind: "workload",
    ref: workloadRef(around.system, group.name),
    lens: "running",
    platform: "compose",
    place,
    containers: [containerRef(around.system, group.name)],
    networkMode: stated(networkMode(host.NetworkMode, around), place),
    attachments: complete(attachmentsOf(container, around, place), place),
    hostPid: flag(host.PidMode === "host"),
    hostIpc: flag(host.IpcMode === "host"),
    hostUts: flag(host.UTSMode === "host"),
    hostUsers: flag(host.UsernsMode === "host"),
    cgroupParent: host.CgroupParent === "" ? unstated(place) : stated(host.CgroupParent, place),
    restart: restartFact(container, place),
    isolation: stated("container", place),
    onlyWith: [],
    labels: complete(
      Object.entries(container.Config.Labels).map(([name, value]) => ({ name, value: stated(value, place), place })),
      place,
    ),
    replicas: stated(group.containers.length, place),
    dependsOn: dependenciesOf(container),
    compose: extensionOf(group, around, place),
  };
}

function networkMode(mode: string, around: Surroundings): NetworkMode {
  if (mode === "host" || mode === "none") return { kind: mode };
  if (mode === "default" || mode === "bridge") return { kind: "default-bridge" };
  const other = /^container:(.+)$/.exec(mode)?.[1];
  if (other === undefined) return { kind: "networks" };
  return { kind: "shared", with: around.workloadOf(other) ?? `container:${other}` };
}

function attachmentsOf(container: EngineContainer, around: Surroundings, place: Place): Attachment[] {
  return Object.entries(container.NetworkSettings.Networks).flatMap(([name, endpoint]) => {
    if (name === "host" || name === "none") return [];
    const network = around.networks.find((candidate) =>
      endpoint.NetworkID === "" ? candidate.Name === name : candidate.Id === endpoint.NetworkID,
    );
    const address = endpoint.IPAddress || endpoint.GlobalIPv6Address;
    return [
      {
        network: networkRef(around.system, network === undefined ? name : networkKey(network, around.system)),
        aliases: endpoint.Aliases,
        ...(address === "" ? {} : { address }),
        place,
      },
    ];
  });
}

function restartFact(container: EngineContainer, place: Place): Fact<RestartPolicy> {
  const policy = container.HostConfig.RestartPolicy;
  switch (policy?.Name) {
    case "always":
    case "unless-stopped":
      return stated({ kind: policy.Name }, place);
    case "on-failure":
      return stated(
        { kind: "on-failure", ...(policy.MaximumRetryCount > 0 ? { attempts: policy.MaximumRetryCount } : {}) },
        place,
      );
    default:
      return unstated(place);
  }
}

/** Compose keeps `name:condition:restart` for each, separated by commas. */
function dependenciesOf(container: EngineContainer): string[] {
  const text = container.Config.Labels[composeLabels.dependsOn] ?? "";
  return text.split(",").flatMap((entry) => (entry === "" ? [] : [entry.split(":")[0] ?? entry]));
}

function extensionOf(group: Group, around: Surroundings, place: Place): ComposeServiceExtension {
  const [container] = group.containers;
  const { HostConfig: host, Config: config } = container;
  const flag = (value: boolean): Fact<boolean> => (value ? stated(true, place) : defaulted(false, "platform", place));
  return {
    service: group.name,
    containerName: stated(containerName(container), place),
    buildArguments: [],
    buildSecrets: [],
    buildPrivileged: defaulted(false, "platform", place),
    links: complete(host.Links, place),
    usesDockerSocketProxy: false,
    usesApiSocket: defaulted(false, "platform", place),
    init: host.Init === null || host.Init === undefined ? unstated(place) : stated(host.Init, place),
    cgroupNamespace:
      host.CgroupnsMode === "host" || host.CgroupnsMode === "private"
        ? stated(host.CgroupnsMode, place)
        : unstated(place),
    // `systempaths=unconfined` leaves the list empty; a privileged container has none either.
    systemPaths:
      host.MaskedPaths === undefined || (host.MaskedPaths ?? []).length > 0
        ? defaulted("masked", "platform", place)
        : stated("unconfined", place),
    deviceCgroupRules: complete(
      host.DeviceCgroupRules.map((rule) => ({ rule, place })),
      place,
    ),
    gpus: flag(host.DeviceRequests.length > 0),
    oomKillDisabled: flag(host.OomKillDisable),
    runtime: host.Runtime === "" ? unstated(place) : stated(host.Runtime, place),
    standardInputOpen: flag(config.OpenStdin),
    terminal: flag(config.Tty),
    volumesFrom: complete(
      host.VolumesFrom.map((text) => {
        const [name = text, access] = text.split(":");
        return { name: around.workloadOf(name) ?? `container:${name}`, readOnly: access === "ro", place };
      }),
      place,
    ),
    extraHosts: complete(
      host.ExtraHosts.map((text) => {
        const at = text.indexOf(":");
        return { host: text.slice(0, at), address: text.slice(at + 1), place };
      }),
      place,
    ),
    sharesProcessesWith: sharedWith(host.PidMode, around, place),
    sharesIpcWith: sharedWith(host.IpcMode, around, place),
  };
}

function sharedWith(mode: string, around: Surroundings, place: Place): Fact<string> {
  const other = /^container:(.+)$/.exec(mode)?.[1];
  if (other === undefined) return unstated(place);
  const workload = around.workloadOf(other);
  return stated(workload === undefined ? `container:${other}` : `service:${workload}`, place);
}

/** The image as the container was started with it; by the id alone it has no name to judge. */
export function observeImage(
  system: string,
  name: string,
  container: EngineContainer,
  image: EngineImage | undefined,
  place: Place,
): Image {
  const text = container.Config.Image;
  const byId = /^(sha256:)?[0-9a-f]{12,64}$/.test(text);
  const named = (byId ? undefined : parseImageReference(text)) ?? firstName(image);
  return {
    kind: "image",
    ref: imageRef(system, name),
    lens: "running",
    platform: "compose",
    place,
    usedBy: containerRef(system, name),
    reference: named === undefined ? unstated(place) : stated(named, place),
    // Compose labels the images that it builds with the service that they are for.
    built: image?.Config?.Labels[composeLabels.service] !== undefined,
    pullPolicy: unstated(place),
  };
}

function firstName(image: EngineImage | undefined): ReturnType<typeof parseImageReference> {
  const text = image?.RepoDigests[0] ?? image?.RepoTags[0];
  return text === undefined ? undefined : parseImageReference(text);
}
