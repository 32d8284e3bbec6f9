import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { findStack } from "../../resolve/find-stack.ts";
import { LedgerFile } from "../../state/ledger/ledger-file.ts";
import { parseVerifierKey, type VerifierKey } from "../../state/ledger/signed-note.ts";
import { StateFolder } from "../../state/state-folder.ts";
import type { Context } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import { readInput } from "../secret-input.ts";

export interface StackOption {
  /** A folder with stack.yaml, or a named file. */
  readonly stack?: string | undefined;
}

/**
 * Runs work with the ledger beside a stack. The stack itself is not read, so that a declaration that is broken keeps
 * nobody from their ledger. Throws `usage` where there is none, unless `create` is set.
 */
export async function withLedger<T>(
  options: StackOption & { readonly create?: boolean },
  context: Context,
  work: (ledger: LedgerFile) => Promise<T>,
): Promise<T> {
  const { folder } = await findStack(options.stack, context.cwd);
  return withLedgerIn(folder, basename(folder), options.create === true, context, work);
}

/** The same for a folder that is known already, and the name that a new ledger gets. */
export function withLedgerIn<T>(
  folder: string,
  stack: string,
  create: boolean,
  context: Pick<Context, "now">,
  work: (ledger: LedgerFile) => Promise<T>,
): Promise<T> {
  const state = new StateFolder(folder);
  if (!create && !LedgerFile.exists(state.path)) throw noLedger(folder);
  return handingOver(folder, async () => {
    await state.prepare();
    const ledger = await LedgerFile.open(state.path, { stack, now: () => context.now() });
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  });
}

/** The folder of the ledger beside a stack. Throws `usage` where there is none. */
export async function ledgerFolder(options: StackOption, context: Context): Promise<string> {
  const { folder } = await findStack(options.stack, context.cwd);
  const state = new StateFolder(folder);
  if (!LedgerFile.exists(state.path)) throw noLedger(folder);
  return join(state.path, "ledger");
}

function noLedger(folder: string): RingwallError {
  return new RingwallError("usage", `The stack in ${folder} has no ledger yet.`, {
    hint: "It begins with the first thing that Ringwall does there, such as `ringwall up` or `ringwall ledger note`.",
  });
}

/** The text of a named file, or of standard input where none is named. */
export async function textOf(file: string | undefined, context: Context): Promise<string> {
  if (file === undefined || file === "-") {
    if (context.stdin.isTTY === true) context.stderr.write("Paste the text, then end it with Ctrl-D.\n");
    return readInput(context);
  }
  try {
    return await readFile(resolve(context.cwd, file), "utf8");
  } catch (error) {
    throw new RingwallError("not-found", `${file} cannot be read.`, { cause: error });
  }
}

/** A verifier key as a person gives it: its text, or a file that holds it. */
export async function keyOf(given: string, context: Context): Promise<VerifierKey> {
  if (/^[^+/\\]*[^+]*\+[0-9a-f]{8}\+/.test(given)) return parseVerifierKey(given);
  return parseVerifierKey((await textOf(given, context)).trim());
}
