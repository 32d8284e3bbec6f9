import { RingwallError } from "../../lib/error.ts";
import { Secret } from "../../secrets/secret.ts";
import { isSecretName, type Store } from "../../secrets/store.ts";

/** What OpenTofu takes for values of its variables. */
export const defaultPrefix = "TF_VAR_";

/**
 * Secrets that whoever starts Ringwall has put into its environment: `TF_VAR_db_password` is `db-password`. Only read:
 * what a process writes into its own environment reaches nobody who comes after it. Names are taken in lower or upper
 * case, with underscores for dashes. The environment is handed in.
 */
export class EnvironmentStore implements Store {
  readonly description: string;
  readonly readOnly = true;
  readonly #prefix: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(environment: Readonly<Record<string, string | undefined>>, prefix: string = defaultPrefix) {
    this.#environment = environment;
    this.#prefix = prefix;
    this.description = `the environment, ${prefix}*`;
  }

  list(): Promise<readonly string[]> {
    const names = Object.keys(this.#environment)
      .filter((variable) => variable.startsWith(this.#prefix))
      .map((variable) => variable.slice(this.#prefix.length).toLowerCase().replaceAll("_", "-"));
    return Promise.resolve([...new Set(names.filter(isSecretName))].sort());
  }

  get(name: string): Promise<Secret | undefined> {
    return Promise.resolve().then(() => this.#value(name));
  }

  set(secret: Secret): Promise<void> {
    return Promise.resolve().then(() => {
      assertName(secret.name);
      throw this.#readOnly(secret.name);
    });
  }

  remove(name: string): Promise<void> {
    return Promise.resolve().then(() => {
      assertName(name);
      throw this.#readOnly(name);
    });
  }

  #value(name: string): Secret | undefined {
    assertName(name);
    const words = name.replaceAll("-", "_");
    const variables = [...new Set([words, words.toUpperCase()])].map((word) => `${this.#prefix}${word}`);
    const found = variables.filter((variable) => this.#environment[variable] !== undefined);
    const values = new Set(found.map((variable) => this.#environment[variable]));
    if (values.size > 1) {
      throw new RingwallError("conflict", `${found.join(" and ")} have different values; both would be "${name}".`, {
        hint: "Unset one of them.",
      });
    }
    const [value] = values;
    return value === undefined ? undefined : new Secret(name, value);
  }

  #readOnly(name: string): RingwallError {
    const variable = `${this.#prefix}${name.replaceAll("-", "_")}`;
    return new RingwallError("unsupported", `"${name}" cannot be changed in the environment, which is only read.`, {
      hint: `Change ${variable} where it is set, or name another store under \`store\`.`,
    });
  }
}

function assertName(name: string): void {
  if (isSecretName(name)) return;
  throw new RingwallError("usage", "A secret's name has lower-case letters, digits and dashes, letter first.");
}
