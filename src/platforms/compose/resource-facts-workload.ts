import type { ComposeServiceExtension } from "../../facts/extensions.ts";
import { complete, defaulted, type FactList, stated, unstated } from "../../facts/fact.ts";
import type { NetworkMode, Workload } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { containerRef, networkRef, workloadRef } from "./refs.ts";
import type { ResourceIndex } from "./resource-facts-index.ts";
import type { ComposeService } from "./resources.ts";

/** A service as a workload of one container, attached to the networks that its resource names. */
export function workloadFacts(index: ResourceIndex, service: ComposeService, place: Place): Workload {
  const { system } = index;
  const no = defaulted(false, "platform", place);
  const networks: NetworkMode = service.networks.length === 0 ? { kind: "none" } : { kind: "networks" };
  return {
    kind: "workload",
    ref: workloadRef(system, service.name),
    lens: "declared",
    platform: "compose",
    place,
    containers: [containerRef(system, service.name)],
    networkMode: networks.kind === "none" ? stated(networks, place) : defaulted(networks, "platform", place),
    attachments: complete(
      service.networks.map((name) => ({ network: networkRef(system, name), aliases: [], place })),
      place,
    ),
    hostPid: no,
    hostIpc: no,
    hostUts: no,
    hostUsers: no,
    cgroupParent: unstated(place),
    restart: stated({ kind: service.restart }, place),
    // A container it is, whatever the declaration asks for: `composeObstacles` refuses a machine.
    isolation: defaulted("container", "platform", place),
    onlyWith: [],
    labels: complete(
      Object.entries(service.labels).map(([name, value]) => ({ name, value: stated(value, place), place })),
      place,
    ),
    replicas: defaulted(1, "platform", place),
    dependsOn: service.dependsOn.map((dependency) => dependency.service),
    ...monitoringFacts(index, service, place),
    compose: extensionFacts(service, place),
  };
}

/** Whether Prometheus scrapes it and, for Prometheus itself, which alerts its rule files define. */
function monitoringFacts(
  index: ResourceIndex,
  service: ComposeService,
  place: Place,
): Pick<Workload, "scraped" | "alertRules"> {
  const declared = index.declared.get(service.name);
  // A service that tells no metrics cannot be scraped, and a stack without Prometheus scrapes nothing: no fact.
  const known = index.scraped !== undefined && declared?.scrape !== undefined;
  const scraped = known ? { scraped: stated(index.scraped.has(service.name), place) } : {};
  if (declared?.component !== "prometheus") return scraped;
  return { ...scraped, alertRules: alertRulesOf(declared.config, place) };
}

function alertRulesOf(files: readonly { readonly content: string }[], place: Place): FactList<string> {
  const names = files.flatMap((file) => [...file.content.matchAll(/^\s*(?:- )?alert:\s*"?([A-Za-z_]\w*)"?\s*$/gm)]);
  return complete([...new Set(names.flatMap((match) => match[1] ?? []))], place);
}

function extensionFacts(service: ComposeService, place: Place): ComposeServiceExtension {
  const no = defaulted(false, "platform", place);
  return {
    service: service.name,
    containerName: unstated(place),
    buildArguments: [],
    buildSecrets: [],
    buildPrivileged: no,
    links: complete([], place),
    usesDockerSocketProxy: (service.environment.DOCKER_HOST ?? "").startsWith("tcp://"),
    usesApiSocket: no,
    init: stated(true, place),
    cgroupNamespace: defaulted("private", "platform", place),
    systemPaths: defaulted("masked", "platform", place),
    deviceCgroupRules: complete([], place),
    gpus: no,
    oomKillDisabled: no,
    runtime: unstated(place),
    standardInputOpen: no,
    terminal: no,
    volumesFrom: complete([], place),
    extraHosts: complete([], place),
    sharesProcessesWith: unstated(place),
    sharesIpcWith: unstated(place),
  };
}
