/**
 * Steps that a pull request brings with it run before anybody has read them.
 *
 * Reads:  repository-file.configuration (repositories of Atlantis)
 * Passes: no repository may define workflows of its own.
 */

import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const atlantisWorkflowsOwn = defineControl({
  id: "supply-chain.atlantis-workflows-own",
  on: "repository-file",
  software: ["atlantis"],
  severity: "medium",
  title: "Atlantis runs workflows that the server defines",
  claim: "Atlantis runs only workflows that are written on its server.",
  threat:
    "Atlantis reads `atlantis.yaml` from the pull request's own branch: whoever may open one runs any command with the credentials of the infrastructure, without an approval.",
  remedy:
    "Remove `allow_custom_workflows: true`, define the workflows under `workflows:` on the server, and let repositories choose among them with `allowed_overrides: [workflow]`.",
  judged: "Fails for `allow_custom_workflows: true`: high for every repository (`id: /.*/`), medium for a named one.",
  limits: "A plan runs providers of the pull request in any case; who may open one is for the Git host to decide.",
  frameworks: { nistCsf: ["PR.PS-06", "PR.AA-05"], zeroTrust: ["3"], coverage: ["A7"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Workflows in pull requests and repositories are refused; those of the server count.",
    onlyNamed: true,
    edits: (_file, _system, judgement) => wordAt(judgement, "true", "false"),
  },

  check({ configuration }) {
    if (configuration?.software !== "atlantis") return notApplicable("not Atlantis's configuration");
    return forbidAny(
      configuration.repositories,
      ({ id, every, customWorkflows: allowed, place }) => {
        if (allowed.kind === "unknown")
          return cannotTell(`whether ${id} brings workflows of its own`, allowed.why, { place, detail: id });
        if (allowed.kind === "unstated" || !allowed.value) return undefined;
        return fail(`pull requests of ${every ? "every repository" : id} may bring workflows of their own`, {
          place: allowed.place,
          detail: id,
          severity: every ? "high" : "medium",
        });
      },
      { what: "the list of repositories", none: "no repository brings workflows of its own" },
    );
  },
});
