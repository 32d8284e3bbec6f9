/**
 * Some capabilities are root on the host under another name.
 *
 * Reads:  container.addedCapabilities, container.privileged, image.reference (VPN programs)
 * Passes: no capability beyond the default ones is added.
 */
import type { Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny } from "../judge.ts";
import { dangerousCapabilities, defaultCapabilities } from "../knowledge/capabilities.ts";
import { unlessNodePart } from "../knowledge/node-parts.ts";
import { offWhenPrivileged } from "../knowledge/privileged.ts";
import { productOf } from "../knowledge/products.ts";

export const capabilitiesAddedFew = defineControl({
  id: "workload.capabilities-added-few",
  on: "container",
  platforms: ["compose", "kubernetes"],
  severity: "medium",
  title: "No dangerous capability is added",
  claim: "No container has a capability beyond the platform's default ones.",
  threat:
    "With `SYS_ADMIN`, `SYS_MODULE` or `SYS_PTRACE` a taken-over program leaves its container; with `NET_ADMIN` it redirects its network's traffic.",
  remedy:
    "Remove the capability from `cap_add:`. Where the program fails without it, keep `cap_drop: [ALL]` beside it, and record why: `# ringwall-ignore workload.capabilities-added-few: reason`.",
  remedies: {
    kubernetes:
      "Remove the capability from `securityContext.capabilities.add`. Where the program fails without it, keep `drop: [ALL]` beside it, and record why: `# ringwall-ignore workload.capabilities-added-few: reason`.",
  },
  judged:
    "Fails for each added capability that container engines do not give by default: high for those that lead out of the container (`ALL`, `SYS_ADMIN`, `SYS_MODULE`, `SYS_RAWIO`, `DAC_READ_SEARCH`, `BPF`, …, and `SYS_PTRACE` beside the host's processes), medium for `NET_ADMIN` and others that reach beyond the service, low for the rest and for `NET_ADMIN` in a VPN program; `IPC_LOCK` of Vault, which keeps secrets from swap, passes; and not applicable to a part of a cluster's node (a network plugin).",
  frameworks: {
    cisDocker: ["5.4"],
    owaspDocker: ["D04"],
    cisKubernetes: ["5.2.9"],
    podSecurity: ["baseline/capabilities"],
    nsaKubernetes: ["capabilities"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },

  check(container, system) {
    const judgement =
      offWhenPrivileged(container) ??
      forbidAny(
        container.addedCapabilities,
        ({ name, place }) => {
          if (defaultCapabilities.has(name) || keepsSecretsFromSwap(name, container, system)) return undefined;
          const gives = dangerousCapabilities.get(name)?.gives;
          const message = gives === undefined ? `${name} is added` : `${name} is added: it gives ${gives}`;
          const severity = severityOf(name, container, system);
          const grows = severity === "high" ? !isVpnProgram(container, system) : isOnHostNetwork(container, system);
          const settled = grows ? {} : ({ settled: true } as const);
          return fail(message, { place, detail: name, severity, ...settled });
        },
        { what: "the list of added capabilities", none: "no capability beyond the default ones is added" },
      );
    return unlessNodePart(judgement, container, system);
  },
});

/** Vault's own manual asks for `IPC_LOCK`, which keeps what is in its memory from the disk. */
function keepsSecretsFromSwap(name: string, container: Container, system: System): boolean {
  return name === "IPC_LOCK" && rolesOf(container, system).software.includes("vault");
}

/** What leads no further than a network of the service's own is no worse where that is published. */
function isOnHostNetwork(container: Container, system: System): boolean {
  const workload = system.workloadOf(container);
  return workload === undefined || knownValue(workload.networkMode)?.kind === "host";
}

/** Manuals of VPN programs ask for capabilities, and their port has to be open: that makes those no worse. */
function isVpnProgram(container: Container, system: System): boolean {
  const workload = system.workloadOf(container);
  return workload !== undefined && productOf(workload, system).roles.has("vpn");
}

function severityOf(name: string, container: Container, system: System): Severity {
  const workload = system.workloadOf(container);
  if (name === "NET_ADMIN" && isVpnProgram(container, system)) return "low";
  // It reaches the processes that the container sees: its own, unless it shares the host's.
  if (name === "SYS_PTRACE" && workload !== undefined && knownValue(workload.hostPid) === false) return "low";
  return dangerousCapabilities.get(name)?.severity ?? "medium";
}
