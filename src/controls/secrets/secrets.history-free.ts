/**
 * What a commit brought in, every clone has, and taking it out of the file does not take it out of them.
 *
 * Reads:  repository-file.secretsInHistory
 * Passes: no version of any file ever held a secret.
 */
import type { SecretInHistory } from "../../facts/secrets-in-files.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const historyFree = defineControl({
  id: "secrets.history-free",
  on: "repository-file",
  severity: "high",
  title: "No secret stands in Git's history",
  claim: "No commit of any branch or tag ever held a secret in clear text.",
  threat:
    "Whoever has a clone, a fork or a backup reads every version of every file; bots go through the history of public repositories.",
  remedy:
    "Replace the secret where it was issued: that alone helps, because clones keep the history. Rewriting it (`git filter-repo`) only tidies up afterwards.",
  judged:
    "With `check --history`: every version of every file that branches, tags and remotes lead to is searched as files are (secrets.token-absent), each secret told once with the commit that brought it in. Fails high, low where it stood in an example, a test or a manual. Unknown when the history is too large to be searched whole. Not applicable where it was not searched.",
  limits:
    "Versions over 1 MiB and binary files are not searched; what no branch, tag or remote leads to any more is not either. Whether the secret was replaced since is not known: accept one that was with a reason.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.AA-01", "PR.DS-01"],
    coverage: ["S1", "R9"],
  },
  exposureMatters: false,

  check({ secretsInHistory, path }) {
    if (secretsInHistory === undefined) return notApplicable("its history was not searched");
    // What is gone from the files is told here alone, and first.
    const { items } = secretsInHistory;
    const ordered = [...items.filter((each) => !each.stillThere), ...items.filter((each) => each.stillThere)];
    return forbidAny({ ...secretsInHistory, items: ordered }, judge, {
      what: `what was searched of the history of ${path}`,
      none: "no secret stands in the history",
    });
  },
});

function judge({ what, example, commit, date, path, line, times, stillThere, place }: SecretInHistory) {
  const when = date === "" ? commit : `${commit} of ${date}`;
  const often = times === 1 ? "" : `, and in ${times - 1} more ${times === 2 ? "version" : "versions"} of files`;
  const now = stillThere ? "it still stands there" : "it is gone from the files, and not from the history";
  return fail(`${what} came into ${path} (line ${line}) with the commit ${when}${often}; ${now}`, {
    place,
    detail: `${path} ${what} ${commit}`,
    severity: example ? ("low" as const) : ("high" as const),
  });
}
