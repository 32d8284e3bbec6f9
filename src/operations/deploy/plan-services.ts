import type { PlannedChange } from "../../contracts/platform.ts";
import type { EngineContainer } from "../../platforms/compose/engine/schemas.ts";
import { composeLabels } from "../../platforms/compose/engine/snapshot.ts";
import type { ComposeService } from "../../platforms/compose/resources.ts";
import { differences, plainResource } from "./differences.ts";
import type { DeliveryNow, PlanInputs } from "./plan-inputs.ts";
import { startedBefore } from "./seen-deliveries.ts";
import { type LiveReload, reloadText } from "./tell.ts";

/** The containers of a project's services that Compose keeps up; a `compose run` is not among them. */
export function serviceContainers(containers: readonly EngineContainer[], project: string): readonly EngineContainer[] {
  return containers.filter(
    ({ Config: { Labels } }) =>
      Labels[composeLabels.project] === project &&
      Labels[composeLabels.service] !== undefined &&
      Labels[composeLabels.oneOff] !== "True",
  );
}

/** Services to make, to make anew, to start, to keep, and to remove. */
export function planServices(
  inputs: PlanInputs,
  changedNetworks: ReadonlySet<string>,
  secrets: readonly PlannedChange[],
): PlannedChange[] {
  const { resources, state } = inputs;
  const containers = serviceContainers(state.containers, resources.project);
  const byService = new Map(containers.map((one) => [one.Config.Labels[composeLabels.service] ?? "", one]));
  const wanted = resources.services.map((service): PlannedChange => {
    const container = byService.get(service.name);
    const common = { kind: "service", name: service.name, needsRoot: false } as const;
    if (container === undefined) return { ...common, action: "create", because: [`image ${service.image}`] };
    const changed = changedSecrets(inputs, service.name, container, secrets);
    const reload = liveReload(inputs, service.name, changed);
    const because = [
      ...recreationReasons(inputs, service, container, changedNetworks),
      ...(reload === undefined ? changed.map(secretText) : []),
    ];
    if (because.length > 0) return { ...common, action: "recreate", because };
    const idle = idleReason(container);
    if (idle !== undefined) return { ...common, action: "change", because: [idle] };
    if (reload === undefined || reload === "none" || changed.length === 0)
      return { ...common, action: "keep", because: [] };
    return { ...common, action: "change", because: [`${changed.map(secretText).join(", ")}: ${reloadText(reload)}`] };
  });
  const names = new Set(resources.services.map((service) => service.name));
  const removed = [...byService.keys()].filter((name) => !names.has(name)).sort();
  return [
    ...wanted,
    ...removed.map((name): PlannedChange => {
      return { kind: "service", name, action: "remove", because: ["it is no longer declared"], needsRoot: false };
    }),
  ];
}

function idleReason(container: EngineContainer): string | undefined {
  const { Status } = container.State;
  return Status === "running" || Status === "restarting" ? undefined : `it is ${Status} and is to be started`;
}

function recreationReasons(
  inputs: PlanInputs,
  service: ComposeService,
  container: EngineContainer,
  changedNetworks: ReadonlySet<string>,
): string[] {
  const reasons = [...configurationReasons(inputs, service, container)];
  const image = inputs.state.imageIds.get(service.image);
  if (image !== undefined && image !== container.Image && !reasons.some((reason) => reason.startsWith("image "))) {
    reasons.push(`${service.image} names another image now`);
  }
  for (const network of service.networks) {
    if (changedNetworks.has(network)) reasons.push(`its network ${network} is made anew`);
  }
  return reasons;
}

/** Compose's own hash decides, since Compose does; what was applied last says in words what changed. */
function configurationReasons(
  inputs: PlanInputs,
  service: ComposeService,
  container: EngineContainer,
): readonly string[] {
  const before = inputs.applied?.resources[`service ${service.name}`];
  const changed = before === undefined ? [] : differences(before, plainResource(service)).map(readable);
  const hash = inputs.composeHashes?.get(service.name);
  if (hash === undefined) {
    if (before === undefined) return ["what it was made from is not known here"];
    return changed;
  }
  if (hash === container.Config.Labels[composeLabels.configHash]) return [];
  return changed.length > 0 ? changed : ["it was made from another configuration than this"];
}

/** The label that stands for the configuration files is said as what it means. */
function readable(difference: string): string {
  return /^labels\.dev\.ringwall\.config\b/.test(difference) ? "its configuration files changed" : difference;
}

/**
 * What a container has not taken yet: a secret that is delivered anew, or was after the start by an `up` that did not
 * live to tell it.
 */
function changedSecrets(
  inputs: PlanInputs,
  service: string,
  container: EngineContainer,
  secrets: readonly PlannedChange[],
): readonly DeliveryNow[] {
  return inputs.deliveries.filter((now, index) => {
    if (now.delivery.service !== service) return false;
    const later = now.delivery.kind === "secret" && startedBefore(now, container);
    return secrets[index]?.action !== "keep" || later;
  });
}

/**
 * How the service is told, where it can be: it sees each of the files that changed, and knows a way to take them while
 * it runs. Otherwise undefined, and it is made anew: a container keeps the single file that was mounted when it started.
 */
function liveReload(inputs: PlanInputs, service: string, changed: readonly DeliveryNow[]): LiveReload | undefined {
  const reload = inputs.stack.services.find(({ name }) => name === service)?.reload ?? "restart";
  return reload === "restart" || changed.some(({ live }) => !live) ? undefined : reload;
}

function secretText({ delivery }: DeliveryNow): string {
  return `the secret ${delivery.secrets.join(", ")} changed`;
}
