import { join } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { timeOf } from "./entry.ts";
import { HashFile } from "./hash-file.ts";
import { type LineBlock, LogFile } from "./log-file.ts";
import { equal, Frontier, type Hash, leafHash } from "./merkle.ts";
import { parseSeal, type Seal, sealHolds, sealLine, sealMark } from "./seal.ts";
import type { SignerKey, VerifierKey } from "./signed-note.ts";
import { countOf, readFrontier } from "./stored-hashes.ts";

/** What of the log is known: up to where it was read, and what stands there. */
export interface Known {
  readonly end: number;
  readonly tree: Frontier;
  readonly seal: Seal | undefined;
  readonly lastAt: string;
}

const nothing: Known = { end: 0, tree: new Frontier(), seal: undefined, lastAt: "" };

/**
 * A ledger's log and the hashes that follow from it, as far as this process knows them: takes in what others appended,
 * takes away what a crash left behind, and writes leaves with the seal over them. Whoever calls holds the ledger's lock.
 */
export class SealedLog {
  readonly #folder: string;
  readonly #signer: SignerKey;
  readonly #log: LogFile;
  readonly #hashes: HashFile;
  #known: Known | undefined;
  #cutShort = 0;

  private constructor(folder: string, signer: SignerKey, log: LogFile, hashes: HashFile) {
    this.#folder = folder;
    this.#signer = signer;
    this.#log = log;
    this.#hashes = hashes;
  }

  static async open(folder: string, signer: SignerKey): Promise<SealedLog> {
    const log = await LogFile.open(join(folder, "log"));
    return new SealedLog(folder, signer, log, await HashFile.open(join(folder, "hashes")));
  }

  /** Bytes that a crash left behind the last seal, and that were taken away; told in the next write. */
  get cutShort(): number {
    return this.#cutShort;
  }

  /** Takes in what other processes have appended, and takes away what a crash has left behind the last seal. */
  async catchUp(): Promise<Known> {
    const known = this.#known ?? (await this.#load());
    const current = this.#log.hasByteAt(known.end) ? await this.#scan(known) : known;
    this.#known = current;
    return current;
  }

  /** Writes leaves and their seal at once, behind what is known: what `catchUp` has just given. `at`: the time of the last. */
  async append(leaves: readonly Buffer[], known: Known, at: string): Promise<void> {
    const tree = known.tree.copy();
    const hashes: Hash[] = [];
    for (const leaf of leaves) tree.append(leafHash(leaf), (hash) => hashes.push(hash));
    const head = { origin: this.#verifier.name, size: tree.size, root: tree.root() };
    const line = sealLine(this.#signer, head);
    const bytes = Buffer.concat([...leaves.flatMap((leaf) => [leaf, newline]), Buffer.from(`${line}\n`)]);
    await this.#log.append(bytes, known.end);
    this.#cutShort = 0;
    const seal = parseSeal(line, head.origin);
    this.#known = { end: known.end + bytes.length, tree, seal, lastAt: at };
    this.#hashes.write(hashes, countOf(known.tree.size));
  }

  /** After a write that failed: what stands on the disk is read again before anything else is done. */
  forget(): void {
    this.#known = undefined;
  }

  /** Makes the hashes anew from the whole log. */
  async rebuild(): Promise<void> {
    this.#known = undefined;
    this.#hashes.clear();
    this.#known = await this.#scan(nothing);
  }

  hashAt(position: number): Hash {
    return this.#hashes.read(position);
  }

  /** Its lines (leaves and seals) in large blocks, up to where it is known. */
  blocks({ end }: Known): AsyncGenerator<LineBlock> {
    return this.#log.blocks(end);
  }

  /** What is said where the log does not fit its own seal. */
  tampered(size: number | undefined): RingwallError {
    const where = size === undefined ? "" : ` of ${size} entries`;
    return new RingwallError(
      "conflict",
      `The ledger in ${this.#folder} does not match its own seal${where}: it was changed by something else.`,
      {
        hint: "Nothing is added to it. Keep a copy as evidence and see what `ringwall ledger verify` finds; moving the folder away begins a new ledger.",
      },
    );
  }

  async close(): Promise<void> {
    await this.#log.close();
    await this.#hashes.close();
  }

  /** From the last seal alone when the hashes fit it; else from the whole log, whose hashes are then made anew. */
  async #load(): Promise<Known> {
    const { end, bytes } = await this.#log.tail(2 * 1024 * 1024);
    if (end === 0) return nothing;
    const mark = bytes.lastIndexOf("\n=");
    const line = bytes.subarray(mark + 1);
    const seal =
      line.at(-1) === newline[0]
        ? parseSeal(line.toString("utf8", 0, line.length - 1), this.#verifier.name)
        : undefined;
    if (mark >= 0 && seal !== undefined && sealHolds(seal, this.#verifier)) {
      const tree = readFrontier(seal.head.size, (at) => this.#hashes.read(at));
      const leaf = bytes.subarray(bytes.lastIndexOf(newline, mark - 1) + 1, mark);
      if (equal(tree.root(), seal.head.root)) return { end, tree, seal, lastAt: timeOf(leaf) };
    }
    this.#hashes.clear();
    return this.#scan(nothing);
  }

  async #scan(from: Known): Promise<Known> {
    const tree = from.tree.copy();
    let hashes: Hash[] = [];
    let position = countOf(tree.size);
    let sealed: Known = from;
    let sealText = "";
    let lastAt = from.lastAt;
    for await (const { bytes, end } of this.#log.lines(from.end)) {
      if (bytes[0] === sealMark) {
        sealText = bytes.toString("utf8");
        sealed = { end, tree: tree.copy(), seal: undefined, lastAt };
        if (hashes.length > 10_000) {
          this.#hashes.write(hashes, position);
          position += hashes.length;
          hashes = [];
        }
      } else {
        tree.append(leafHash(bytes), (hash) => hashes.push(hash));
        lastAt = timeOf(bytes);
      }
    }
    const seal = sealText === "" ? from.seal : parseSeal(sealText, this.#verifier.name);
    if (sealText !== "" && !this.#fits(seal, sealed.tree)) throw this.tampered(seal?.head.size);
    this.#hashes.write(hashes.slice(0, countOf(sealed.tree.size) - position), position);
    await this.#takeAwayUnsealed(sealed.end);
    return { ...sealed, seal };
  }

  #fits(seal: Seal | undefined, tree: Frontier): boolean {
    if (seal === undefined || seal.head.size !== tree.size || !equal(seal.head.root, tree.root())) return false;
    return sealHolds(seal, this.#verifier);
  }

  async #takeAwayUnsealed(sealedEnd: number): Promise<void> {
    const { end } = await this.#log.tail(0);
    if (end <= sealedEnd) return;
    this.#cutShort += end - sealedEnd;
    await this.#log.erase(sealedEnd, await this.#log.size());
  }

  get #verifier(): VerifierKey {
    return this.#signer.verifier;
  }
}

const newline = Buffer.from("\n");
