import { readFile } from "node:fs/promises";
import { z } from "zod";
import { writeFileAtomic } from "../lib/atomic-write.ts";
import { RingwallError } from "../lib/error.ts";
import { jsonOf } from "../lib/json.ts";
import { isMissing } from "../lib/system-error.ts";

const jsonSchema: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonSchema), z.record(z.string(), jsonSchema)]),
);

/** Plain data, as a rendered file holds it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const appliedSchema = z.object({
  version: z.literal(1),
  stack: z.string(),
  operation: z.string(),
  at: z.string(),
  /** Each resource as it was rendered, without any secret value. Keys are `service caddy`, `network edge`. */
  resources: z.record(z.string(), jsonSchema),
});

/** What the last finished `up` put in place, kept in `.ringwall/applied.json`. */
export type AppliedState = z.infer<typeof appliedSchema>;

/** The applied state, or undefined when nothing was applied yet. */
export async function readApplied(path: string): Promise<AppliedState | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new RingwallError("unreadable", `${path} cannot be read.`, {
      hint: "An `up` that root ran leaves it to root alone: run this command as root too.",
      cause: error,
    });
  }
  const parsed = appliedSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new RingwallError("invalid", `${path} is no applied state of this version of Ringwall.`, {
    hint: "Move it away; the next `up` compares with the engine alone and writes it anew.",
  });
}

export async function writeApplied(path: string, state: AppliedState): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}
