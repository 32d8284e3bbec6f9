import type { ResolvedStack } from "../../contracts/resolved.ts";
import type { ComposeServiceExtension } from "../../facts/extensions.ts";
import { complete, defaulted, type FactList, stated, unstated } from "../../facts/fact.ts";
import type { NetworkMode, Workload } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { containerRef, networkRef, workloadRef } from "./refs.ts";
import type { ComposeResources, ComposeService } from "./resources.ts";

/** A service as a workload of one container, attached to the networks that its resource names. */
export function workloadFacts(
  resources: ComposeResources,
  stack: ResolvedStack,
  service: ComposeService,
  place: Place,
): Workload {
  const system = resources.project;
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
    ...monitoringFacts(stack, service, place),
    compose: extensionFacts(service, place),
  };
}

/** Whether Prometheus scrapes it and, for Prometheus itself, which alerts its rule files define. */
function monitoringFacts(
  stack: ResolvedStack,
  service: ComposeService,
  place: Place,
): Pick<Workload, "scraped" | "alertRules"> {
  const resolved = stack.services.find((candidate) => candidate.name === service.name);
  const collectors = stack.services.filter((candidate) => candidate.component === "prometheus");
  const scraped = collectors.some(
    (collector) =>
      collector.name === service.name ||
      collector.talksTo.some((flow) => flow.service === service.name && flow.port === resolved?.scrape?.port),
  );
  const rules = resolved?.component === "prometheus" ? { alertRules: alertRulesOf(resolved.config, place) } : {};
  return { scraped: stated(resolved?.scrape !== undefined && scraped, place), ...rules };
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
    links: [],
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
