/**
 * What is applied without a review is decided by whoever opened the pull request.
 *
 * Reads:  repository-file.configuration (repositories of Atlantis)
 * Passes: every repository asks for an approval, or for what its Git host asks before merging.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { AtlantisRepository } from "../../facts/configuration/atlantis.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const atlantisApplyReviewed = defineControl({
  id: "supply-chain.atlantis-apply-reviewed",
  on: "repository-file",
  software: ["atlantis"],
  severity: "medium",
  title: "Atlantis applies what was approved",
  claim: "Atlantis applies nothing before somebody else has approved it.",
  threat:
    "One stolen account opens a pull request, writes `atlantis apply`, and the infrastructure is changed before anybody looks.",
  remedy:
    "Write `apply_requirements: [approved, mergeable, undiverged]`, and leave `apply_requirements` out of `allowed_overrides`.",
  judged:
    "Fails where neither `approved` nor `mergeable` is asked for, and, at low, where the pull request's own `atlantis.yaml` may change that.",
  limits:
    "In a repository of one person nobody else approves: there `mergeable` with checks, or an exception to record.",
  frameworks: { nistCsf: ["PR.PS-06", "ID.RA-07"], coverage: ["A7", "P1"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "atlantis") return notApplicable("not Atlantis's configuration");
    return forbidAny(configuration.repositories, judge, {
      what: "the list of repositories",
      none: "every repository asks for an approval",
    });
  },
});

function judge({ id, every, applyRequirements: required, overrides }: AtlantisRepository): Judgement | undefined {
  const whose = every ? "every repository" : id;
  if (required.kind === "unknown")
    return cannotTell(`what ${whose} asks for before apply`, required.why, { place: required.place, detail: id });
  const reviewed =
    required.kind !== "unstated" && required.value.some((name) => name === "approved" || name === "mergeable");
  if (!reviewed) return fail(`${whose} is applied without an approval`, { place: required.place, detail: id });
  if (overrides.items.includes("apply_requirements"))
    return fail(`a pull request of ${whose} may change what is asked for before apply`, {
      place: overrides.place,
      detail: `${id} overrides`,
      severity: "low",
    });
  return overrides.complete
    ? undefined
    : cannotTell(`what a pull request of ${whose} may change`, overrides.why, { place: overrides.place, detail: id });
}
