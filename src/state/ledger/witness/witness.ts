import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder, writeFileAtomic } from "../../../lib/atomic-write.ts";
import { RingwallError } from "../../../lib/error.ts";
import { FileLock } from "../../../lib/file-lock.ts";
import { jsonOf } from "../../../lib/json.ts";
import { isMissing } from "../../../lib/system-error.ts";
import { type Checkpoint, cosign, isSignedBy, parseCheckpoint, withSignatures } from "../checkpoint.ts";
import { signingKey, witnessKeyType } from "../ledger-keys.ts";
import { consistencyHolds, emptyRoot, equal } from "../merkle.ts";
import {
  type NoteSignature,
  noteText,
  parseVerifierKey,
  type SignerKey,
  signatureLine,
  type VerifierKey,
} from "../signed-note.ts";
import { parseRequest, type WitnessRequest } from "./request.ts";

const stateSchema = z.object({
  version: z.literal(1),
  logs: z.array(
    z.object({
      /** Verifier keys of one log, all of one name. */
      keys: z.array(z.string()).min(1),
      /** The largest checkpoint that was cosigned, with the cosignature; null when none was. */
      checkpoint: z.string().nullable(),
    }),
  ),
});
type WitnessState = z.infer<typeof stateSchema>;

/** What a witness answers, as HTTP has it (c2sp.org/tlog-witness). */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  /** On 200 signature lines; on 409 the size that was cosigned last; else a sentence. */
  readonly body: string;
  /** On 200, the checkpoint with the cosignature. */
  readonly cosigned?: string;
}

/**
 * A witness of ledgers, in a folder of its own on another machine. It cosigns a checkpoint only when that continues the
 * largest one it has cosigned before, and what it has cosigned is on the disk before anybody is told.
 */
export class Witness {
  readonly #path: string;
  readonly #signer: SignerKey;
  readonly #lock: FileLock;
  readonly #now: () => Date;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, signer: SignerKey, lock: FileLock, now: () => Date) {
    this.#path = path;
    this.#signer = signer;
    this.#lock = lock;
    this.#now = now;
  }

  /** Opens the witness in a folder; makes it, and its key, where there is none. */
  static async open(folder: string, now: () => Date = () => new Date()): Promise<Witness> {
    await makeFolder(folder, 0o700);
    const name = () => `${hostname().replace(/[^A-Za-z0-9._-]/g, "-") || "unnamed"}/ringwall/witness`;
    const signer = await signingKey(join(folder, "witness.key"), witnessKeyType, name);
    return new Witness(join(folder, "witness.json"), signer, await FileLock.open(join(folder, "witness.lock")), now);
  }

  /** What a log's owner is to be told, and who verifies pins. */
  get verifier(): VerifierKey {
    return this.#signer.verifier;
  }

  /** Has the witness accept a log: whoever vouches for the key has it from the log's host by a way that they trust. */
  trust(key: VerifierKey): Promise<void> {
    return this.#alone(async () => {
      const state = await this.#read();
      const known = state.logs.find((log) => nameOf(log) === key.name);
      if (known === undefined) state.logs.push({ keys: [key.text], checkpoint: null });
      else if (!known.keys.includes(key.text)) known.keys.push(key.text);
      await this.#write(state);
    });
  }

  /** The largest checkpoint of each log that it has cosigned: what a verifier holds against what the log's host shows. */
  async held(): Promise<readonly string[]> {
    const { logs } = await this.#read();
    return logs.flatMap(({ checkpoint }) => (checkpoint === null ? [] : [checkpoint]));
  }

  /** Answers a request (`request.ts`). */
  answer(text: string): Promise<WitnessAnswer> {
    const request = parseRequest(text);
    if (request === undefined) return Promise.resolve({ status: 400, body: "This is no add-checkpoint request.\n" });
    return this.#alone(() => this.#judge(request));
  }

  close(): void {
    this.#lock.close();
  }

  async #judge(request: WitnessRequest): Promise<WitnessAnswer> {
    const { checkpoint, old } = request;
    const state = await this.#read();
    const log = state.logs.find((one) => nameOf(one) === checkpoint.origin);
    if (log === undefined) return { status: 404, body: "This witness does not know the log.\n" };
    if (!log.keys.some((key) => isSignedBy(checkpoint, parseVerifierKey(key)))) {
      return { status: 403, body: "The checkpoint is not signed by a key that is trusted for the log.\n" };
    }
    if (old > checkpoint.size) return { status: 400, body: "The old size is larger than the checkpoint's.\n" };
    const latest = log.checkpoint === null ? undefined : parseCheckpoint(log.checkpoint);
    const known = latest ?? { size: 0, root: emptyRoot };
    if (old !== known.size) return { status: 409, body: `${known.size}\n` };
    if (old > 0 && old === checkpoint.size && !equal(known.root, checkpoint.root))
      return { status: 409, body: `${known.size}\n` };
    if (!continues(request, known.root)) return { status: 422, body: "The consistency proof does not hold.\n" };
    const signature = cosign(this.#signer, checkpoint.note.text, Math.floor(this.#now().getTime() / 1000));
    const cosigned = cosignedText(checkpoint, log.keys, signature);
    log.checkpoint = cosigned;
    await this.#write(state);
    return { status: 200, body: `${signatureLine(signature)}\n`, cosigned };
  }

  /** One at a time, here and across processes: between the look at what was cosigned and the writing nobody may come. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(async () => {
      await this.#lock.take(10_000);
      try {
        return await work();
      } finally {
        this.#lock.release();
      }
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #read(): Promise<WitnessState> {
    const text = await readFile(this.#path, "utf8").catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw new RingwallError("unreadable", `${this.#path} cannot be read.`, { cause: error });
    });
    if (text === undefined) return { version: 1, logs: [] };
    const parsed = stateSchema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw new RingwallError("invalid", `${this.#path} is no state of a witness that this Ringwall knows.`, {
      hint: "Bring it back from a backup. A witness that has forgotten what it cosigned is none.",
    });
  }

  async #write(state: WitnessState): Promise<void> {
    await writeFileAtomic(this.#path, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  }
}

function nameOf(log: WitnessState["logs"][number]): string {
  return parseVerifierKey(log.keys[0] ?? "").name;
}

/** Whether the checkpoint begins with what was cosigned before. Where that is nothing, there is nothing to prove. */
function continues({ old, proof, checkpoint }: WitnessRequest, root: Uint8Array): boolean {
  if (checkpoint.size === 0) return proof.length === 0 && equal(checkpoint.root, emptyRoot);
  if (old === 0) return proof.length === 0;
  return consistencyHolds(old, checkpoint.size, proof, root, checkpoint.root);
}

/** With the log's own signatures and this one; what else somebody has put there is not kept. */
function cosignedText(checkpoint: Checkpoint, keys: readonly string[], signature: NoteSignature): string {
  const names = keys.map((key) => parseVerifierKey(key));
  const own = checkpoint.note.signatures.filter(({ name, id }) =>
    names.some((key) => key.name === name && key.id === id),
  );
  const bare: Checkpoint = { ...checkpoint, note: { ...checkpoint.note, signatures: own } };
  return noteText(withSignatures(bare, [signature]).note);
}
