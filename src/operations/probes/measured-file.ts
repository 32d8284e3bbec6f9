import { join } from "node:path";
import type { Attempt } from "../../contracts/probe.ts";
import { writeFileAtomic } from "../../lib/atomic-write.ts";
import type { StateFolder } from "../../state/state-folder.ts";

/** What `.ringwall/measured.json` holds: the last measurement of the stack. No value of a secret is in it. */
export interface MeasuredFile {
  readonly version: 1;
  readonly system: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly attempts: readonly Attempt[];
  readonly blind: readonly string[];
  readonly drift: readonly string[];
  /** Services that ran an image in place of upstream's. */
  readonly standIns: readonly { readonly service: string; readonly image: string; readonly standsInFor: string }[];
}

export function measuredPath(state: StateFolder): string {
  return join(state.path, "measured.json");
}

/** Keeps a measurement beside the stack, for its owner alone. */
export async function writeMeasured(state: StateFolder, measured: MeasuredFile): Promise<void> {
  await state.prepare();
  await writeFileAtomic(measuredPath(state), `${JSON.stringify(measured, null, 1)}\n`, { mode: 0o600 });
}
