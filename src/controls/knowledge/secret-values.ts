import { knownValue } from "../../facts/fact.ts";
import { oncePerKey, oncePerSystem } from "../../facts/once.ts";
import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import type { Sensitive } from "../../facts/sensitive.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { productOf } from "./products.ts";

/** What a value is as a secret; `guessable` for one that anybody would try. */
export type SecretUse =
  /** `inUrl`: the password in an address of another service. */
  | { readonly kind: "secret"; readonly guessable: boolean; readonly inUrl: boolean }
  | { readonly kind: "empty" }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly why: string };

/** A secret shows itself before; no pattern may take long on a hostile text. */
const longest = 4_096;
const credentialUrl = /\b[a-z][a-z0-9+.-]*:\/\/([^\s:/@]*):([^\s/@]+)@/i;

/** What a text that is given to a program is, by its name and its looks. No part of the text is in the answer. */
function secretUseOf(name: string, value: Sensitive, contextOf: () => readonly string[]): SecretUse {
  const text = value.reveal().slice(0, longest).trim();
  if (text === "") return namesSecret(name) ? { kind: "empty" } : { kind: "none" };
  const kind = classifySecret(name, value, contextOf);
  if (kind === "none" || kind === "reference") return { kind: "none" };
  return { kind: "secret", guessable: kind === "weak-default", inUrl: credentialUrl.test(text) };
}

/** The same for a variable of a container. A value that cannot be resolved is unknown: it may be one under any name. */
export function secretUseOfVariable(variable: EnvironmentVariable, container: Container, system: System): SecretUse {
  const ofSystem = uses(system);
  const known = ofSystem.get(variable) ?? deriveUse(variable, container, system);
  ofSystem.set(variable, known);
  return known;
}

/** Several controls ask for the same variable. */
const uses = oncePerSystem(() => new Map<EnvironmentVariable, SecretUse>());

function deriveUse(variable: EnvironmentVariable, container: Container, system: System): SecretUse {
  const { name, value } = variable;
  const known = knownValue(value);
  if (known !== undefined) return secretUseOf(name, known, () => contextOf(container, system).names);
  if (value.kind === "unknown") return { kind: "unknown", why: value.why };
  if (variable.suppliedBy !== undefined) return { kind: "none" };
  return namesSecret(name)
    ? { kind: "unknown", why: "it comes from the environment of whoever starts it" }
    : { kind: "none" };
}

/** Whether the value itself stands in the file that describes the service, not interpolated and not from an `env_file`. */
export function isWrittenOut(variable: EnvironmentVariable): boolean {
  return variable.value.kind === "stated" && standsHere(variable);
}

/** Whether the value, known or not, is the file's own: nothing else gives it. */
export function standsHere({ from, suppliedBy, interpolates }: EnvironmentVariable): boolean {
  return from === undefined && suppliedBy === undefined && interpolates.length === 0;
}

/** Whether the value stands in the file as the one that its variables have where nobody sets them. */
export function isWrittenAsDefault({ value, from, interpolates, byDefault }: EnvironmentVariable): boolean {
  if (value.kind !== "stated" || from !== undefined || interpolates.length === 0) return false;
  return interpolates.every((name) => byDefault?.includes(name) === true);
}

const namesSomebody = /(?:USER|USERNAME|DB|DATABASE|NAME|LOGIN)$/i;

/** Whether a name in `guessingContext` cannot be resolved, so that a password may be made of it. */
export function hidesGuessingContext(container: Container, system: System): boolean {
  return contextOf(container, system).isHidden;
}

/** Asked for each variable of a container, and the same for all of them. */
const contextOf = oncePerKey((container: Container, system: System) => ({
  names: guessingContext(container, system),
  isHidden: container.environment.items.some(({ name, value }) => value.kind === "unknown" && namesSomebody.test(name)),
}));

/** Names that a lazy password would be made of: the service's, its image's, its user's, its database's. */
function guessingContext(container: Container, system: System): readonly string[] {
  const workload = system.workloadOf(container);
  // The parts of `media/Deployment/plex/main` are what somebody would use.
  const context = [...container.ref.name.split("/"), system.name];
  if (workload !== undefined) context.push(...workload.ref.name.split("/"), productOf(workload, system).image);
  for (const variable of container.environment.items) {
    if (!namesSomebody.test(variable.name)) continue;
    const text = knownValue(variable.value)?.reveal();
    if (text !== undefined && text.length < 40) context.push(text);
  }
  return context;
}
