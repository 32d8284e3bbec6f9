import type { Guarantee } from "../../contracts/platform.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import { listed } from "../../lib/listed.ts";
import { amount, namesOf, sentence, servicesWith } from "./guarantees-words.ts";

/** What the kernel is told of each container. */
export const workloadGuarantees: readonly Guarantee[] = [
  {
    id: "workload.user-unprivileged",
    controls: ["workload.user-unprivileged"],
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => service.uid !== 0),
        (services) =>
          `No process is root: ${listed(services.map(({ name, uid, gid }) => `${name} is ${uid}:${gid}`))}.`,
      ),
  },
  {
    id: "workload.capabilities-dropped",
    controls: ["workload.capabilities-dropped", "workload.capabilities-added-few"],
    statements: (stack) => {
      const [more, none] = split(stack, (service) => service.capabilities.length > 0);
      return [
        ...sentence(none, (services) => `${namesOf(services)}: no kernel capability at all.`),
        ...more.map(({ name, capabilities }) => `${name}: no kernel capability but ${listed(capabilities)}.`),
      ];
    },
  },
  {
    id: "workload.no-new-privileges",
    controls: ["workload.no-new-privileges-on"],
    statements: everyService("No program in any container can gain privileges (no-new-privileges)."),
  },
  {
    id: "workload.seccomp-confined",
    controls: ["workload.seccomp-confined"],
    statements: everyService("Every container runs under the engine's seccomp filter."),
  },
  {
    id: "workload.namespaces-own",
    controls: [
      "workload.privileged-off",
      "workload.host-processes-hidden",
      "workload.host-ipc-hidden",
      "workload.host-uts-hidden",
      "workload.cgroup-own",
      "network.host-network-off",
    ],
    statements: everyService("No container is privileged or shares the host's network, processes, IPC or host name."),
  },
  {
    id: "workload.root-read-only",
    controls: ["workload.root-read-only"],
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => service.readOnlyRoot),
        (services) => `The root file system of ${namesOf(services)} is read-only.`,
      ),
  },
  {
    id: "workload.resources-limited",
    controls: ["workload.memory-limited", "workload.cpu-limited", "workload.pids-limited"],
    statements: (stack) =>
      sentence(stack.services, (services) => {
        const limits = services.map(
          ({ name, resources: { cpus, memoryBytes, pids } }) =>
            `${name} ${amount(memoryBytes)}, ${cpus} CPU, ${pids} processes`,
        );
        return `Hard limits, with no swap beyond them: ${listed(limits)}.`;
      }),
  },
  {
    id: "workload.engine-socket-unmounted",
    controls: ["workload.engine-socket-unmounted"],
    statements: everyService("The engine's socket is mounted nowhere."),
  },
  {
    id: "workload.host-paths-declared",
    controls: ["workload.host-paths-unmounted"],
    statements: (stack) => {
      const [mounting] = split(stack, (service) => service.hostMounts.length > 0);
      if (stack.services.length === 0) return [];
      if (mounting.length === 0)
        return ["No container mounts a path of the host, but for its own configuration and secrets, read-only."];
      const mounts = mounting.flatMap(({ name, hostMounts }) =>
        hostMounts.map(({ source, readOnly }) => `${name} mounts ${source}${readOnly ? " read-only" : " to write"}`),
      );
      return [
        `Paths of the host: ${listed(mounts)}; no other container mounts any but its own configuration and secrets.`,
      ];
    },
  },
  {
    id: "workload.health-checked",
    controls: ["workload.health-checked"],
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => service.health !== undefined),
        (services) => `The engine checks the health of ${namesOf(services)}.`,
      ),
  },
  {
    id: "workload.restarted",
    controls: ["workload.restart-stated"],
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => service.restart !== "no"),
        (services) =>
          `The engine restarts ${namesOf(services)} when ${services.length === 1 ? "it ends" : "they end"}.`,
      ),
  },
  {
    id: "detection.logs-bounded",
    controls: ["detection.log-bounded"],
    statements: everyService("Every container's log is kept and rotated: 30 MB at most for each."),
  },
  {
    id: "supply-chain.images-pinned",
    controls: ["supply-chain.image-digest-pinned"],
    statements: (stack) =>
      sentence(
        servicesWith(stack, (service) => service.image.digest !== undefined),
        (services) => `${namesOf(services)}: the image is the one that stack.lock names by its digest.`,
      ),
  },
];

function everyService(text: string): (stack: ResolvedStack) => readonly string[] {
  return (stack) => (stack.services.length === 0 ? [] : [text]);
}

function split(stack: ResolvedStack, holds: (service: ResolvedStack["services"][number]) => boolean) {
  return [stack.services.filter(holds), stack.services.filter((service) => !holds(service))] as const;
}
