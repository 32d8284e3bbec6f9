import { knownValue } from "../../facts/fact.ts";
import type { EnvironmentVariable } from "../../facts/subjects.ts";

/** Keys that another house, or a pair of programs, issues: a placeholder for one opens nothing, it only does not work. */
const issuedElsewhere =
  /PRIVATE_?KEY|PRESHARED_?KEY|CLIENT_SECRET|INSTALLATION_KEY|(?:^|_)(?:CLOUDFLARE|CF|GITHUB|GITLAB(?!_(?:SECRETS|ROOT|OMNIBUS)_)|MAPBOX|OPENAI|AWS|MAXMIND|TELEGRAM|DISCORD|GOOGLE|STRIPE|SENTRY|TMDB|SRCDS|STEAM)_/i;
const ofWireguard = /(?:^|_)(?:WG|WIREGUARD)_|^(?:WG|WIREGUARD)/i;
/** Keys of a cipher, which has one length, and not any. */
const ofCipher = /(?:^|_)(?:ENC|ENCRYPTION|ENCRYPT|CRYPTO|CIPHER|MASTER)_?KEY$|COOKIE_SECRET$/i;

export function isIssuedElsewhere(name: string): boolean {
  return issuedElsewhere.test(name);
}

/**
 * How a new value for a secret is got, as the beginning of a sentence: many programs refuse one that is only long and
 * random. Half of what a person would paste instead of a weak value does not start otherwise.
 *
 * Source: Laravel's manual, "Encryption" (`APP_KEY`, `key:generate`); oauth2-proxy's, "Generating a Cookie Secret" (16, 24 or
 * 32 bytes); Supabase's, "Self-Hosting with Docker" (`ANON_KEY` and `SERVICE_ROLE_KEY` are signed with `JWT_SECRET`,
 * `VAULT_ENC_KEY` has 32 characters); WireGuard's, `wg(8)`.
 */
export function freshValue({ name, value }: EnvironmentVariable): string {
  return freshValueOf(name, knownValue(value)?.reveal().trim() ?? "");
}

/** The same for the secret of a variable's name; `text` is what it is now, as far as that is known. */
export function freshValueOf(name: string, text = ""): string {
  if (/^eyJ[\w-]+\.eyJ/.test(text)) return "Sign a new token with the new signing secret, as the program's manual says";
  if (isIssuedElsewhere(name)) {
    if (!ofWireguard.test(name)) return "Put in the one that whoever issues it gave you";
    return /PRESHARED/i.test(name) ? "Generate one with `wg genpsk`" : "Generate one with `wg genkey`";
  }
  if (name === "APP_KEY") return "Generate a new value, for Laravel with `echo base64:$(openssl rand -base64 32)`";
  if (ofCipher.test(name)) return `Generate a new value, for example with ${ofLength(text.length)}`;
  return "Generate a new value, for example with `openssl rand -hex 32`";
}

/** Keys of AES have 16, 24 or 32 bytes; a placeholder of one of these lengths tells which is wanted. */
function ofLength(length: number): string {
  const told = length === 16 || length === 24 || length === 32;
  const characters = told ? length : 32;
  const why = told
    ? `, which has the ${length} characters of the value here`
    : ", which has 32 characters: a cipher's key has one length";
  return `\`openssl rand -hex ${characters / 2}\`${why}`;
}
