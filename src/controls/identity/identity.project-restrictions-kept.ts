/**
 * A restriction with a hole leads those whom it was made for out.
 *
 * Reads:  grant.incus (restricted, loosened)
 * Passes: a restricted project lets nothing through that would give its users the host.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const projectRestrictionsKept = defineControl({
  id: "identity.project-restrictions-kept",
  on: "grant",
  platforms: ["incus"],
  severity: "medium",
  title: "Restricted projects keep their restrictions",
  claim: "No restricted project lets its users reach the host.",
  threat:
    "Whoever may use the project, or takes over what does, makes an instance with the host's disk or devices, or a privileged one, and is root on the host.",
  remedy:
    'Remove the key, or set it to `block` (`isolated` for privilege, `managed` for disks). For one folder of the host name it: `"restricted.devices.disk.paths" = "/srv/shared"`.',
  judged:
    "For projects with `restricted = true`: fails for each key under `restricted.` that allows privilege, nesting, raw options, every interception, paths or devices of the host, its root as a user, or proxy devices. Disks are kept where `restricted.devices.disk.paths` names folders; `/` is a prefix of all. A project that is not restricted keeps nobody in and is judged with the clients that are.",
  frameworks: { nistCsf: ["PR.AA-05"], zeroTrust: ["3"], coverage: ["A13", "W4"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Instances of the project that use what is allowed there no longer start.",
    onlyNamed: true,
    edits({ incus }, _system, judgement) {
      // Which user or folder is meant instead, only a person knows.
      const found = incus?.loosened.items.find(({ key, value }) => key === judgement.detail && value === "allow");
      return found && wordAt(judgement, "allow", ownDefault[found.key] ?? "block");
    },
  },

  check({ incus }) {
    if (incus === undefined) return notApplicable("no project of Incus");
    const { restricted, loosened } = incus;
    if (restricted.kind !== "unknown" && knownValue(restricted) !== true)
      return notApplicable("the project is not restricted");
    return forbidAny(
      loosened,
      ({ key, value, gives, place }) => fail(`\`${key}\` is ${value}: it gives ${gives}`, { place, detail: key }),
      { what: "its restrictions", none: "its restrictions are kept" },
    );
  },
});

/** What Incus has where the project says nothing; everything else is `block`. Source: Incus' reference of projects. */
const ownDefault: Readonly<Record<string, string>> = {
  "restricted.containers.privilege": "unprivileged",
  "restricted.devices.disk": "managed",
  "restricted.devices.nic": "managed",
};
