/**
 * A secret written into a file that describes a service is in every clone, every backup and every screenshot of it.
 *
 * Reads:  container.environment
 * Passes: no variable holds a secret that is written out in the file itself.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { all, fail, forbidAny } from "../judge.ts";
import { judgeHooks } from "../knowledge/hooks.ts";
import { isWrittenAsDefault, isWrittenOut, secretUseOfVariable, standsHere } from "../knowledge/secret-values.ts";

export const literalAbsent = defineControl({
  id: "secrets.literal-absent",
  on: "container",
  severity: "high",
  title: "No secret is written into the file",
  claim: "No secret value stands in any file that describes the system.",
  threat:
    "Whoever reads the repository, a fork, a backup or a screenshot has the secret, and Git keeps it after it is removed.",
  remedy:
    "Take the value out and replace the secret, for it is no longer one. Deliver it as a file: `secrets:` at the top with `file: ./secrets/NAME` (ignored by Git, mode 0600), `secrets: [NAME]` on the service, and the image's `…_FILE` variable; where the image has none, `${NAME:?}` with a `.env` that Git ignores.",
  remedies: {
    incus:
      'Take the value out and replace the secret, for it is no longer one. Deliver it as a file: a `file` block with `content = var.NAME`, `mode = "0400"` and the service\'s `uid`, a variable with `sensitive = true` and no default, and its value in a `.tfvars` file that Git ignores or in `TF_VAR_NAME`.',
    kubernetes:
      "Take the value out and replace the secret, for it is no longer one. Put it into a Secret that SOPS encrypts, or that an ExternalSecret fetches, and mount that, or take it with `valueFrom: { secretKeyRef: { name: NAME, key: KEY } }`.",
  },
  judged:
    "Fails for each variable whose name says secret (`…PASSWORD`, `…TOKEN`, `…SECRET_KEY`, …), whose value has an issuer's shape, or is a URL with a password, when it is written out in the file. A value that anybody would guess is left to secrets.value-strong. Medium for the default of a variable (`${KEY:-…}`), which everybody has who sets none. Other interpolated values and those of an `env_file` are not literal. What stands in Secrets and ConfigMaps is judged by secrets.manifest-encrypted.",
  limits: "A secret under an innocent name and of no known shape is not recognised.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nsaKubernetes: ["secrets"],
    nistCsf: ["PR.AA-01", "PR.DS-01"],
    coverage: ["S1", "S2"],
  },
  exposureMatters: false,

  check(container, system) {
    const judged = (environment: Container["environment"]) =>
      forbidAny(environment, (variable) => judge(variable, container, system), {
        what: "the environment",
        none: "no secret is written out in the environment",
      });
    return all(
      judged(container.environment),
      judgeHooks(container, system, ({ environment }) => judged(environment)),
    );
  },
});

function judge(variable: EnvironmentVariable, container: Container, system: System): Judgement | undefined {
  if (variable.value.kind === "unknown" && standsHere(variable)) {
    return {
      verdict: "unknown",
      message: `${variable.name} cannot be told: ${variable.value.why}`,
      place: variable.place,
      detail: variable.name,
    };
  }
  const isDefault = isWrittenAsDefault(variable);
  if (!isDefault && !isWrittenOut(variable)) return undefined;
  const use = secretUseOfVariable(variable, container, system);
  if (use.kind !== "secret" || use.guessable) return undefined;
  if (isDefault) return asDefault(variable);
  return fail(`${variable.name} is a secret, and its value is written out here`, {
    place: variable.place,
    detail: variable.name,
  });
}

/** Whoever sets the variable has a secret of his own; whoever does not has everybody's. */
function asDefault({ name, place, interpolates }: EnvironmentVariable): Judgement {
  const [variable = name] = interpolates;
  return fail(`${name} is a secret, and the value that it has where nobody sets it is written out here`, {
    place,
    detail: name,
    severity: "medium",
    remedy: `Take the default away, so that nothing starts without a value of its own: \`\${${variable}:?set ${variable} in .env}\`, and replace the secret where it was the one in use.`,
  });
}
