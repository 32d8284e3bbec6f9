/**
 * The state knows every secret that went through it.
 *
 * Reads:  repository-file.configuration (OpenTofu: secretsInState, stateEncrypted, backend)
 * Passes: no secret goes into the state, or the state is encrypted.
 */
import { knownValue } from "../../facts/fact.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, demand, notApplicable, pass } from "../judge.ts";

export const stateEncrypted = defineControl({
  id: "secrets.state-encrypted",
  on: "repository-file",
  software: ["opentofu"],
  severity: "low",
  title: "A state with secrets in it is encrypted",
  claim: "Whatever OpenTofu keeps of secrets is kept encrypted.",
  threat:
    "State and plans hold variables, generated passwords, keys and the content of injected files in clear text, whatever is marked sensitive: whoever gets the file, a backup or the bucket has them all.",
  remedy:
    'Turn on OpenTofu\'s own encryption: in `terraform { encryption { key_provider "pbkdf2" "main" { passphrase = var.passphrase } … state { method = method.aes_gcm.main } plan { method = method.aes_gcm.main } } }`; or keep the state where it is encrypted (`encrypt = true` for S3).',
  judged:
    "For a configuration that is run by itself and in whose state secrets lie: variables that are sensitive or named so, `random_password`, `tls_private_key`. Passes with OpenTofu's `encryption` of the state, with backends that always encrypt, and with `encrypt = true` for S3. Fails low otherwise; unknown for S3 where nothing says so, for the bucket may.",
  limits: "Who may read the backend is not seen.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.DS-01"], coverage: ["S5", "R20"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "opentofu") return notApplicable("no OpenTofu configuration");
    const { secretsInState: secrets, runs, backend } = configuration;
    if (!runs) return notApplicable("a module that others call, which keeps no state");
    if (secrets.items.length === 0) {
      return secrets.complete
        ? pass("no secret goes into its state", secrets.place)
        : cannotTell("whether secrets go into its state", secrets.why, { place: secrets.place, severity: "info" });
    }
    const names = secrets.items.map(({ name }) => name);
    const shown = names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : listed(names);
    const where = knownValue(backend) ?? "the backend";
    return demand(configuration.stateEncrypted, (encrypted) => encrypted, {
      what: `the state in ${where}, which holds ${shown},`,
      show: (encrypted) => (encrypted ? "encrypted" : "not encrypted"),
    });
  },
});
