import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { encryptionRuleFor } from "../../formats/sops/document/creation-rule.ts";
import type { EncryptionRule } from "../../formats/sops/document/encryption-rule.ts";
import { AgeIdentities } from "../../formats/sops/document/identities.ts";
import type { SopsContext } from "../../formats/sops/document/operations.ts";
import { writeFileAtomic } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { withFileLock } from "../../lib/file-lock.ts";
import { makeIgnoredFolder } from "../../lib/ignored-folder.ts";
import { Source } from "../../lib/place.ts";
import { readTextFile } from "../../lib/read-text-file.ts";
import { type PlaceCheck, readIdentities } from "../../secrets/age-identity.ts";

const largest = 16 * 1024 * 1024;
const rounds = 5;
/** As deep as SOPS looks for its configuration (`config/config.go`). */
const deepest = 100;

export interface SopsFilesOptions {
  /** Files with identities, as `age-keygen` makes them. Those that are not there are passed over. */
  readonly identities: readonly string[];
  /** A lock of this machine's processes; made where it is missing. It does not bind `sops` itself. */
  readonly lock: string;
  /** Who new files are for; the nearest `.sops.yaml` says so where this is left out. */
  readonly rule?: EncryptionRule;
  readonly mayLie?: PlaceCheck;
  /** For tests; the system's where left out. */
  readonly context?: SopsContext;
}

/** Encrypted files on the disk: read whole, changed under a lock, and exchanged as a whole. */
export class SopsFiles {
  readonly context: SopsContext;
  readonly #options: SopsFilesOptions;
  #identities: AgeIdentities | undefined;

  constructor(options: SopsFilesOptions) {
    this.#options = options;
    this.context = options.context ?? {
      random: (count) => new Uint8Array(randomBytes(count)),
      now: () => new Date(),
    };
  }

  async identities(): Promise<AgeIdentities> {
    if (this.#identities !== undefined) return this.#identities;
    const texts: { text: string; shownAs: string }[] = [];
    for (const path of this.#options.identities) {
      const lines = await readIdentities(path, this.#options.mayLie ?? (() => undefined));
      if (lines !== undefined) texts.push({ text: lines.join("\n"), shownAs: path });
    }
    this.#identities = await AgeIdentities.of(texts);
    return this.#identities;
  }

  /** A file's text; undefined where nothing is there. */
  async read(path: string): Promise<string | undefined> {
    return await readTextFile(path, path, largest);
  }

  /**
   * Replaces a file by what `change` makes of it, or leaves it where that is the same or undefined. What somebody else
   * wrote in the meantime is never lost: then `change` is asked again.
   */
  async change(path: string, change: (text: string | undefined) => Promise<string | undefined>): Promise<void> {
    await this.locked(() => this.changeUnderLock(path, change));
  }

  /** The same for who holds the lock already, as for many files at once. */
  async changeUnderLock(
    path: string,
    change: (text: string | undefined) => Promise<string | undefined>,
  ): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const before = await this.read(path);
      const after = await change(before);
      if (after === undefined || after === before) return;
      if ((await this.read(path)) !== before) continue;
      const mode = (await stat(path).catch(() => undefined))?.mode ?? 0o644;
      await writeFileAtomic(path, after, { mode: mode & 0o777 });
      return;
    }
    throw new RingwallError("conflict", `${path} is changed all the time by somebody else.`, {
      hint: "See what else writes it, then run the command again.",
    });
  }

  async locked<T>(work: () => Promise<T>): Promise<T> {
    // The lock may be the first thing in a stack's `.ringwall`, which Git never takes.
    await makeIgnoredFolder(dirname(this.#options.lock));
    return await withFileLock(this.#options.lock, work);
  }

  /** Who a file is for that is not there yet, or whose recipients are to be brought up to date. */
  async ruleFor(path: string): Promise<EncryptionRule> {
    if (this.#options.rule !== undefined) return this.#options.rule;
    const found = await nearestConfiguration(path);
    if (found === undefined) {
      throw new RingwallError(
        "not-found",
        `Nothing says who ${path} is for: there is no .sops.yaml beside it or above.`,
        {
          hint: "Write one with `creation_rules`, and the recipients under `age`.",
        },
      );
    }
    const within = relative(dirname(found.path), resolve(path)).split(sep).join("/");
    return encryptionRuleFor(new Source(found.path, found.text), found.text, within);
  }
}

/** The `.sops.yaml` in a file's folder or the nearest one above. */
async function nearestConfiguration(path: string): Promise<{ path: string; text: string } | undefined> {
  let folder = dirname(resolve(path));
  for (let depth = 0; depth < deepest; depth++) {
    const candidate = join(folder, ".sops.yaml");
    const text = await readTextFile(candidate, candidate, largest);
    if (text !== undefined) return { path: candidate, text };
    if (dirname(folder) === folder) return undefined;
    folder = dirname(folder);
  }
  return undefined;
}
