import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import { RingwallError } from "../../../lib/error.ts";
import { type Place, placeAt, type Source } from "../../../lib/place.ts";
import { additionalData, CipherProblem, looksEncrypted, type ValueCipher } from "./cipher.ts";
import type { Replacement } from "./format.ts";
import type { SopsMetadata } from "./metadata.ts";
import { plainBytes } from "./scalar.ts";
import { selectorFrom } from "./selectors.ts";
import { type SopsBranch, type SopsComment, type SopsLeaf, type SopsScalar, walkBranch } from "./tree.ts";

/** Begins the code over encrypted values alone, so that it never is that over all (`MACOnlyEncryptedInitialization`). */
const onlyEncryptedStart = Buffer.from(
  "8a3fd2ad54ce6652" + "7b1034f3d147be0b" + "0b975b3bf44f72c6" + "fdadec8176f27d69",
  "hex",
);

/** The hash that SOPS makes over the values of a file in their order. */
export function macHash(onlyEncrypted: boolean): Hash {
  const hash = createHash("sha512");
  return onlyEncrypted ? hash.update(onlyEncryptedStart) : hash;
}

export interface DecryptedTree {
  readonly replacements: readonly Replacement[];
  /** Upper-case hexadecimal digits. */
  readonly mac: string;
}

/** Decrypts every value of a text. Throws a `RingwallError` at the place of the first that cannot be. */
export function decryptTree(
  branches: readonly SopsBranch[],
  metadata: Pick<SopsMetadata, "selectors" | "macOnlyEncrypted">,
  cipher: ValueCipher,
  source: Source,
): DecryptedTree {
  const selects = selectorFrom(metadata.selectors, undefined);
  const hash = macHash(metadata.macOnlyEncrypted);
  const replacements: Replacement[] = [];
  for (const branch of branches) {
    walkBranch(branch, [], [], (found, path, comments) => {
      const encrypted = selects(path, comments, found.kind === "comment");
      const value = encrypted ? opened(found, path, cipher, source) : undefined;
      if (value !== undefined) replacements.push({ of: found, by: { as: "plain", value } });
      if (found.kind === "comment" || (metadata.macOnlyEncrypted && !encrypted)) return;
      const plain = value ?? found.value;
      if (plain !== undefined && plain.type !== "comment") hash.update(plainBytes(plain));
    });
  }
  return { replacements, mac: hash.digest("hex").toUpperCase() };
}

/** The value in place of what is encrypted; undefined where nothing is to be replaced. */
function opened(
  found: SopsLeaf | SopsComment,
  path: readonly string[],
  cipher: ValueCipher,
  source: Source,
): SopsScalar | undefined {
  if (found.kind === "comment") return openedComment(found, path, cipher);
  const { value } = found;
  if (value === undefined || (value.type === "str" && value.text === "")) return undefined;
  const place = placeAt(source, found.start);
  if (value.type !== "str") throw clear(place);
  try {
    return cipher.decrypt(value.text, additionalData(path));
  } catch (error) {
    if (error instanceof CipherProblem) throw looksEncrypted(value.text) ? cannotDecrypt(error, place) : clear(place);
    throw error;
  }
}

/** A comment that cannot be opened was not encrypted: older versions of SOPS left them as they were. */
function openedComment(found: SopsComment, path: readonly string[], cipher: ValueCipher): SopsScalar | undefined {
  if (!looksEncrypted(found.text)) return undefined;
  for (const each of [path, ...(found.otherPaths ?? [])]) {
    try {
      return cipher.decrypt(found.text, additionalData(each));
    } catch (error) {
      if (!(error instanceof CipherProblem)) throw error;
    }
  }
  return undefined;
}

function clear(place: Place): RingwallError {
  return new RingwallError("unreadable", "A value stands in clear text where SOPS encrypts it.", {
    hint: "It was written by hand into the encrypted file: take it out there, and set it with `secrets set` or `sops`.",
    place,
  });
}

function cannotDecrypt(problem: CipherProblem, place: Place): RingwallError {
  const code = problem.kind === "type" ? "unsupported" : "unreadable";
  return new RingwallError(code, `This value cannot be decrypted: ${problem.message}.`, {
    hint:
      problem.kind === "type"
        ? "A newer SOPS may have written it: use that, or a newer Ringwall."
        : "Take the file from a backup or from Git.",
    place,
  });
}

/** Refuses a file whose code does not fit its values: one was changed, removed, moved or added without the data key. */
export function verifyMac(metadata: SopsMetadata, mac: string, cipher: ValueCipher, place: Place): void {
  const hint =
    "Do not trust its values. Take it from Git or a backup; or pass over the code expressly, and look at each value.";
  if (metadata.mac === "") {
    throw new RingwallError(
      "unreadable",
      "This file has no authentication code: nobody can tell whether it was changed.",
      { hint, place },
    );
  }
  let stored: SopsScalar;
  try {
    stored = cipher.decrypt(metadata.mac, metadata.lastModified);
  } catch (error) {
    if (!(error instanceof CipherProblem)) throw error;
    throw new RingwallError(
      "unreadable",
      `The authentication code of this file cannot be decrypted: ${error.message}.`,
      { hint, place },
    );
  }
  const expected = Buffer.from(plainBytes(stored));
  const found = Buffer.from(mac);
  if (expected.length === found.length && timingSafeEqual(expected, found)) return;
  throw new RingwallError(
    "unreadable",
    "The authentication code of this file does not match its values: it was changed by something else than SOPS.",
    { hint, place },
  );
}
