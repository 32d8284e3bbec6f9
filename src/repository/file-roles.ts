import type { RepositoryFile } from "../facts/subjects.ts";

export type FileRole = RepositoryFile["role"];

/** What a file's name says it may be; `look` tells whether its text has to confirm it. */
export interface Candidate {
  readonly role: FileRole;
  readonly look: boolean;
}

const sample =
  /(?:^|[._-])(?:example|sample|template|tmpl|tpl|dist|default|defaults|test|ci|schema|j2|enc|sops|age|gpg)(?:$|[._-])/i;

const byName: readonly (readonly [pattern: RegExp, role: FileRole, look: boolean])[] = [
  [/^\.gitignore$/, "gitignore", false],
  [/^(?:terraform\.tfstate(?:\..*)?|.*\.tfstate(?:\.backup)?)$/, "state", false],
  [/^acme(?:-\w+)?\.json$/, "state", false],
  [/\.tfvars(?:\.json)?$/, "secret", false],
  [/^backend\.hcl$/, "secret", false],
  [
    /^(?:\.htpasswd|\.pgpass|\.netrc|_netrc|\.my\.cnf|\.vault[_-]pass(?:word)?|\.vault-token|\.dockercfg|\.git-credentials)$/,
    "secret",
    false,
  ],
  [/^(?:kubeconfig|.*\.kubeconfig|talosconfig)$/, "secret", false],
  [/^(?:id_(?:rsa|dsa|ecdsa|ed25519)|.*\.ppk)$/, "private-key", true],
  [/\.(?:pem|key|p8|pk8|priv|agekey)$/i, "private-key", true],
  [
    /^(?:age[._-]?keys?(?:\.txt)?|keys?\.txt|identity(?:\.txt)?|identities(?:\.txt)?|.*[._-]private[._-]?key(?:\.txt)?)$/i,
    "private-key",
    true,
  ],
  [/\.(?:p12|pfx|jks|keystore|kdbx)$/i, "private-key", false],
];

/** What the file's name says it may be; undefined for the many that matter to nobody here. */
export function candidateOf(path: string): Candidate | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  for (const [pattern, role, look] of byName) {
    if (pattern.test(name)) return sample.test(name) && role === "secret" ? { role: "other", look } : { role, look };
  }
  if (!/^\.env(?:$|[._-])|\.env$|^\.envrc$/i.test(name)) return undefined;
  return { role: sample.test(name.replace(/^\.env|\.env$/i, "")) ? "other" : "environment", look: false };
}

const privateKey = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----|^PuTTY-User-Key-File-\d/m;
const ageIdentity = /^AGE-(?:SECRET-KEY|PLUGIN)-[A-Z0-9-]{10,}/m;
/** A PEM body of a key that a passphrase protects, and is of no use without. */
const protectedKey = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** The first bytes of an OpenSSH key, which name the cipher (PROTOCOL.key of OpenSSH). */
const openSshHead = /-----BEGIN OPENSSH PRIVATE KEY-----(?:\s|\\[nr]){1,4}([A-Za-z0-9+/]{40})/;
/** PuTTY's own format names the cipher on its second line. */
const puttyCipher = /^PuTTY-User-Key-File-\d[^\n]*\nEncryption: (?!none)/m;

/** Whether a text holds a private key or an age identity, and whether a passphrase protects it. */
export function privateKeyIn(text: string): "plain" | "protected" | undefined {
  if (!text.includes("PRIVATE KEY-----") && !text.includes("AGE-") && !text.includes("PuTTY-User")) return undefined;
  if (protectedKey.test(text) || puttyCipher.test(text) || isProtectedOpenSsh(text)) return "protected";
  return privateKey.test(text) || ageIdentity.test(text) ? "plain" : undefined;
}

function isProtectedOpenSsh(text: string): boolean {
  const head = openSshHead.exec(text)?.[1];
  if (head === undefined) return false;
  const bytes = Buffer.from(head, "base64");
  const length = bytes.readUInt32BE(15);
  return bytes.toString("latin1", 0, 14) === "openssh-key-v1" && bytes.toString("latin1", 19, 19 + length) !== "none";
}
