import { existsSync, lstatSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { FileLock } from "../../lib/file-lock.ts";
import { codeOf } from "../../lib/system-error.ts";
import type { Ledger, NewAction } from "./action.ts";
import { actionOf, clockSetBack, type LedgerEntry, leafBytes, recovered } from "./entry.ts";
import { logKeyType, newOrigin, signingKey } from "./ledger-keys.ts";
import type { LineBlock } from "./log-file.ts";
import { consistencyHolds, type Hash, inclusionHolds } from "./merkle.ts";
import { sealedCheckpoint, sealMark } from "./seal.ts";
import { type Known, SealedLog } from "./sealed-log.ts";
import type { SignerKey, VerifierKey } from "./signed-note.ts";
import { consistencyProof, countOf, inclusionProof, readFrontier } from "./stored-hashes.ts";

export interface LedgerOptions {
  /** Names a new ledger; one that is there keeps its name. */
  readonly stack: string;
  readonly now?: () => Date;
}

/** Actions that are written at once, when so many wait. */
const largestBatch = 1_000;
/** How long another process may hold the ledger. */
const patience = 30_000;
/** A clock that goes back less is taken to stand still: time servers do that. */
const smallStep = 2_000;

interface Waiting {
  readonly actions: readonly NewAction[];
  readonly resolve: (result: { readonly index: number }) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The ledger in a folder: `log` with leaves and seals, `hashes` that follow from it, the signing key. What was appended is
 * on the disk, in the tree and sealed. Appends that wait for one another share one write. Any number of processes may
 * append at once.
 */
export class LedgerFile implements Ledger {
  readonly folder: string;
  readonly #signer: SignerKey;
  readonly #log: SealedLog;
  readonly #lock: FileLock;
  readonly #now: () => Date;
  #waiting: Waiting[] = [];
  #draining = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    folder: string,
    signer: SignerKey,
    { log, lock, now }: { readonly log: SealedLog; readonly lock: FileLock; readonly now: () => Date },
  ) {
    this.folder = folder;
    this.#signer = signer;
    this.#log = log;
    this.#lock = lock;
    this.#now = now;
  }

  /** Opens the ledger of a state folder that is there; makes it, and its key, where there is none. */
  static async open(stateFolder: string, { stack, now = () => new Date() }: LedgerOptions): Promise<LedgerFile> {
    const folder = join(stateFolder, "ledger");
    await makeFolder(folder, 0o700);
    const lock = await FileLock.open(join(folder, "lock"));
    try {
      await lock.take(patience);
      if (existsSync(join(folder, "log")) && !existsSync(join(folder, "signing.key"))) throw keyIsGone(folder);
      const signer = await signingKey(join(folder, "signing.key"), logKeyType, () => newOrigin(stack));
      const log = await SealedLog.open(folder, signer);
      lock.release();
      return new LedgerFile(folder, signer, { log, lock, now });
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /** Whether a state folder has a ledger. Throws `permission` where this user may not look. */
  static exists(stateFolder: string): boolean {
    const path = join(stateFolder, "ledger", "log");
    try {
      lstatSync(path);
      return true;
    } catch (error) {
      if (codeOf(error) !== "EACCES") return false;
      throw new RingwallError("permission", `${path} cannot be read: this user has no permission.`, {
        hint: "The ledger belongs to whoever runs Ringwall there: run this command as that user, or as root.",
      });
    }
  }

  /** The key that verifies this ledger's checkpoints; its name is the ledger's origin. */
  get verifier(): VerifierKey {
    return this.#signer.verifier;
  }

  append(action: NewAction): Promise<{ readonly index: number }> {
    return this.appendMany([action]);
  }

  async appendMany(actions: readonly NewAction[]): Promise<{ readonly index: number }> {
    if (actions.length === 0) return { index: await this.size() };
    return new Promise((resolve, reject) => {
      this.#waiting.push({ actions, resolve, reject });
      if (this.#draining) return;
      this.#draining = true;
      this.#inTurn(() => this.#writeWaiting()).catch(reject);
    });
  }

  async size(): Promise<number> {
    return (await this.#read()).tree.size;
  }

  /** The latest checkpoint, as a signed note; undefined while the ledger is empty. */
  async checkpoint(): Promise<string | undefined> {
    const { seal } = await this.#read();
    return seal === undefined ? undefined : sealedCheckpoint(seal);
  }

  /** Log lines (leaves and seals) in large blocks, up to the latest seal. */
  async blocks(): Promise<AsyncGenerator<LineBlock>> {
    return this.#log.blocks(await this.#read());
  }

  /** The entries from an index on, oldest first. Throws `invalid` at one that Ringwall has not written. */
  async *entries(from = 0): AsyncGenerator<LedgerEntry> {
    let index = 0;
    for await (const { buffer, first, last } of await this.blocks()) {
      for (let at = first; at < last; ) {
        const end = buffer.indexOf(0x0a, at);
        if (buffer[at] !== sealMark) {
          if (index >= from) yield { index, ...actionOf(buffer.toString("utf8", at, end), index) };
          index++;
        }
        at = end + 1;
      }
    }
  }

  /** What shows that an entry stands in the tree of the latest checkpoint. */
  async proveInclusion(index: number): Promise<{ readonly size: number; readonly proof: readonly Hash[] }> {
    const { tree } = await this.#read();
    if (!Number.isSafeInteger(index) || index < 0 || index >= tree.size) throw noSuchEntry(index, tree.size);
    const make = () => inclusionProof(index, tree.size, (at) => this.#log.hashAt(at));
    const leaf = () => this.#log.hashAt(countOf(index));
    return {
      size: tree.size,
      proof: await this.#proven(make, (proof) => inclusionHolds(index, tree.size, leaf(), proof, tree.root())),
    };
  }

  /** What shows that the tree of the latest checkpoint begins with that of an earlier size and root. */
  async proveConsistency(
    size: number,
    root: Hash,
  ): Promise<{ readonly checkpoint: string; readonly proof: readonly Hash[] }> {
    const { tree, seal } = await this.#read();
    if (seal === undefined || size > tree.size) throw noSuchEntry(size, tree.size);
    const checkpoint = sealedCheckpoint(seal);
    if (size === 0) return { checkpoint, proof: [] };
    const make = () => consistencyProof(size, tree.size, (at) => this.#log.hashAt(at));
    const holds = (proof: readonly Hash[]) => consistencyHolds(size, tree.size, proof, root, tree.root());
    return { checkpoint, proof: await this.#proven(make, holds, () => this.#rewritten(size)) };
  }

  /** The root at an earlier size. */
  async rootAt(size: number): Promise<Hash> {
    await this.#read();
    return readFrontier(size, (at) => this.#log.hashAt(at)).root();
  }

  async close(): Promise<void> {
    await this.#last;
    this.#lock.close();
    await this.#log.close();
  }

  /** Runs work while this process alone may use the ledger's files. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#lock.take(patience);
    try {
      return await work();
    } finally {
      this.#lock.release();
    }
  }

  /** One thing after another within this process: the lock of the file tells processes apart only. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  #read(): Promise<Known> {
    return this.#inTurn(() => this.#alone(() => this.#log.catchUp()));
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        let index = await this.#alone(() => this.#write(batch.flatMap(({ actions }) => actions)));
        for (const { actions, resolve } of batch) {
          resolve({ index });
          index += actions.length;
        }
      } catch (error) {
        this.#log.forget();
        for (const { reject } of batch) reject(error);
      }
    }
    this.#draining = false;
  }

  #takeBatch(): Waiting[] {
    let actions = 0;
    let count = 0;
    for (const one of this.#waiting) {
      if (count > 0 && actions + one.actions.length > largestBatch) break;
      actions += one.actions.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Writes leaves and their seal at once; gives the index of the first of the given actions. */
  async #write(actions: readonly NewAction[]): Promise<number> {
    const known = await this.#log.catchUp();
    const { at, own } = this.#timeAfter(known.lastAt);
    const leaves = [...own, ...actions].map((action) => leafBytes({ ...action, at }));
    await this.#log.append(leaves, known, at);
    return known.tree.size + own.length;
  }

  /** The time of what is written now, never before the last entry's without an entry that says why. */
  #timeAfter(lastAt: string): { readonly at: string; readonly own: readonly NewAction[] } {
    const now = this.#now();
    const at = now.toISOString();
    const own: NewAction[] = [];
    const { cutShort } = this.#log;
    if (cutShort > 0) own.push(this.#ownAction(recovered, { bytes: cutShort }));
    if (lastAt <= at) return { at, own };
    if (Date.parse(lastAt) - now.getTime() < smallStep) return { at: lastAt, own };
    return { at, own: [this.#ownAction(clockSetBack, { from: lastAt, to: at }), ...own] };
  }

  #ownAction(action: string, detail: NewAction["detail"]): NewAction {
    return {
      principal: { kind: "daemon", name: "ringwall", uid: process.getuid?.() ?? null, host: hostname() },
      action,
      target: { kind: "ledger", name: this.verifier.name },
      stack: null,
      operation: null,
      outcome: "done",
      before: null,
      after: null,
      detail,
    };
  }

  /** A proof that was tried. One that does not hold comes of hashes that a crash has lost: they are made anew once. */
  async #proven(
    make: () => Hash[],
    holds: (proof: readonly Hash[]) => boolean,
    failure: () => RingwallError = () => this.#log.tampered(undefined),
  ): Promise<readonly Hash[]> {
    const proof = make();
    if (holds(proof)) return proof;
    await this.#inTurn(() => this.#alone(() => this.#log.rebuild()));
    const again = make();
    if (holds(again)) return again;
    throw failure();
  }

  #rewritten(size: number): RingwallError {
    return new RingwallError(
      "conflict",
      `The ledger in ${this.folder} does not begin with the ${size} entries that were shown before: its history was rewritten.`,
      { hint: "Keep a copy as evidence; what a witness holds tells which history is the true one." },
    );
  }
}

function noSuchEntry(index: number, size: number): RingwallError {
  return new RingwallError("usage", `The ledger has no entry ${index}: it has ${size}, counted from 0.`);
}

function keyIsGone(folder: string): RingwallError {
  return new RingwallError("conflict", `The ledger in ${folder} has lost its signing key.`, {
    hint: "Bring signing.key back from a backup. Without it nothing is added: move the folder away to begin a new ledger, and keep it.",
  });
}
