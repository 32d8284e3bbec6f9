import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Decrypter } from "age-encryption";
import { writeFileAtomic } from "../../../lib/atomic-write.ts";
import { RingwallError } from "../../../lib/error.ts";
import { withFileLock } from "../../../lib/file-lock.ts";
import { readTextFile } from "../../../lib/read-text-file.ts";
import { parseDepartures, renderDepartures } from "../../../secrets/age-departures.ts";
import type { AgeRecipient } from "../../../secrets/age-recipients.ts";
import { AgeStore } from "../../../secrets/age-store.ts";
import { refuseInsideGit } from "../../../stores/age/identity-place.ts";
import type { OwnIdentity } from "./identity-files.ts";

const largestList = 1024 * 1024;

/** The age files of a stack (`.ringwall/secrets`), as far as the identity's rotation is concerned. */
export class AgeSecrets {
  readonly #folder: string;
  readonly #identity: string;

  constructor(folder: string, identity: string) {
    this.#folder = folder;
    this.#identity = identity;
  }

  /** A store that has read no identity yet: the file changes meanwhile. */
  #store(): AgeStore {
    return new AgeStore(this.#folder, { identity: this.#identity, mayLie: refuseInsideGit });
  }

  list(): Promise<readonly string[]> {
    return this.#store().list();
  }

  /** Whether there are files, or a list of whom they will be for, and a key is among those. */
  async isFor(key: string): Promise<boolean> {
    const store = this.#store();
    const list = join(this.#folder, "recipients");
    const used = (await store.list()).length > 0 || (await readTextFile(list, list, largestList)) !== undefined;
    return used && (await store.recipients()).some((one) => one.key === key);
  }

  /** Sentences about files that cannot be opened now. */
  async unopened(): Promise<readonly string[]> {
    const store = this.#store();
    const found: string[] = [];
    for (const name of await store.list()) {
      try {
        await store.get(name);
      } catch (error) {
        if (!(error instanceof RingwallError)) throw error;
        found.push(error.describe());
      }
    }
    return found;
  }

  async add(former: string, next: string, now: Date): Promise<void> {
    await this.#change(now, (all) =>
      all.some(({ key }) => key === next)
        ? all
        : all.flatMap((one) => (one.key === former ? [one, { key: next, comment: one.comment }] : [one])),
    );
  }

  /** Nothing is done where the key has left already, and every file was encrypted anew since. */
  async remove(leaving: string, now: Date): Promise<void> {
    if (!(await this.isFor(leaving)) && !(await this.#store().reencryptionPending())) return;
    await this.#change(now, (all) => all.filter(({ key }) => key !== leaving));
  }

  /** Encrypts every file anew, whether the list changes or not: an earlier process may not have come to all of them. */
  async #change(now: Date, change: (all: readonly AgeRecipient[]) => readonly AgeRecipient[]): Promise<void> {
    const store = this.#store();
    const before = await store.recipients();
    const after = change(before);
    if (after.length !== before.length) await store.setRecipients(after);
    await store.reencrypt(now);
  }

  /** Forgets that a key left: it was never in use, and nobody has it. */
  async forgetDeparture(key: string): Promise<void> {
    const path = join(this.#folder, "departed.json");
    await withFileLock(join(this.#folder, "secrets.lock"), async () => {
      const text = await readTextFile(path, path, largestList);
      if (text === undefined) return;
      const kept = parseDepartures(text, path).filter((one) => one.key !== key);
      await writeFileAtomic(path, renderDepartures(kept), { mode: 0o600 });
    });
  }

  /** Whether one identity, and no other, opens a file. */
  async opens(name: string, identity: OwnIdentity): Promise<boolean> {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity.secret.expose());
    const bytes = await readFile(join(this.#folder, "secrets", `${name}.age`));
    try {
      await decrypter.decrypt(bytes);
      return true;
    } catch {
      return false;
    }
  }
}
