/** How a text was encrypted as a whole or value by value, so that what is in it is no secret in clear text. */
export type EncryptedBy = "sops" | "ansible-vault" | "age" | "pgp";

const wholes: readonly (readonly [EncryptedBy, RegExp])[] = [
  ["ansible-vault", /^\s{0,40}\$ANSIBLE_VAULT;\d/],
  ["age", /^\s{0,40}(?:-----BEGIN AGE ENCRYPTED FILE-----|age-encryption\.org\/v1\n)/],
  ["pgp", /^\s{0,40}-----BEGIN PGP MESSAGE-----/],
];

/** What a text was encrypted with; undefined for one that was not. Told by how it begins, or by SOPS's own values. */
export function encryptedBy(text: string): EncryptedBy | undefined {
  for (const [by, mark] of wholes) if (mark.test(text)) return by;
  return text.includes("ENC[AES256_GCM,") && /^(?:sops:|\[sops\]|sops_\w+[ \t]*=|[ \t]*"sops"[ \t]*:)/m.test(text)
    ? "sops"
    : undefined;
}
