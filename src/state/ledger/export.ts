import { createWriteStream, existsSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { writeFailure, writeFileAtomic } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { jsonOf } from "../../lib/json.ts";
import type { LedgerFile } from "./ledger-file.ts";
import { existingSigningKey } from "./ledger-keys.ts";
import { type LineBlock, LogFile, lineBlocks } from "./log-file.ts";
import { parseSeal, type Seal, sealedCheckpoint, sealMark } from "./seal.ts";
import { cosignedPath } from "./witness/ask.ts";
import { type WitnessDefinition, WitnessList } from "./witness/witness-list.ts";

const keysSchema = z.object({
  version: z.literal(1),
  origin: z.string(),
  /** The key that the ledger's host says is its own. */
  log: z.string(),
  witnesses: z.array(z.object({ name: z.string(), kind: z.string(), key: z.string().nullable() })),
});
/** What a ledger's host says of keys. It proves nothing by itself. */
export type ExportedKeys = z.infer<typeof keysSchema>;

/** A ledger as it is verified: what its host hands out. */
export interface LedgerEvidence {
  readonly keys: ExportedKeys;
  /** The latest checkpoint; undefined when there is none. */
  readonly checkpoint: string | undefined;
  /** Checkpoints with cosignatures. */
  readonly cosigned: readonly string[];
  leaves(): AsyncIterable<LineBlock>;
  close(): Promise<void>;
}

/** The ledger as it lies on this machine. */
export async function evidenceOf(ledger: LedgerFile): Promise<LedgerEvidence> {
  const { witnesses } = await new WitnessList(ledger.folder).read();
  const checkpoint = await ledger.checkpoint();
  const blocks = await ledger.blocks();
  return {
    keys: statedKeys(ledger.verifier.name, ledger.verifier.text, witnesses),
    checkpoint,
    cosigned: await readTexts(cosignedPath(ledger.folder)),
    leaves: () => blocks,
    close: async () => undefined,
  };
}

/**
 * The ledger in a folder as its files have it, whatever state they are in: for verifying it where it lies. Writes nothing
 * and needs no signing key; without one it states none.
 */
export async function evidenceBeside(folder: string): Promise<LedgerEvidence> {
  const { witnesses } = await new WitnessList(folder).read();
  const key = (await existingSigningKey(join(folder, "signing.key")))?.verifier;
  const log = await LogFile.openToRead(join(folder, "log"));
  const { seal, end } = await lastSeal(log, key?.name ?? "unknown");
  return {
    keys: statedKeys(key?.name ?? "a ledger without its key", key?.text ?? "", witnesses),
    checkpoint: seal === undefined ? undefined : sealedCheckpoint(seal),
    cosigned: await readTexts(cosignedPath(folder)),
    leaves: () => log.blocks(end),
    close: () => log.close(),
  };
}

/** The last line that is a seal, and where it ends: what a write that is under way has put behind is not looked at. */
async function lastSeal(
  log: LogFile,
  origin: string,
): Promise<{ readonly seal: Seal | undefined; readonly end: number }> {
  const { end: size, bytes } = await log.tail(2 * 1024 * 1024);
  for (let mark = bytes.lastIndexOf("\n="); mark >= 0; mark = mark === 0 ? -1 : bytes.lastIndexOf("\n=", mark - 1)) {
    const lineEnd = bytes.indexOf(0x0a, mark + 1);
    const seal = lineEnd < 0 ? undefined : parseSeal(bytes.toString("utf8", mark + 1, lineEnd), origin);
    if (seal !== undefined) return { seal, end: size - bytes.length + lineEnd + 1 };
  }
  return { seal: undefined, end: size };
}

function statedKeys(origin: string, log: string, witnesses: readonly WitnessDefinition[]): ExportedKeys {
  const keyOf = (witness: WitnessDefinition) => (witness.kind === "file" ? null : witness.key);
  return {
    version: 1,
    origin,
    log,
    witnesses: witnesses.map((one) => ({ name: one.name, kind: one.kind, key: keyOf(one) })),
  };
}

const readme = `A ledger of Ringwall. Verify it on a machine that you trust, with the keys that you have noted yourself:

    ringwall ledger verify . --key LOG-KEY --witness WITNESS-KEY

leaves.jsonl     one entry a line; a line's bytes without its newline are a leaf of an RFC 6962 Merkle tree (SHA-256)
checkpoint       the signed head of that tree (c2sp.org/tlog-checkpoint)
cosigned.jsonl   heads that witnesses have cosigned (c2sp.org/tlog-cosignature), one note a line as a JSON text
keys.json        the keys as the ledger's host states them: compare them with those that you have noted
`;

/** Writes all that verifying needs into a new folder. Holds no private key. Throws `conflict` when something is there. */
export async function exportLedger(ledger: LedgerFile, folder: string): Promise<{ readonly entries: number }> {
  const evidence = await evidenceOf(ledger);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readdir(folder)).length > 0) throw notEmpty(folder);
    let entries = 0;
    const lines = async function* () {
      for await (const block of evidence.leaves()) {
        const { bytes, count } = leavesOf(block);
        entries += count;
        yield bytes;
      }
    };
    await pipeline(lines, createWriteStream(join(folder, "leaves.jsonl"), { mode: 0o600, flush: true }));
    const texts = evidence.cosigned.map((note) => `${JSON.stringify(note)}\n`).join("");
    await writeFileAtomic(join(folder, "cosigned.jsonl"), texts, { mode: 0o600 });
    await writeFileAtomic(join(folder, "keys.json"), `${JSON.stringify(evidence.keys, null, 2)}\n`, { mode: 0o600 });
    await writeFileAtomic(join(folder, "README"), readme, { mode: 0o600 });
    // Last: a folder without it was cut short.
    await writeFileAtomic(join(folder, "checkpoint"), evidence.checkpoint ?? "", { mode: 0o600 });
    return { entries };
  } catch (error) {
    throw error instanceof RingwallError ? error : writeFailure(folder, error);
  }
}

/** The leaves of a block of log lines, with their newlines; the seals between them are left out. */
function leavesOf({ buffer, first, last }: LineBlock): { readonly bytes: Buffer; readonly count: number } {
  const kept: Buffer[] = [];
  let count = 0;
  for (let at = first; at < last; ) {
    const end = buffer.indexOf(0x0a, at) + 1;
    if (buffer[at] !== sealMark) {
      kept.push(buffer.subarray(at, end));
      count++;
    }
    at = end;
  }
  return { bytes: Buffer.concat(kept), count };
}

/** Opens an export. Needs nothing of the ledger's host. */
export async function openExport(folder: string): Promise<LedgerEvidence> {
  const path = join(folder, "leaves.jsonl");
  if (!existsSync(path) || !existsSync(join(folder, "checkpoint"))) {
    throw new RingwallError("not-found", `${folder} is no export of a ledger, or a part of one.`, {
      hint: "`ringwall ledger export FOLDER` writes one: leaves.jsonl, checkpoint, cosigned.jsonl and keys.json.",
    });
  }
  const keys = keysSchema.safeParse(jsonOf(await readText(join(folder, "keys.json"))));
  if (!keys.success)
    throw new RingwallError("invalid", `${join(folder, "keys.json")} is not what an export has there.`);
  const opened: FileHandle[] = [];
  return {
    keys: keys.data,
    checkpoint: (await readText(join(folder, "checkpoint"))) || undefined,
    cosigned: await readTexts(join(folder, "cosigned.jsonl")),
    leaves: async function* () {
      const file = await open(path, "r");
      opened.push(file);
      let read = 0;
      for await (const block of lineBlocks(file)) {
        read += block.last - block.first;
        yield block;
      }
      const { size } = await file.stat();
      // They would be seen by others and not be verified.
      if (read < size) throw notEntries(path, size - read);
    },
    close: async () => {
      for (const file of opened.splice(0)) await file.close();
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new RingwallError("unreadable", `${path} cannot be read.`, { cause: error });
  }
}

/** The texts of a file with one JSON text a line; none where there is no file. What is no text is left out. */
async function readTexts(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return [];
  return (await readText(path)).split("\n").flatMap((line) => {
    const value = line === "" ? undefined : jsonOf(line);
    return typeof value === "string" ? [value] : [];
  });
}

function notEmpty(folder: string): RingwallError {
  return new RingwallError("conflict", `${folder} is not empty; nothing was written.`, {
    hint: "Name a folder that is not there yet.",
  });
}

function notEntries(path: string, bytes: number): RingwallError {
  return new RingwallError("invalid", `${path} holds ${bytes} bytes behind its last line that are no entry.`, {
    hint: "The export was cut short or changed: have it made again.",
  });
}
