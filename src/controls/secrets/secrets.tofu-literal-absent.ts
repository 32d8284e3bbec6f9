/**
 * A secret in a configuration is in Git, in every clone, and in every plan.
 *
 * Reads:  repository-file.configuration (OpenTofu: values)
 * Passes: no default, argument, provider or backend holds a secret.
 */
import type { OpenTofuValue } from "../../facts/configuration/opentofu.ts";
import { knownValue } from "../../facts/fact.ts";
import { classifySecret } from "../../facts/secret-like.ts";
import { isExample } from "../../repository/secret-scan/worth-scanning.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const tofuLiteralAbsent = defineControl({
  id: "secrets.tofu-literal-absent",
  on: "repository-file",
  software: ["opentofu"],
  severity: "high",
  title: "No secret is written into an OpenTofu configuration",
  claim: "No secret stands in a variable's default, an argument, a provider or a backend.",
  threat: "Whoever reads the repository, a fork or a plan's log has the secret, and Git keeps it after it is removed.",
  remedy:
    "Take the value out and replace the secret, for it is no longer one. Declare a variable with `sensitive = true` and no default, and give its value in a `.tfvars` file that Git ignores or in `TF_VAR_NAME`; a backend's credentials belong in `backend.hcl`, which Git ignores, or in the environment.",
  judged:
    "Looks at defaults of variables, arguments of providers and of the backend, and arguments of resources, of their connections and provisioners, and of modules from elsewhere, whose name says secret. Fails high for what is a secret by its name or its looks, medium for a placeholder that anybody would try, low in examples and tests. Values of `.tfvars` files are judged with the file; an instance's environment by secrets.literal-absent. Unknown when a value cannot be resolved.",
  limits: "A secret under an innocent name and of no known shape is not recognised.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-01", "PR.DS-01"], coverage: ["S1", "S5"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "opentofu") return notApplicable("no OpenTofu configuration");
    return forbidAny(configuration.values, judge, {
      what: "the list of its values",
      none: "no secret is written into it",
    });
  },
});

function judge({ where, names, value, place }: OpenTofuValue) {
  const extras = { place, detail: where };
  if (value.kind === "unknown") return cannotTell(`whether ${where} is a secret`, value.why, extras);
  const known = knownValue(value);
  if (known === undefined) return undefined;
  const kinds = names.map((name) => classifySecret(name, known));
  const example = place.kind === "file" && isExample(place.source.path);
  if (kinds.includes("literal-secret")) {
    return fail(`${where} is a secret, and its value is written out`, {
      ...extras,
      severity: example ? "low" : "high",
    });
  }
  return kinds.includes("weak-default")
    ? fail(`${where} is a placeholder that anybody would try`, { ...extras, severity: example ? "low" : "medium" })
    : undefined;
}
