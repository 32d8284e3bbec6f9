import { inspect } from "node:util";
import { armor, Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { RingwallError } from "../../../lib/error.ts";

const known = /^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/;

/**
 * Identities of age that may open a file. They go in and never come out: nothing prints them.
 */
export class AgeIdentities {
  readonly #identities: readonly { readonly text: string; readonly recipient: string }[];

  private constructor(identities: readonly { readonly text: string; readonly recipient: string }[]) {
    this.#identities = identities;
  }

  /**
   * The identities of texts in the form of an identity file: one a line, `#` begins a comment. `shownAs` names where a
   * text comes from. Throws for a line that is none.
   */
  static async of(texts: readonly { readonly text: string; readonly shownAs: string }[]): Promise<AgeIdentities> {
    const found: { text: string; recipient: string }[] = [];
    for (const { text, shownAs } of texts) {
      for (const [at, line] of text.split(/\r?\n/).entries()) {
        const trimmed = line.trim();
        if (trimmed === "" || trimmed.startsWith("#")) continue;
        found.push({ text: trimmed, recipient: await recipientOf(trimmed, shownAs, at + 1) });
      }
    }
    return new AgeIdentities(found);
  }

  get count(): number {
    return this.#identities.length;
  }

  /** The public keys, which are no secret. */
  get recipients(): readonly string[] {
    return this.#identities.map(({ recipient }) => recipient);
  }

  /** What was encrypted for a recipient, opened with the identity of that recipient, or else with any. */
  async open(armored: string, recipient: string): Promise<Uint8Array | undefined> {
    const own = this.#identities.filter((each) => each.recipient === recipient);
    for (const identity of own.length > 0 ? own : this.#identities) {
      const opened = await open(armored, identity.text);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }

  toString(): string {
    return `‹${this.count} identities›`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

async function recipientOf(identity: string, shownAs: string, line: number): Promise<string> {
  const where = `${shownAs}:${line}`;
  if (/^AGE-PLUGIN-/i.test(identity)) {
    throw new RingwallError("unsupported", `${where}: an identity of an age plugin cannot be used by Ringwall.`, {
      hint: "Use an identity of age itself (`age-keygen`), and add its recipient to the files with `sops updatekeys`.",
    });
  }
  if (/^-----BEGIN .*PRIVATE KEY/.test(identity)) {
    throw new RingwallError("unsupported", `${where}: SSH keys cannot be used as identities by Ringwall.`, {
      hint: "Make an identity with `age-keygen`, and add its recipient to the files with `sops updatekeys`.",
    });
  }
  try {
    if (known.test(identity)) return await identityToRecipient(identity);
  } catch {
    // Told below; the library's own message may show a part of it.
  }
  throw new RingwallError("invalid", `${where}: this line is no identity of age.`, {
    hint: "An identity begins with AGE-SECRET-KEY-1; `age-keygen` makes one.",
  });
}

async function open(armored: string, identity: string): Promise<Uint8Array | undefined> {
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return await decrypter.decrypt(armor.decode(armored));
  } catch {
    return undefined;
  }
}

/** Bytes encrypted for one recipient of age, armored as SOPS keeps them. Throws for a recipient that cannot be used. */
export async function sealFor(recipient: string, bytes: Uint8Array): Promise<string> {
  const encrypter = new Encrypter();
  addRecipient(encrypter, recipient);
  return `${armor.encode(await encrypter.encrypt(bytes)).trimEnd()}\n`;
}

/** Refuses what is no recipient, before anything is done with it. */
export function checkRecipient(recipient: string): void {
  addRecipient(new Encrypter(), recipient);
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  if (recipient.startsWith("ssh-")) {
    throw new RingwallError("unsupported", "SSH keys cannot be recipients of files that Ringwall encrypts.", {
      hint: "Make an identity with `age-keygen` and name its recipient, which begins with age1.",
    });
  }
  // The library's own messages repeat what they were given; a secret key may have been put here by mistake.
  const shown = /^age1[0-9a-z]{1,2000}$/.test(recipient) ? recipient : "One of the recipients";
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw new RingwallError("invalid", `${shown} is no recipient of age that Ringwall knows.`, {
      hint: "Recipients begin with age1; those of plugins are not known here.",
    });
  }
}
