import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { RingwallError } from "../../lib/error.ts";
import { terminal } from "../../report/escape.ts";
import { actionOutcomes } from "../../state/ledger/action.ts";
import { exportLedger } from "../../state/ledger/export.ts";
import { inclusionFile } from "../../state/ledger/inclusion-file.ts";
import { senderFor } from "../../state/ledger/stream/senders.ts";
import { streamLedger } from "../../state/ledger/stream/stream-ledger.ts";
import { requestFor } from "../../state/ledger/witness/ask.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { type ListOptions, listLedger } from "../ledger/list.ts";
import { type StackOption, textOf, withLedger } from "../ledger/open-ledger.ts";
import { type VerifyOptions, verifyCommand } from "../ledger/verify.ts";
import {
  askWitnesses,
  bringWitness,
  cosignCommand,
  heldCommand,
  type ListenOptions,
  listenCommand,
  listWitnesses,
  type OwnWitnessOptions,
  ownKey,
  removeWitness,
  type TrustOptions,
  trustWitness,
} from "../ledger/witness.ts";
import { formatOption } from "../options.ts";
import { principalOf } from "../principal.ts";

export function register(command: Command, context: Context): void {
  registerReading(command, context);
  registerWriting(command, context);
  registerWitnesses(command, context);
  registerOwnWitness(command, context);
  command.addHelpText("after", "\ndocs/ledger.md tells what it protects against whom, and how to verify it elsewhere.");
}

const stackOption = () =>
  new Option("-s, --stack <stack>", "the stack's folder or file; the nearest one above when left out");

function registerReading(command: Command, context: Context): void {
  command
    .command("list")
    .description("who did what to what, the newest last")
    .addOption(stackOption())
    .option("-n, --limit <number>", "at most so many, the newest", countOf, 50)
    .option("--action <name>", "only this action, or all of a kind: secret.set, secret")
    .option("--target <name>", "only what was done to this")
    .option("--by <name>", "only what this person did")
    .addOption(new Option("--outcome <outcome>", "only what ended so").choices(actionOutcomes))
    .option("--since <time>", "only from then on, as 2026-11-21 or a whole time", dateOf)
    .addOption(formatOption(["text", "json"]))
    .action(exits(context, (options: ListOptions) => listLedger(options, context)));
  command
    .command("verify")
    .description("find what was changed, removed, put in or dated otherwise; 1 when something was found")
    .argument("[export]", "a folder that `ledger export` wrote; the ledger beside the stack when left out")
    .addOption(stackOption())
    .option("--key <key>", "the ledger's key that you have noted, or a file with it")
    .option("--witness <key>", "a witness's key that you have noted, or a file with it; may be given again", gather, [])
    .option("--seen <file>", "what a witness holds, brought from there; may be given again", gather, [])
    .addOption(formatOption(["text", "json"]))
    .action(
      exits(context, (folder: string | undefined, options: VerifyOptions) => verifyCommand(folder, options, context)),
    );
  command
    .command("export")
    .description("write all that verifying needs into a new folder")
    .argument("<folder>")
    .addOption(stackOption())
    .action(exits(context, (folder: string, options: StackOption) => exportTo(folder, options, context)));
  command
    .command("prove")
    .description("print a proof that one entry is in the ledger (c2sp.org/tlog-proof)")
    .argument("<entry>", "its number, as `ledger list` shows it", indexOf)
    .addOption(stackOption())
    .action(exits(context, (index: number, options: StackOption) => prove(index, options, context)));
}

function registerWriting(command: Command, context: Context): void {
  command
    .command("key")
    .description("print the key that verifies the ledger: note it where this machine cannot change it")
    .addOption(stackOption())
    .action(exits(context, (options: StackOption) => printKey(options, context)));
  command
    .command("note")
    .description("add a dated decision or review")
    .argument("<text>")
    .addOption(stackOption())
    .addOption(new Option("--kind <kind>", "what it is").choices(["decision", "review"]).default("decision"))
    .action(exits(context, (text: string, options: NoteOptions) => note(text, options, context)));
  command
    .command("stream")
    .description("send on what was not sent there yet")
    .argument(
      "<place>",
      "loki+https://HOST, syslog+tls://HOST, syslog+tcp://HOST, syslog+udp://HOST, syslog+unix:///PATH",
    )
    .addOption(stackOption())
    .option("--ca <file>", "a certificate to trust besides the system's")
    .option("--headers <file>", "a file with lines such as `X-Scope-OrgID: home`, for Loki")
    .action(exits(context, (place: string, options: StreamOptions) => stream(place, options, context)));
}

function registerWitnesses(command: Command, context: Context): void {
  command
    .command("checkpoint")
    .description("print the text that a witness without a network is brought")
    .addOption(stackOption())
    .option("--for <witness>", "continues what this witness has seen last")
    .action(exits(context, (options: StackOption & { for?: string }) => checkpoint(options, context)));
  const witness = command.command("witness").description("who sees this ledger from elsewhere");
  witness
    .command("list")
    .description("the witnesses, and what each has seen")
    .addOption(stackOption())
    .addOption(formatOption(["text", "json"]))
    .action(exits(context, (options: StackOption & { format: "text" | "json" }) => listWitnesses(options, context)));
  witness
    .command("trust")
    .description("name a witness: another host, a machine without a network, or a file elsewhere")
    .argument("<name>")
    .addOption(stackOption())
    .option("--url <address>", "where another host answers")
    .option("--key <key>", "the key that the witness's machine prints, or a file with it")
    .option("--file <path>", "a file on another machine's share or a stick")
    .action(exits(context, (name: string, options: TrustOptions) => trustWitness(name, options, context)));
  witness
    .command("remove")
    .description("a witness that is none any more")
    .argument("<name>")
    .addOption(stackOption())
    .action(exits(context, (name: string, options: StackOption) => removeWitness(name, options, context)));
  witness
    .command("ask")
    .description("show the latest checkpoint to the witnesses that can be reached")
    .argument("[names...]")
    .addOption(stackOption())
    .option("--ca <file>", "a certificate to trust besides the system's")
    .action(
      exits(context, (names: string[], options: StackOption & { ca?: string }) =>
        askWitnesses(names, options, context),
      ),
    );
  witness
    .command("add")
    .description("take in what a witness without a network has cosigned")
    .argument("[file]", "standard input when left out")
    .addOption(stackOption())
    .action(exits(context, (file: string | undefined, options: StackOption) => bringWitness(file, options, context)));
}

/** Commands of the machine that is a witness; they need no stack. */
function registerOwnWitness(command: Command, context: Context): void {
  const state = () => new Option("--state <folder>", "where this machine keeps what it witnesses");
  const log = () =>
    new Option("--log <key>", "trust a ledger's key, or a file with it; may be given again")
      .argParser(gather)
      .default([]);
  command
    .command("cosign")
    .description("on a witness: cosign what was brought, when it continues what was seen before")
    .argument("[file]", "standard input when left out")
    .addOption(state())
    .addOption(log())
    .action(
      exits(context, (file: string | undefined, options: OwnWitnessOptions) => cosignCommand(file, options, context)),
    );
  command
    .command("held")
    .description("on a witness: print the last checkpoint that it has cosigned, for `verify --seen`")
    .argument("[origin]", "of this ledger, where it witnesses several")
    .addOption(state())
    .addOption(log())
    .action(
      exits(context, (origin: string | undefined, options: OwnWitnessOptions) => heldCommand(origin, options, context)),
    );
  command
    .command("witness-key")
    .description("on a witness: print its key")
    .addOption(state())
    .addOption(log())
    .action(exits(context, (options: OwnWitnessOptions) => ownKey(options, context)));
  command
    .command("listen")
    .description("on a witness: answer other machines' ledgers (c2sp.org/tlog-witness) until Ctrl-C")
    .argument("<address>", "HOST:PORT")
    .addOption(state())
    .addOption(log())
    .option("--tls-cert <file>", "a certificate with its chain, as PEM")
    .option("--tls-key <file>", "its key, as PEM")
    .action(
      exits(context, (listen: string, options: Omit<ListenOptions, "listen">) =>
        listenCommand({ ...options, listen }, context),
      ),
    );
}

function exportTo(folder: string, options: StackOption, context: Context): Promise<ExitCode> {
  return withLedger<ExitCode>(options, context, async (ledger) => {
    const { entries } = await exportLedger(ledger, resolve(context.cwd, folder));
    context.stdout.write(`${terminal(`Written: ${entries} entries to ${folder}.`)}\n`);
    context.stdout.write(`${terminal(`The ledger's key is ${ledger.verifier.text}`)}\n`);
    context.stdout.write(
      "Verify it on another machine, with the key that you have noted there: `ringwall ledger verify`.\n",
    );
    return 0;
  });
}

function prove(index: number, options: StackOption, context: Context): Promise<ExitCode> {
  return withLedger<ExitCode>(options, context, async (ledger) => {
    context.stdout.write(await inclusionFile(ledger, index));
    return 0;
  });
}

function printKey(options: StackOption, context: Context): Promise<ExitCode> {
  return withLedger<ExitCode>({ ...options, create: true }, context, async (ledger) => {
    context.stdout.write(`${ledger.verifier.text}\n`);
    return 0;
  });
}

function checkpoint(options: StackOption & { for?: string }, context: Context): Promise<ExitCode> {
  return withLedger<ExitCode>(options, context, async (ledger) => {
    context.stdout.write(await requestFor(ledger, options.for));
    return 0;
  });
}

interface NoteOptions extends StackOption {
  readonly kind: "decision" | "review";
}

function note(text: string, options: NoteOptions, context: Context): Promise<ExitCode> {
  if (text.trim() === "") throw new RingwallError("usage", "The note is empty.");
  return withLedger<ExitCode>({ ...options, create: true }, context, async (ledger) => {
    const { index } = await ledger.append({
      principal: principalOf(context),
      action: `note.${options.kind}`,
      target: { kind: "note", name: options.kind },
      stack: null,
      operation: null,
      outcome: "done",
      before: null,
      after: null,
      detail: { text },
    });
    context.stdout.write(`Entry ${index} of the ledger.\n`);
    return 0;
  });
}

interface StreamOptions extends StackOption {
  readonly ca?: string;
  readonly headers?: string;
}

function stream(place: string, options: StreamOptions, context: Context): Promise<ExitCode> {
  return withLedger<ExitCode>(options, context, async (ledger) => {
    const send = senderFor(place, {
      ...(options.ca === undefined ? {} : { ca: await textOf(options.ca, context) }),
      ...(options.headers === undefined ? {} : { headers: headersOf(await textOf(options.headers, context)) }),
    });
    const { sent } = await streamLedger(ledger, place, send);
    context.stdout.write(
      sent === 0 ? "Nothing new to send.\n" : `Sent: ${sent} ${sent === 1 ? "entry" : "entries"}.\n`,
    );
    return 0;
  });
}

/** They may hold a token: from a file, and in no message. */
function headersOf(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return Object.fromEntries(
    lines.map((line, index) => {
      const match = /^([A-Za-z0-9-]+):[ \t]*([\x20-\x7e]+)$/.exec(line);
      if (match?.[1] !== undefined && match[2] !== undefined) return [match[1], match[2]];
      throw new RingwallError("invalid", `Line ${index + 1} of the file of headers is none.`, {
        hint: "Expected `Name: value`.",
      });
    }),
  );
}

function gather(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= 1_000_000) return count;
  throw new InvalidArgumentError("Expected a whole number from 1 to 1000000.");
}

function indexOf(text: string): number {
  const index = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(index)) return index;
  throw new InvalidArgumentError("Expected the number of an entry.");
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError("Expected a date such as 2026-11-21, or a time such as 2026-11-21T12:00:00Z.");
}
