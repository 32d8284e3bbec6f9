/**
 * A rule that is never asked protects nothing, however good it is.
 *
 * Reads:  repository-file.configuration (`.sops.yaml`)
 * Passes: every rule takes some file, and none stands behind one that takes them all.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { SopsRule } from "../../facts/configuration/sops.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const sopsRulesEffective = defineControl({
  id: "secrets.sops-rules-effective",
  on: "repository-file",
  software: ["sops"],
  severity: "low",
  title: "Every SOPS rule takes some file",
  claim: "Every rule of `.sops.yaml` is the first that matches some file.",
  threat:
    "Files that the rule was written for are encrypted for other keys, by another selection, or not at all, and nobody sees it.",
  remedy:
    "Put rules with a narrow `path_regex` before wide ones, and a rule without `path_regex` last. Mend an expression that matches no file, or take the rule out.",
  judged:
    "SOPS takes the first rule that matches a file's path, relative to `.sops.yaml`. Fails medium for a rule behind one that takes every file, low for a rule that no file of the folder falls to. A rule without `path_regex` that stands last is there for files to come and passes. Unknown when an expression cannot be read.",
  frameworks: { nistCsf: ["PR.DS-01", "PR.PS-01"], coverage: ["S6"] },
  exposureMatters: false,

  check({ configuration, path }) {
    if (configuration?.software !== "sops") return notApplicable("it is no `.sops.yaml`");
    return forbidAny(configuration.rules, (rule) => judge(rule, path), {
      what: `what was read of ${path}`,
      none: "every rule takes some file",
    });
  },
});

function judge({ number, pattern, used, hiddenBy, place }: SopsRule, path: string): Judgement | undefined {
  const detail = `rule ${number}`;
  if (hiddenBy !== undefined) {
    return fail(`rule ${number} of ${path} is never asked, for rule ${hiddenBy} before it takes the same files`, {
      place,
      detail,
      severity: "medium",
    });
  }
  if (used.kind === "unknown") return cannotTell(`whether rule ${number} takes any file`, used.why, { place, detail });
  if (pattern.kind === "unstated" || (used.kind === "stated" && used.value)) return undefined;
  return fail(`rule ${number} of ${path} takes no file of this folder`, { place, detail });
}
