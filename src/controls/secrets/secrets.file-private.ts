/**
 * A file of secrets that every user of the host may read is no secret on that host.
 *
 * Reads:  repository-file.role, repository-file.mode, repository-file.secretNames
 * Passes: only the owner may read the file.
 */
import { defineControl } from "../define.ts";
import { demand } from "../judge.ts";
import { holdsSecrets } from "../knowledge/sensitive-files.ts";

export const filePrivate = defineControl({
  id: "secrets.file-private",
  on: "repository-file",
  severity: "low",
  title: "Files with secrets are readable by their owner only",
  claim: "Only its owner may read a file with secrets.",
  threat:
    "Any other user or service of the host, a backup agent or a taken-over web server, reads all the secrets at once.",
  remedy: "`chmod 600 FILE`.",
  judged:
    "For `.env` files whose values look like real secrets, private keys, secret files and state files: fails when group or others may read or write it. Unknown where the file system has no modes.",
  limits: "A fresh clone has the modes that the user's mask gives, whatever the host has.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-05"], coverage: ["S4"] },
  exposureMatters: false,
  fix: {
    edits({ role, owner, path, mode }) {
      // A file that a container mounts may have to be read there by another user.
      return role === "environment" && owner === undefined && mode.kind === "stated"
        ? [{ kind: "mode", file: path, mode: mode.value & 0o700 }]
        : undefined;
    },
  },

  check(file) {
    const matters = holdsSecrets(file);
    if (matters !== true) return matters;
    return demand(file.mode, (mode) => (mode & 0o077) === 0, {
      what: `the mode of ${file.path}`,
      show: (mode) => `0${(mode & 0o7777).toString(8)}`,
      detail: file.path,
    });
  },
});
