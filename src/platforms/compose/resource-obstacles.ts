import type { ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import { hasOnlyInternalNetworks } from "./guarantees-network.ts";
import { ownFileNames } from "./render.ts";
import { secretsTarget } from "./resource-names.ts";
import { pathInSecrets } from "./resource-secrets.ts";

/**
 * What of a stack Docker Compose cannot do, or would do otherwise than declared without a word, as sentences. `plan`
 * shows them as obstacles; nothing is rendered or started while there are any.
 */
export function composeObstacles(stack: ResolvedStack): readonly string[] {
  return [...stack.services.flatMap((service) => serviceObstacles(stack, service)), ...clashingVolumes(stack)];
}

function serviceObstacles(stack: ResolvedStack, service: ResolvedService): string[] {
  const problems: string[] = [];
  if (service.isolation === "vm") {
    problems.push(
      `${service.name} asks for a virtual machine (\`isolation: vm\`), which Docker Compose does not give.`,
    );
  }
  if (service.ports.some((port) => port.published !== undefined) && hasOnlyInternalNetworks(stack, service)) {
    problems.push(`${service.name} publishes a port, but all its networks are internal: Docker would publish nothing.`);
  }
  problems.push(...clashingTargets(service));
  for (const { path } of service.config) {
    if (ownFileNames.some((name) => name === path)) {
      problems.push(
        `${service.name} has a configuration file named ${path}, which is the name of a file of Ringwall's.`,
      );
    }
  }
  return problems;
}

/** Two things mounted at one place: Docker refuses some such pairs and hides one of the two in others. */
function clashingTargets(service: ResolvedService): string[] {
  const targets = [
    ...service.volumes.map((volume) => volume.target),
    ...service.hostMounts.map((mount) => mount.target),
    ...service.config.map((file) => file.target),
    ...service.secrets.filter((use) => use.delivery === "file").map((use) => use.target),
  ];
  const twice = new Set(targets.filter((target, index) => targets.indexOf(target) !== index));
  return [
    ...[...twice].map((target) => `${service.name} has two things mounted at ${target}.`),
    ...amongSecrets(service).map(
      (target) =>
        `${service.name} has ${target} mounted among its secrets: ${secretsTarget} is a folder that nothing is mounted into.`,
    ),
  ];
}

/** Mounts below the folder of secrets, which is read-only, so that the engine cannot make a place for them. */
function amongSecrets(service: ResolvedService): string[] {
  const uses = service.secrets.filter((use) => use.delivery === "file");
  if (!uses.some((use) => pathInSecrets(use.target) !== undefined)) return [];
  const others = [...service.volumes, ...service.hostMounts, ...service.config].map(({ target }) => target);
  return [...others, ...service.writable].filter(
    (target) => target === secretsTarget || target.startsWith(`${secretsTarget}/`),
  );
}

/** One volume has one owner: services that share it must agree on it. */
function clashingVolumes(stack: ResolvedStack): string[] {
  const owners = new Map<string, Set<string>>();
  for (const { name, uid, gid, mode } of stack.services.flatMap((service) => service.volumes)) {
    const owner = `${uid}:${gid} with mode ${mode.toString(8)}`;
    owners.set(name, (owners.get(name) ?? new Set()).add(owner));
  }
  return [...owners]
    .filter(([, set]) => set.size > 1)
    .map(([name, set]) => `The volume ${name} is to be owned by ${[...set].join(" and by ")} at once.`);
}
