import { isGuessable, isShippedToken } from "./guessable.ts";
import type { Sensitive } from "./sensitive.ts";

/**
 * What a value is, judged as a secret.
 *
 * `literal-secret`: somebody's real secret, as far as its looks tell. `weak-default`: a placeholder, or a value that
 * everybody tries first (`changeme`, `postgres`). `reference`: it names where the secret comes from (`${VAR}`, a vault
 * path). `none`: no secret (empty, a boolean, a number where none is meant, a path, an address without credentials).
 */
export type SecretKindOfValue = "literal-secret" | "weak-default" | "reference" | "none";

const secretWord =
  /(?:^|[_.-])(?:password|passwd|passwort|passphrase|pass|pwd|pw|secret|secrets|token|tokens|apikey|auth|authkey|credential|credentials|jwt|salt|pepper|psk|pin)(?:$|[_.-]|\d+$)/;
const secretPhrase =
  /(?:^|[_.-])(?:api|app|application|private|access|secret|encryption|encrypt|enc|crypto|cipher|openssl|signing|sign|session|master|license|licence|auth|account|admin|client|shared|storage|cookie|jwt|hmac|aes|webhook|bouncer|root|crypt|nextauth|web|server|registration|ssh|deploy|service|tunnel|recovery|verification|storj|restic|django|flask|rails|laravel|dkim|vapid|supabase|anon|installation|preshared|pre[_.-]?shared|preauth|wg|wireguard)[_.-]?keys?(?:$|[_.-]|\d+$)/;
const secretEnding =
  /(?:password|passwd|passphrase|passkeys?|secret|token|apikey|secretkey|privatekey|accesskey|(?:db|sql|pg|root|user|admin|smtp|imap|mail|ldap|redis|http|web)pass|_dsn|_pass|_pwd)$/;

/** Words after or before the secret one that make it something else: a policy, a length, a place, a user's name or role. */
const innocentWord =
  /(?:^|[_.-])(?:file|files|path|dir|directory|folder|policy|policies|expiry|expires|expire|expiration|expiration_time|lifetime|ttl|max_?age|age|timeout|duration|days|hours|minutes|seconds|interval|length|len|min|max|minlength|complexity|enabled|enable|disabled|disable|allow|allowed|require|required|requires|hash_algorithm|algorithm|alg|type|mode|method|methods|scheme|header|headers|prefix|suffix|name|names|username|user|issuer|audience|provider|providers|url|uri|host|endpoint|port|reset|forgot|change|login|signup|refresh_interval|attempts|count|size|strength|iterations|rounds|cost|rotation|limit|check|validate|validation|verify|hint|field|fields|attribute|column|label|format|encoding|version|show|hide|hidden|visible|use|using|has|is|no|without|cache|caching|server_side|storage_type|bits|usage|realm|plugin|backend|module|id|ids|issue|ignore|skip|optional|callback|proxy|relay|state|config|conf|template|email|mail|domain|script|command|cmd|cipher|separator|hostname|hosts|address|addresses|language|lang|locale|theme|server|servers|driver|region|bucket|policyfile|text|title|message|subject|icon|color|links?|strategy|display|ca|cert|crt|cn|roles?|groups?|scopes?|claims?|permissions?|privileges?|auth_(?:source|database|db))$/;
const publicKey = /(?:^|[_.-])(?:public|pub|site|publishable)[_.-]?key/;
/** `SECRET_KEY_FILE`, `DB_PASSWORD__FILE`: the value is the path of a file that holds the secret. */
const fileName = /_?_FILE$/i;
const notASecret =
  /^(?:SSH_AUTH_SOCK|PWD|OLDPWD|.*_AUTH_(?:TYPE|METHOD|MODE|PROXY|ENABLED)|MYSQL_RANDOM_ROOT_PASSWORD|MARIADB_RANDOM_ROOT_PASSWORD|MYSQL_ALLOW_EMPTY_PASSWORD|MARIADB_ALLOW_EMPTY_ROOT_PASSWORD|MYSQL_ONETIME_PASSWORD|ALLOW_EMPTY_PASSWORD|POSTGRES_HOST_AUTH_METHOD|GF_AUTH_.*|.*_SECRETS?_DIR|NO_AUTH|(?:.*_)?NO_PASSWORD|AUTH|.*_AUTH)$/i;

/** Whether a variable's name says that its value is the path of a file with a secret in it. */
export function namesSecretFile(name: string): boolean {
  return fileName.test(name) && namesSecret(name.replace(fileName, ""));
}

/** Whether a name says that its value is a secret: `DB_PASSWORD` does, `PASSWORD_POLICY` and `DB_PASSWORD_FILE` do not. */
export function namesSecret(name: string): boolean {
  if (!maySayIt.test(name)) return false;
  const known = judgedNames.get(name);
  if (known !== undefined) return known;
  const judged = judgeName(name);
  if (judgedNames.size < 10_000) judgedNames.set(name, judged);
  return judged;
}

/** Every name that the patterns below can take for a secret's has one of these in it; most names have none. */
const maySayIt = /pass|pw|secret|token|key|auth|cred|jwt|salt|pepper|psk|pin|dsn/i;
/** The same few names come again and again. */
const judgedNames = new Map<string, boolean>();

function judgeName(name: string): boolean {
  if (notASecret.test(name) || fileName.test(name)) return false;
  const words = spaced(name);
  if (innocentWord.test(words) || publicKey.test(words)) return false;
  return secretWord.test(words) || secretPhrase.test(words) || secretEnding.test(words);
}

/** `dbPassword` and `DB_PASSWORD` are `db_password`. */
function spaced(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase();
}

const urlWithPassword = /^[a-z][a-z0-9+.-]{0,30}:\/\/([^/\s:@]*):([^/\s@]+)@/i;
const urlInText = /\b[a-z][a-z0-9+.-]{0,30}:\/\/([^/\s:@"'`]*):([^/\s@"'`]+)@/i;

/** Looks of secrets that need no name beside them, each by its issuer's documented format. */
const tokenShapes: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/,
  /\bAGE-SECRET-KEY-1[0-9A-Z]{50,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/,
  /\bgithub_pat_[A-Za-z0-9_]{60,}/,
  /\bglpat-[A-Za-z0-9_-]{20,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bsk_live_[A-Za-z0-9]{20,}/,
  /\bSG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}/,
  /\btskey-(?:auth|api|client)-[A-Za-z0-9-]{10,}/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/,
];

/** No shape above is shorter: most values need not be tried against them. */
const shortestToken = 15;

/** `postgres://…@`, `secret/data/db#password`, `op://vault/item`, `ENC[…]`, `{{ … }}`, `!vault`, `file:/…`. */
const reference =
  /^\$\{[A-Za-z_]\w*(?:[:?+-].*)?\}$|^\$[A-Z_][A-Z0-9_]*$|^\$\(.+\)$|^%\w+%$|^\{\{.*\}\}$|^<%.*%>$|^!vault\b|^(?:op|vault|aws-sm|ssm|gcp-sm|akv|bws|infisical|ref\+[a-z]+|secretsmanager|secret):\/{0,2}|^ENC\[|^encrypted:|^DOTENV_VAULT|^age1[0-9a-z]{20,}$/;
const path =
  /^(?:~|\.{1,2})?(?:\/[\w.@+-]*)+$|^[A-Za-z]:\\|^\S*\/\S*\.(?:pem|key|crt|cer|txt|json|ya?ml|toml|conf|ini|file)$/;
const ipAddress = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:\/\d{1,2})?$/;
const booleanWord =
  /^(?:true|false|yes|no|on|off|y|n|enabled|disabled|auto|none|null|nil|always|never|optional|required|invalid|unset)$/i;
/** A hash is no secret that one can use (bcrypt, argon2, crypt, `$$` escaped or not). */
const passwordHash = /^\${1,2}(?:2[aby]|argon2(?:id|i|d)|5|6|y|apr1|pbkdf2-sha\d+|scrypt)\${1,2}/;

/**
 * Judges one value under its name. The name decides whether an ordinary word may be a secret; an address with a
 * password in it, a private key and the tokens of well-known issuers are secrets under any name. `guesses` gives the
 * names that make a weak secret here: the service's, the image's, the user's; it is asked only where it matters.
 */
export function classifySecret(
  name: string,
  value: Sensitive,
  guesses: () => Iterable<string> = noGuesses,
): SecretKindOfValue {
  const text = unquoted(value.reveal().slice(0, longest).trim());
  if (text === "") return "none";
  if (isShippedToken(text)) return "weak-default";
  if (text.length >= shortestToken && tokenShapes.some((shape) => shape.test(text))) return "literal-secret";
  const inUrl = text.includes("://") ? (urlWithPassword.exec(text) ?? urlInText.exec(text)) : null;
  if (inUrl !== null) return classifyText(inUrl[2] ?? "", () => [...guesses(), inUrl[1] ?? ""]);
  if (!namesSecret(name)) return "none";
  if (reference.test(text)) return "reference";
  if (booleanWord.test(text) || path.test(text) || ipAddress.test(text)) return "none";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return "none";
  return classifyText(text, () => [...guesses(), ...spaced(name).split(/[_.-]+/)]);
}

/** What stands beyond is not looked at: a secret shows itself before, and no pattern may take long on a hostile text. */
const longest = 4_096;

const noGuesses = () => [];

/** `"x"` in a list of `NAME="x"` keeps its quotes; the program that reads it may take them off. */
function unquoted(text: string): string {
  const match = /^(["'])(.*)\1$/s.exec(text);
  return match?.[2] ?? text;
}

/** A text that stands where a secret belongs. */
function classifyText(text: string, guesses: () => Iterable<string>): SecretKindOfValue {
  if (reference.test(text)) return "reference";
  if (passwordHash.test(text)) return "none";
  return isGuessable(text, guesses()) ? "weak-default" : "literal-secret";
}
