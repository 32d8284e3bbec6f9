/**
 * What Git once took, every clone has for good.
 *
 * Reads:  repository-file.role, repository-file.tracked, repository-file.ignored, repository-file.secretNames
 * Passes: a file with secrets is ignored by Git and not tracked.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { describeRole, holdsSecrets, isProtectedKey } from "../knowledge/sensitive-files.ts";

export const fileIgnored = defineControl({
  id: "secrets.file-ignored",
  on: "repository-file",
  severity: "high",
  title: "Git ignores files with secrets",
  claim: "No file with secrets is in Git, and none can get there by accident.",
  threat: "Git keeps the file in its history after it is deleted: whoever gets a clone, now or later, has the secrets.",
  remedy:
    "Take it out with `git rm --cached FILE`, add its name to `.gitignore`, and replace every secret in it, for the history keeps them.",
  judged:
    "For `.env` files whose values look like real secrets, private keys, secret files and state files: fails high when Git tracks the file (medium for a key that a passphrase protects), medium when Git does not ignore it. What SOPS, git-crypt, age or Ansible Vault encrypted is none of these. Not applicable outside a Git repository.",
  limits: "History is not searched here, only what is there now; `check --history` does (secrets.history-free).",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.DS-01"], coverage: ["S1"] },
  exposureMatters: false,
  fix: {
    edits({ path, tracked }) {
      // What Git has already is not taken out by ignoring it, and its secrets need replacing.
      return knownValue(tracked) === false ? [{ kind: "ignore", file: path }] : undefined;
    },
  },

  check(file) {
    const matters = holdsSecrets(file);
    if (matters !== true) return matters;
    const { tracked, ignored } = file;
    const remedy = `Take it out with \`git rm --cached ${file.path}\`, add it to \`.gitignore\`, and replace every secret in it, for the history keeps them.`;
    const extras = { detail: file.path };
    if (tracked.kind === "unknown") return cannotTell("whether Git tracks it", tracked.why, extras);
    if (tracked.kind !== "unstated" && tracked.value) {
      const severity = isProtectedKey(file) ? "medium" : "high";
      return fail(`Git tracks ${file.path}, and ${describeRole(file)}`, { ...extras, severity, remedy });
    }
    if (ignored.kind === "unknown") return cannotTell("whether Git ignores it", ignored.why, extras);
    if (ignored.kind === "unstated") return notApplicable("the folder is no Git repository");
    return ignored.value
      ? pass("Git ignores it", ignored.place)
      : fail(`Git does not ignore ${file.path}, and ${describeRole(file)}`, {
          ...extras,
          severity: "medium",
          remedy: `Add \`${file.path}\` to \`.gitignore\` before it is committed by accident.`,
        });
  },
});
