import { lstat } from "node:fs/promises";
import { stated } from "../../../facts/fact.ts";
import type { AnySubject, Host } from "../../../facts/subjects.ts";
import { System } from "../../../facts/system.ts";
import { append } from "../../../lib/append.ts";
import type { Place } from "../../../lib/place.ts";
import { codeOf } from "../../../lib/system-error.ts";
import type { EngineClient } from "./client.ts";
import { type DockerEngineInfo, engineInfo } from "./describe-engine.ts";
import { isRemote } from "./endpoint.ts";
import { observeContainer } from "./observe-container.ts";
import { observeListeners } from "./observe-listeners.ts";
import { type LookUpPath, observeMounts } from "./observe-mounts.ts";
import { networkKey, observeNetwork } from "./observe-network.ts";
import { observeEnvironmentSecrets } from "./observe-secrets.ts";
import { type Group, observeImage, observeWorkload, type Surroundings } from "./observe-workload.ts";
import type { EngineContainer } from "./schemas.ts";
import { composeLabels, containerName, type EngineSnapshot, readSnapshot } from "./snapshot.ts";

/** The system that containers of no Compose project belong to, together with the engine itself. */
export const looseSystem = "engine";

/** One Compose project as it runs, under the lens `running`, with the engine as its host. Sends nothing but GET. */
export async function observe(client: EngineClient, project: string): Promise<System> {
  const snapshot = await readSnapshot(client, project);
  return systemOf(project, snapshot.containers, snapshot, lookUpFor(client, snapshot), [
    hostOf(project, client, snapshot),
  ]);
}

/**
 * Everything that an engine runs: one system for each Compose project, ordered by name, and last the engine itself
 * with the containers of no project. Sends nothing but GET.
 */
export async function observeEngine(client: EngineClient): Promise<readonly System[]> {
  const snapshot = await readSnapshot(client);
  const projects = new Map<string, EngineContainer[]>();
  const loose: EngineContainer[] = [];
  for (const container of snapshot.containers) {
    const project = container.Config.Labels[composeLabels.project];
    if (project === undefined || project === "") loose.push(container);
    else append(projects, project, container);
  }
  const lookUp = lookUpFor(client, snapshot);
  const systems: System[] = [];
  for (const [project, containers] of [...projects].sort(([a], [b]) => (a < b ? -1 : 1))) {
    systems.push(await systemOf(project, containers, snapshot, lookUp, []));
  }
  systems.push(await systemOf(looseSystem, loose, snapshot, lookUp, [hostOf(looseSystem, client, snapshot)]));
  return systems;
}

async function systemOf(
  name: string,
  containers: readonly EngineContainer[],
  snapshot: EngineSnapshot,
  lookUp: LookUpPath,
  before: readonly AnySubject[],
): Promise<System> {
  const groups = groupsOf(name, containers);
  const owner = new Map(
    groups.flatMap((group) =>
      group.containers.flatMap((container): [string, string][] => [
        [container.Id, group.name],
        [containerName(container), group.name],
      ]),
    ),
  );
  const around: Surroundings = {
    system: name,
    networks: snapshot.networks,
    workloadOf: (id) => owner.get(id),
  };
  const subjects: AnySubject[] = [...before];
  for (const group of groups) subjects.push(...(await subjectsOf(group, around, snapshot, lookUp)));
  return new System({
    name,
    lens: "running",
    platform: "compose",
    subjects: [...subjects, ...networksOf(name, containers, snapshot)],
  });
}

async function subjectsOf(
  group: Group,
  around: Surroundings,
  snapshot: EngineSnapshot,
  lookUp: LookUpPath,
): Promise<AnySubject[]> {
  const [container] = group.containers;
  const { system } = around;
  const place: Place = { kind: "object", locator: `container ${containerName(container)}` };
  const image = snapshot.images.get(container.Image);
  const { mounts, secrets } = await observeMounts(system, group.name, container, place, lookUp);
  const observed = observeContainer(system, group.name, container, image, snapshot.info, place);
  return [
    observeWorkload(group, around, place),
    observed,
    observeImage(system, group.name, container, image, place),
    ...observeListeners(system, group.name, container, place),
    ...mounts,
    ...secrets,
    ...observeEnvironmentSecrets(system, group.name, observed.environment.items),
  ];
}

/** Containers by service; replicas are one group, a `compose run` is one of its own, and so is a loose container. */
function groupsOf(system: string, containers: readonly EngineContainer[]): Group[] {
  const groups = new Map<string, Group>();
  for (const container of [...containers].sort((a, b) => numberOf(a) - numberOf(b))) {
    const labels = container.Config.Labels;
    const service = labels[composeLabels.project] === system ? labels[composeLabels.service] : undefined;
    const alone = service === undefined || labels[composeLabels.oneOff] === "True";
    const name = alone ? containerName(container) : service;
    const known = groups.get(name);
    groups.set(name, { name, containers: known === undefined ? [container] : [...known.containers, container] });
  }
  return [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function numberOf(container: EngineContainer): number {
  return Number(container.Config.Labels[composeLabels.number] ?? 1) || 1;
}

/** Networks that a container of the system is on, and those of the project that none is on. */
function networksOf(name: string, containers: readonly EngineContainer[], snapshot: EngineSnapshot): AnySubject[] {
  const used = new Set(
    containers.flatMap((container) =>
      Object.entries(container.NetworkSettings.Networks).flatMap(([network, { NetworkID }]) => [network, NetworkID]),
    ),
  );
  const seen = new Set<string>();
  return snapshot.networks.flatMap((network) => {
    const own = network.Labels[composeLabels.project] === name;
    if (network.Driver === "host" || network.Driver === "null") return [];
    if (!own && !used.has(network.Id) && !used.has(network.Name)) return [];
    const key = networkKey(network, name);
    if (seen.has(key)) return [];
    seen.add(key);
    return [observeNetwork(name, network)];
  });
}

function hostOf(system: string, client: EngineClient, snapshot: EngineSnapshot): Host {
  const info: DockerEngineInfo = engineInfo(client, snapshot.info, undefined);
  const place: Place = { kind: "object", locator: `engine ${info.name === "" ? info.version : info.name}` };
  return {
    kind: "host",
    ref: { kind: "host", system, name: "engine" },
    lens: "running",
    platform: "compose",
    place,
    engineVersion: stated(info.version, place),
    rootless: stated(info.rootless, place),
    userNamespaces: stated(info.userNamespaces, place),
    remote: stated(info.remote, place),
    liveRestore: stated(info.liveRestore, place),
  };
}

/** Looks at files of the engine's host, when that is this machine; owners are told as containers see them. */
function lookUpFor(client: EngineClient, snapshot: EngineSnapshot): LookUpPath {
  if (isRemote(client.endpoint)) return () => Promise.resolve("the engine is on another machine");
  const info = engineInfo(client, snapshot.info, undefined);
  if (info.rootless) return () => Promise.resolve("a rootless engine gives files other owners than containers see");
  const base = info.remappedRoot ?? { uid: 0, gid: 0 };
  return async (path) => {
    try {
      const found = await lstat(path);
      return { uid: found.uid - base.uid, gid: found.gid - base.gid, mode: found.mode & 0o7777 };
    } catch (error) {
      const code = codeOf(error);
      if (code === "ENOENT") return "its source does not exist on this machine";
      return "only root on the engine's host may look at its source";
    }
  };
}
