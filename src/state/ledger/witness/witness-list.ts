import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../../lib/atomic-write.ts";
import { RingwallError } from "../../../lib/error.ts";
import { jsonOf } from "../../../lib/json.ts";
import { isMissing } from "../../../lib/system-error.ts";

const witnessSchema = z.discriminatedUnion("kind", [
  /** Another host that answers c2sp.org/tlog-witness. */
  z.object({ kind: z.literal("https"), name: z.string(), url: z.string(), key: z.string() }),
  /** A file elsewhere, such as on a mounted share or a stick. */
  z.object({ kind: z.literal("file"), name: z.string(), path: z.string() }),
  /** A machine without a network, to which a person carries checkpoints. */
  z.object({ kind: z.literal("offline"), name: z.string(), key: z.string() }),
]);
/** A witness of this ledger. `key` is its verifier key, as its own machine prints it. */
export type WitnessDefinition = z.infer<typeof witnessSchema>;

const seenSchema = z.object({
  name: z.string(),
  /** The checkpoint that it was shown last, with its cosignature where it gives one. */
  checkpoint: z.string(),
  /** By the clock of this host. */
  at: z.string(),
});
export type SeenCheckpoint = z.infer<typeof seenSchema>;

const listSchema = z.object({ version: z.literal(1), witnesses: z.array(witnessSchema), seen: z.array(seenSchema) });

/** The witnesses of a ledger and what each has seen last, in `witnesses.json` beside it. */
export class WitnessList {
  readonly #path: string;

  constructor(ledgerFolder: string) {
    this.#path = join(ledgerFolder, "witnesses.json");
  }

  async read(): Promise<z.infer<typeof listSchema>> {
    const text = await readFile(this.#path, "utf8").catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw new RingwallError("unreadable", `${this.#path} cannot be read.`, { cause: error });
    });
    if (text === undefined) return { version: 1, witnesses: [], seen: [] };
    const parsed = listSchema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw new RingwallError("invalid", `${this.#path} is no list of witnesses that this Ringwall knows.`, {
      hint: "Move it away and name the witnesses again; what they have seen, they know themselves.",
    });
  }

  async add(witness: WitnessDefinition): Promise<void> {
    const list = await this.read();
    if (list.witnesses.some(({ name }) => name === witness.name)) {
      throw new RingwallError("conflict", `There is a witness "${witness.name}" already.`, {
        hint: `\`ringwall ledger witness remove ${witness.name}\` takes it away first.`,
      });
    }
    await this.#write({ ...list, witnesses: [...list.witnesses, witness] });
  }

  async remove(name: string): Promise<void> {
    const list = await this.read();
    if (!list.witnesses.some((witness) => witness.name === name)) throw noWitness(name);
    const without = <T extends { readonly name: string }>(items: readonly T[]) =>
      items.filter((one) => one.name !== name);
    await this.#write({ version: 1, witnesses: without(list.witnesses), seen: without(list.seen) });
  }

  async note(seen: SeenCheckpoint): Promise<void> {
    const list = await this.read();
    await this.#write({ ...list, seen: [...list.seen.filter(({ name }) => name !== seen.name), seen] });
  }

  async #write(list: z.infer<typeof listSchema>): Promise<void> {
    await writeFileAtomic(this.#path, `${JSON.stringify(list, null, 2)}\n`, { mode: 0o600 });
  }
}

export function noWitness(name: string): RingwallError {
  return new RingwallError("usage", `The ledger has no witness "${name}".`, {
    hint: "`ringwall ledger witness list` names them.",
  });
}
