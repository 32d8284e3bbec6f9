import type { ResolvedSecret } from "../../contracts/resolved.ts";
import { listed } from "../../lib/listed.ts";
import type { EngineContainer } from "../../platforms/compose/engine/schemas.ts";
import { composeLabels, containerName } from "../../platforms/compose/engine/snapshot.ts";
import type { ComposeResources } from "../../platforms/compose/resources.ts";
import type { EngineState } from "./engine-state.ts";
import { ownership } from "./ownership.ts";
import type { PlanInputs } from "./plan-inputs.ts";

/** Names of the engine that the stack needs and that something else has, as sentences; none when they may be taken over. */
export function takenNames(
  resources: ComposeResources,
  state: EngineState,
  { folder, applied, adopt }: Pick<PlanInputs, "folder" | "applied" | "adopt">,
): readonly string[] {
  if (adopt) return [];
  const stack = resources.project;
  const hint = "Rename the stack, remove what is there, or take it over with --adopt.";
  return [
    ...takenProjects(stack, state, folder),
    ...takenContainers(resources, state),
    ...resources.networks.flatMap(({ name }) => {
      const found = state.networks.find((network) => network.Name === name);
      if (found === undefined || ownership(found.Labels, stack) === "ours") return [];
      return [`A network named "${name}" exists that Ringwall has not made. ${hint}`];
    }),
    ...resources.volumes.flatMap(({ key, name }) => {
      const found = state.volumes.find((volume) => volume.Name === name);
      // Labels of a volume cannot be changed: one that was taken over is known by the record of the `up` that did.
      if (applied?.resources[`volume ${key}`] !== undefined) return [];
      if (found === undefined || ownership(found.Labels, stack) === "ours") return [];
      return [`A volume named "${name}" exists that Ringwall has not made; it may hold somebody's data. ${hint}`];
    }),
  ];
}

/** Containers of the project's name that something else made, or Ringwall from another folder, as sentences. */
export function takenProjects(stack: string, state: EngineState, folder: string): readonly string[] {
  const names = state.containers.filter((one) => ownership(one.Config.Labels, stack) === "namesake").map(containerName);
  if (names.length === 0) return sameNameElsewhere(stack, state, folder);
  return [
    `A Compose project named "${stack}" exists that Ringwall has not made (${names.join(", ")}). Rename the stack, remove what is there, or take it over with --adopt.`,
  ];
}

/** A stack of this name that Ringwall brought up from another folder: another clone, or another stack altogether. */
function sameNameElsewhere(stack: string, state: EngineState, folder: string): string[] {
  const folders = state.containers
    .filter((container) => ownership(container.Config.Labels, stack) === "ours")
    .flatMap((container) => container.Config.Labels[composeLabels.workingFolder] ?? []);
  const other = folders.find((found) => found !== folder);
  if (other === undefined) return [];
  return [
    `A stack named "${stack}" runs already, brought up from ${other}. Rename one of the two, take that one down, or take it over with --adopt.`,
  ];
}

/** Compose names a service's container `project-service-1`; a container of another origin may have that name. */
function takenContainers(resources: ComposeResources, state: EngineState): string[] {
  const wanted = new Set(resources.services.map((service) => `${resources.project}-${service.name}-1`));
  return state.containers.flatMap((container) => {
    const name = containerName(container);
    if (!wanted.has(name) || ownership(container.Config.Labels, resources.project) !== "other") return [];
    return [`A container named "${name}" exists that Ringwall has not made. Rename or remove it.`];
  });
}

/** Ports of the host that the stack publishes and that a running container of another origin has. */
export function takenPorts(resources: ComposeResources, state: EngineState): readonly string[] {
  const others = state.containers.filter(
    (container) =>
      container.State.Status === "running" && ownership(container.Config.Labels, resources.project) === "other",
  );
  return resources.services.flatMap((service) =>
    service.ports.flatMap(({ protocol, host }) => {
      if (host === undefined) return [];
      const holder = others.find((container) => binds(container, host.address, host.port, protocol));
      if (holder === undefined) return [];
      const port = `${host.address}:${host.port}/${protocol}`;
      return [`Port ${port}, which "${service.name}" publishes, is taken by the container ${containerName(holder)}.`];
    }),
  );
}

function binds(container: EngineContainer, address: string, port: number, protocol: string): boolean {
  return Object.entries(container.NetworkSettings.Ports).some(
    ([inside, bindings]) =>
      inside.endsWith(`/${protocol}`) &&
      bindings.some(({ HostIp, HostPort }) => Number(HostPort) === port && sameAddress(HostIp, address)),
  );
}

function sameAddress(a: string, b: string): boolean {
  const everywhere = (address: string) => address === "" || address === "0.0.0.0" || address === "::";
  return a === b || everywhere(a) || everywhere(b);
}

/** Images that the engine lacks and must not fetch. */
export function missingImages(resources: ComposeResources, state: EngineState): readonly string[] {
  return resources.services.flatMap(({ name, image, pullPolicy }) =>
    pullPolicy === "never" && !state.imageIds.has(image)
      ? [
          `The image ${image} of "${name}" stands in for another and is not on this engine, and no registry has it. Build or load it first.`,
        ]
      : [],
  );
}

/**
 * Secrets that something needs and that have no value, with the services that wait for them and the command that gives
 * one: those that can be made together, those that a person brings one by one. For one that is made of others, the others.
 */
export function missingSecrets(
  resources: ComposeResources,
  declared: readonly ResolvedSecret[],
  valued: ReadonlySet<string>,
): readonly string[] {
  const users = new Map<string, Set<string>>();
  const note = (name: string, service: string) => {
    if (valued.has(name)) return;
    const madeOf = declared.find((secret) => secret.name === name)?.derived?.entries ?? [];
    for (const { secret } of madeOf) note(secret, service);
    if (madeOf.length === 0) users.set(name, (users.get(name) ?? new Set()).add(service));
  };
  for (const file of resources.secretFiles) note(file.secret, file.service);
  for (const file of resources.environmentFiles) for (const { secret } of file.variables) note(secret, file.service);
  const made = new Set(declared.filter((secret) => secret.generated).map((secret) => secret.name));
  const missing = [...users].map(([secret, services]) => ({ secret, services: [...services] }));
  return [
    ...generable(missing.filter(({ secret }) => made.has(secret))),
    ...missing
      .filter(({ secret }) => !made.has(secret))
      .map(({ secret, services }) => `${noValue(secret, services)} Run \`ringwall secrets set ${secret}\`.`),
  ];
}

interface MissingSecret {
  readonly secret: string;
  readonly services: readonly string[];
}

function generable(missing: readonly MissingSecret[]): readonly string[] {
  const [first] = missing;
  if (first === undefined) return [];
  const run = "Run `ringwall secrets generate`.";
  if (missing.length === 1) return [`${noValue(first.secret, first.services)} ${run}`];
  const names = missing.map(({ secret, services }) => `${secret} (for ${listed(services)})`);
  return [`These secrets have no value yet: ${listed(names)}. ${run}`];
}

function noValue(secret: string, services: readonly string[]): string {
  return `The secret "${secret}" has no value, and ${listed(services)} ${services.length === 1 ? "needs" : "need"} it.`;
}
