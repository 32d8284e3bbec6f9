import type { Named } from "../../facts/configuration/proxy.ts";
import { complete, type FactList, incomplete, knownValue, unstated } from "../../facts/fact.ts";
import { isGuessable } from "../../facts/guessable.ts";
import { asText, type Fields } from "../fields.ts";

/** What Authelia signs and encrypts with. Source: the configuration schema of Authelia 4.39, and `jwt_secret` until 4.37. */
const ownSecrets: readonly (readonly string[])[] = [
  ["jwt_secret"],
  ["identity_validation", "reset_password", "jwt_secret"],
  ["identity_providers", "oidc", "hmac_secret"],
  ["session", "secret"],
  ["storage", "encryption_key"],
];

/** The secrets of Authelia's own that are written out as a placeholder: those of its example among them. */
export function weakSecretsOf(root: Fields): FactList<Named> {
  const items: Named[] = [];
  let why: string | undefined;
  for (const path of ownSecrets) {
    const section = path.slice(0, -1).reduce((fields, key) => fields.fields(key), root);
    const secret = section.fact(path.at(-1) ?? "", asText, "a text", unstated);
    if (secret.kind === "unknown") why ??= secret.why;
    const text = knownValue(secret) ?? "";
    // Another program, or Authelia's own templates, put the value there.
    if (/\{\{|\$\{/.test(text)) why ??= "it is filled in when Authelia starts";
    else if (isGuessable(text, ["authelia"])) items.push({ name: path.join("."), place: secret.place });
  }
  return why === undefined ? complete(items, root.place) : incomplete(items, why, root.place);
}
