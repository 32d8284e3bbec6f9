import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { makeFolder, writeFileAtomic } from "../lib/atomic-write.ts";
import { RingwallError } from "../lib/error.ts";
import { readTextFile } from "../lib/read-text-file.ts";
import { isMissing } from "../lib/system-error.ts";

/** Who says whether an identity may lie at a path; throws a `RingwallError` when it may not. */
export type PlaceCheck = (path: string) => void | Promise<void>;

const largest = 1024 * 1024;

/**
 * The identities of a file as `age-keygen` makes it: `AGE-SECRET-KEY-…` lines among comments. Undefined when it is not
 * there. Throws when others can read it, when it is no regular file, when it lies where it must not, or holds none.
 */
export async function readIdentities(path: string, mayLie: PlaceCheck): Promise<readonly string[] | undefined> {
  const found = await lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw new RingwallError("unreadable", `${path} cannot be read.`, { cause: error });
  });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new RingwallError("conflict", `${path} is not a regular file.`);
  if ((found.mode & 0o077) !== 0) {
    throw new RingwallError("permission", `Others than its owner can read or write ${path}.`, {
      hint: `Run \`chmod 600 ${path}\`, and think of its secrets as seen: replace them.`,
    });
  }
  await mayLie(path);
  const text = (await readTextFile(path, path, largest)) ?? "";
  return identitiesIn(text, path);
}

/** The identities of a text. Throws `invalid`, and never repeats a line of it. */
export function identitiesIn(text: string, shownAs: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim());
  if (lines[0]?.startsWith("age-encryption.org/") || lines[0]?.startsWith("-----BEGIN AGE ENCRYPTED FILE")) {
    throw new RingwallError("unsupported", `The identity ${shownAs} is encrypted with a passphrase.`, {
      hint: "Keep it decrypted on a disk that is encrypted as a whole (`age -d`), at mode 0600.",
    });
  }
  const identities = lines.filter((line) => /^AGE-SECRET-KEY-(?:PQ-)?1/.test(line));
  if (identities.length === 0) {
    throw new RingwallError("invalid", `${shownAs} holds no age identity.`, {
      hint: "Expected a line that begins with AGE-SECRET-KEY-1, as `age-keygen` makes it.",
    });
  }
  for (const [index, identity] of identities.entries()) {
    try {
      new Decrypter().addIdentity(identity);
    } catch {
      // Without the library's own error: it may hold part of the key.
      throw new RingwallError("invalid", `Identity ${index + 1} of ${shownAs} is damaged: its checksum is wrong.`, {
        hint: "Take the file from where you keep a copy of it.",
      });
    }
  }
  return identities;
}

/** Makes an identity and its file, 0600. The place is judged before anything is made. */
export async function createIdentity(path: string, mayLie: PlaceCheck): Promise<string> {
  await makeFolder(dirname(path), 0o700);
  await mayLie(path);
  const identity = await generateX25519Identity();
  const text = `# public key: ${await identityToRecipient(identity)}\n${identity}\n`;
  await writeFileAtomic(path, text, { mode: 0o600 });
  return identity;
}
