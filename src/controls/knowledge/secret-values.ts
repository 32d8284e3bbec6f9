import { knownValue } from "../../facts/fact.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { isGuessable } from "./guessable.ts";
import { productOf } from "./products.ts";
import { credentialUrl, isSecretName, issuedSecret, settingValue } from "./secret-names.ts";

/** How a variable's value was found to be a secret; `guessable` for one that anybody would try. */
export type SecretUse =
  | { readonly kind: "secret"; readonly guessable: boolean; readonly empty: boolean; readonly what: string }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly why: string };

/** What a text that is given to a program is, by its name and its shape. No part of the text is in the answer. */
export function secretUseOf(name: string, text: string, context: readonly string[]): SecretUse {
  const url = credentialUrl.exec(text);
  if (url?.[2] !== undefined) {
    const guessable = isGuessable(url[2], [...context, url[1] ?? ""]);
    return { kind: "secret", guessable, empty: false, what: "a URL with a password in it" };
  }
  if (issuedSecret.test(text)) return { kind: "secret", guessable: false, empty: false, what: "a secret by its shape" };
  if (!isSecretName(name)) return { kind: "none" };
  if (text === "") return { kind: "secret", guessable: true, empty: true, what: "a secret by its name" };
  if (settingValue.test(text) && !/^\d+$/.test(text)) return { kind: "none" };
  return { kind: "secret", guessable: isGuessable(text, context), empty: false, what: "a secret by its name" };
}

/** The same for an environment variable; a value that cannot be resolved is unknown only where the name says secret. */
export function secretUseOfVariable(variable: EnvironmentVariable, context: readonly string[]): SecretUse {
  const value = knownValue(variable.value);
  if (value !== undefined) return secretUseOf(variable.name, value.reveal(), context);
  if (!isSecretName(variable.name)) {
    return variable.value.kind === "unknown" ? { kind: "unknown", why: variable.value.why } : { kind: "none" };
  }
  return {
    kind: "unknown",
    why: variable.value.kind === "unknown" ? variable.value.why : "it comes from the environment of whoever starts it",
  };
}

/** Whether the value itself stands in the Compose file, not interpolated and not from an `env_file`. */
export function isLiteral(variable: EnvironmentVariable): boolean {
  return variable.value.kind === "stated" && variable.from === undefined && variable.interpolates.length === 0;
}

/** Names that a lazy password would be made of: the service's, its image's, its user's, its database's. */
export function guessingContext(container: Container, system: System): readonly string[] {
  const workload = system.workloadOf(container);
  const context = [container.ref.name, system.name];
  if (workload !== undefined) context.push(workload.ref.name, productOf(workload, system).image);
  for (const variable of container.environment.items) {
    if (!/(?:USER|USERNAME|DB|DATABASE|NAME|LOGIN)$/i.test(variable.name)) continue;
    const text = knownValue(variable.value)?.reveal();
    if (text !== undefined && text.length < 40) context.push(text);
  }
  return context;
}
