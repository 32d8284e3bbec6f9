/**
 * Set-user-id programs in an image are the shortest way from the service's user back to root.
 *
 * Reads:  container.noNewPrivileges
 * Passes: no-new-privileges is on.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { below, setBelow } from "../fix.ts";
import { demand, notApplicable } from "../judge.ts";
import { unlessWindows } from "../knowledge/platform-terms.ts";
import { offWhenPrivileged } from "../knowledge/privileged.ts";
import { swarmOf } from "../knowledge/swarm.ts";

export const noNewPrivilegesOn = defineControl({
  id: "workload.no-new-privileges-on",
  on: "container",
  platforms: ["compose", "kubernetes"],
  severity: "low",
  title: "Programs cannot gain privileges",
  claim: "No program in any container can gain privileges that it was not started with.",
  threat: "A set-user-id program in the image, or a hole in one, makes the service's user root in the container.",
  remedy: "Add `security_opt: [no-new-privileges:true]` to the service.",
  remedies: {
    kubernetes: "Add `securityContext: { allowPrivilegeEscalation: false }` to the container.",
    swarm:
      'No file of a stack can mend it, for Swarm ignores `security_opt`: set `"no-new-privileges": true` in the `daemon.json` of each node.',
  },
  judged:
    "Fails when it is off or not stated, for the platform's default is off. On Kubernetes it is on where `allowPrivilegeEscalation` is false; a privileged container and one with SYS_ADMIN, which cannot have it, are left to the controls of those.",
  limits:
    "Images that start as root and drop with `sudo` or `su` do not start with it; those with `gosu` and `su-exec` do.",
  frameworks: {
    cisDocker: ["5.26"],
    owaspDocker: ["D04"],
    cisKubernetes: ["5.2.6"],
    podSecurity: ["restricted/allowPrivilegeEscalation"],
    nsaKubernetes: ["no-escalation"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Programs that gain rights by their set-user-id bit, such as `sudo`, `su` and some `ping`, no longer do in the container.",
    edits(container, system) {
      if (container.noNewPrivileges.kind === "stated" || swarmOf(container, system) !== undefined) return undefined;
      if (gainsAtStart(container)) return undefined;
      if (container.platform === "compose") {
        return [below(container, ["security_opt"], { kind: "append", value: "no-new-privileges:true" })];
      }
      return container.platform === "kubernetes" && mayForgoEscalation(container)
        ? [setBelow(container, ["securityContext", "allowPrivilegeEscalation"], false)]
        : undefined;
    },
  },

  check(container) {
    const isPod = container.platform === "kubernetes";
    const judgement =
      unlessWindows(container) ??
      (isPod ? alwaysAllowed(container) : undefined) ??
      demand(container.noNewPrivileges, (value) => value, {
        what: isPod ? "`allowPrivilegeEscalation`" : "no-new-privileges",
        show: (value) => String(isPod ? !value : value),
      });
    return judgement.verdict === "fail" && !isPod && gainsAtStart(container)
      ? { ...judgement, remedy: withoutGaining }
      : judgement;
  },
});

const withoutGaining =
  "Start it as the user that it is to run as (`user:`) and not by `sudo` or `su`, which do not work then, and add `security_opt: [no-new-privileges:true]`.";

/** Whether it is started by a program that gains rights, so that it would not start any more. */
function gainsAtStart(container: Container): boolean {
  return /(?:^|[\s/])(?:sudo|doas|su)\s/.test(`${seenStart(container).words.join(" ").slice(0, 20_000)} `);
}

/** Kubernetes allows it to these whatever is written, and refuses a manifest that says otherwise. */
function alwaysAllowed(container: Container): Judgement | undefined {
  const privileged = offWhenPrivileged(container, container.noNewPrivileges);
  if (privileged !== undefined) return privileged;
  return container.addedCapabilities.items.some(({ name }) => name === "SYS_ADMIN" || name === "ALL")
    ? notApplicable("the container has SYS_ADMIN, which workload.capabilities-added-few reports")
    : undefined;
}

/** Kubernetes refuses a container that is privileged, or has CAP_SYS_ADMIN, and is not to gain privileges. */
function mayForgoEscalation(container: Container): boolean {
  const { privileged, addedCapabilities } = container;
  return (
    knownValue(privileged) === false &&
    addedCapabilities.complete &&
    !addedCapabilities.items.some(({ name }) => /^(?:CAP_)?(?:SYS_ADMIN|ALL)$/.test(name))
  );
}
