/**
 * One service that eats the host's memory stops all the others.
 *
 * Reads:  container.memoryLimit
 * Passes: a limit above zero is stated.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, demand, fail } from "../judge.ts";
import { unlessPassing } from "../knowledge/platform-terms.ts";

export const memoryLimited = defineControl({
  id: "workload.memory-limited",
  on: "container",
  severity: "low",
  title: "Memory is limited",
  claim: "Every container has a memory limit.",
  threat:
    "A leak, or requests made to fill the memory, make the kernel kill processes of other services, the proxy and the alerting among them.",
  remedy: "Add a limit, for example `mem_limit: 512m` (or `deploy.resources.limits.memory: 512m`).",
  remedies: {
    incus:
      'Add `"limits.memory" = "512MiB"` to the instance\'s `config` or to a profile of its own; leave `limits.memory.enforce` at `hard`.',
    kubernetes:
      "Add `resources: { requests: { memory: 128Mi }, limits: { memory: 512Mi } }` to the container, or a LimitRange that gives its namespace a default.",
    swarm: "Add a limit, for example `deploy.resources.limits.memory: 512m`; a stack of Swarm refuses `mem_limit`.",
  },
  judged:
    "Fails when no limit is stated, or one of zero, which means none. On Kubernetes the limit of the pod as a whole counts, and the default of a LimitRange; init containers are not judged.",
  frameworks: {
    cisDocker: ["5.11"],
    owaspDocker: ["D07"],
    nsaKubernetes: ["resource-limits"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.IR-04"],
    coverage: ["W3"],
  },
  exposureMatters: false,

  check(container, system) {
    return (
      unlessPassing(container) ??
      whenSoft(container, system) ??
      demand(container.memoryLimit, (bytes) => bytes > 0, { what: "the memory limit", show: showBytes })
    );
  },
});

/** Incus lets an instance exceed a soft limit while the host has memory left. */
function whenSoft(container: Container, system: System): Judgement | undefined {
  const enforced = system.workloadOf(container)?.incus?.memoryEnforcement;
  if (enforced === undefined || container.memoryLimit.kind !== "stated") return undefined;
  if (enforced.kind === "unknown") {
    return cannotTell("whether the memory limit is enforced", enforced.why, { place: enforced.place });
  }
  return knownValue(enforced) === "soft"
    ? fail("the memory limit is soft: it may be exceeded", { place: enforced.place })
    : undefined;
}

function showBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "a share of the host's memory";
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes >= 1 ? `${Math.round(mebibytes)} MiB` : `${bytes} bytes`;
}
