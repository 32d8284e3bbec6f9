import { knownValue } from "./fact.ts";
import type { Container } from "./subjects.ts";
import type { System } from "./system.ts";

/** Variables whose values are names that go with a password. */
const namingVariable = /(?:USER|USERNAME|LOGIN|DB|DATABASE|DBNAME|DB_NAME|DATABASE_NAME)$/i;

/**
 * What somebody who sees the file would try first as a password, in lower case: the names of the project, the service,
 * the image, the user and the database. For `classifySecret`.
 */
export function secretGuesses(container: Container, system: System): ReadonlySet<string> {
  const image = container.image === undefined ? undefined : system.get(container.image);
  const repository =
    image === undefined ? undefined : (knownValue(image.reference)?.repository ?? image.likelyRepository);
  return guessesFrom(container, [system.name, ...(repository ?? "").split("/")]);
}

/** The same, where no system is at hand: the container's own names and those given. */
export function guessesFrom(container: Container, names: readonly string[]): ReadonlySet<string> {
  const guesses = new Set(
    [container.ref.name, ...names].map((name) => name.toLowerCase()).filter((name) => name !== ""),
  );
  for (const { name, value } of container.environment.items) {
    const known = namingVariable.test(name) ? knownValue(value) : undefined;
    if (known !== undefined && known.length > 0) guesses.add(known.reveal().toLowerCase());
  }
  return guesses;
}
