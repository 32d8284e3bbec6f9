/**
 * The key to the store of all secrets, written beside it, makes one of the two needless.
 *
 * Reads:  repository-file.configuration (credentials of Vault's storage and seal)
 * Passes: the file names no credential of its storage or seal.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const storeConfigurationFree = defineControl({
  id: "secrets.store-configuration-free",
  on: "repository-file",
  software: ["vault"],
  severity: "high",
  title: "Vault's configuration holds no credential",
  claim: "The configuration of Vault or OpenBao holds no credential of its storage or its seal.",
  threat: "Whoever reads the file unseals a stolen copy of the store, or reads and changes the storage beneath it.",
  remedy:
    "Give it when the server starts: `VAULT_TOKEN` for the transit seal, `AWS_…` or a role for a cloud's, `VAULT_PG_CONNECTION_URL` for PostgreSQL, from a file that Git does not have. Then replace the credential.",
  judged:
    "Fails for tokens, passwords, secret keys and addresses with a password under `storage`, `seal` and their like.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-01", "PR.DS-01"], coverage: ["S1", "S5"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "vault" || !("credentials" in configuration))
      return notApplicable("not Vault's configuration");
    return forbidAny(
      configuration.credentials,
      ({ name, place }) => fail(`${name} is written out`, { place, detail: name }),
      { what: "the list of credentials", none: "no credential is written out" },
    );
  },
});
