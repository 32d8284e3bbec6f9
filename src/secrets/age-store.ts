import { createHash } from "node:crypto";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { makeFolder, syncFolder, writeFailure, writeFileAtomic } from "../lib/atomic-write.ts";
import { RingwallError } from "../lib/error.ts";
import { withFileLock } from "../lib/file-lock.ts";
import { makeIgnoredFolder } from "../lib/ignored-folder.ts";
import { listed } from "../lib/listed.ts";
import { readTextFile } from "../lib/read-text-file.ts";
import { isMissing, isSystemError } from "../lib/system-error.ts";
import { type Departure, parseDepartures, renderDepartures, withoutName } from "./age-departures.ts";
import { createIdentity, type PlaceCheck, readIdentities } from "./age-identity.ts";
import { type AgeRecipient, parseRecipients, renderRecipients } from "./age-recipients.ts";
import { Secret } from "./secret.ts";
import { absentVersion, isSecretName, type SetOptions, type Store } from "./store.ts";

const suffix = ".age";
const largestList = 1024 * 1024;

export interface AgeStoreOptions {
  /** Where the identity lies; `identity` in the folder when left out. */
  readonly identity?: string;
  /** Judges the identity's place before it is read or made; every place is well when left out. */
  readonly mayLie?: PlaceCheck;
}

/**
 * Secrets as one age file each (`secrets/<name>.age`) in the stack's `.ringwall`, a folder at 0700 with a `.gitignore`
 * that keeps all of it out of Git. The files are plain age: `age -d -i .ringwall/identity .ringwall/secrets/NAME.age`
 * reads them without Ringwall.
 *
 * They are for those whom `recipients` lists, one public key on a line; for the identity alone where there is no such
 * file. Whoever has an identity of one of them can read every value; the list of names is open to all who see the
 * folder. Writers, in one process or several, take turns; a reader needs no lock, since files change as a whole.
 */
export class AgeStore implements Store {
  readonly description: string;
  readonly #folder: string;
  readonly #identityPath: string;
  readonly #mayLie: PlaceCheck;
  #identities: readonly string[] | undefined;

  constructor(stateFolder: string, options: AgeStoreOptions = {}) {
    this.#folder = stateFolder;
    this.#identityPath = options.identity ?? join(stateFolder, "identity");
    this.#mayLie = options.mayLie ?? (() => undefined);
    this.description = `age files in ${join(stateFolder, "secrets")}`;
  }

  async list(): Promise<readonly string[]> {
    const names = await readdir(join(this.#folder, "secrets")).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw unreadable(join(this.#folder, "secrets"), error);
    });
    const secrets = names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
    return secrets.filter(isSecretName).sort();
  }

  async get(name: string): Promise<Secret | undefined> {
    const bytes = await this.#bytesOf(name);
    return bytes === undefined ? undefined : new Secret(name, await this.#opened(this.#pathOf(name), bytes));
  }

  async versionOf(name: string): Promise<string> {
    const bytes = await this.#bytesOf(name);
    // Of the encrypted bytes, which differ each time, even for the same value.
    return bytes === undefined ? absentVersion : createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  }

  async set(secret: Secret, options: SetOptions = {}): Promise<void> {
    const path = this.#pathOf(secret.name);
    await this.#locked(async () => {
      if (options.expectVersion !== undefined && (await this.versionOf(secret.name)) !== options.expectVersion) {
        throw new RingwallError("conflict", `"${secret.name}" was changed by someone else in ${this.description}.`, {
          hint: "Look at what it is now, and set it again if yours is to count.",
        });
      }
      const departures = await this.departures();
      const concerned = departures.some(({ names }) => names.includes(secret.name));
      const changes = concerned && (await this.#differs(secret));
      const recipients = await this.#effectiveRecipients();
      await this.#refuseLockout(recipients);
      await this.#write(path, secret.expose(), recipients);
      if (changes) await this.#writeDepartures(withoutName(departures, secret.name));
    });
  }

  async remove(name: string): Promise<void> {
    const path = this.#pathOf(name);
    if ((await this.#bytesOf(name)) === undefined) return;
    await this.#locked(async () => {
      try {
        await rm(path, { force: true });
      } catch (error) {
        throw isSystemError(error) ? writeFailure(path, error) : error;
      }
      await syncFolder(join(this.#folder, "secrets"));
    });
  }

  /** Whom the files are for, or are to be once `reencrypt` has run. Empty before the first secret. */
  async recipients(): Promise<readonly AgeRecipient[]> {
    const listedOnes = await this.#readRecipients("recipients");
    if (listedOnes !== undefined) return listedOnes;
    return (await this.#ownKeys()).slice(0, 1).map((key) => ({ key, comment: "this identity" }));
  }

  /** Writes the list of recipients; the files stay as they are until `reencrypt` has run. */
  async setRecipients(recipients: readonly AgeRecipient[]): Promise<void> {
    await this.#locked(async () => {
      await this.#refuseLockout(recipients);
      // What the files are for now is written down first: from it follows who has left.
      if ((await this.#readRecipients("recipients.applied")) === undefined) {
        await this.#writeRecipients("recipients.applied", await this.recipients());
      }
      await this.#writeRecipients("recipients", recipients);
    });
  }

  /** Whether the list was changed and not every file has been encrypted for it since. */
  async reencryptionPending(): Promise<boolean> {
    const wanted = await this.#readRecipients("recipients");
    if (wanted === undefined) return false;
    const applied = (await this.#readRecipients("recipients.applied")) ?? [];
    return keysOf(wanted) !== keysOf(applied);
  }

  /** Recipients who left, and the secrets that they know until those have new values. */
  async departures(): Promise<readonly Departure[]> {
    const path = join(this.#folder, "departed.json");
    return parseDepartures(await readTextFile(path, path, largestList), path);
  }

  /**
   * Encrypts every file anew, with a new key each, for the recipients of now. Each file is exchanged as a whole and
   * verified before; a run that was cut off is completed by the next. Files that cannot be opened are named at the end,
   * in a `RingwallError`; the others are done by then.
   */
  async reencrypt(now: Date): Promise<readonly string[]> {
    return await this.#locked(async () => {
      const recipients = await this.#effectiveRecipients();
      await this.#refuseLockout(recipients);
      const names = await this.list();
      await this.#recordDepartures(recipients, names, now);
      const failed: string[] = [];
      for (const name of names) if (!(await this.#reencryptOne(name, recipients))) failed.push(name);
      if (failed.length > 0) {
        throw new RingwallError("unreadable", `These could not be opened and stay as they were: ${listed(failed)}.`, {
          hint: "Set or remove them, or take them from a backup; then run the command again.",
        });
      }
      await this.#writeRecipients("recipients.applied", recipients);
      return names;
    });
  }

  async #reencryptOne(name: string, recipients: readonly AgeRecipient[]): Promise<boolean> {
    try {
      const found = await this.get(name);
      if (found !== undefined) await this.#write(this.#pathOf(name), found.expose(), recipients);
      return true;
    } catch (error) {
      if (error instanceof RingwallError && error.code === "unreadable") return false;
      throw error;
    }
  }

  /** Before the first file is touched, so that no crash forgets what somebody knew. */
  async #recordDepartures(recipients: readonly AgeRecipient[], names: readonly string[], now: Date): Promise<void> {
    const kept = new Set(recipients.map(({ key }) => key));
    const applied = (await this.#readRecipients("recipients.applied")) ?? [];
    const before = (await this.departures()).filter(({ key }) => !kept.has(key));
    const told = new Set(before.map(({ key }) => key));
    const left = applied.filter(({ key }) => !kept.has(key) && !told.has(key));
    // What an overlap keeps beside a secret (`NAME--previous`) ends when the secret itself is replaced.
    const known = names.filter((name) => !name.includes("--"));
    const departed = left.map(({ key, comment }) => ({ key, comment, at: now.toISOString(), names: known }));
    if (departed.length > 0) await this.#writeDepartures([...before, ...departed]);
  }

  async #write(path: string, value: string, recipients: readonly AgeRecipient[]): Promise<void> {
    const encrypter = new Encrypter();
    for (const { key } of recipients) encrypter.addRecipient(key);
    await writeFileAtomic(path, await encrypter.encrypt(value), { mode: 0o600 });
  }

  async #differs(secret: Secret): Promise<boolean> {
    const before = await this.get(secret.name).catch(() => undefined);
    return before?.expose() !== secret.expose();
  }

  async #bytesOf(name: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(name);
    try {
      return await readFile(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unreadable(path, error);
    }
  }

  async #opened(path: string, bytes: Uint8Array): Promise<string> {
    const identities = await this.#existingIdentities();
    if (identities === undefined) {
      throw new RingwallError("secret-missing", `${path} cannot be opened: ${this.#identityPath} is not there.`, {
        hint: "Take the identity from where you keep a copy of it; without it the secrets are lost and must be set anew.",
      });
    }
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    try {
      const opened = await decrypter.decrypt(bytes);
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(opened);
    } catch (error) {
      throw cannotOpen(path, this.#identityPath, error);
    }
  }

  #pathOf(name: string): string {
    // A name is a file's name here: nothing that could lead elsewhere.
    if (!isSecretName(name)) {
      throw new RingwallError("usage", "A secret's name has lower-case letters, digits and dashes, letter first.");
    }
    return join(this.#folder, "secrets", `${name}${suffix}`);
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    await this.#prepare();
    return await withFileLock(join(this.#folder, "secrets.lock"), work);
  }

  async #prepare(): Promise<void> {
    await makeFolder(this.#folder, 0o700);
    await makeFolder(join(this.#folder, "secrets"), 0o700);
    for (const path of [this.#folder, join(this.#folder, "secrets")]) await refuseOpenFolder(path);
    await makeIgnoredFolder(this.#folder);
  }

  async #readRecipients(file: string): Promise<readonly AgeRecipient[] | undefined> {
    const path = join(this.#folder, file);
    const text = await readTextFile(path, path, largestList);
    if (text === undefined) return undefined;
    const found = parseRecipients(text, path);
    if (found.length > 0) return found;
    throw new RingwallError("invalid", `${path} lists nobody.`, {
      hint: "Put a public key on a line of its own, or delete the file: then the identity alone is meant.",
    });
  }

  async #writeRecipients(file: string, recipients: readonly AgeRecipient[]): Promise<void> {
    await writeFileAtomic(join(this.#folder, file), renderRecipients(recipients), { mode: 0o600 });
  }

  async #writeDepartures(departures: readonly Departure[]): Promise<void> {
    await writeFileAtomic(join(this.#folder, "departed.json"), renderDepartures(departures), { mode: 0o600 });
  }

  /** Those of the list, or the identity's own key, which is made when there is none yet. Only under the lock. */
  async #effectiveRecipients(): Promise<readonly AgeRecipient[]> {
    const listedOnes = await this.#readRecipients("recipients");
    if (listedOnes !== undefined) return listedOnes;
    await this.#ensureIdentity();
    return await this.recipients();
  }

  /** An identity that is not among the recipients could read nothing of what it writes from now on. */
  async #refuseLockout(recipients: readonly AgeRecipient[]): Promise<void> {
    const own = await this.#ownKeys();
    if (own.length === 0 || recipients.some(({ key }) => own.includes(key))) return;
    throw new RingwallError("conflict", `None of the recipients is the identity ${this.#identityPath}.`, {
      hint: `Add its public key first: ${own[0] ?? ""}. Otherwise the secrets could not be read here any more.`,
    });
  }

  async #ownKeys(): Promise<readonly string[]> {
    const identities = (await this.#existingIdentities()) ?? [];
    return await Promise.all(identities.map((identity) => identityToRecipient(identity)));
  }

  async #existingIdentities(): Promise<readonly string[] | undefined> {
    this.#identities ??= await readIdentities(this.#identityPath, this.#mayLie);
    return this.#identities;
  }

  async #ensureIdentity(): Promise<void> {
    if ((await this.#existingIdentities()) !== undefined) return;
    if ((await this.list()).length > 0) {
      const secrets = join(this.#folder, "secrets");
      throw new RingwallError("conflict", `There are secrets in ${secrets}, but their identity is gone.`, {
        hint: "Take the identity from where you keep a copy of it, or move the folder away to begin anew.",
      });
    }
    this.#identities = [await createIdentity(this.#identityPath, this.#mayLie)];
  }
}

function keysOf(recipients: readonly AgeRecipient[]): string {
  return recipients
    .map(({ key }) => key)
    .sort()
    .join("\n");
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

/** The library tells a file for others from a damaged one by its text alone; both have one code here. */
function cannotOpen(path: string, identity: string, error: unknown): RingwallError {
  if (error instanceof Error && error.message.includes("no identity matched")) {
    return new RingwallError("unreadable", `${path} is encrypted for others than ${identity}.`, {
      hint: "Take the identity that it was made for, ask one of its recipients to add yours, or set the secret again.",
      cause: error,
    });
  }
  return new RingwallError("unreadable", `${path} is damaged or only half there; nothing of it is used.`, {
    hint: "Take it from a backup, or set the secret again.",
    cause: error,
  });
}

function unreadable(path: string, error: unknown): RingwallError {
  return new RingwallError("unreadable", `${path} cannot be read.`, {
    hint: "It belongs to whoever made it: run this command as that user, or as root.",
    cause: error,
  });
}
