import type { RepositoryFile } from "../facts/subjects.ts";
import { pgpKeyIn } from "./pgp-key.ts";

export type FileRole = RepositoryFile["role"];

/** What a file's name says it may be; `confirm` tells whether its text bears that out, where it has to. */
export interface Candidate {
  readonly role: FileRole;
  readonly confirm?: (text: string) => boolean;
}

const sample =
  /(?:^|[._-])(?:example|sample|template|tmpl|tpl|dist|default|defaults|test|ci|schema|j2|enc|sops|age|gpg)(?:$|[._-])/i;

const holdsKey = (text: string) => privateKeyIn(text) !== undefined;
/** What `vault operator init` and `bao operator init` print, as text and as JSON. */
const holdsUnsealKeys = (text: string) => /"?unseal_keys_b64"?\s*:|"?keys_base64"?\s*:|^Unseal Key 1: /m.test(text);
/** Sign-in to registries, not left to a program that keeps it (`credsStore`). */
const holdsSignIn = (text: string) => /"(?:auth|identitytoken)"\s*:\s*"[^"]/.test(text);
/** Names of values that are their own secrets; a Kubernetes manifest or an encrypted file is judged as such. */
const holdsAssignments = (text: string) => !/^(?:apiVersion|kind|sops):/m.test(text);

const byName: readonly (readonly [pattern: RegExp, role: FileRole, confirm?: (text: string) => boolean])[] = [
  [/^\.gitignore$/, "gitignore"],
  [/^(?:terraform\.tfstate(?:\..*)?|.*\.tfstate(?:\.backup)?|.*\.tfplan|tfplan)$/, "state"],
  [/^acme(?:-\w+)?\.json$/, "state"],
  [/\.tfvars(?:\.json)?$/, "secret"],
  [/^backend\.hcl$/, "secret"],
  [
    /^(?:\.htpasswd|\.pgpass|\.netrc|_netrc|\.my\.cnf|\.vault[_-]pass(?:word)?|\.vault-token|\.dockercfg|\.git-credentials|\.pypirc|\.s3cfg|\.?smbcredentials|rclone\.conf)$/,
    "secret",
  ],
  [
    /^(?:kubeconfig(?:\.ya?ml)?|.*\.kubeconfig|kube_config(?:_\w+)?\.ya?ml|talosconfig|talsecret(?:[._-]\w+)?\.ya?ml)$/,
    "secret",
  ],
  [/^(?:(?:.{0,100}[._-])?(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:_key)?|.*\.ppk)$/, "private-key", holdsKey],
  [/\.(?:pem|key|p8|pk8|priv|agekey|asc|pgp)$/i, "private-key", holdsKey],
  [
    /^(?:age[._-]?keys?(?:\.txt)?|keys?\.txt|identity(?:\.txt)?|identities(?:\.txt)?|.*[._-]private[._-]?key(?:\.txt)?)$/i,
    "private-key",
    (text) => holdsKey(text) || holdsUnsealKeys(text),
  ],
  [
    /^(?:vault|bao|openbao)?[._-]?(?:init|unseal|cluster|recovery)?[._-]?(?:keys?|init|output)(?:[._-]\w+)?\.(?:json|txt|ya?ml|log)$/i,
    "secret",
    holdsUnsealKeys,
  ],
  [/\.(?:p12|pfx|jks|keystore|kdbx)$/i, "private-key"],
];

/** Files that are what they are in one folder only. */
const byPath: typeof byName = [
  [/(?:^|\/)\.kube\/config$/, "secret"],
  [/(?:^|\/)\.aws\/credentials$/, "secret"],
  [/(?:^|\/)(?:\.docker\/config\.json|\.dockerconfigjson)$/, "secret", holdsSignIn],
];

/** What the file's name says it may be; undefined for the many that matter to nobody here. */
export function candidateOf(path: string): Candidate | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  // Most files of a repository bear names that many have.
  const known = asked.get(name);
  const named = known ?? candidatesOf(name);
  if (known === undefined && asked.size < mostKept) asked.set(name, named);
  if (named.first !== undefined) return named.first;
  for (const [pattern, role, confirm] of byPath) if (pattern.test(path)) return candidate(role, confirm);
  return named.last;
}

/** What a name alone says: before the folder is looked at, and after. */
interface Named {
  readonly first: Candidate | undefined;
  readonly last: Candidate | undefined;
}

const mostKept = 4096;
const asked = new Map<string, Named>();

function candidatesOf(name: string): Named {
  for (const [pattern, role, confirm] of byName) {
    if (!pattern.test(name)) continue;
    return { first: candidate(sample.test(name) && role === "secret" ? "other" : role, confirm), last: undefined };
  }
  return { first: undefined, last: lastCandidateOf(name) };
}

function lastCandidateOf(name: string): Candidate | undefined {
  // Home Assistant, ESPHome and others keep what is secret in a file of this name beside their configuration.
  if (/^secrets?\.(?:ya?ml|toml|json|ini)$/i.test(name)) return candidate("environment", holdsAssignments);
  if (!/^\.env(?:$|[._-])|\.env$|^\.envrc$/i.test(name)) return undefined;
  return candidate(sample.test(name.replace(/^\.env|\.env$/i, "")) ? "other" : "environment");
}

function candidate(role: FileRole, confirm?: (text: string) => boolean): Candidate {
  return confirm === undefined ? { role } : { role, confirm };
}

/** Where a key of PEM, OpenSSH or PuTTY begins: what stands before its name, and the version of PuTTY's own format. */
const keyBegins = /-----BEGIN ((?:[A-Z0-9]{1,20} ){0,4})PRIVATE KEY-----|^PuTTY-User-Key-File-\d/gm;
const ageIdentity = /^AGE-(?:SECRET-KEY|PLUGIN)-[A-Z0-9-]{10,}/m;
/** Behind the first line of a PEM body that a passphrase protects; in JSON a line may end with `\n`. */
const encryptedHead = /^(?:\s|\\[nr]){0,8}Proc-Type: 4,ENCRYPTED/;
/** The first bytes of an OpenSSH key, which name the cipher (PROTOCOL.key of OpenSSH). */
const openSshHead = /^(?:\s|\\[nr]){1,16}([A-Za-z0-9+/]{40})/;
/** PuTTY's own format names the cipher on its second line. */
const puttyCipher = /^[^\n]{0,200}\nEncryption: (?!none)/;
/** Enough of a key to see whether a passphrase protects it. */
const headOfKey = 400;

/** Whether a text holds a private key or an age identity; `protected` where a passphrase protects every one. */
export function privateKeyIn(text: string): "plain" | "protected" | undefined {
  const other = otherKeyIn(text);
  if (other === "plain" || !text.includes("PGP PRIVATE KEY BLOCK-----")) return other;
  return pgpKeyIn(text) ?? other;
}

function otherKeyIn(text: string): "plain" | "protected" | undefined {
  if (!text.includes("PRIVATE KEY-----") && !text.includes("AGE-") && !text.includes("PuTTY-User")) return undefined;
  if (ageIdentity.test(text)) return "plain";
  let found: "protected" | undefined;
  for (const match of text.matchAll(keyBegins)) {
    const behind = match.index + match[0].length;
    if (!isProtected(match[1], text.slice(behind, behind + headOfKey))) return "plain";
    found = "protected";
  }
  return found;
}

/** `format`: what a PEM text calls its key, undefined for PuTTY's own format. */
function isProtected(format: string | undefined, head: string): boolean {
  if (format === undefined) return puttyCipher.test(head);
  return format === "ENCRYPTED " || encryptedHead.test(head) || (format === "OPENSSH " && isProtectedOpenSsh(head));
}

function isProtectedOpenSsh(text: string): boolean {
  const head = openSshHead.exec(text)?.[1];
  if (head === undefined) return false;
  const bytes = Buffer.from(head, "base64");
  const length = bytes.readUInt32BE(15);
  return bytes.toString("latin1", 0, 14) === "openssh-key-v1" && bytes.toString("latin1", 19, 19 + length) !== "none";
}
