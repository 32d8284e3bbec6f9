import type { KubernetesDataConfiguration } from "../../facts/configuration/kubernetes-data.ts";
import { knownValue } from "../../facts/fact.ts";
import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";

/** What one value of a Secret or ConfigMap is; no part of it is in the answer. */
export type ManifestSecret = "secret" | "none" | { readonly unknown: string };

type DataValue = KubernetesDataConfiguration["values"]["items"][number];

/** Keys that hold a secret by the type of their Secret (k8s.io/api/core/v1, `SecretType`). */
const secretKeys: ReadonlySet<string> = new Set([
  "tls.key",
  "ssh-privatekey",
  "password",
  "token",
  "token-secret",
  "keystore.jks",
  "keystore.p12",
]);
const registryKeys: ReadonlySet<string> = new Set([".dockerconfigjson", ".dockercfg"]);

/** What stands beyond is not looked at. */
const longest = 65_536;

/**
 * Whether a value is a secret that anybody can read. In a Secret everything that looks random counts, and what a line of
 * a file in it assigns to a name that says secret; in a ConfigMap, which is meant to be read, only what its own name or
 * an issuer's shape gives away. References (`${NAME}`, `op://…`), placeholders and hashes are none.
 */
export function manifestSecret(config: KubernetesDataConfiguration, held: DataValue): ManifestSecret {
  if (held.encrypted) return "none";
  const known = knownValue(held.value);
  if (known === undefined) {
    const matters = config.kind === "Secret" || namesSecret(held.key);
    return matters && held.value.kind === "unknown" ? { unknown: held.value.why } : "none";
  }
  return isSecret(config.kind, held.key, known.reveal().slice(0, longest).trim()) ? "secret" : "none";
}

/** What stands for a value that somebody else puts in: no password of anybody's. */
const standsFor = /your|replace|example|insert|todo|placeholder|x{3}|[<>{}$\s]|^\.+$|^none$|^null$/i;

/**
 * Whether a value is a password that a program may really have, and that anybody would try: `password`, `postgres`. Only
 * in a Secret, under a key that is one's for a password by name.
 */
export function isTriedByAll(config: KubernetesDataConfiguration, { key, value, encrypted }: DataValue): boolean {
  const text = knownValue(value)?.reveal().slice(0, longest).trim() ?? "";
  if (config.kind !== "Secret" || encrypted || text === "" || text.length > 30 || standsFor.test(text)) return false;
  return /pass(?:word|wd)?$/i.test(key) && classifySecret("password", new Sensitive(text)) === "weak-default";
}

function isSecret(kind: "Secret" | "ConfigMap", key: string, text: string): boolean {
  if (text === "" || isFilledIn(text) || isHashed(text)) return false;
  if (classifySecret(key, new Sensitive(text)) === "literal-secret") return true;
  if (kind === "ConfigMap") return false;
  if (registryKeys.has(key)) return /"(?:auth|password|identitytoken)"\s*:\s*"[^"]{4}/.test(text);
  if (secretKeys.has(key)) return classifySecret("password", new Sensitive(text)) === "literal-secret";
  if (text.includes("\n")) return text.split("\n").some(assignsSecret);
  return !/pub|cert|\.crt$|^ca\b|hash|digest|fingerprint|id$/i.test(key) && looksRandom(text);
}

/** Flux and others put the value in when it is applied. */
function isFilledIn(text: string): boolean {
  return /^\$\{[^}]{1,200}\}$|^\{\{.*\}\}$|^<path:|^(?:op|vault|ref\+\w+):/.test(text);
}

/** `admin:$apr1$…`, `$2y$…`: what htpasswd writes. */
function isHashed(text: string): boolean {
  return text
    .split("\n")
    .every((line) => /^(?:[^:\s]{1,100}:)?(?:\$(?:apr1|2[abxy]|5|6|argon2\w*)\$|\{SHA\})/.test(line));
}

/** `password: x` and `API_TOKEN=x`, as configuration files have them. */
function assignsSecret(line: string): boolean {
  if (line.length > 4_096) return false;
  const match = /^\s*(?:export\s+|-\s+)?["']?([A-Za-z_][\w.-]{0,100})["']?\s*[:=]\s*(\S.*)$/.exec(line);
  if (match === null) return false;
  const [, name = "", value = ""] = match;
  const text = value
    .trim()
    .replace(/[,;]$/, "")
    .replace(/^["'](.*)["']$/, "$1");
  return !isFilledIn(text) && classifySecret(name, new Sensitive(text)) === "literal-secret";
}

/** Long, in one piece, and made of what no word, path or address is made of. */
function looksRandom(text: string): boolean {
  if (text.length < 16 || !/^[\w+/=.~!@#$%^&*-]+$/.test(text)) return false;
  if (/^[0-9a-f]{32,}$/i.test(text)) return true;
  if (/^[a-z0-9.-]+\.[a-z]{2,}(?::\d+)?$/i.test(text) || text.startsWith("/")) return false;
  return /\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && !/[a-z]{8}/.test(text);
}
