import { Encrypter } from "age-encryption";
import { RingwallError } from "../lib/error.ts";

/** Somebody whom the files are encrypted for. */
export interface AgeRecipient {
  /** A public key: `age1…`, `age1pq1…` (post-quantum), `age1tag1…` and `age1tagpq1…` (hardware keys). */
  readonly key: string;
  /** Whose it is; empty when nobody said. */
  readonly comment: string;
}

/**
 * Reads a list of recipients: one public key on a line, what follows it is a comment, and so is what follows `#`. The
 * comment line right above a key without one of its own is taken for its comment, as `age-keygen` writes them.
 * Throws `invalid` with the line of what is no public key. `shownAs` names the file.
 */
export function parseRecipients(text: string, shownAs: string): readonly AgeRecipient[] {
  const found: AgeRecipient[] = [];
  let above = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) {
      above = line.replace(/^#\s*/, "");
      continue;
    }
    const [key = "", ...rest] = line.split(/\s+/);
    const comment = rest.join(" ").replace(/^#\s*/, "");
    assertRecipient(key, `${shownAs}:${index + 1}`);
    if (!found.some((one) => one.key === key)) found.push({ key, comment: comment === "" ? above : comment });
    above = "";
  }
  assertCompatible(found, shownAs);
  return found;
}

export function renderRecipients(recipients: readonly AgeRecipient[]): string {
  const lines = recipients.map(({ key, comment }) => (comment === "" ? key : `${key} # ${comment}`));
  return `# Who can read the secrets: one public key on a line, and whose it is.\n${lines.join("\n")}\n`;
}

/** Throws `invalid` for what age cannot encrypt for, with why. A private key is told as what it is, and not repeated. */
export function assertRecipient(key: string, where: string): void {
  if (/^AGE-SECRET-KEY-/i.test(key)) {
    throw new RingwallError("invalid", `${where}: a private key stands where a public one belongs.`, {
      hint: "Put its public key there (`age-keygen -y`), and take the private one for seen if anybody could read the file.",
    });
  }
  if (/^(?:ssh-|ecdsa-)/.test(key)) {
    throw new RingwallError("invalid", `${where}: SSH keys are not taken as recipients here.`, {
      hint: "Make an age key with `age-keygen` and put its public key there.",
    });
  }
  try {
    new Encrypter().addRecipient(key);
  } catch {
    throw new RingwallError("invalid", `${where}: this is no public key of age.`, {
      hint: "Expected a text that begins with `age1`, as `age-keygen -y` prints it; look for a missing character.",
    });
  }
}

/** age refuses files for both kinds: one that is read with an ordinary key gives nothing to those who need the other. */
function assertCompatible(recipients: readonly AgeRecipient[], where: string): void {
  const kinds = new Set(recipients.map(({ key }) => /^age1(?:tag)?pq1/.test(key)));
  if (kinds.size < 2) return;
  throw new RingwallError("invalid", `${where}: post-quantum keys and ordinary ones stand together.`, {
    hint: "age encrypts for one kind or the other; give everybody a key of the same kind.",
  });
}

/** The list with one more. Throws `conflict` when the key is there already. */
export function withRecipient(
  recipients: readonly AgeRecipient[],
  added: AgeRecipient,
  where: string,
): readonly AgeRecipient[] {
  assertRecipient(added.key, "The new recipient");
  if (recipients.some(({ key }) => key === added.key)) {
    throw new RingwallError("conflict", `${added.key} is a recipient already.`, {
      hint: "`ringwall secrets recipients list` shows all of them.",
    });
  }
  const comment = added.comment.replace(/\s+/g, " ").trim();
  const all = [...recipients, { key: added.key, comment }];
  assertCompatible(all, where);
  return all;
}

/** The list without one, found by its key or by its comment. Throws `not-found`, or `conflict` for the last one. */
export function withoutRecipient(recipients: readonly AgeRecipient[], named: string): readonly AgeRecipient[] {
  const matching = recipients.filter(({ key, comment }) => key === named || comment === named);
  if (matching.length !== 1) {
    const why = matching.length === 0 ? "No recipient is" : `${matching.length} recipients are`;
    throw new RingwallError(matching.length === 0 ? "not-found" : "conflict", `${why} called "${named}".`, {
      hint: "Name the public key, as `ringwall secrets recipients list` shows it.",
    });
  }
  if (recipients.length === 1) {
    throw new RingwallError("conflict", "The last recipient cannot leave: nobody could read the secrets.", {
      hint: "Add another one first.",
    });
  }
  return recipients.filter((one) => one !== matching[0]);
}
