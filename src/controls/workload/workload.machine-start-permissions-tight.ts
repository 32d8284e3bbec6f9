/**
 * A file that everybody may write, or an account that is root for a guessed password, is a way up for whoever is inside.
 *
 * Reads:  repository-file.configuration (risks of a file for cloud-init)
 * Passes: no file becomes writable by everybody, no program set-user-id, and no password alone makes a user root.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { CommandRisk, CommandRiskKind } from "../../facts/configuration/command-risk.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const machineStartPermissionsTight = defineControl({
  id: "workload.machine-start-permissions-tight",
  on: "repository-file",
  software: ["cloud-init"],
  severity: "low",
  title: "A machine's first start gives no more rights than needed",
  claim:
    "No first start leaves files that everybody may write, set-user-id programs, or users whom a password makes root.",
  threat:
    "Whoever breaks one program of the machine changes a file that somebody else runs, or becomes root by a set-user-id program.",
  remedy:
    "Give files 0644, scripts 0755 and secrets 0600 in `permissions`, with the `owner` that needs them. Let users sign in with keys (`lock_passwd: true`), or have sudo ask for their password.",
  judged:
    "Of files for cloud-init and Ubuntu's installer that no instance of Incus is seen to use, and of such texts that OpenTofu hands to machines: `write_files` and commands that make files writable by everybody fail at low, set-user-id bits at medium. `NOPASSWD:ALL` is what images give their own user, and passes for who signs in with a key; it fails at low for a user with a password that is not locked.",
  frameworks: { nistCsf: ["PR.AA-05"], coverage: ["W4", "A9"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "cloud-init") return notApplicable("no machine's first start");
    const judgements = forbidAny(configuration.risks, judge, {
      what: "what is written at the first start",
      none: "nothing is given more rights than it needs",
    });
    return judgements.map((one) => (one.verdict === "unknown" ? { ...one, severity: "info" as const } : one));
  },
});

const severities: Partial<Record<CommandRiskKind, Severity>> = {
  "set-user-id": "medium",
  "world-writable": "low",
  "sudo-without-password": "low",
};

function judge({ kind, what, place }: CommandRisk): Judgement | undefined {
  const severity = severities[kind];
  return severity === undefined ? undefined : fail(what, { place, detail: `${kind} ${what}`, severity });
}
