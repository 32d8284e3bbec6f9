/**
 * A password that everybody knows is no password.
 *
 * Reads:  container.environment, image.reference and names around it (for what a lazy password would be)
 * Passes: no secret is a placeholder, a well-known default, or made of names and words for "password".
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { namesSecret } from "../../facts/secret-like.ts";
import type { EnvironmentVariable } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny } from "../judge.ts";
import { guessingContext, secretUseOfVariable } from "../knowledge/secret-values.ts";

const shortest = 8;
/** Where an empty value means that anybody gets in, not that a feature is off. */
const mustNotBeEmpty =
  /^(?:POSTGRES_PASSWORD|MYSQL_ROOT_PASSWORD|MARIADB_ROOT_PASSWORD|MONGO_INITDB_ROOT_PASSWORD|REDIS_PASSWORD|MINIO_ROOT_PASSWORD|RABBITMQ_DEFAULT_PASS|GF_SECURITY_ADMIN_PASSWORD|KEYCLOAK_ADMIN_PASSWORD|SECRET_KEY|APP_KEY|JWT_SECRET|SECRET_KEY_BASE)$/i;

export const valueStrong = defineControl({
  id: "secrets.value-strong",
  on: "container",
  severity: "high",
  title: "No secret is a default or a placeholder",
  claim: "No secret is a placeholder, a well-known default, or a word that anybody would try.",
  threat: "Default passwords are the first that is tried, by worms within minutes of a port being open.",
  remedy:
    "Generate a new value, for example with `openssl rand -hex 32`, and deliver it as a file. Use `${NAME:?set NAME in .env}` instead of `${NAME:-default}`, so that nothing starts without it.",
  judged:
    "Fails for a secret by its name, or a password in a URL, that is a placeholder (`changeme`, `<password>`), is made of words for passwords and of the names of the program, its user and its database, or has under eight characters. An empty value fails where it lets anybody in (the root password of a database). Unknown when the value cannot be resolved.",
  limits: "Words are English and a few programs' own; a weak password in another language is not recognised.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-01"], coverage: ["S8", "S11"] },

  check(container, system) {
    const context = guessingContext(container, system);
    return forbidAny(container.environment, (variable) => judge(variable, context), {
      what: "the environment",
      none: "no secret in the environment is a default or a placeholder",
    });
  },
});

function judge(variable: EnvironmentVariable, context: readonly string[]): Judgement | undefined {
  const { name, place } = variable;
  const extras = { place, detail: name };
  const use = secretUseOfVariable(variable, context);
  switch (use.kind) {
    case "none":
      return undefined;
    case "unknown":
      return namesSecret(name)
        ? cannotTell(`Whether ${name} is strong`, use.why, { ...extras, severity: "low" })
        : undefined;
    case "empty":
      return mustNotBeEmpty.test(name) ? fail(`${name} is empty, so that no password protects it`, extras) : undefined;
    case "secret":
      if (use.guessable) return fail(`${name} is a default or a placeholder that anybody would try`, extras);
      return tooShort(variable)
        ? fail(`${name} has under ${shortest} characters`, { ...extras, severity: "medium" })
        : undefined;
  }
}

function tooShort(variable: EnvironmentVariable): boolean {
  const length = knownValue(variable.value)?.length;
  return namesSecret(variable.name) && length !== undefined && length < shortest;
}
