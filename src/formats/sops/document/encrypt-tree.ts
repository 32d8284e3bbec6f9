import { RingwallError } from "../../../lib/error.ts";
import { placeAt, type Source } from "../../../lib/place.ts";
import { additionalData, type ValueCipher } from "./cipher.ts";
import { type DecryptedTree, macHash } from "./decrypt-tree.ts";
import type { Replacement } from "./format.ts";
import type { SopsMetadata } from "./metadata.ts";
import { plainBytes } from "./scalar.ts";
import { patternOf, selectorFrom } from "./selectors.ts";
import { type SopsBranch, type SopsScalar, walkBranch } from "./tree.ts";

/** Encrypts every value that the selectors choose, and makes the code over all. */
export function encryptTree(
  branches: readonly SopsBranch[],
  metadata: Pick<SopsMetadata, "selectors" | "macOnlyEncrypted">,
  cipher: ValueCipher,
  source: Source,
): DecryptedTree {
  const selects = selectorFrom(metadata.selectors, undefined);
  const { unencrypted_comment_regex: keep } = metadata.selectors;
  const kept = keep === undefined ? undefined : patternOf("unencrypted_comment_regex", keep, undefined);
  const hash = macHash(metadata.macOnlyEncrypted);
  const replacements: Replacement[] = [];
  for (const branch of branches) {
    walkBranch(branch, [], [], (found, path, comments) => {
      const encrypted = selects(path, comments, found.kind === "comment");
      const value: SopsScalar | undefined =
        found.kind === "comment" ? { type: "comment", text: found.text } : found.value;
      if (value === undefined) return;
      if (value.type !== "comment" && (encrypted || !metadata.macOnlyEncrypted)) hash.update(plainBytes(value));
      if (!encrypted || plainBytes(value).length === 0) return;
      const text = cipher.encrypt(value, additionalData(path));
      if (value.type === "comment" && kept?.test(text) === true) {
        throw new RingwallError(
          "invalid",
          "unencrypted_comment_regex matches an encrypted comment, so that nobody could decrypt it.",
          {
            hint: "Choose an expression that only the comments match that are meant.",
            place: placeAt(source, found.start),
          },
        );
      }
      replacements.push({ of: found, by: { as: "cipher", text } });
    });
  }
  return { replacements, mac: hash.digest("hex").toUpperCase() };
}
