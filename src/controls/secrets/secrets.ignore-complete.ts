/**
 * What nothing ignores is committed one day, by `git add .`.
 *
 * Reads:  repository-file.unignored
 * Passes: Git ignores every kind of secret file that the tools in use make.
 */
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const ignoreComplete = defineControl({
  id: "secrets.ignore-complete",
  on: "repository-file",
  severity: "low",
  title: "Git ignores the secret files that the tools in use make",
  claim: "The secret files that the tools in use make cannot get into Git by accident.",
  threat: "A `git add .` takes `.env`, a state file or a key along, and every clone has it from then on.",
  remedy: "Add the lines to `.gitignore` before such a file is there.",
  judged:
    "For the folder as a whole: fails when Git would take a kind of file that a tool seen there makes with secrets in it (Compose: `.env`; OpenTofu: `*.tfstate`, `*.tfvars`; SOPS: `age.key`; Talos: `talosconfig`, `kubeconfig`). A kind of which a file is there is judged by secrets.file-ignored. Not applicable outside a Git repository.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.DS-01"], coverage: ["S1", "S7"] },
  exposureMatters: false,
  fix: {
    edits({ unignored, path }) {
      const lines = (unignored?.items ?? []).map(
        ({ pattern }) => ({ kind: "line", file: path, line: pattern }) as const,
      );
      const [first, ...others] = lines;
      return first === undefined ? undefined : [first, ...others];
    },
  },

  check({ unignored, path }) {
    if (unignored === undefined) return notApplicable("it is not the topmost `.gitignore`");
    if (!unignored.complete) return cannotTell("what Git would take", unignored.why, { place: unignored.place });
    const kinds = unignored.items;
    if (kinds.length === 0) return pass("Git ignores the secret files of the tools in use", unignored.place);
    const lines = listed(kinds.map(({ pattern }) => `\`${pattern}\``));
    const tools = listed([...new Set(kinds.map(({ tool }) => tool))]);
    return fail(`Git would take ${lines}, where ${tools} ${kinds.length === 1 ? "keeps" : "keep"} secrets`, {
      place: unignored.place,
      remedy: `Add ${lines} to \`${path}\`, each on a line of its own.`,
    });
  },
});
