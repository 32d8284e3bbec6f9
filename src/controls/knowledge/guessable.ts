import { words } from "./products.ts";

const vocabulary = words(
  "a an the my your our some this that here please me it is be must should will set put insert enter use add type change changed changeme replace replaced with to in of for at on by new old first default example sample demo dummy fake placeholder todo temp temporary test testing foo bar baz qux " +
    "pass password passwords passwd passwort passw0rd p4ssw0rd p4ssword pw pwd passphrase secret secrets secure secured safe strong super very long random string generated generate key keys token tokens api app application jwt session salt auth hash hex bytes chars characters char min minimum least more than production prod dev development value text word login sign master private credential credentials encryption encrypt encrypted " +
    "admin admins administrator root user users username guest owner operator manager system service server host local localhost docker container compose home lab homelab web site website database db sql data store cache redis mysql mariadb postgres postgresql pg mongo mongodb influx influxdb rabbit rabbitmq mqtt elastic grafana minio minioadmin keycloak " +
    "letmein welcome hello qwerty qwertz asdf abc abcd abcdef xyz xxx monkey dragon iloveyou trustno one two three hackme securely company corp inc org com net email mail name something anything whatever nothing none null empty blank xx x y z",
);

/** Words in other shapes that are guessed first. */
const guessedFirst =
  /^(?:(?:0?123456789?0?|1234|111111|000000|654321|987654321|deadbeef|1q2w3e(?:4r)?(?:5t)?|qwert[yz]\d*|toor|hunter2)|(.)\1*|<[^>]*>|\[[^\]]*\]|\{[^}]*\}|\.{3,}|\*+)$/i;

/**
 * Whether a secret is one that anybody would guess: a placeholder, words for "password", or the names of the program
 * and its user (`context`), joined in any way and with at most four digits each. Words are found by cutting the
 * text wherever a known word ends.
 */
export function isGuessable(value: string, context: readonly string[]): boolean {
  const text = value.trim().toLowerCase();
  if (text === "") return false;
  if (guessedFirst.test(text)) return true;
  if (text.length > 80) return false;
  const names = new Set(context.flatMap((name) => [name.toLowerCase(), ...name.toLowerCase().split(/[^a-z0-9]+/)]));
  names.delete("");
  return text
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== "")
    .every((part) => isMadeOfWords(part, names));
}

function isMadeOfWords(part: string, names: ReadonlySet<string>): boolean {
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
