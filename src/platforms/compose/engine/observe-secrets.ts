import { type Fact, knownValue, stated, unstated } from "../../../facts/fact.ts";
import { classifySecret, namesSecret, namesSecretFile } from "../../../facts/secret-like.ts";
import type { EnvironmentVariable, SecretReference } from "../../../facts/subjects.ts";
import { secretRef, workloadRef } from "../refs.ts";

/** Variables of a container that hold a secret, or name the file of one, by the same measure as in a file. */
export function observeEnvironmentSecrets(
  system: string,
  name: string,
  environment: readonly EnvironmentVariable[],
): readonly SecretReference[] {
  return environment.flatMap((variable): SecretReference[] => {
    const delivery = deliveryOf(variable);
    if (delivery === undefined) return [];
    const { place } = variable;
    return [
      {
        kind: "secret-reference",
        ref: secretRef(system, name, variable.name),
        lens: "running",
        platform: "compose",
        place,
        owner: workloadRef(system, name),
        secret: variable.name,
        delivery: stated(delivery, place),
        mode: unstated(place),
        uid: unstated(place),
        target: delivery === "file" ? pathIn(variable) : stated(variable.name, place),
        plaintextSource: stated("none", place),
      },
    ];
  });
}

function deliveryOf({ name, value }: EnvironmentVariable): "file" | "environment" | undefined {
  if (namesSecretFile(name)) return "file";
  const known = knownValue(value);
  if (known === undefined) return namesSecret(name) ? "environment" : undefined;
  return classifySecret(name, known) === "none" ? undefined : "environment";
}

function pathIn({ value, place }: EnvironmentVariable): Fact<string> {
  const known = knownValue(value);
  return known === undefined ? unstated(place) : stated(known.reveal(), place);
}
