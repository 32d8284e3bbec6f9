import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { jsonText, terminal } from "../../report/escape.ts";
import { wrap } from "../../report/layout.ts";
import { type Style, styleFor } from "../../report/style.ts";
import { evidenceOf, type LedgerEvidence, openExport } from "../../state/ledger/export.ts";
import type { LedgerFile } from "../../state/ledger/ledger-file.ts";
import { type Pins, type Verification, verifyLedger, type WitnessedHead } from "../../state/ledger/verify.ts";
import { WitnessList } from "../../state/ledger/witness/witness-list.ts";
import type { Context, ExitCode } from "../command.ts";
import { keyOf, type StackOption, textOf, withLedger } from "./open-ledger.ts";

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
      ? await withLedger(options, context, async (ledger) =>
          verifyLedger(await evidenceOf(ledger), await withFiles(ledger, pins)),
        )
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

/** On the ledger's own host, the files elsewhere that witness it are looked at too, where they are plugged in. */
async function withFiles(ledger: LedgerFile, pins: Pins): Promise<Pins> {
  const { witnesses } = await new WitnessList(ledger.folder).read();
  const seen = [...pins.seen];
  for (const witness of witnesses) {
    if (witness.kind !== "file" || !(await stat(witness.path).catch(() => undefined))?.isFile()) continue;
    seen.push({ from: `the file ${witness.path}`, text: await readWitness(witness.path) });
  }
  return { ...pins, seen };
}

async function readWitness(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path, "utf8");
}

export function verificationText(result: Verification, style: Style, width: number): string {
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
