import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { jsonOf } from "../../lib/json.ts";
import { isMissing } from "../../lib/system-error.ts";
import type { StateFolder } from "../../state/state-folder.ts";

const entrySchema = z.object({
  secret: z.string(),
  rotator: z.string(),
  /** The rotation that replaced it. */
  operation: z.string(),
  /** The account of the former value, and of the present one. */
  previousAccount: z.string().nullable(),
  account: z.string().nullable(),
  retireAfter: z.string(),
});
const fileSchema = z.object({ version: z.literal(1), entries: z.array(entrySchema) });

/** A former value that goes on working for users outside the stack until a moment. */
export type Retiring = z.infer<typeof entrySchema>;

function pathOf(state: Pick<StateFolder, "path">): string {
  return join(state.path, "retiring.json");
}

/** Former values that are still to be ended; empty where there are none. */
export async function readRetiring(state: Pick<StateFolder, "path">): Promise<readonly Retiring[]> {
  const path = pathOf(state);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return [];
    throw new RingwallError("permission", `${path} cannot be read.`, {
      hint: "It belongs to whoever ran the operations of this stack: run this command as that user, or as root.",
      cause: error,
    });
  }
  const parsed = fileSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data.entries;
  throw new RingwallError("invalid", `${path} is not what Ringwall writes there.`, {
    hint: "It lists former secrets that still work. Move it away, then run `ringwall rotate --orphans`.",
  });
}

/** Adds or replaces the entry of a secret; only while the stack's operation lock is held. */
export async function addRetiring(state: Pick<StateFolder, "path">, entry: Retiring): Promise<void> {
  const others = (await readRetiring(state)).filter(({ secret }) => secret !== entry.secret);
  await write(state, [...others, entry]);
}

/** Takes the entry of a secret away; may be called again. */
export async function removeRetiring(state: Pick<StateFolder, "path">, secret: string): Promise<void> {
  const entries = await readRetiring(state);
  const others = entries.filter((entry) => entry.secret !== secret);
  if (others.length < entries.length) await write(state, others);
}

async function write(state: Pick<StateFolder, "path">, entries: readonly Retiring[]): Promise<void> {
  const sorted = [...entries].sort((a, b) => (a.secret < b.secret ? -1 : 1));
  await writeFileAtomic(pathOf(state), `${JSON.stringify({ version: 1, entries: sorted }, null, 2)}\n`, {
    mode: 0o600,
  });
}
