/**
 * Whether a text that stands where a secret belongs is one that anybody would try. The one list of such texts: readers
 * and controls ask here.
 */

/** Words that weak secrets are made of, joined in any way: `secure-db-password`, `admin2024`. */
const vocabulary = new Set(
  (
    "a an and the my your our some this that here please me it is be must should will set put insert enter use add type change changed changeme replace replaced with to in of for at on by new old first default example sample demo dummy fake placeholder todo tbd fixme temp temporary test testing foo bar baz qux " +
    "pass password passwords passkey passkeys passwd passwort passw0rd p4ssw0rd p4ssword pw pwd passphrase secret secrets s3cr3t secure secured insecure notsecure unsafe safe strong super very top long random string generated generate key keys token tokens api app application jwt session salt auth hash hex bytes chars characters char min minimum least more than production prod dev development value text word alphanumeric login sign master private public credential credentials encryption encrypt encrypted " +
    "admin admins administrator root toor user users username guest owner operator manager system service server host local localhost docker container compose home lab homelab web site website database db sql data store cache redis mysql mariadb postgres postgresql pg mongo mongodb influx influxdb rabbit rabbitmq mqtt elastic grafana minio minioadmin keycloak " +
    "nextcloud wordpress gitea ghost authentik authelia raspberry ubnt homeassistant casaos portainer pihole wg sonic rocks " +
    "letmein welcome hello qwerty qwertz asdf abc abcd abcdef xyz xxx monkey dragon iloveyou trustno one two three hackme makeup company corp inc org com net email mail name something anything whatever nothing none null nil empty blank na xx x y z"
  ).split(" "),
);

/** Texts in other shapes that are guessed first. */
const guessedFirst =
  /^(?:correct[-_ ]?horse[-_ ]?battery[-_ ]?staple|(?:0?123(?:4(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?)?|111111|000000|654321|987654321|deadbeef|1q2w3e(?:4r)?(?:5t)?|qwert[yz]\d*|hunter2|p@ssw(?:0|o)rd)|(.)\1*|[<[{(].*[>\]})]|\.{3,})$/i;

/**
 * Keys that programs come with, for everybody: Grafana 12.0, `conf/defaults.ini`, `[security] secret_key`; Supabase's
 * `docker/.env.example`, `SECRET_KEY_BASE`.
 */
const shippedWith: ReadonlySet<string> = new Set([
  "SW2YcwTIb9zpOOhoPsMm",
  "UpNVntn3cDxHJpq99YMc1T1AQgQpc8kfYTuRgBiYa15BLrx8etQoXz3gZv1/u2oq",
]);
/** Tokens for everybody, of whoever signs with the key that is shipped beside them: `"iss": "supabase-demo"` in base64. */
const shippedToken = /^eyJ[\w-]{20,60}\.[\w-]*(?:c3VwYWJhc2UtZGVtb|N1cGFiYXNlLWRlbW|zdXBhYmFzZS1kZW1v)[\w-]*\./;

/** What stands for a value that is still to come: `<your password>`, `change_me`, `openssl rand -hex 32`. */
const placeholder =
  /change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|this|with)|^your[-_ ]?|[-_ ]your[-_ ]|put[-_ ]?your|insert[-_ ]|enter[-_ ]|^(?:my|some|a|the)[-_ ]?(?:super|very)?[-_ ]?(?:secret|strong|secure|random|long|db|root|admin|database|user)?[-_ ]?(?:password|passwd|pass|secret|token|key)\d*$|^(?:super|very|ultra|top)[-_ ]?(?:secret|secure|strong)|(?:password|secret|token|key|string)[-_ ]?here|^(?:strong|secure|random|long|safe)[-_ ]?(?:password|secret|token|key|string)|placeholder|example\.|^example|[-_ ]example$|dummy|^todo\b|<.+>|^generate|^random|openssl rand|must[-_ ]?be|at[-_ ]least|\bchars?\b|min(?:imum)?[-_ ]?\d+|not[-_ ]?so[-_ ]?secret|please|(?:^|[-_ ])secret[-_ ]?(?:password|key|token|string)(?:$|[-_ ])/i;

/** Nothing but letters around a word for what it is: `MySecureDatabasePassword`, `mmuserpassword`. */
const describesItself =
  /^[a-z_ .-]*(?:password|passwort|passwd|passphrase|secret|token|api[_-]?key)[a-z_ .-]*\d{0,4}!?$|^[a-z_-]+(?:PW|Pw|pwd)\d{0,4}$|^my[a-z_-]*key\d{0,4}$|random[_ -]?string|make[_-]?it[_-]?up|^xx+(?:[-_ ]xx+)*[-_ ]?$|^[a-z]{1,4}1234\d{0,6}$/i;

/** No text that people choose to remember is longer; of a longer one no pattern is asked. */
const longestChosen = 128;
/** Longer texts are not cut into words. */
const longestOfWords = 80;
const shortest = 4;

/**
 * Whether a secret is one that anybody would guess: a placeholder, words for "password", or `names` (the program's, its
 * user's, its database's), joined in any way and with at most four digits each. An empty text is none.
 */
export function isGuessable(value: string, names: Iterable<string> = []): boolean {
  const text = value.trim();
  if (isShippedToken(text)) return true;
  if (text === "" || text.length > longestChosen) return false;
  if (text.length < shortest || shippedWith.has(text) || guessedFirst.test(text)) return true;
  if (placeholder.test(text) || describesItself.test(text)) return true;
  return text.length <= longestOfWords && isMadeOfWords(text.toLowerCase(), namesIn(names));
}

/** Whether a text is a token that a program comes with, as are those of Supabase's `docker/.env.example`. */
export function isShippedToken(text: string): boolean {
  return text.startsWith("eyJ") && text.length <= 512 && shippedToken.test(text);
}

function namesIn(names: Iterable<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    for (const part of [lower, ...lower.split(/[^a-z0-9]+/)]) found.add(part);
  }
  found.delete("");
  return found;
}

function isMadeOfWords(text: string, names: ReadonlySet<string>): boolean {
  if (names.has(text)) return true;
  return text
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== "")
    .every((part) => isCutIntoWords(part, names));
}

/** Words are found by cutting the text wherever a known word ends. */
function isCutIntoWords(part: string, names: ReadonlySet<string>): boolean {
  const reached = new Array<boolean>(part.length + 1).fill(false);
  reached[0] = true;
  for (let start = 0; start < part.length; start++) {
    if (reached[start] !== true) continue;
    const digits = /^\d{1,4}(?!\d)/.exec(part.slice(start));
    if (digits !== null) reached[start + digits[0].length] = true;
    for (let end = start + 1; end <= part.length; end++) {
      const piece = part.slice(start, end);
      // Single letters joined together would make every text a text of words.
      if (piece.length === 1 && part.length > 1) continue;
      if (vocabulary.has(piece) || (piece.length > 1 && names.has(piece))) reached[end] = true;
    }
  }
  return reached[part.length] === true;
}
