import { RingwallError } from "../lib/error.ts";
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

/** The account that a secret belongs to now, where accounts take turns; undefined where none is recorded. */
export type AccountOf = (secret: string) => string | undefined;

/** A former value that goes on working for a while, and the name that the store keeps it under. */
export interface FormerValue {
  readonly account: string | undefined;
  readonly keptAs: string;
}

/** The former value of a secret while its overlap lasts; undefined when only the present one works. */
export type FormerOf = (secret: string) => FormerValue | undefined;

/**
 * The values that a stack needs: those of the store, and those that are made of them. In what is made of others, the
 * account in turn stands in place of the user that the declaration names, and a former account beside it while its
 * overlap lasts: users outside still sign in with it.
 */
export async function readSecretValues(
  needed: readonly NeededSecret[],
  store: Store,
  accountOf: AccountOf = () => undefined,
  formerOf: FormerOf = () => undefined,
): Promise<SecretValues> {
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
    const lines: ({ user: string; value: Secret } | undefined)[] = [];
    for (const { user, secret } of derived.entries) {
      const password = values.get(secret);
      lines.push(password === undefined ? undefined : { user: accountOf(secret) ?? user, value: password });
      const former = formerOf(secret);
      const value = former === undefined ? undefined : await store.get(former.keptAs);
      if (value !== undefined) lines.push({ user: former?.account ?? user, value });
    }
    if (lines.every((line) => line !== undefined)) values.set(name, mosquittoPasswordFile(name, lines));
  }
  return { values, missing: missing.sort() };
}

/** A Mosquitto password file with these entries, ordered by user; the same entries always give the same text. */
export function mosquittoPasswordFile(
  name: string,
  entries: readonly { readonly user: string; readonly value: Secret }[],
): Secret {
  const ordered = [...entries].sort((a, b) => (a.user < b.user ? -1 : 1));
  return new Secret(name, ordered.map(({ user, value }) => mosquittoPasswordLine(user, value)).join(""));
}

/**
 * The text that is delivered: the bare value, or the template with value and account in their places. What either of
 * them holds is not looked at again. A template that asks for an account where there is none is an error.
 */
export function fillTemplate(template: string | undefined, secret: Secret, account?: string): string {
  if (template === undefined) return secret.expose();
  return template.replaceAll(/\{(?:value|user)\}/g, (place) => {
    if (place === "{value}") return secret.expose();
    if (account !== undefined) return account;
    throw new RingwallError(
      "invalid",
      `The secret "${secret.name}" belongs to no account that \`{user}\` could name.`,
      {
        hint: "Take `{user}` out of its template, or name the secret in the settings of the service that issues it.",
      },
    );
  });
}
