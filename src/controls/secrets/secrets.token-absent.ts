/**
 * A token that stands in a file goes wherever the file goes.
 *
 * Reads:  repository-file.secretsInText, repository-file.tracked, repository-file.ignored
 * Passes: no token, private key or password stands in the file's text, or Git leaves the file out.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { SecretInText } from "../../facts/secrets-in-files.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable, pass } from "../judge.ts";

export const tokenAbsent = defineControl({
  id: "secrets.token-absent",
  on: "repository-file",
  severity: "high",
  title: "No token, key or password stands in a file's text",
  claim: "No token of an issuer, no private key and no password stands in a file that is no secret file.",
  threat:
    "Whoever reads the repository, a fork, a backup or a log of what built it has the secret, and Git keeps it after it is removed. Bots find tokens in public repositories within minutes.",
  remedy:
    "Replace the secret where it was issued: it is no longer one. Then take it out of the file: read it from a file that Git ignores or from a store, or encrypt the file with SOPS.",
  judged:
    "Every text of the folder is searched: for tokens by the shapes that their issuers give them, and private keys without a passphrase; where no other control knows the file's fields, also for passwords in addresses and values under names that say secret, as far as they look random. Fails high in what Git has or in no repository, medium in what Git does not have yet and for the key of a radio network, low in examples, tests and manuals. Tokens that their own checksum or looks show to be none are passed over, and so are files that Git ignores.",
  limits:
    "Files over 4 MiB, binary files, lock files and minified code are not searched. A secret under an innocent name and of no known shape is not recognised.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nsaKubernetes: ["secrets"],
    nistCsf: ["PR.AA-01", "PR.DS-01"],
    coverage: ["S1"],
  },
  exposureMatters: false,

  check(file) {
    const { secretsInText: found, ignored, tracked } = file;
    if (found === undefined) return notApplicable("its text is not searched");
    if (isTrue(ignored) && tracked.kind === "stated" && !tracked.value && found.items.length > 0) {
      return pass("Git leaves the file out", ignored.place);
    }
    const seen = new Map<string, number>();
    return forbidAny(found, (secret) => judge(secret, file, seen), {
      what: `what was searched of ${file.path}`,
      none: "no secret stands in its text",
    });
  },
});

function isTrue(fact: RepositoryFile["ignored"]): boolean {
  return fact.kind === "stated" && fact.value;
}

function judge(secret: SecretInText, file: RepositoryFile, seen: Map<string, number>): Judgement {
  const count = (seen.get(secret.what) ?? 0) + 1;
  seen.set(secret.what, count);
  return fail(`${secret.what} stands in ${file.path}`, {
    place: secret.place,
    detail: count === 1 ? secret.what : `${secret.what} ${count}`,
    severity: severityOf(secret, file),
  });
}

/** What Git does not have is not lost yet. Whether it has it counts as yes where that cannot be told. */
function severityOf({ example, by, nearBy }: SecretInText, { tracked, ignored }: RepositoryFile): Severity {
  if (example) return "low";
  if (nearBy === true) return "medium";
  if (tracked.kind === "stated") return tracked.value ? "high" : "medium";
  const noRepository = tracked.kind === "unstated" && ignored.kind === "unstated";
  return noRepository && (by === "url" || by === "assigned") ? "medium" : "high";
}
