import type { EngineInfo, Gap } from "../../contracts/platform.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import { listed } from "../../lib/listed.ts";
import { hasOnlyInternalNetworks, reachablePairs } from "./guarantees-network.ts";
import { namesOf, sentence, servicesWith, verb } from "./guarantees-words.ts";

/** What Docker Compose leaves open, with the reason. */
export const composeGaps: readonly Gap[] = [
  {
    id: "network.pairs-unnarrowed",
    statements: (stack) =>
      sentence(
        reachablePairs(stack),
        (pairs) =>
          `Docker narrows neither port nor direction between services that share a network: within ${listed(pairs)} each can connect to every port of the other.`,
      ),
  },
  {
    id: "network.host-listeners-open",
    statements: (stack) =>
      stack.policies.hostAccess === "firewall"
        ? []
        : sentence(
            servicesWith(stack, (service) => !hasOnlyInternalNetworks(stack, service)),
            (services) =>
              `${namesOf(services)} can reach what the host itself listens on, through the gateway of a network that leads outside; \`policies: {hostAccess: firewall}\` closes that.`,
          ),
  },
  {
    id: "network.outbound-half-open",
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => !service.outbound && !hasOnlyInternalNetworks(stack, service)),
        (services) =>
          `${namesOf(services)} ${verb(services, "is", "are")} published, and a published port needs a network that leads outside. Without masquerading no answer comes back to what ${verb(services, "it sends", "they send")} on ${verb(services, "its", "their")} own, but packets can leave one way, and machines that know a route to the stack's subnets can answer.`,
      ),
  },
  {
    id: "network.names-forwarded",
    statements: (stack, engine) =>
      majorVersion(engine) >= 26
        ? []
        : sentence(
            servicesWith(stack, (service) => hasOnlyInternalNetworks(stack, service)),
            () =>
              "Docker engines before 26 (but for 25.0.5 and 23.0.11) pass on what internal services ask of name servers, by which data can be carried out.",
          ),
  },
  {
    id: "workload.users-not-remapped",
    statements: (stack, engine) =>
      engine?.userNamespaces === true || engine?.rootless === true || stack.services.length === 0
        ? []
        : ["Without user-namespace remapping in the engine, a user in a container is the same user on the host."],
  },
  {
    id: "workload.apparmor-absent",
    statements: (stack, engine) => apparmorGap(stack, engine),
  },
  {
    id: "workload.seccomp-absent",
    statements: (stack, engine) =>
      engine === undefined || engine.seccomp || stack.services.length === 0
        ? []
        : ["This engine has no seccomp: no container runs under a filter of system calls."],
  },
  {
    id: "workload.machine-absent",
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => service.isolation === "vm"),
        (services) =>
          `${namesOf(services)} ${verb(services, "asks", "ask")} for a virtual machine, which Docker Compose does not give.`,
      ),
  },
  {
    id: "workload.root-needed",
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => service.uid === 0),
        (services) => `${namesOf(services)} ${verb(services, "runs", "run")} as root, as declared.`,
      ),
  },
  {
    id: "workload.root-writable",
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => !service.readOnlyRoot),
        (services) =>
          `${namesOf(services)} can write to ${verb(services, "its", "their")} root file system, as declared.`,
      ),
  },
  {
    id: "workload.health-unknown",
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => service.health === undefined),
        (services) =>
          `Nothing tells whether ${namesOf(services)} ${verb(services, "is", "are")} well: no health command is declared.`,
      ),
  },
  {
    id: "workload.host-mounts-below",
    statements: (stack, engine) =>
      majorVersion(engine) >= 25
        ? []
        : sentence(
            servicesWith(stack, (service) => service.hostMounts.some((mount) => mount.readOnly)),
            (services) =>
              `On Docker engines before 25, file systems mounted below the host's paths in ${namesOf(services)} are not read-only; the service's user still needs the right to write there.`,
          ),
  },
  {
    id: "secrets.in-environment",
    statements: (stack) =>
      stack.services.flatMap((service) =>
        service.secrets
          .filter((use) => use.delivery === "environment")
          .map(
            (use) =>
              `The secret ${use.secret} stands in the environment of ${service.name} and in what the engine tells of it${use.reason === undefined ? "" : `: ${use.reason}`}.`,
          ),
      ),
  },
  {
    id: "supply-chain.stand-ins",
    statements: (stack) =>
      sentence(
        stack.services.flatMap(({ name, image }) =>
          image.standsInFor === undefined ? [] : [`${name} runs ${image.repository} for ${image.standsInFor}`],
        ),
        (standIns) => `What is proven is proven of images that stand in for others: ${listed(standIns)}.`,
      ),
  },
  {
    id: "component.declared-unmet",
    statements: (stack) => [...new Set(stack.services.flatMap((service) => service.gaps))],
  },
];

function apparmorGap(stack: ResolvedStack, engine: EngineInfo | undefined): readonly string[] {
  if (stack.services.length === 0 || engine?.appArmor === true) return [];
  return engine === undefined
    ? ["Containers are confined by AppArmor only where the host's kernel has it."]
    : ["The host's kernel has no AppArmor: no such profile confines any container."];
}

/** Of the engine's version; 0 when no engine is known, for then it may be any. */
function majorVersion(engine: EngineInfo | undefined): number {
  return Number.parseInt(engine?.version ?? "0", 10) || 0;
}
