import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../../lib/atomic-write.ts";
import type { LedgerEntry } from "../entry.ts";
import type { LedgerFile } from "../ledger-file.ts";
import type { SendEntries } from "./senders.ts";

const cursorsSchema = z.record(z.string(), z.int().nonnegative());

/** So many are read and handed over at once: what waits lies in the ledger, not in memory. */
const batchSize = 500;

/**
 * Hands over what a place has not been sent yet, from where the last time ended, and notes each batch that arrived. When a
 * batch fails the failure is thrown; the ledger keeps all of it, and the next call goes on there. An entry may arrive twice
 * when a crash comes between arriving and noting; its index tells.
 */
export async function streamLedger(
  ledger: LedgerFile,
  place: string,
  send: SendEntries,
): Promise<{ readonly sent: number }> {
  const cursors = new Cursors(ledger.folder);
  let next = await cursors.read(place);
  let sent = 0;
  let batch: LedgerEntry[] = [];
  const handOver = async () => {
    await send(ledger.verifier.name, batch);
    next += batch.length;
    sent += batch.length;
    batch = [];
    await cursors.write(place, next);
  };
  for await (const entry of ledger.entries(next)) {
    batch.push(entry);
    if (batch.length === batchSize) await handOver();
  }
  if (batch.length > 0) await handOver();
  return { sent };
}

/** How far each place was sent the ledger, in `streams.json` beside it. */
class Cursors {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, "streams.json");
  }

  async read(place: string): Promise<number> {
    return (await this.#all())[place] ?? 0;
  }

  async write(place: string, next: number): Promise<void> {
    const text = JSON.stringify({ ...(await this.#all()), [place]: next }, null, 2);
    await writeFileAtomic(this.#path, `${text}\n`, { mode: 0o600 });
  }

  /** A file that is damaged counts as none: then all is sent again, and nothing is left out. */
  async #all(): Promise<Record<string, number>> {
    try {
      return cursorsSchema.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch {
      return {};
    }
  }
}
