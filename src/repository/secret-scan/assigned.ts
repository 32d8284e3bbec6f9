import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { isStandIn } from "./fakes.ts";
import type { FoundSecret } from "./found.ts";

/** The end of a name that may say secret, with what stands between it and its value. */
const nameThenValue =
  /(?:pass|pwd|pw|secret|token|key|psk|salt|pepper|credentials?|jwt|pin|dsn)[\w-]{0,40}["']?\]?[ \t]*(?:=>|:?=|:)[ \t]*/gi;
const longestName = 80;
const longestValue = 512;

/**
 * Values under names that say secret (`db_password = "…"`, `api_token: …`), as far as their looks are those of a secret
 * and of nothing else: random, or a password with more in it than a word. Lenient about the file's own language.
 */
export function assignedSecretsIn(text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const match of text.matchAll(nameThenValue)) {
    const name = nameEndingIn(text, match.index, match[0]);
    if (name === undefined || !mayNameOne(name)) continue;
    const value = valueAt(text, match.index + match[0].length, quoteBefore(text, match, name));
    if (value === undefined || !looksLikeSecret(name, value.text)) continue;
    found.push(assigned(name, value.offset, value.text));
  }
  return found;
}

/** What Mosquitto signs in with at another broker: a name and a value with a space between. */
const bridgeLogin = /^[ \t]*(remote_password|bridge_psk)[ \t]+([^\s#][^\n]{7,511})$/gm;

/** The same in `mosquitto.conf`. Source: mosquitto.conf(5) of 2.0.22, "Configuring bridges". */
export function bridgeSecretsIn(text: string): readonly FoundSecret[] {
  return [...text.matchAll(bridgeLogin)].flatMap(({ 0: line, 1: name = "", 2: value = "", index }) => {
    const own = value.trimEnd();
    return looksLikeSecret("remote_password", own) ? [assigned(name, index + line.indexOf(value), own)] : [];
  });
}

/** `<ApiKey>…</ApiKey>`: elements of XML whose names say secret. */
const element = /<(\w{0,40}(?:ApiKey|Password|Token|Secret|PrivateKey)\w{0,20})>([^<>\s]{8,512})<\//gi;

/** The same in XML, where a name and its value are an element. */
export function elementSecretsIn(text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const match of text.matchAll(element)) {
    const [, name = "", value = ""] = match;
    if (!namesSecret(name) || !looksLikeSecret(name, value)) continue;
    found.push(assigned(name, match.index + name.length + 2, value));
  }
  return found;
}

export function assigned(name: string, offset: number, value: string): FoundSecret {
  return { what: `the value of ${name}`, by: "assigned", offset, end: offset + value.length };
}

/** `existingSecret` and its like name an object that holds the secret. A bare `key` may be one of any kind. */
export function mayNameOne(name: string): boolean {
  return bareKey.test(name) || (namesSecret(name) && !/existing_?secret|secret_?(?:ref|name)$/i.test(name));
}

const bareKey = /^["']?key$/i;
/** What media servers and their helpers give out as keys of their APIs. */
const apiKeyOfOld = /^[0-9a-f]{32}$/;

/**
 * What may stand before a name on its line: a list's dash, `export`, a comment's mark, or the entry before it; in a unit of
 * systemd and in a quadlet of Podman `Environment=`, with the variable before it.
 */
const beforeName =
  /(?:^|\n)[ \t]*Environment=(?:\S{1,30}[ \t]+)?["']?$|(?:^|[\n{,])[ \t]*(?:(?:-|export|set|ENV|ARG|#|\/\/|;|local|readonly)[ \t]+){0,3}["']?(?:\[["']?)?$/;
const longestBefore = 60;

/** The whole name, which may begin before the word that was found; undefined for what is part of a sentence. */
function nameEndingIn(text: string, start: number, matched: string): string | undefined {
  let begin = start;
  while (begin > 0 && start - begin < longestName && /[\w.-]/.test(text.charAt(begin - 1))) begin -= 1;
  if (!beforeName.test(text.slice(Math.max(0, begin - longestBefore), begin))) return undefined;
  return `${text.slice(begin, start)}${/^[\w-]+/.exec(matched)?.[0] ?? ""}`;
}

/** The quote that stands before a name and goes on behind its value: `"DB_PASSWORD=…"`. */
function quoteBefore(text: string, match: RegExpExecArray, name: string): string | undefined {
  const end = match.index + (/^[\w-]+/.exec(match[0])?.[0].length ?? 0);
  const quote = text.charAt(end - name.length - 1);
  return /^["']/.test(text.charAt(end)) || !/["']/.test(quote) ? undefined : quote;
}

/** The value on the rest of the line, without quotes and comments; `around` is a quote that began before the name. */
export function valueAt(
  text: string,
  start: number,
  around: string | undefined,
): { readonly text: string; readonly offset: number } | undefined {
  const window = text.slice(start, start + longestValue);
  const lineEnd = window.indexOf("\n");
  if (lineEnd === -1 && start + longestValue < text.length && !/^["'`]/.test(window)) return undefined;
  const line = lineEnd === -1 ? window : window.slice(0, lineEnd);
  const quote = /^["'`]/.exec(line)?.[0];
  if (quote !== undefined) {
    const close = line.indexOf(quote, 1);
    return close === -1 ? undefined : { text: line.slice(1, close), offset: start + 1 };
  }
  // YAML begins a comment behind white space alone; a shell and most others too.
  const word = /^[^\s#,;"'`][^\s,;"'`]*/.exec(line)?.[0];
  if (word === undefined) return undefined;
  // The end of `{name: value}` on one line is none of the value's.
  const before = text.slice(Math.max(0, start - longestValue), start);
  const isInBraces = before.includes("{", before.lastIndexOf("\n") + 1);
  const bare = isInBraces && !/[{[]/.test(word) ? word.replace(/[}\]]{1,9}$/, "") : word;
  if (bare === "") return undefined;
  // Something follows that is no comment: an expression, a sentence.
  const rest = line.slice(bare.length).trim();
  const ends =
    rest === "" ||
    (around !== undefined && rest.startsWith(around) && /^(?:\s|$)/.test(rest.slice(around.length))) ||
    /^[#,;]/.test(rest) ||
    (isInBraces && /^[}\]][}\] ]{0,20}(?:$|[#,])/.test(rest));
  return ends ? { text: bare, offset: start } : undefined;
}

/**
 * What another program fills in or computes: `{{ … }}`, `${…}`, `var.x`, `lookup(…)`, YAML's anchors and tags, which have
 * few signs in them. Synapse's secrets have many, and begin with one too (synapse/util/stringutils.py of 1.122,
 * `random_string_with_symbols`).
 */
const computed =
  /[{}()<>$]|^[!*&|>%@[](?!(?:[^,;^&*+=#~@]*[,;^&*+=#~@]){3})|^(?:var|local|data|module|each|self|env|secrets|github|gitea|forgejo|forge|vars|process|os|config|values)\.|::/i;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Checksums, public keys and certificates: long, random, and meant to be seen. */
const meantToBeSeen =
  /^(?:sha\d+[:-]|md5:|ssh-|ecdsa-|age1|SHA256:|MI[IG]|-----BEGIN|v?\d+(?:\.\d+)+|\/|\.{1,2}\/|arn:|urn:|\w+:\/\/)/i;
const saysPassword = /pass(?:word|wd|phrase|wort)?|pwd/i;

/** Whether a value under a name is a secret by its looks. */
export function looksLikeSecret(name: string, text: string): boolean {
  if (bareKey.test(name)) return apiKeyOfOld.test(text) && !isStandIn(text);
  if (text.length < 8 || /\s/.test(text) || computed.test(text) || uuid.test(text) || meantToBeSeen.test(text))
    return false;
  if (isStandIn(text)) return false;
  if (classifySecret(name, new Sensitive(text)) !== "literal-secret") return false;
  return looksRandom(text) || (saysPassword.test(name) && isMoreThanAWord(text));
}

/** Letters and digits mixed as nobody writes them: not words and numbers joined by dashes or dots. */
function looksRandom(text: string): boolean {
  if (text.length < 16 || !/\d/.test(text) || !/[a-z]/i.test(text) || !/^[\w+/=~!@#^&*.,;:-]+$/.test(text))
    return false;
  if (
    text
      .split(/[-_.:/]/)
      .every((part) => /^(?:[a-z]*|[A-Z]*|[A-Z][a-z]*|\d{0,5}|[a-z\d]{0,4}|v\d+|[a-z]{2,}\d{1,3})$/.test(part))
  )
    return false;
  if (/(?:^|[-_.])(?:secret|password|passwd|token|key|jwt)(?:$|[-_.])/i.test(text)) return false;
  return entropyOf(text) >= (/^[0-9a-f]+$/i.test(text) ? 2.8 : 3.3);
}

/** A digit or a sign beside letters, or capitals inside: `Tr0ub4dor`, not `Kennwort`. */
function isMoreThanAWord(text: string): boolean {
  const classes = [/[a-z]/, /\B[A-Z]/, /\d/, /[^\w.-]/].filter((kind) => kind.test(text)).length;
  return classes >= 2 && /[\d]|[^\w]/.test(text) && !/^[a-z]+(?:[-_.][a-z]+)*$/i.test(text);
}

/** Bits for each character, by how often each one occurs. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
