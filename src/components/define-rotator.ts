import type { ResolvedSecret, ResolvedStack } from "../contracts/resolved.ts";
import type { Rotation, RotationOutline, RotationTools, Rotator } from "../contracts/rotator.ts";
import type { RotatorChoice } from "../stack/rotator-schema.ts";

/** A rotator as its folder writes it. `T` is what it knows of a secret that is its business. */
export interface RotatorDefinition<T> {
  readonly name: string;
  /** Undefined for a secret that is none of its business. Pure. */
  target(secret: ResolvedSecret, stack: ResolvedStack): T | undefined;
  /** `consumers` are the services that take the secret, in the order of the stack. */
  outline(target: T, consumers: readonly string[], secret: ResolvedSecret): Omit<RotationOutline, "rotator">;
  begin(target: T, tools: RotationTools, secret: ResolvedSecret, stack: ResolvedStack): Rotation;
}

/** Makes a rotator of its definition: what it is asked of a secret is looked up once, and the same way for all. */
export function defineRotator<T>({ name, target, outline, begin }: RotatorDefinition<T>): Rotator {
  return {
    name,
    outline: (secret, stack) => {
      const found = target(secret, stack);
      return found === undefined ? undefined : { rotator: name, ...outline(found, takersOf(secret, stack), secret) };
    },
    begin: (secret, stack, tools) => {
      const found = target(secret, stack);
      if (found === undefined) throw new Error(`${secret.name} is none of ${name}'s business`);
      return begin(found, tools, secret, stack);
    },
  };
}

/** The services that take a secret, as a file or in the environment. */
function takersOf({ name }: ResolvedSecret, { services }: ResolvedStack): readonly string[] {
  return services.filter(({ secrets }) => secrets.some(({ secret }) => secret === name)).map((service) => service.name);
}

type Choices = { [C in RotatorChoice as keyof C]: C[keyof C] };

/** What the declaration says of a rotator by its name; undefined where the secret has another or none. */
export function declaredRotator<K extends keyof Choices>({ rotator }: ResolvedSecret, name: K): Choices[K] | undefined {
  return rotator === undefined ? undefined : (rotator as Partial<Choices>)[name];
}
