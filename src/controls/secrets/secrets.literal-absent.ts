/**
 * A secret written into a Compose file is in every clone, every backup and every screenshot of it.
 *
 * Reads:  container.environment
 * Passes: no variable holds a secret that is written out in the file itself.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny } from "../judge.ts";
import { isWrittenOut, secretUseOfVariable } from "../knowledge/secret-values.ts";

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
  judged:
    "Fails for each variable whose name says secret (`…PASSWORD`, `…TOKEN`, `…SECRET_KEY`, …), whose value has an issuer's shape, or is a URL with a password, when it is written out in the file. A value that anybody would guess is left to secrets.value-strong. Interpolated values and those of an `env_file` are not literal.",
  limits: "A secret under an innocent name and of no known shape is not recognised.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-01", "PR.DS-01"], coverage: ["S1", "S2"] },
  exposureMatters: false,

  check(container, system) {
    return forbidAny(container.environment, (variable) => judge(variable, container, system), {
      what: "the environment",
      none: "no secret is written out in the environment",
    });
  },
});

function judge(variable: EnvironmentVariable, container: Container, system: System): Judgement | undefined {
  if (variable.value.kind === "unknown" && variable.from === undefined && variable.interpolates.length === 0) {
    return {
      verdict: "unknown",
      message: `${variable.name} cannot be told: ${variable.value.why}`,
      place: variable.place,
      detail: variable.name,
    };
  }
  if (!isWrittenOut(variable)) return undefined;
  const use = secretUseOfVariable(variable, container, system);
  if (use.kind !== "secret" || use.guessable) return undefined;
  return fail(`${variable.name} is a secret, and its value is written out here`, {
    place: variable.place,
    detail: variable.name,
  });
}
