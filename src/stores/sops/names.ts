import { createHash } from "node:crypto";
import { looksEncrypted } from "../../formats/sops/document/cipher.ts";
import { type SopsFile, valueTextOf } from "../../formats/sops/document/operations.ts";
import { RingwallError } from "../../lib/error.ts";
import { absentVersion, isSecretName, type SetOptions } from "../../secrets/store.ts";

/** Throws `usage` for what is no name of a secret. */
export function assertName(name: string): void {
  if (isSecretName(name)) return;
  throw new RingwallError("usage", "A secret's name has lower-case letters, digits and dashes, letter first.");
}

/** The version of an encrypted value: of its text in the file, which differs for each value that was set. */
export function versionOfText(text: string | undefined): string {
  return text === undefined ? absentVersion : createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** Throws `conflict` when somebody else set a value since. */
export function assertVersion(name: string, found: string, store: string, options: SetOptions): void {
  if (options.expectVersion === undefined || options.expectVersion === found) return;
  throw new RingwallError("conflict", `"${name}" was changed by someone else in ${store}.`, {
    hint: "Look at what it is now, and set it again if yours is to count.",
  });
}

/** The text of a file whose value at a path is encrypted; throws where the file's selectors leave it in clear text. */
export function assertEncrypted(file: SopsFile, path: readonly string[]): string {
  const text = valueTextOf(file, path) ?? "";
  if (text === "" || looksEncrypted(text)) return file.text;
  throw new RingwallError(
    "invalid",
    `${file.path} is encrypted by a rule that leaves "${path.join(".")}" in clear text.`,
    {
      hint: "Choose another rule for it (`encrypted_regex`, `unencrypted_suffix`, …), and encrypt the file anew.",
    },
  );
}
