/**
 * With one key alone, losing it loses every secret.
 *
 * Reads:  repository-file.configuration (`.sops.yaml`)
 * Passes: every rule names at least two keys.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { SopsRule } from "../../facts/configuration/sops.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

/** Keys that somebody else keeps for us and that are not lost with a disk. */
const keptElsewhere = new Set(["kms", "gcp_kms", "azure_kv", "hckms"]);

export const sopsRecoveryPossible = defineControl({
  id: "secrets.sops-recovery-possible",
  on: "repository-file",
  software: ["sops"],
  severity: "low",
  title: "Encrypted files can be opened with more than one key",
  claim: "Losing one key does not lose the secrets.",
  threat: "The one age key lies on the disk that fails, and with it every secret of the repository is lost.",
  remedy:
    "Add a second recipient whose identity is kept elsewhere, offline (`age-keygen`), to each rule, then `sops updatekeys` on every file.",
  judged:
    "Fails when a rule of `.sops.yaml` names a single age, PGP or Vault key, once for all such rules. A key of a cloud's key service passes: it is not lost with a disk.",
  limits: "That the second identity is kept somewhere else is for people to know.",
  frameworks: { nistCsf: ["PR.DS-11", "PR.IR-03"], coverage: ["S7"] },
  exposureMatters: false,

  check({ configuration, path }) {
    if (configuration?.software !== "sops") return notApplicable("it is no `.sops.yaml`");
    let told = false;
    return forbidAny(
      configuration.rules,
      (rule) => {
        const judgement = judge(rule, path);
        if (judgement?.verdict !== "fail") return judgement;
        if (told) return undefined;
        told = true;
        return judgement;
      },
      { what: `what was read of ${path}`, none: "every rule names more than one key" },
    );
  },
});

function judge({ number, recipients, place }: SopsRule, path: string): Judgement | undefined {
  if (!recipients.complete) return cannotTell(`the keys of rule ${number}`, recipients.why, { place });
  const [only, ...others] = recipients.items;
  if (only === undefined || others.length > 0 || keptElsewhere.has(only.kind)) return undefined;
  return fail(`rule ${number} of ${path} names a single key: who loses it loses the secrets`, { place });
}
