import { mosquittoPasswordLine } from "./mosquitto-passwd.ts";
import { Secret } from "./secret.ts";
import type { Store } from "./store.ts";

/** A secret that a stack needs; `derived` is set when its value is made of others. */
export interface NeededSecret {
  readonly name: string;
  readonly derived?: {
    readonly format: "mosquitto-passwd";
    readonly entries: readonly { readonly user: string; readonly secret: string }[];
  };
}

export interface SecretValues {
  readonly values: ReadonlyMap<string, Secret>;
  /** Names that the store has no value for, in order; what is derived from them is left out of `values` too. */
  readonly missing: readonly string[];
}

/** The values that a stack needs: those of the store, and those that are made of them. */
export async function readSecretValues(needed: readonly NeededSecret[], store: Store): Promise<SecretValues> {
  const values = new Map<string, Secret>();
  const missing: string[] = [];
  for (const { name, derived } of needed) {
    if (derived !== undefined) continue;
    const secret = await store.get(name);
    if (secret === undefined) missing.push(name);
    else values.set(name, secret);
  }
  for (const { name, derived } of needed) {
    if (derived === undefined) continue;
    const lines = derived.entries.map(({ user, secret }) => {
      const password = values.get(secret);
      return password === undefined ? undefined : mosquittoPasswordLine(user, password);
    });
    if (lines.every((line) => line !== undefined)) values.set(name, new Secret(name, lines.join("")));
  }
  return { values, missing: missing.sort() };
}

/** The text that is delivered: the bare value, or the template with the value in its place. */
export function fillTemplate(template: string | undefined, secret: Secret): string {
  return template === undefined ? secret.expose() : template.replaceAll("{value}", () => secret.expose());
}
