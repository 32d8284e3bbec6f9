import { readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { syncFolder, writeFailure, writeFileAtomic } from "../../../lib/atomic-write.ts";
import { RingwallError } from "../../../lib/error.ts";
import { readIdentities } from "../../../secrets/age-identity.ts";
import { Secret } from "../../../secrets/secret.ts";
import { refuseInsideGit } from "../../../stores/age/identity-place.ts";

/** One identity of age: its public key, and the private one as a secret. */
export interface OwnIdentity {
  readonly key: string;
  readonly secret: Secret;
}

/**
 * The files that hold an identity: the present one, the next one until it is in use, and the former ones. No other file
 * ever holds one of them.
 */
export class IdentityFiles {
  readonly present: string;
  readonly next: string;
  readonly previous: string;

  constructor(present: string) {
    this.present = present;
    this.next = `${present}--next`;
    this.previous = `${present}--previous`;
  }

  async readPresent(): Promise<readonly OwnIdentity[]> {
    const found = await read(this.present);
    if (found !== undefined) return found;
    throw new RingwallError("secret-missing", `There is no identity at ${this.present}.`, {
      hint: "Take it from where you keep a copy of it; `ringwall secrets set` makes one with the first secret of a stack.",
    });
  }

  readNext(): Promise<readonly OwnIdentity[] | undefined> {
    return read(this.next);
  }

  /** Former identities, the latest first. */
  async readPrevious(): Promise<readonly OwnIdentity[]> {
    return (await read(this.previous)) ?? [];
  }

  /** Throws where Git would take one of the files. */
  async refuseInGit(): Promise<void> {
    for (const path of [this.present, this.next, this.previous]) refuseInsideGit(path);
  }

  /**
   * Makes the next identity, of the kind that the former one is, since age takes no recipients of both kinds together.
   * Gives back the one that an interrupted process has made.
   */
  async makeNext(former: string, at: Date): Promise<OwnIdentity> {
    await this.refuseInGit();
    const made = (await this.readNext())?.[0];
    if (made !== undefined) return made;
    const text = await (/^age1(?:tag)?pq1/.test(former) ? generateHybridIdentity() : generateX25519Identity());
    const next = await ownIdentity(text);
    await this.#write(this.next, [next], at);
    return next;
  }

  /**
   * Puts the next identity in the place of the former one, which is kept among the previous ones; others that stand in the
   * same file stay there. After a crash at any point it can be called again.
   */
  async exchange(former: string, next: string, at: Date): Promise<void> {
    const present = await this.readPresent();
    if (!present.some(({ key }) => key === next)) {
      const coming = (await this.readNext())?.find(({ key }) => key === next);
      const going = present.find(({ key }) => key === former);
      if (coming === undefined || going === undefined) throw lost(this.next);
      const before = await this.readPrevious();
      await this.#write(this.previous, [going, ...before.filter(({ key }) => key !== former)], at);
      await this.#write(this.present, [coming, ...present.filter(({ key }) => key !== former)], at);
    }
    await this.removeNext();
  }

  async removeNext(): Promise<void> {
    try {
      await rm(this.next, { force: true });
    } catch (error) {
      throw writeFailure(this.next, error);
    }
    await syncFolder(dirname(this.next));
  }

  /** Root leaves the files to whom the present one belongs. */
  async #write(path: string, identities: readonly OwnIdentity[], at: Date): Promise<void> {
    const found = process.getuid?.() === 0 ? await stat(this.present).catch(() => undefined) : undefined;
    const owner = found === undefined ? {} : { owner: { uid: found.uid, gid: found.gid } };
    await writeFileAtomic(path, identityText(identities, at), { mode: 0o600, ...owner });
  }

  /** Removes half-written files of processes that were killed. */
  async removeParts(): Promise<void> {
    const folder = dirname(this.present);
    const name = basename(this.present);
    const own = [name, basename(this.next), basename(this.previous)].map((one) => `.${one}.`);
    for (const found of await readdir(folder).catch(() => [])) {
      if (!own.some((begin) => found.startsWith(begin)) || !/\.[0-9a-f]{12}\.part$/.test(found)) continue;
      await rm(join(folder, found), { force: true });
    }
  }
}

async function read(path: string): Promise<readonly OwnIdentity[] | undefined> {
  const texts = await readIdentities(path, refuseInsideGit);
  return texts === undefined ? undefined : Promise.all(texts.map(ownIdentity));
}

async function ownIdentity(text: string): Promise<OwnIdentity> {
  return { key: await identityToRecipient(text), secret: new Secret("identity", text) };
}

/** The text of an identity file, as `age-keygen` writes it. */
export function identityText(identities: readonly OwnIdentity[], at: Date | undefined): string {
  const created = at === undefined ? "" : `# written: ${at.toISOString().slice(0, 19)}Z\n`;
  return created + identities.map(({ key, secret }) => `# public key: ${key}\n${secret.expose()}\n`).join("");
}

function lost(path: string): RingwallError {
  return new RingwallError("secret-missing", `The next identity is not at ${path} any more.`, {
    hint: "Somebody removed it while the identity was being rotated: put it back from where it was moved to.",
  });
}
