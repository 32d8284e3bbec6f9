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
  /(?:^|[_.-])(?:api|app|application|private|access|secret|encryption|encrypt|signing|sign|session|master|license|licence|auth|account|admin|client|shared|storage|cookie|jwt|hmac|aes|webhook|bouncer|root|crypt|nextauth|web|server|registration|ssh|deploy|service|tunnel|recovery|verification|storj|restic|django|flask|rails|laravel|dkim|vapid|supabase|anon|installation|preshared|pre[_.-]?shared|preauth|wg|wireguard)[_.-]?keys?(?:$|[_.-]|\d+$)/;
const secretEnding =
  /(?:password|passwd|passphrase|secret|token|apikey|secretkey|privatekey|accesskey|_dsn|_pass|_pwd)$/;

/** Words after or before the secret one that make it something else: a policy, a length, a place, a user's name. */
const innocentWord =
  /(?:^|[_.-])(?:file|files|path|dir|directory|folder|policy|policies|expiry|expires|expire|expiration|expiration_time|lifetime|ttl|max_?age|age|timeout|duration|days|hours|minutes|seconds|interval|length|len|min|max|minlength|complexity|enabled|enable|disabled|disable|allow|allowed|require|required|requires|hash_algorithm|algorithm|alg|type|mode|method|methods|scheme|header|headers|prefix|suffix|name|names|username|user|issuer|audience|provider|providers|url|uri|host|endpoint|port|reset|forgot|change|login|signup|refresh_interval|attempts|count|size|strength|iterations|rounds|cost|rotation|limit|check|validate|validation|verify|hint|field|fields|attribute|column|label|format|encoding|version|show|hide|hidden|visible|use|using|has|is|no|without|cache|caching|server_side|storage_type|bits|usage|realm|plugin|backend|module|id|ids|issue|ignore|skip|optional|callback|proxy|relay|state|config|conf|template|email|mail|domain|script|command|cmd|cipher|separator|hostname|hosts|address|addresses|language|lang|locale|theme|server|servers|driver|region|bucket|policyfile|text|title|message|subject|icon|color|links?|strategy|display|ca|cert|crt|cn)$/;
const publicKey = /(?:^|[_.-])(?:public|pub|site|publishable)[_.-]?key/;
/** `SECRET_KEY_FILE`, `DB_PASSWORD__FILE`: the value is the path of a file that holds the secret. */
const fileName = /_?_FILE$/i;
const notASecret =
  /^(?:SSH_AUTH_SOCK|PWD|OLDPWD|.*_AUTH_(?:TYPE|METHOD|MODE|PROXY|ENABLED)|MYSQL_RANDOM_ROOT_PASSWORD|MARIADB_RANDOM_ROOT_PASSWORD|MYSQL_ALLOW_EMPTY_PASSWORD|MARIADB_ALLOW_EMPTY_ROOT_PASSWORD|MYSQL_ONETIME_PASSWORD|ALLOW_EMPTY_PASSWORD|POSTGRES_HOST_AUTH_METHOD|GF_AUTH_.*|.*_SECRETS?_DIR|NO_AUTH|AUTH|.*_AUTH)$/i;

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
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/,
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

const weakValues = new Set(
  `admin administrator root toor user username test testing guest default secret password passwd pass passw0rd p@ssw0rd
  password1 password123 pass123 admin123 root123 test123 letmein welcome qwerty qwerty123 abc abc123 123 1234 12345
  123456 1234567 12345678 123456789 1234567890 000000 111111 changeme change_me change-me changeit change changethis
  replaceme replace_me replace-me insertme insert-me fixme todo tbd xxx xxxx placeholder dummy sample example demo
  foobar foo bar baz string token key apikey makeitup makeitup2 makeup mysecret mypassword my-password my_password my-secret my_secret secret123
  supersecret super-secret super_secret verysecret topsecret hunter2 postgres postgresql mysql mariadb mongo mongodb
  redis rabbitmq minio minioadmin grafana nextcloud wordpress gitea ghost keycloak authentik authelia none null nil na
  n/a private public db database docker server s3cr3t raspberry ubnt homeassistant casaos portainer pihole wg
  insecure notsecure unsafe sonic`.split(/\s+/),
);
const placeholder =
  /^[<[{(].*[>\]})]$|^\*+$|^x{3,}$|^\.{3,}$|change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|this|with)|^your[-_ ]?|[-_ ]your[-_ ]|put[-_ ]?your|insert[-_ ]|enter[-_ ]|^(?:my|some|a|the)[-_ ]?(?:super|very)?[-_ ]?(?:secret|strong|secure|random|long|db|root|admin|database|user)?[-_ ]?(?:password|passwd|pass|secret|token|key)\d*$|^(?:super|very|ultra|top)[-_ ]?(?:secret|secure|strong)|(?:password|secret|token|key|string)[-_ ]?here|^(?:strong|secure|random|long|safe)[-_ ]?(?:password|secret|token|key|string)|placeholder|example\.|^example|[-_ ]example$|dummy|^todo\b|<.+>|^generate|^random|openssl rand|^(?:db|root|admin|user|app|mysql|postgres|redis|mariadb|mongo|rabbitmq|smtp|mail|database)[-_ ]?(?:password|passwd|pass|pwd|secret|pw)\d*$|^(?:password|passwort|secret|pass)[-_ ]?\d{0,4}!?$|must[-_ ]?be|at[-_ ]least|\bchars?\b|min(?:imum)?[-_ ]?\d+|not[-_ ]?so[-_ ]?secret|please|(?:^|[-_ ])secret[-_ ]?(?:password|key|token|string)(?:$|[-_ ])/i;
/** `postgres://…@`, `secret/data/db#password`, `op://vault/item`, `ENC[…]`, `{{ … }}`, `!vault`, `file:/…`. */
const reference =
  /^\$\{[A-Za-z_]\w*(?:[:?+-].*)?\}$|^\$[A-Z_][A-Z0-9_]*$|^\$\(.+\)$|^%\w+%$|^\{\{.*\}\}$|^<%.*%>$|^!vault\b|^(?:op|vault|aws-sm|ssm|gcp-sm|akv|bws|infisical|ref\+[a-z]+|secretsmanager|secret):\/{0,2}|^ENC\[|^age1[0-9a-z]{20,}$/;
const path =
  /^(?:~|\.{1,2})?(?:\/[\w.@+-]*)+$|^[A-Za-z]:\\|^\S*\/\S*\.(?:pem|key|crt|cer|txt|json|ya?ml|toml|conf|ini|file)$/;
const ipAddress = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:\/\d{1,2})?$/;
const booleanWord =
  /^(?:true|false|yes|no|on|off|y|n|enabled|disabled|auto|none|null|nil|always|never|optional|required)$/i;
/** A hash is no secret that one can use (bcrypt, argon2, crypt, `$$` escaped or not). */
const passwordHash = /^\${1,2}(?:2[aby]|argon2(?:id|i|d)|5|6|y|apr1|pbkdf2-sha\d+|scrypt)\${1,2}/;

/**
 * Judges one value under its name. The name decides whether an ordinary word may be a secret; an address with a
 * password in it, a private key and the tokens of well-known issuers are secrets under any name. `guesses` are further
 * words (lower case) that make a weak secret here: the service's name, the image's, the user's.
 */
export function classifySecret(
  name: string,
  value: Sensitive,
  guesses: ReadonlySet<string> = noGuesses,
): SecretKindOfValue {
  const text = unquoted(value.reveal().slice(0, longest).trim());
  if (text === "") return "none";
  if (text.length >= shortestToken && tokenShapes.some((shape) => shape.test(text))) return "literal-secret";
  const inUrl = text.includes("://") ? (urlWithPassword.exec(text) ?? urlInText.exec(text)) : null;
  if (inUrl !== null) return classifyText(inUrl[2] ?? "", new Set([...guesses, (inUrl[1] ?? "").toLowerCase()]));
  if (!namesSecret(name)) return "none";
  if (reference.test(text)) return "reference";
  if (booleanWord.test(text) || path.test(text) || ipAddress.test(text)) return "none";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return "none";
  return classifyText(text, new Set([...guesses, ...spaced(name).split(/[_.-]+/)]));
}

/** What stands beyond is not looked at: a secret shows itself before, and no pattern may take long on a hostile text. */
const longest = 4_096;
/** No word that people choose is longer. */
const longestWord = 128;

const noGuesses: ReadonlySet<string> = new Set();

/** `"x"` in a list of `NAME="x"` keeps its quotes; the program that reads it may take them off. */
function unquoted(text: string): string {
  const match = /^(["'])(.*)\1$/s.exec(text);
  return match?.[2] ?? text;
}

/** A text that stands where a secret belongs. */
function classifyText(text: string, guesses: ReadonlySet<string>): SecretKindOfValue {
  if (reference.test(text)) return "reference";
  if (passwordHash.test(text)) return "none";
  return isWeak(text, guesses) ? "weak-default" : "literal-secret";
}

/** Nothing but letters around a word for what it is: `MySecureDatabasePassword`, `mmuserpassword`. */
const describesItself =
  /^[a-z_ .-]*(?:password|passwort|passwd|passphrase|secret|token|api[_-]?key)[a-z_ .-]*\d{0,4}!?$|^[a-z_-]+(?:PW|Pw|pwd)\d{0,4}$|^my[a-z_-]*key\d{0,4}$|random[_ -]?string|make[_-]?it[_-]?up|^xx+(?:[-_ ]xx+)*[-_ ]?$|^[a-z]{1,4}1234\d{0,6}$/i;

function isWeak(text: string, guesses: ReadonlySet<string>): boolean {
  if (text.length > longestWord) return false;
  const lower = text.toLowerCase();
  if (guesses.has(lower) || describesItself.test(text)) return true;
  return weakValues.has(lower) || placeholder.test(text) || /^(.)\1*$/.test(text) || text.length < 4;
}
