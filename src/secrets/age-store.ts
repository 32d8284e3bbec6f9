import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { makeFolder, syncFolder, writeFileAtomic } from "../lib/atomic-write.ts";
import { RingwallError } from "../lib/error.ts";
import { Secret } from "./secret.ts";
import type { Store } from "./store.ts";

const suffix = ".age";
const namePattern = /^[a-z][a-z0-9-]*$/;

/**
 * Secrets as one age file each (`secrets/<name>.age`), for the identity beside them (`identity`, 0600). The files are
 * plain age: `age -d -i .ringwall/identity .ringwall/secrets/NAME.age` reads them without Ringwall.
 *
 * The folder is the stack's `.ringwall`: 0700, and with a `.gitignore` that keeps all of it out of Git.
 * Whoever can read the folder can read the secrets: it protects backups and copies of single files, and keeps values
 * from being read over a shoulder, not from the user's own account.
 */
export class AgeStore implements Store {
  readonly description: string;
  readonly #folder: string;
  #identity: string | undefined;

  constructor(stateFolder: string) {
    this.#folder = stateFolder;
    this.description = `age files in ${join(stateFolder, "secrets")}`;
  }

  async list(): Promise<readonly string[]> {
    const names = await readdir(join(this.#folder, "secrets")).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw unreadable(join(this.#folder, "secrets"), error);
    });
    const secrets = names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
    return secrets.filter((name) => namePattern.test(name)).sort();
  }

  async get(name: string): Promise<Secret | undefined> {
    const path = this.#pathOf(name);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unreadable(path, error);
    }
    const identity = await this.#existingIdentity();
    if (identity === undefined) {
      throw new RingwallError(
        "secret-missing",
        `${path} cannot be opened: ${join(this.#folder, "identity")} is not there.`,
        {
          hint: "Take the identity from where you keep a copy of it; without it the secrets are lost and must be set anew.",
        },
      );
    }
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    try {
      return new Secret(name, await decrypter.decrypt(bytes, "text"));
    } catch (error) {
      throw new RingwallError("unreadable", `${path} cannot be opened with the identity beside it.`, {
        hint: "It is damaged, or it was made for another identity: set the secret again, or take both from a backup.",
        cause: error,
      });
    }
  }

  async set(secret: Secret): Promise<void> {
    const path = this.#pathOf(secret.name);
    await this.#prepare();
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(await this.#ensuredIdentity()));
    await writeFileAtomic(path, await encrypter.encrypt(secret.expose()), { mode: 0o600 });
  }

  async remove(name: string): Promise<void> {
    const path = this.#pathOf(name);
    try {
      await rm(path, { force: true });
    } catch (error) {
      throw new RingwallError("disk", `${path} cannot be removed.`, { cause: error });
    }
    await syncFolder(join(this.#folder, "secrets"));
  }

  #pathOf(name: string): string {
    // A name is a file's name here: nothing that could lead elsewhere.
    if (!namePattern.test(name) || name.length > 100) {
      throw new RingwallError("usage", "A secret's name has lower-case letters, digits and dashes, letter first.");
    }
    return join(this.#folder, "secrets", `${name}${suffix}`);
  }

  async #prepare(): Promise<void> {
    await makeFolder(this.#folder, 0o700);
    await makeFolder(join(this.#folder, "secrets"), 0o700);
    for (const path of [this.#folder, join(this.#folder, "secrets")]) await refuseOpenFolder(path);
    const ignore = join(this.#folder, ".gitignore");
    const written = await readFile(ignore, "utf8").catch(() => undefined);
    if (written?.split("\n").includes("*") !== true) await writeFileAtomic(ignore, "*\n", { mode: 0o600 });
  }

  async #existingIdentity(): Promise<string | undefined> {
    if (this.#identity !== undefined) return this.#identity;
    const path = join(this.#folder, "identity");
    let text: string;
    try {
      const found = await lstat(path);
      if (!found.isFile()) throw new RingwallError("conflict", `${path} is not a regular file.`);
      if ((found.mode & 0o077) !== 0) {
        throw new RingwallError("permission", `Others than its owner can read or write ${path}.`, {
          hint: `Run \`chmod 600 ${path}\`, and think of its secrets as seen: replace them.`,
        });
      }
      text = await readFile(path, "utf8");
    } catch (error) {
      if (error instanceof RingwallError) throw error;
      if (isMissing(error)) return undefined;
      throw unreadable(path, error);
    }
    const identity = text.split("\n").find((line) => line.startsWith("AGE-SECRET-KEY-1"));
    if (identity === undefined) throw new RingwallError("invalid", `${path} holds no age identity.`);
    this.#identity = identity.trim();
    return this.#identity;
  }

  async #ensuredIdentity(): Promise<string> {
    const existing = await this.#existingIdentity();
    if (existing !== undefined) return existing;
    if ((await this.list()).length > 0) {
      throw new RingwallError(
        "conflict",
        `There are secrets in ${join(this.#folder, "secrets")}, but their identity is gone.`,
        {
          hint: "Take the identity from where you keep a copy of it, or move the folder away to begin anew.",
        },
      );
    }
    const identity = await generateX25519Identity();
    const text = `# public key: ${await identityToRecipient(identity)}\n${identity}\n`;
    await writeFileAtomic(join(this.#folder, "identity"), text, { mode: 0o600 });
    this.#identity = identity;
    return identity;
  }
}

async function refuseOpenFolder(path: string): Promise<void> {
  const found = await lstat(path);
  if (!found.isDirectory()) throw new RingwallError("conflict", `${path} is not a folder, but a link or a file.`);
  if ((found.mode & 0o077) !== 0) {
    throw new RingwallError("permission", `Others than its owner can enter ${path}.`, {
      hint: `Run \`chmod 700 ${path}\` after making sure that nobody has put anything there.`,
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function unreadable(path: string, error: unknown): RingwallError {
  return new RingwallError("unreadable", `${path} cannot be read.`, { cause: error });
}
