import type { EncryptionRule } from "../../../formats/sops/document/encryption-rule.ts";
import type { AgeIdentities } from "../../../formats/sops/document/identities.ts";
import { openDataKey } from "../../../formats/sops/document/key-groups.ts";
import { kindsOf, type SopsMetadata } from "../../../formats/sops/document/metadata.ts";
import {
  describeSops,
  type SopsContext,
  type SopsFile,
  updateKeys,
} from "../../../formats/sops/document/operations.ts";
import { RingwallError } from "../../../lib/error.ts";
import { Source, wholeFile } from "../../../lib/place.ts";

/** The public keys of age that a file is for, of all its key groups. */
export function ageKeysOf(metadata: Pick<SopsMetadata, "groups">): readonly string[] {
  return [...new Set(metadata.groups.flatMap(({ age }) => age.map(({ recipient }) => recipient)))];
}

/** A file that the former key can open, for the next one too. Its values stay as they are, where SOPS has no groups of keys. */
export async function addRecipient(
  file: SopsFile,
  keys: { readonly former: string; readonly next: string },
  identities: AgeIdentities,
  context: SopsContext,
): Promise<string> {
  const wanted = (group: readonly string[]) =>
    group.includes(keys.former) && !group.includes(keys.next) ? [...group, keys.next] : group;
  return (await updateKeys(file, ruleOf(file, wanted), identities, context)).text;
}

/** A file without one of its recipients, under a new data key: who leaves knows the old one. */
export async function removeRecipient(
  file: SopsFile,
  leaving: string,
  identities: AgeIdentities,
  context: SopsContext,
): Promise<string> {
  const wanted = (group: readonly string[]) => group.filter((key) => key !== leaving);
  return (await updateKeys(file, ruleOf(file, wanted), identities, context)).text;
}

/** What a file says of itself as a rule, with other recipients. */
function ruleOf(file: SopsFile, wanted: (group: readonly string[]) => readonly string[]): EncryptionRule {
  const { groups, threshold, selectors, macOnlyEncrypted } = describeSops(file);
  return {
    groups: groups.map(({ age }) => wanted(age.map(({ recipient }) => recipient))),
    threshold,
    otherKinds: [...new Set(groups.flatMap(kindsOf))],
    selectors,
    macOnlyEncrypted,
  };
}

/** Whether identities get at a file's data key. The values are not read. */
export async function opens(file: SopsFile, identities: AgeIdentities): Promise<boolean> {
  try {
    await openDataKey(describeSops(file), identities, wholeFile(new Source(file.path, file.text)));
    return true;
  } catch (error) {
    if (error instanceof RingwallError && (error.code === "secret-missing" || error.code === "unsupported"))
      return false;
    throw error;
  }
}
