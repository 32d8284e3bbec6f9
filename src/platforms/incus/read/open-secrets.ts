import type { IncusOpenSecret } from "../../../facts/extensions-incus.ts";
import { complete, type FactList, incomplete } from "../../../facts/fact.ts";
import { classifySecret, namesSecret } from "../../../facts/secret-like.ts";
import { Sensitive } from "../../../facts/sensitive.ts";
import { sensitiveTag } from "../../../formats/hcl/value/to-tree.ts";
import type { ScalarNode } from "../../../formats/tree.ts";
import { secretsIn } from "../../../repository/secret-scan/scan.ts";
import type { InstanceContext } from "./context.ts";
import { encodedSecretsIn, firstPasswordsIn } from "./first-passwords.ts";

const shown = /^(?:user\.|cloud-init\.|smbios11\.)/;

/**
 * Secrets among the values of an instance's configuration that are kept for its own sake: `user.*`, `cloud-init.*`,
 * `smbios11.*`. Everybody who may look at the instance reads them, and cloud-init leaves them on its disk.
 */
export function readOpenSecrets({ config, place }: InstanceContext): FactList<IncusOpenSecret> {
  const items: IncusOpenSecret[] = [];
  let why = config.hidden;
  for (const { key, value } of config.entries) {
    if (!shown.test(key) || value.kind !== "scalar") continue;
    const found = secretsOf(key, value);
    if (found.length === 0 && value.unresolved !== undefined && !lacksKeysAlone(value)) why ??= value.unresolved;
    items.push(...found);
  }
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

/** Each secret of one value: what it was made of, and what stands in its text. */
function secretsOf(key: string, node: ScalarNode): readonly IncusOpenSecret[] {
  const { place } = node;
  const made = secretNames(node).map((name) => ({ key, what: `what ${name} holds`, writtenOut: false, place }));
  const text = typeof node.value === "string" ? node.value : "";
  const passwords = firstPasswordsIn(text);
  const others = secretsIn(text, "user-data.yaml", "all")
    .map(({ what }) => what)
    .filter(
      (what) =>
        passwords.length === 0 || !/^the value of (?:password|passwd|plain_text_passwd|hashed_passwd)$/.test(what),
    );
  const inText = [...passwords, ...others, ...encodedSecretsIn(text)].map((what) => ({
    key,
    what,
    writtenOut: true,
    place,
  }));
  const whole = key.replace(/^user\./, "").replaceAll(/[-.]/g, "_");
  const single = !text.includes("\n") && node.unresolved === undefined && made.length === 0;
  if (inText.length === 0 && single && classifySecret(whole, new Sensitive(text)) === "literal-secret") {
    return [{ key, what: `the value of ${key}`, writtenOut: true, place }];
  }
  return [...made, ...inText];
}

/** What people call the key that is to be let in, and seldom its other half. */
const keyToLetIn = /(?:^|_)ssh_?keys?$/i;
const letsKeysIn = /\bssh_authorized_keys\b|\bauthorized_keys\b/;

/** Whether nothing is missing of a text but the keys that are to be let in: what is not known stands in it as it is written. */
function lacksKeysAlone({ value }: ScalarNode): boolean {
  if (typeof value !== "string" || !letsKeysIn.test(value)) return false;
  return !/[$%]\{/.test(
    value.replaceAll(/\$\{([^{}\n]{1,200})\}/g, (all, shown: string) => (isPublicKey(shown) ? "" : all)),
  );
}

/** `var.ssh_key`, `trimspace(file(var.ssh_public_key_path))`, `tls_private_key.a.public_key_openssh`. */
function isPublicKey(expression: string): boolean {
  const names = expression.match(/[\w-]{1,80}/g) ?? [];
  const said = names.some((name) => keyToLetIn.test(name) || /(?:^|_)public_?keys?(?:_|$)|^pub$/i.test(name));
  return said && !names.some((name) => /passw|token|secret|private_key_(?:pem|openssh)/i.test(name));
}

/** The variables that say of themselves that they are secrets, by their declaration or by their name. */
function secretNames({ interpolates = [], tag, value }: ScalarNode): readonly string[] {
  const isPublic = typeof value === "string" && letsKeysIn.test(value) ? keyToLetIn : undefined;
  const named = interpolates
    .filter((name) => namesSecret(name.replace(/^.*\./, "")))
    .filter((name) => isPublic?.test(name.replace(/^.*\./, "")) !== true);
  return named.length > 0 || tag !== sensitiveTag ? named : interpolates.slice(0, 1);
}
