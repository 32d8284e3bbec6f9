import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { jsonText, terminal } from "../../report/escape.ts";
import { wrap } from "../../report/layout.ts";
import { type Style, styleFor } from "../../report/style.ts";
import { evidenceBeside, type LedgerEvidence, openExport } from "../../state/ledger/export.ts";
import { type Pins, type Verification, verifyLedger, type WitnessedHead } from "../../state/ledger/verify.ts";
import { WitnessList } from "../../state/ledger/witness/witness-list.ts";
import type { Context, ExitCode } from "../command.ts";
import { keyOf, ledgerFolder, type StackOption, textOf } from "./open-ledger.ts";

export interface VerifyOptions extends StackOption {
  readonly key?: string;
  readonly witness: readonly string[];
  readonly seen: readonly string[];
  readonly format: "text" | "json";
}

/** Verifies an export, or the ledger beside the stack. 1 when something was found. */
export async function verifyCommand(
  folder: string | undefined,
  options: VerifyOptions,
  context: Context,
): Promise<ExitCode> {
  const pins: Pins = {
    log: options.key === undefined ? undefined : await keyOf(options.key, context),
    witnesses: await Promise.all(options.witness.map((given) => keyOf(given, context))),
    seen: await Promise.all(options.seen.map(async (file) => ({ from: file, text: await textOf(file, context) }))),
  };
  const result =
    folder === undefined
      ? await verifyHere(options, pins, context)
      : await verifyFolder(resolve(context.cwd, folder), pins);
  if (options.format === "json") context.stdout.write(jsonText({ version: 1, ...result }));
  else
    context.stdout.write(
      verificationText(result, styleFor(context.env, context.stdout.isTTY), context.stdout.columns ?? 100),
    );
  return result.problems.length === 0 ? 0 : 1;
}

async function verifyFolder(folder: string, pins: Pins): Promise<Verification> {
  const evidence: LedgerEvidence = await openExport(folder);
  try {
    return await verifyLedger(evidence, pins);
  } finally {
    await evidence.close();
  }
}

/** The ledger as its files have it. The files elsewhere that witness it are looked at too, where they are plugged in. */
async function verifyHere(options: StackOption, pins: Pins, context: Context): Promise<Verification> {
  const folder = await ledgerFolder(options, context);
  const evidence = await evidenceBeside(folder);
  try {
    return await verifyLedger(evidence, { ...pins, seen: [...pins.seen, ...(await seenByFiles(folder))] });
  } finally {
    await evidence.close();
  }
}

async function seenByFiles(folder: string): Promise<Pins["seen"]> {
  const { witnesses } = await new WitnessList(folder).read();
  const seen = witnesses.map(async (witness) => {
    const text = witness.kind === "file" ? await readFile(witness.path, "utf8").catch(() => undefined) : undefined;
    return witness.kind === "file" && text !== undefined ? [{ from: `the file ${witness.path}`, text }] : [];
  });
  return (await Promise.all(seen)).flat();
}

function verificationText(result: Verification, style: Style, width: number): string {
  const lines: string[] = [];
  const say = (mark: string, text: string) => {
    const [first = "", ...rest] = wrap(terminal(text), width - 2);
    lines.push(`${mark} ${first}`, ...rest.map((line) => `  ${line}`));
  };
  lines.push(terminal(`${counted(result.entries)} of ${result.origin}`));
  for (const { message } of result.problems) say(style.bad("✗"), message);
  if (result.problems.length === 0) say(style.good("✓"), "Nothing was found that does not fit.");
  if (!result.keyPinned) {
    say(
      style.doubt("!"),
      "The ledger's key is merely what its host says: give the one that you have noted with --key.",
    );
  }
  for (const notice of result.notices) say(style.doubt("!"), notice);
  for (const head of result.witnessed) say(style.good("✓"), `${seenText(head)}.`);
  for (const head of result.unpinned) {
    say(style.doubt("!"), `${seenText(head)}, by a key that only the ledger's host states: pin it with --witness.`);
  }
  say(style.plain("·"), windowText(result));
  return `${lines.join("\n")}\n`;
}

function seenText({ by, size, at }: WitnessedHead): string {
  return `${by} has seen ${size === 1 ? "the first entry" : `the first ${size} entries`}${at === null ? "" : `, on ${at}`}`;
}

function windowText({ unwitnessed, entries }: Verification): string {
  const removed = "What was appended later and removed before a witness saw it cannot be known.";
  if (entries === 0) return removed;
  if (unwitnessed === null) return `A pinned witness has seen every entry. ${removed}`;
  const { from, to, since } = unwitnessed;
  const which = from === to ? `entry ${from}` : `entries ${from} to ${to}`;
  const when = since === null ? "" : `, since ${since}`;
  return `No pinned witness has seen ${which}${when}: whoever holds the host can have changed or dated them as they like. ${removed}`;
}

function counted(entries: number): string {
  return entries === 1 ? "1 entry" : `${entries} entries`;
}
