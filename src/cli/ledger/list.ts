import { jsonText, terminal } from "../../report/escape.ts";
import type { LedgerEntry } from "../../state/ledger/entry.ts";
import type { Context, ExitCode } from "../command.ts";
import { type StackOption, withLedger } from "./open-ledger.ts";

export interface ListOptions extends StackOption {
  readonly limit: number;
  readonly action?: string;
  readonly target?: string;
  readonly by?: string;
  readonly outcome?: string;
  readonly since?: Date;
  readonly format: "text" | "json";
}

/** Prints the newest entries that fit, the oldest of them first. */
export async function listLedger(options: ListOptions, context: Context): Promise<ExitCode> {
  const found: LedgerEntry[] = [];
  await withLedger(options, context, async (ledger) => {
    for await (const entry of ledger.entries()) {
      if (!fits(entry, options)) continue;
      found.push(entry);
      // Twice as many are kept before the older half goes: the list is not moved for each entry.
      if (found.length >= options.limit * 2) found.splice(0, found.length - options.limit);
    }
  });
  const shown = found.slice(-options.limit);
  if (options.format === "json") context.stdout.write(jsonText({ version: 1, entries: shown }));
  else for (const entry of shown) context.stdout.write(`${entryText(entry)}\n`);
  return 0;
}

function fits(entry: LedgerEntry, { action, target, by, outcome, since }: ListOptions): boolean {
  return (
    (action === undefined || entry.action === action || entry.action.startsWith(`${action}.`)) &&
    (target === undefined || entry.target.name === target) &&
    (by === undefined || entry.principal.name === by) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (since === undefined || Date.parse(entry.at) >= since.getTime())
  );
}

function entryText({ index, at, principal, action, target, outcome, detail }: LedgerEntry): string {
  const who = `${principal.name}@${principal.host}${principal.kind === "user" ? "" : ` (${principal.kind})`}`;
  const more = Object.entries(detail).map(([name, value]) => `${name}: ${value}`);
  const text = `${String(index).padStart(6)}  ${at}  ${outcome.padEnd(6)}  ${action}  ${target.kind} ${target.name}  by ${who}`;
  return terminal(more.length === 0 ? text : `${text}  ${more.join(", ")}`);
}
