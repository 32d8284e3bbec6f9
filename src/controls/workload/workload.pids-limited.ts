/**
 * A fork bomb in one container takes the process table of the whole host.
 *
 * Reads:  container.pidsLimit
 * Passes: a limit above zero is stated.
 */
import { defineControl } from "../define.ts";
import { linesWithin, setBelow } from "../fix.ts";
import { demand } from "../judge.ts";
import { unlessGuest } from "../knowledge/platform-terms.ts";
import { swarmOf } from "../knowledge/swarm.ts";

const inStack = "`deploy.resources.limits.pids: 200`; a stack of Swarm refuses `pids_limit`.";
const inOldStack = `Raise the file's \`version\` to "3.9" or drop it, then add ${inStack}`;

/** Podman's own limit (`pids_limit` in containers.conf): no service that works comes near it, and a fork bomb ends there. */
const manyProcesses = 2048;

export const pidsLimited = defineControl({
  id: "workload.pids-limited",
  on: "container",
  platforms: ["compose", "incus"],
  severity: "low",
  title: "The number of processes is limited",
  claim: "Every container has a limit of processes.",
  threat: "A program that forks without end fills the host's process table, and nobody can log in to stop it.",
  remedy: "Add a limit, for example `pids_limit: 200` (or `deploy.resources.limits.pids: 200`).",
  remedies: {
    incus:
      'Add `"limits.processes" = "512"` to the instance\'s `config` or to a profile; a whole system with an init system needs more than one program does.',
    swarm: `Add ${inStack}`,
  },
  judged: "Fails when no limit is stated, or one of zero or -1, which means none.",
  frameworks: { cisDocker: ["5.29"], owaspDocker: ["D07"], nistCsf: ["PR.IR-04"], coverage: ["W3"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: `More than ${manyProcesses} processes and threads at once are refused; that is what Podman allows a container by default.`,
    edits(container, system) {
      if (container.pidsLimit.kind !== "unstated") return undefined;
      if (container.platform === "incus")
        return linesWithin(container.pidsLimit.place, "config", `"limits.processes" = "${manyProcesses}"`);
      // Compose refuses `pids_limit` beside limits under `deploy` that do not say the same.
      const preferred = ["deploy", "resources", "limits", "pids"];
      const swarm = swarmOf(container, system);
      if (swarm !== undefined)
        return swarm.limitsProcesses ? [setBelow(container, preferred, manyProcesses)] : undefined;
      return [{ ...setBelow(container, ["pids_limit"], manyProcesses), preferred }];
    },
  },

  check(container, system) {
    const guest = unlessGuest(container, system);
    if (guest !== undefined) return guest;
    const judgement = demand(container.pidsLimit, (processes) => processes > 0, { what: "the process limit" });
    return judgement.verdict === "fail" && swarmOf(container, system)?.limitsProcesses === false
      ? { ...judgement, remedy: inOldStack }
      : judgement;
  },
});
